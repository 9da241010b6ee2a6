"""Patch mails, laid out so that a commit finds the mail that became it: by Message-ID, date, title and author.

Every lookup is a dictionary access and the candidates under one title or author are few, so linking stays near-linear.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from rapidfuzz import fuzz

from ingest.commits import Commit
from ingest.history.alike import Identity, identity, near_title, title_key
from ingest.history.commit_text import Relation, mail_ids, relations

SKEW = timedelta(days=1)  # clocks, and commits made while the mail was on its way
_OWN_TREE = timedelta(days=7)  # authors who push their own work date the commit before the mail
_SHELF_LIFE = timedelta(days=1100)  # series have been taken up again after two years
_SURE = 80.0  # near_title at which a trailer's mail is the commit's patch
_EPOCH = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class PatchRef:
    """A patch mail as linking needs it. ``from_name``/``from_address``: in-body ``From:`` ("" for none); ``signed``:
    names and addresses signed off in the body; ``posting`` and ``chain`` of series building; ``number`` 0 for a cover
    letter; ``upstream``: commit that the mail says it backports; ``patch_id``: of its diff ("" where unknown);
    ``listed``: titles in a cover letter's shortlog."""

    mid: str
    title: str
    version: str
    author_name: str
    author_address: str
    date: datetime | None
    from_name: str = ""
    from_address: str = ""
    signed: tuple[str, ...] = ()
    posting: str = ""
    chain: str = ""
    number: int | None = None
    prefixes: tuple[str, ...] = ()
    upstream: str = ""
    patch_id: str = ""
    listed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Patch:
    """A ``PatchRef`` in comparison form; ``author`` is the sender and the in-body author together."""

    ref: PatchRef
    key: str
    author: Identity
    signed: Identity

    @property
    def date(self) -> datetime | None:
        return self.ref.date


@dataclass(frozen=True, slots=True)
class Wanted:
    """A ``Commit`` in comparison form, without its text. ``source``: what it says it was taken from ("" for none)."""

    oid: str
    key: str
    author: Identity
    signed: Identity
    authored: datetime
    committed: datetime
    named: tuple[tuple[str, str], ...]
    source: Relation | None
    patch_id: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """The mail that a commit came from, and why."""

    patch: Patch
    evidence: str
    score: float


def digest(commit: Commit, patch_id: str = "") -> Wanted:
    people = [value for key, value in commit.trailers if key.lower() in ("signed-off-by", "from", "co-developed-by")]
    taken = (r for r in relations(commit.subject, commit.message) if r.kind in ("backport_of", "cherry_pick_of"))
    return Wanted(
        oid=commit.oid,
        key=title_key(commit.subject),
        author=identity((commit.author_name, commit.author_email)),
        signed=identity(*people),
        authored=commit.authored,
        committed=commit.committed,
        named=mail_ids(commit.trailers),
        source=next(taken, None),
        patch_id=patch_id,
    )


