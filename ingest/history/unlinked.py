"""Commits that found no mail, and patch mails that may be theirs: the few whose diffs are worth comparing.

A diff costs git milliseconds, and a kernel has a million commits; only those are asked whose author or signer posted a
patch on the list in the months before that is not known to have become a commit either.
"""

from __future__ import annotations

import bisect
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ingest.commits import Commit, CommitLink
from ingest.history.alike import identity
from ingest.history.shelf import SKEW, PatchRef

MOST = 5000  # commits, the newest
_NEAR = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Open:
    """``oids``: the commits, newest first; ``mids``: the patch mails."""

    oids: tuple[str, ...]
    mids: tuple[str, ...]


def still_open(
    patches: Sequence[PatchRef], commits: Iterable[Commit], found: Collection[CommitLink], most: int = MOST
) -> Open:
    """What is left of both sides, where the same people stand on both."""
    linked = {link.oid for link in found if link.kind != "series"}
    became = {link.mid for link in found}
    posted: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
    for ref in patches:
        if ref.number != 0 and ref.date is not None and ref.mid not in became:
            people = ((ref.author_name, ref.author_address), (ref.from_name, ref.from_address))
            for mark in identity(*people):
                posted[mark].append((ref.date, ref.mid))
    for mails in posted.values():
        mails.sort()
    left: list[tuple[datetime, str]] = []
    mids: set[str] = set()
    for commit in commits:
        if commit.oid not in linked and (mine := _of_same_people(commit, posted)):
            left.append((commit.committed, commit.oid))
            mids.update(mine)
    return Open(tuple(oid for _, oid in sorted(left, reverse=True)[:most]), tuple(sorted(mids)))


def _of_same_people(commit: Commit, posted: dict[str, list[tuple[datetime, str]]]) -> set[str]:
    signed = [value for key, value in commit.trailers if key.lower() in ("signed-off-by", "from", "co-developed-by")]
    found: set[str] = set()
    for mark in identity((commit.author_name, commit.author_email), *signed):
        mails = posted.get(mark, [])
        since = bisect.bisect_left(mails, (commit.committed - _NEAR, ""))
        until = bisect.bisect_right(mails, (commit.committed + SKEW, "\U0010ffff"))
        found.update(mid for _, mid in mails[since:until])
    return found
