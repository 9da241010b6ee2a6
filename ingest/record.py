"""Commits, links, events and patches to one index: has this patch gone in, when, and what became of it later?

Built once for a list and asked for every thread. Everything is looked up by oid, folded title or Message-ID.
"""

from __future__ import annotations

import bisect
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ingest.commits import Commit, CommitLink, Event
from ingest.history.alike import Identity, identity, title_key
from ingest.history.commit_text import relations
from ingest.history.shelf import PatchRef
from ingest.watched import COMMIT, FOLLOW_UPS, HASH, HASH_LENGTH, LINKS, PATCH, POSTING, TITLE, Watched, question

_HASH = re.compile(r"\b(?=[0-9]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{8,40}\b")
_CREDIT = re.compile(r"(?i)(?!signed-off|committed|co-)[\w-]+-by$")
_ADDRESS = re.compile(r"[^\s<>]{1,200}@[^\s<>]{1,200}")
_FOLLOW_UP = re.compile(r"(?i)\bfollow(?:ing)?[- ]?ups?\b")
_REUSE = timedelta(days=1100)  # a title that comes back after years is another change
_LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Known:
    """A commit without its text. ``copy``: it says that it was taken from another commit (a backport)."""

    oid: str
    title: str
    key: str
    committed: datetime
    release: str
    refs: tuple[str, ...]
    copy: bool


@dataclass(frozen=True, slots=True)
class WentIn:
    """A change went in: a commit of a repository, or as told on the list (``oid`` "" or as told, ``mid`` of the mail
    that tells it). ``how`` in words; ``rank`` orders the kinds of evidence, 0 the strongest."""

    at: datetime
    how: str
    oid: str
    title: str
    mid: str
    rank: int


