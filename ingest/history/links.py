"""Patch mails and commits to links between them, each with its evidence. No link is better than a wrong one.

Evidence, strongest first: a trailer of the commit names the mail; equal diffs; the commit's author date is the mail's
``Date`` to the second (``git am`` copies it); equal titles under the same author; near-equal titles under the same
author, near in time, each the other's best. Of several versions the last posted before the commit became it; the ones
before are ``earlier_version``. A commit that says what it was taken from gets its source's mail. Where the archive has
a cover letter but not the patch, the cover's shortlog stands in for it (``series``).
"""

from __future__ import annotations

import bisect
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from ingest.commits import Commit, CommitLink
from ingest.history.alike import near_title
from ingest.history.shelf import SKEW, Choice, Patch, PatchRef, Shelf, Wanted, digest, same_hand

__all__ = ["PatchRef", "link"]

_LATE = timedelta(days=7)
_NEAR = timedelta(days=240)
_ALIKE = 85.0
_CERTAIN = 0.97  # a trailer, an equal diff or the date to the second says which mail it was


def link(
    patches: Sequence[PatchRef],
    commits: Iterable[Commit],
    patch_ids: Mapping[str, str] | None = None,
    foreign: Collection[str] = (),
) -> list[CommitLink]:
    """Links in the order of commit date, commit, kind and mail. Commits may come in any order and are read once.

    ``patch_ids``: commit to ``git patch-id --stable`` where the diffs were at hand; without them nothing is lost but
    certainty. ``foreign``: names of the other projects whose patches go to the same list; a patch that carries one in
    its subject's brackets is not for this repository.
    """
    others = {name.upper() for name in foreign}
    shelf = Shelf([ref for ref in patches if not others.intersection(ref.prefixes)])
    first = min((p.date for p in shelf.all if p.date is not None), default=None)
    if first is None:
        return []
    ids = patch_ids or {}
    wanted = [digest(c, ids.get(c.oid, "")) for c in commits if c.committed + _LATE >= first]
    wanted.sort(key=lambda c: (c.committed, c.oid))
    became = _exact(shelf, wanted)
    for commit, choice in _alike(shelf, [c for c in wanted if c.oid not in became and c.source is None], became):
        became[commit.oid] = choice
        shelf.take(commit)
    sources = _sources(wanted)
    found: dict[tuple[str, str], CommitLink] = {}
    for commit in wanted:
        for made in _links(shelf, commit, became, sources):
            found.setdefault((made.mid, made.oid), made)
    for made in _series(shelf, wanted, became):
        found.setdefault((made.mid, made.oid), made)
    place = {commit.oid: at for at, commit in enumerate(wanted)}
    return sorted(found.values(), key=lambda made: (place[made.oid], made.kind, made.mid))


def _exact(shelf: Shelf, wanted: Sequence[Wanted]) -> dict[str, Choice]:
    became: dict[str, Choice] = {}
    for commit in wanted:
        if commit.source is None and (choice := shelf.choose(commit)):
            became[commit.oid] = choice
            shelf.take(commit)
    return became


def _alike(shelf: Shelf, left: Sequence[Wanted], became: Mapping[str, Choice]) -> Iterator[tuple[Wanted, Choice]]:
    """Near-equal titles, for commits and patches that found no equal one, where each is the other's best."""
    taken = {choice.patch.key for choice in became.values()}
    pairs = [
        (score, commit, patch)
        for commit in left
        for patch in _same_author(shelf, commit)
        if patch.key not in taken and (score := near_title(patch.key, commit.key)) >= _ALIKE
    ]
    best_commit: dict[str, float] = {}
    best_patch: dict[str, float] = {}
    for score, commit, patch in pairs:
        best_commit[commit.oid] = max(score, best_commit.get(commit.oid, 0.0))
        best_patch[patch.key] = max(score, best_patch.get(patch.key, 0.0))
    chosen: dict[str, tuple[Wanted, list[Patch], float]] = {}
    for score, commit, patch in pairs:
        if score == best_commit[commit.oid] == best_patch[patch.key]:
            chosen.setdefault(commit.oid, (commit, [], score))[1].append(patch)
    for commit, candidates, score in chosen.values():
        if len({p.key for p in candidates}) == 1:
            evidence = f"titles {score:.0f} % alike, same author, near in time"
            yield commit, Choice(candidates[-1], evidence, round(0.6 + 0.003 * score, 3))


def _same_author(shelf: Shelf, commit: Wanted) -> list[Patch]:
    """The commit's author's mails of the months before it, oldest first."""
    found: dict[str, Patch] = {}
    for mark in sorted(commit.author):
        mails = shelf.by_mark.get(mark, [])
        since = bisect.bisect_left(mails, commit.committed - _NEAR, key=_date)
        until = bisect.bisect_right(mails, commit.committed + SKEW, key=_date)
        found.update((patch.ref.mid, patch) for patch in mails[since:until])
    return sorted(found.values(), key=lambda p: (_date(p), p.ref.mid))