class Shelf:
    """All patch mails, and which titles have been taken by which commits."""

    def __init__(self, refs: Sequence[PatchRef]) -> None:
        self.all = sorted((_prepare(ref) for ref in refs), key=lambda p: (p.date or _EPOCH, p.ref.mid))
        self.by_mid = {patch.ref.mid: patch for patch in self.all}
        self.by_key: dict[str, list[Patch]] = defaultdict(list)
        self.by_mark: dict[str, list[Patch]] = defaultdict(list)
        self.by_chain: dict[str, list[Patch]] = defaultdict(list)
        self._by_second: dict[datetime, list[Patch]] = defaultdict(list)
        self._by_posting: dict[str, list[Patch]] = defaultdict(list)
        self._by_patch_id: dict[str, list[Patch]] = defaultdict(list)
        self._claims: dict[str, list[Wanted]] = defaultdict(list)
        self._by_listed: dict[str, list[Patch]] = defaultdict(list)
        for patch in self.all:
            if patch.ref.number != 0:
                self._file(patch)
            for key in sorted({title_key(title) for title in patch.ref.listed}):
                self._by_listed[key].append(patch)

    def _file(self, patch: Patch) -> None:
        self.by_key[patch.key].append(patch)
        for index, key in (
            (self._by_posting, patch.ref.posting),
            (self.by_chain, patch.ref.chain),
            (self._by_patch_id, patch.ref.patch_id),
        ):
            if key:
                index[key].append(patch)
        if patch.date is not None:
            self._by_second[patch.date.replace(microsecond=0)].append(patch)
            for mark in patch.author:
                self.by_mark[mark].append(patch)

    def take(self, commit: Wanted) -> None:
        """Later commits of the same title did not come from mails that were there before this one."""
        self._claims[commit.key].append(commit)

    def floor(self, commit: Wanted) -> datetime:
        """When the same author's last commit of the same title was made."""
        earlier = (c for c in self._claims[commit.key] if c.oid != commit.oid and c.author & commit.author)
        return max((c.committed for c in earlier if c.committed <= commit.committed), default=_EPOCH)

    def choose(self, commit: Wanted, after: datetime = _EPOCH) -> Choice | None:
        """The mail that became the commit, by the strongest evidence; title alone only for mails behind ``after``."""
        named, dated = self._named(commit), self._dated(commit)
        if dated is None or dated.patch.key != commit.key:
            dated = self._titled(commit, after) or dated
        elif named and _later(dated.patch, named.patch):
            named = None  # a trailer that an author's tree has kept from an earlier version
        return named or self._same_diff(commit) or dated

    def cover(self, commit: Wanted) -> Patch | None:
        """The last cover letter before the commit that lists its title."""
        fit = [
            p
            for p in self._by_listed.get(commit.key, ())
            if p.date is not None and commit.committed - _SHELF_LIFE < p.date <= commit.committed + SKEW
        ]
        return fit[-1] if fit else None

    def _named(self, commit: Wanted) -> Choice | None:
        for mid, key in commit.named:
            patch = self.by_mid.get(mid)
            if patch is None:
                continue
            near = [] if patch.ref.number == 0 else [patch]
            near += [other for other in self._by_posting.get(patch.ref.posting, ()) if other is not patch]
            best = max(near, key=lambda p: (near_title(p.key, commit.key), p is patch), default=None)
            if best is not None and near_title(best.key, commit.key) >= _SURE:
                return Choice(best, f"the commit's {key}: names {'this mail' if best is patch else 'its series'}", 0.99)
            if near and near[0] is patch and patch.date == commit.authored and patch.author & commit.author:
                return Choice(patch, f"the commit's {key}: names this mail", 0.98)
        return None

    def _same_diff(self, commit: Wanted) -> Choice | None:
        there = self._by_patch_id.get(commit.patch_id, ()) if commit.patch_id else ()
        before = [p for p in there if p.date is not None and p.date <= commit.committed + SKEW]
        return Choice(before[-1], "same diff (patch-id)", 0.99) if before else None

    def _dated(self, commit: Wanted) -> Choice | None:
        """``git am`` makes the mail's date the author date."""
        there = [p for p in self._by_second.get(commit.authored, ()) if p.author & commit.author]
        best = max(there, key=lambda p: (p.key == commit.key, fuzz.ratio(p.key, commit.key)), default=None)
        if best is None:
            return None
        if best.key == commit.key:
            return Choice(best, "same author, same title and the same date to the second", 0.98)
        if fuzz.token_set_ratio(best.key, commit.key) < 60 or self._claims.get(best.key):
            return None
        return Choice(best, "same author and the same date to the second, title reworded", 0.9)

    def _titled(self, commit: Wanted, after: datetime) -> Choice | None:
        floor = max(self.floor(commit), after, commit.committed - _SHELF_LIFE)
        there = [(p, p.date, same_hand(p, commit)) for p in self.by_key.get(commit.key, ())]
        fit = [(p, date, hand) for p, date, hand in there if date is not None and hand and date > floor]
        before = [(p, date, hand) for p, date, hand in fit if date <= commit.committed + SKEW]
        if before:
            patch, date, hand = before[-1]
            return Choice(patch, f"same title, {hand}, {_ago(date, commit)}", 0.95 if hand == "same author" else 0.85)
        for patch, date, hand in fit:
            if hand == "same author" and date <= commit.committed + _OWN_TREE:
                return Choice(patch, f"same title, {hand}, {_ago(date, commit)}", 0.85)
        return None


def _later(one: Patch, other: Patch) -> bool:
    return one.date is not None and other.date is not None and one.date > other.date


def same_hand(patch: Patch, commit: Wanted) -> str:
    """In words how the people of a patch and a commit agree; "" where they do not."""
    if patch.author & commit.author:
        return "same author"
    if patch.signed & commit.author:
        return "the commit's author signed the mail off"
    if len(commit.key.split()) >= 4 and patch.author & commit.signed:
        return "the sender signed the commit off"
    return ""


def _prepare(ref: PatchRef) -> Patch:
    author = identity((ref.author_name, ref.author_address), (ref.from_name, ref.from_address))
    return Patch(ref, title_key(ref.title), author, identity(*ref.signed))


def _ago(date: datetime, commit: Wanted) -> str:
    days = (commit.committed - date) / timedelta(days=1)
    return f"posted {days:.1f} days before" if days >= 0 else f"posted {-days:.1f} days after the commit's own date"