class Record:
    """What a list and its repositories say together. ``dates``: when each mail was sent. ``asked``: what was looked up
    of patches, links and events since this was emptied (``ingest.watched``); commits are not watched."""

    def __init__(
        self,
        commits: Iterable[Commit],
        links: Iterable[CommitLink],
        events: Iterable[Event],
        patches: Iterable[PatchRef],
        dates: Mapping[str, datetime],
    ) -> None:
        self.dates = dates
        self.asked: set[str] = set()
        self.put(patches)
        self.commits: dict[str, Known] = {}
        self._by_key: dict[str, list[Known]] = defaultdict(list)
        self._later: dict[str, list[tuple[str, Known]]] = defaultdict(list)
        self._reverts_of: dict[str, list[Known]] = defaultdict(list)
        self._by_hand: dict[str, list[Known]] = defaultdict(list)
        self._credits: dict[str, Identity] = {}
        links = list(links)
        self._read(commits, {found.oid for found in links})
        known: dict[str, list[tuple[CommitLink, Known]]] = defaultdict(list)
        mails: dict[str, list[CommitLink]] = defaultdict(list)
        for found in links:
            if found.oid in self.commits:
                known[found.mid].append((found, self.commits[found.oid]))
                mails[found.oid].append(found)
        self.links = Watched(LINKS, dict(known), self.asked)
        self.mails = Watched(COMMIT, dict(mails), self.asked)
        self.told_by: dict[str, list[Event]] = defaultdict(list)
        self._told_oid: dict[str, list[Event]] = defaultdict(list)
        self._told_of: dict[str, list[Event]] = defaultdict(list)
        for event in events:
            self.told_by[event.mid].append(event)
            if event.oid and event.kind != "reverted":
                self._told_oid[event.oid[:HASH_LENGTH]].append(event)
            if event.title:
                self._told_of[title_key(event.title)].append(event)

    def put(self, patches: Iterable[PatchRef]) -> None:
        """Makes ``patches`` all that it knows of patch mails."""
        patch = {ref.mid: ref for ref in patches}
        postings: dict[str, list[PatchRef]] = defaultdict(list)
        self.chains: dict[str, list[PatchRef]] = defaultdict(list)
        for ref in sorted(patch.values(), key=lambda r: (r.date or _LAST, r.mid)):
            postings[posting_of(ref)].append(ref)
            self.chains[ref.chain or posting_of(ref)].append(ref)
        self._follow_ups = [r for refs in postings.values() for r in refs if is_follow_up(r.title)]
        self.patch = Watched(PATCH, patch, self.asked)
        self.postings = Watched(POSTING, dict(postings), self.asked)

    def _read(self, commits: Iterable[Commit], linked: set[str]) -> None:
        names: list[tuple[str, str, Known]] = []
        for commit in commits:
            said = relations(commit.subject, commit.message)
            copy = any(r.kind in ("backport_of", "cherry_pick_of") for r in said)
            key = title_key(commit.subject)
            known = Known(commit.oid, commit.subject, key, commit.committed, commit.release, commit.refs, copy)
            self.commits[known.oid] = known
            self._by_key[key].append(known)
            for address in sorted(_hands(commit)):
                self._by_hand[address].append(known)
            names += [(r.kind, r.oid, known) for r in said if r.oid]
            for relation in said:
                if relation.kind == "reverts" and not relation.oid:
                    self._reverts_of[title_key(relation.title)].append(known)
            cited = dict.fromkeys(_HASH.findall(commit.message))
            names += [("names", oid, known) for oid in cited]
            if said or cited or commit.oid in linked:
                self._credits[commit.oid] = identity(*(v for k, v in commit.trailers if _CREDIT.match(k)))
        self._oids = sorted(self.commits)
        for kind, short, known in names:
            target = self.commit(short)
            if target and target.oid != known.oid and kind not in ("backport_of", "cherry_pick_of"):
                self._later[target.oid].append((kind, known))

    def commit(self, short: str) -> Known | None:
        """The commit that a hash or its beginning names; None where none or several do."""
        at = bisect.bisect_left(self._oids, short.lower())
        if at == len(self._oids) or not self._oids[at].startswith(short.lower()):
            return None
        if at + 1 < len(self._oids) and self._oids[at + 1].startswith(short.lower()):
            return None
        return self.commits[self._oids[at]]

    def titled(self, key: str, before: datetime, ever: bool = False) -> Known | None:
        """The last original commit of that title before a date; not one of years ago, unless ``ever``."""
        fit = [
            k
            for k in self._by_key.get(key, ())
            if not k.copy and k.committed < before and (ever or before < k.committed + _REUSE)
        ]
        return max(fit, key=lambda k: (k.committed, k.oid), default=None)

    @property
    def follow_ups(self) -> list[PatchRef]:
        self.asked.add(FOLLOW_UPS)
        return self._follow_ups

    def series(self, ref: PatchRef) -> list[PatchRef]:
        """The patches of the same posting, the one asked for among them."""
        return self.postings[posting_of(ref)]

    def handled(self, address: str, since: datetime, until: datetime) -> list[Known]:
        """Original commits that a person wrote or signed off, committed between two dates, oldest first."""
        fit = [k for k in self._by_hand.get(address.casefold(), ()) if not k.copy and since < k.committed < until]
        return sorted(fit, key=lambda k: (k.committed, k.oid))

    def credits(self, oid: str, person: str) -> bool:
        """Does the commit thank the person, for a report, a suggestion, a review or a test?"""
        return bool(self._credits.get(oid, frozenset()) & identity((person, "")))

    def later(self, oid: str) -> list[tuple[str, Known]]:
        """Commits that revert, fix or name this one, as (relation, commit) in the order of their dates."""
        known = self.commits.get(oid)
        if known is None:
            return []
        by_title = [("reverts", k) for k in self._reverts_of.get(known.key, ()) if k.committed > known.committed]
        both = [(kind, k) for kind, k in self._later.get(oid, ()) if not k.copy] + by_title
        return sorted(dict.fromkeys(both), key=lambda pair: (pair[1].committed, pair[0] == "names", pair[1].oid))

    def went_in(self, mid: str, before: datetime) -> list[WentIn]:
        """Everything that tells that the patch of mail ``mid`` went in before a date: links, then pull requests and
        lists of titles in other threads. A cover letter's series went in when half of its patches had."""
        ref = self.patch.get(mid)
        if ref is None:
            return []
        if ref.number == 0 and not self.links.get(mid):
            others = [other for other in self.postings[posting_of(ref)] if other.number]
            each = [found for other in others if (found := self._one(other, before))]
            return [went for found in each for went in found] if 2 * len(each) >= len(others) else []
        return self._one(ref, before)

    def _one(self, ref: PatchRef, before: datetime) -> list[WentIn]:
        return [went for went in self._each(ref) if went.at < before]

    def _each(self, ref: PatchRef) -> Iterator[WentIn]:
        for _, known in self.links.get(ref.mid, ()):
            yield WentIn(known.committed, f"committed as {known.oid[:12]}", known.oid, known.title, "", 0)
        for event, at in self.told_of(title_key(ref.title), ref.date) if ref.date else ():
            if event.kind != "reverted":
                yield self.told(event, at)

    def told_of(self, key: str, since: datetime) -> list[tuple[Event, datetime]]:
        """Events of a title key after a date, oldest first."""
        self.asked.add(question(TITLE, key))
        dated = [(event, self.dates[event.mid]) for event in self._told_of.get(key, ()) if event.mid in self.dates]
        fit = [(event, at) for event, at in dated if since < at < since + _REUSE]
        return sorted(fit, key=lambda pair: (pair[1], pair[0].mid, pair[0].start))

    def told_title(self, key: str, before: datetime) -> list[WentIn]:
        """What the list told of a title before a date, the last first."""
        since = before - _REUSE
        dated = [(event, at) for event, at in self.told_of(key, since) if at < before and event.kind != "reverted"]
        return [self.told(event, at) for event, at in reversed(dated)]

    def told_commit(self, short: str, title: str, before: datetime) -> list[WentIn]:
        """What the list told of a commit, known by its hash or its title."""
        self.asked.add(question(HASH, short.lower()[:HASH_LENGTH]))
        events = self._told_oid.get(short.lower()[:HASH_LENGTH], ())
        dated = [(e, self.dates[e.mid]) for e in events if e.mid in self.dates and _same(e.oid, short.lower())]
        by_oid = [self.told(e, at) for e, at in sorted(dated, key=lambda pair: (pair[1], pair[0].mid)) if at < before]
        return by_oid or (self.told_title(title_key(title), before) if title else [])

    def told(self, event: Event, at: datetime) -> WentIn:
        where = f" to {event.branch}" if event.branch else ""
        known = self.commit(event.oid) if event.oid else None
        oid = known.oid if known else event.oid
        return WentIn(at, f"told on the list: {event.kind}{where}", oid, event.title, event.mid, 1)


def _same(one: str, other: str) -> bool:
    """One hash abbreviates the other."""
    return one.startswith(other) or other.startswith(one)


def _hands(commit: Commit) -> set[str]:
    signed = (_ADDRESS.findall(value) for key, value in commit.trailers if key.lower() == "signed-off-by")
    return {commit.author_email.casefold(), *(found[-1].casefold() for found in signed if found)} - {""}


def is_follow_up(title: str) -> bool:
    return bool(_FOLLOW_UP.search(title))


def posting_of(ref: PatchRef) -> str:
    return ref.posting or ref.mid
