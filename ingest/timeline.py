"""A thread to what was in when each of its messages was sent, and what became of what was objected to.

``ingest.history.before`` tells what was in when a message was sent, ``ingest.history.outcomes`` what became of it.
"""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from datetime import UTC, datetime

from ingest.history.before import went_in_before
from ingest.history.evidence import Before, Post
from ingest.history.outcomes import Outcome, outcomes
from ingest.history.shelf import PatchRef
from ingest.record import Record

_LAST = datetime.max.replace(tzinfo=UTC)


def around(
    thread: Sequence[Post], record: Record
) -> tuple[dict[str, tuple[Before, ...]], dict[str, tuple[Outcome, ...]]]:
    """By mid, what was in when a message was sent, best evidence first, and what became of it, the weightiest first.
    Only messages for which there is any; they may come in any order."""
    posts = sorted(thread, key=_when)
    before = went_in_before(posts, record)
    by_mid = {p.mid: p for p in reversed(posts)}
    patches = [ref for p in posts if p.date and (ref := record.patch.get(p.mid))]
    dates = [date for ref in patches if (date := by_mid[ref.mid].date)]
    after = {
        mid: _outcomes(record, by_mid[mid], found, patches[bisect.bisect_right(dates, by_mid[mid].date or _LAST) :])
        for mid, found in before.items()
    }
    return before, after


def _when(post: Post) -> tuple[datetime, str]:
    return post.date or _LAST, post.mid


def _outcomes(record: Record, post: Post, before: Sequence[Before], posted: Sequence[PatchRef]) -> tuple[Outcome, ...]:
    """What became of the change that a message speaks of: of the patch that it answers, else of what it names.
    ``posted``: the thread's later patches."""
    assert post.date is not None  # only a dated message can stand behind anything
    answered = [b for b in before if b.start < 0] or list(before)
    oids = dict.fromkeys(b.oid for b in answered if b.oid in record.commits)
    titles = dict.fromkeys(b.title for b in answered if b.title)
    return outcomes(record, tuple(oids), tuple(titles), post.date, posted, post.author)
