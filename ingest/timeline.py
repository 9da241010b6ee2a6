"""A thread to its timeline: posted, acknowledged, committed, said after; and what became of what was objected to.

``ingest.history.before`` tells what was in when a message was sent, ``ingest.history.outcomes`` what became of it.
"""

from __future__ import annotations

import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ingest.history.before import went_in_before
from ingest.history.evidence import Before, Post
from ingest.history.outcomes import Outcome, outcomes
from ingest.history.shelf import PatchRef
from ingest.record import Record, posting_of

__all__ = ["Before", "Entry", "Outcome", "Post", "Timeline", "thread_timeline"]

_MAIN = ("master", "main", "staging", "next")
_GIVEN = ("acked", "reviewed", "tested", "release-acked", "nack")
_LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the timeline: ``kind`` is "posted", "version", "ack", "committed", "released", "told" or
    "said_after"; ``source`` the mail or commit that it rests on."""

    at: datetime | None
    kind: str
    words: str
    source: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """``before``: mid to what was in when it was sent, best evidence first; ``outcomes``: mid to what became of it,
    the weightiest first. Only messages for which there is any."""

    entries: tuple[Entry, ...]
    before: dict[str, tuple[Before, ...]]
    outcomes: dict[str, tuple[Outcome, ...]]

    def committed_before(self, mid: str) -> tuple[datetime | None, str] | None:
        """The date and the evidence that a change was in before this message, or None."""
        best = self.before.get(mid)
        return (best[0].at, best[0].evidence) if best else None


def thread_timeline(thread: Sequence[Post], record: Record) -> Timeline:
    """The timeline of one thread; messages in any order."""
    posts = sorted(thread, key=_when)
    before, after = around(posts, record)
    return Timeline(tuple(_entries(posts, record, before)), before, after)


def around(
    thread: Sequence[Post], record: Record
) -> tuple[dict[str, tuple[Before, ...]], dict[str, tuple[Outcome, ...]]]:
    """What was in when each message was sent, and what became of it: a timeline without its entries."""
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


def _entries(posts: Sequence[Post], record: Record, before: Mapping[str, Sequence[Before]]) -> list[Entry]:
    lines: list[Entry] = []
    for post in posts:
        lines += _of_post(post, record)
        if post.mid in before and post.mid not in record.told_by:
            lines.append(Entry(post.date, "said_after", before[post.mid][0].evidence, post.mid))
    here = {post.mid for post in posts}
    chains = {r.chain or posting_of(r) for mid in here if (r := record.patch.get(mid))}
    for chain in sorted(chains):  # the other versions of the series, wherever they were posted
        first = {posting_of(r): r for r in reversed(record.chains[chain]) if r.mid not in here}
        lines += [Entry(r.date, "version", f"v{r.version} {r.title}", r.mid) for r in first.values()]
    return sorted(dict.fromkeys(lines), key=lambda e: (e.at or _LAST, e.kind, e.source, e.words))


def _of_post(post: Post, record: Record) -> list[Entry]:
    lines: list[Entry] = []
    if ref := record.patch.get(post.mid):
        lines.append(Entry(post.date, "posted", f"v{ref.version} {ref.title}", post.mid))
        for _, known in record.links.get(post.mid, ()):
            main = sorted(known.refs, key=lambda ref: (ref.rpartition("/")[2] not in _MAIN, ref))
            where = f" ({', '.join(main[:3])})" if main else ""
            lines.append(Entry(known.committed, "committed", f"{known.oid[:12]} {known.title}{where}", known.oid))
            if known.release:
                lines.append(Entry(None, "released", f"{known.oid[:12]} in {known.release}", known.oid))
    given = ((key, value) for key, value in post.trailers if key.lower().startswith(_GIVEN))
    lines += [Entry(post.date, "ack", f"{key}: {value}", post.mid) for key, value in given]
    for event in record.told_by.get(post.mid, ()):
        where = f" to {event.branch}" if event.branch else ""
        lines.append(Entry(post.date, "told", f"{event.kind}{where}: {event.title}".rstrip(": "), post.mid))
    return lines