def _date(patch: Patch) -> datetime:
    assert patch.date is not None  # undated mails are filed under no author
    return patch.date


def _sources(wanted: Sequence[Wanted]) -> dict[str, Wanted]:
    """Commits under every abbreviation that another commit uses for them."""
    names = sorted(wanted, key=lambda c: c.oid)
    oids = [c.oid for c in names]
    found: dict[str, Wanted] = {}
    for short in {c.source.oid for c in wanted if c.source}:
        at = bisect.bisect_left(oids, short)
        if at < len(oids) and oids[at].startswith(short):
            found[short] = names[at]
    return found


def _links(
    shelf: Shelf, commit: Wanted, became: Mapping[str, Choice], sources: Mapping[str, Wanted]
) -> Iterator[CommitLink]:
    if commit.source is None:
        if choice := became.get(commit.oid):
            more = _not_here(commit, choice)
            kind = "earlier_version" if more else "became"
            yield CommitLink(choice.patch.ref.mid, commit.oid, choice.evidence + more, choice.score, kind)
            yield from _earlier(shelf, commit, choice.patch)
        return
    kind = commit.source.kind.removesuffix("_of")
    source = sources.get(commit.source.oid)
    if source is None:
        if choice := shelf.choose(commit):
            evidence = f"{choice.evidence}; the commit says that it was taken from {commit.source.oid[:12]}"
            yield CommitLink(choice.patch.ref.mid, commit.oid, evidence, choice.score, kind)
        return
    origin = became.get(source.oid)
    own = shelf.choose(commit, after=source.committed)
    if own and (origin is None or own.patch is not origin.patch):
        yield CommitLink(own.patch.ref.mid, commit.oid, own.evidence, own.score)
    if origin:
        evidence = f"the commit says that it was taken from {source.oid[:12]}, which came from this mail"
        yield CommitLink(origin.patch.ref.mid, commit.oid, evidence, origin.score, kind)


def _not_here(commit: Wanted, choice: Choice) -> str:
    """In words, what tells that the archive has the patch but not the version that went in; "" where nothing does."""
    if choice.score >= _CERTAIN:
        return ""
    if any(key.lower() == "message-id" for _, key in commit.named):
        return "; the commit names a mail that is not here"
    # git am makes the mail's date the author date; one near the commit's own is of a committer who does not use it.
    if _date(choice.patch) + SKEW < commit.authored < commit.committed - SKEW:
        return "; by the commit's author date a later version went in"
    return ""


def _series(shelf: Shelf, wanted: Sequence[Wanted], became: Mapping[str, Choice]) -> Iterator[CommitLink]:
    """A cover letter stands for the patches of its shortlog that the archive does not have. One title may be chance
    and needs the sender's hand on the commit; several titles of one shortlog are not."""
    listed: dict[str, list[tuple[Wanted, Patch]]] = defaultdict(list)
    for commit in wanted:
        if commit.source is None and (cover := shelf.cover(commit)) and "PULL" not in cover.ref.prefixes:
            listed[cover.ref.mid].append((commit, cover))
    for pairs in listed.values():
        several = len({commit.key for commit, _ in pairs}) > 1
        for commit, cover in pairs:
            choice = became.get(commit.oid)
            if choice and (choice.score > _CERTAIN or choice.patch.ref.posting == cover.ref.posting):
                continue
            if several or cover.author & (commit.author | commit.signed):
                evidence = "title in the cover letter's shortlog, the patch itself is not in the archive"
                yield CommitLink(cover.ref.mid, commit.oid, evidence, 0.9, "series")


def _earlier(shelf: Shelf, commit: Wanted, patch: Patch) -> Iterator[CommitLink]:
    """Versions of the same patch that were posted before the one that went in."""
    floor = shelf.floor(commit)
    same = [p for p in shelf.by_key.get(patch.key, ()) if same_hand(p, commit)]
    versions = [p for p in shelf.by_chain.get(patch.ref.chain, ()) if p.ref.posting != patch.ref.posting]
    kept = {p.ref.posting for p in versions if p.key == patch.key}  # versions that have the patch under its own title
    renamed = [p for p in versions if p.ref.posting not in kept and near_title(p.key, patch.key) >= _ALIKE]
    for other in same + renamed:
        if other.date is not None and patch.date is not None and floor < other.date < patch.date:
            evidence = "same title and author" if other.key == patch.key else "same series, title reworded"
            yield CommitLink(other.ref.mid, commit.oid, f"{evidence}, posted before the version that went in", 0.9,
                             "earlier_version")  # fmt: skip
