"""Segments and quote sources to rows, and how far each stage has come. Threads and series: ``db.store.linked``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from db.models import Mark, Message, SegmentRow, ThreadRow
from db.queries.base import chunks
from db.reads import Stored
from db.store.bulk import insert_rows
from db.store.reconcile import reconcile
from ingest.body import Segment
from ingest.quotes import QuoteSource


def archive_state(session: Session) -> str:
    """A fingerprint of which messages there are: rows are only ever added or withdrawn, never changed."""
    count, last = session.execute(select(func.count(Message.id), func.max(Message.id))).one()
    return f"{count}:{last or 0}"


def mark(session: Session, stage: str) -> str:
    """What ``stage`` last ran over ("" for never)."""
    return session.scalar(select(Mark.fingerprint).where(Mark.stage == stage)) or ""


def set_mark(session: Session, stage: str, fingerprint: str) -> None:
    reconcile(session, Mark, [{"stage": stage, "fingerprint": fingerprint}], Mark.stage == stage)


def store_segments(
    session: Session,
    mails: Sequence[Stored],
    cut: Mapping[str, Sequence[Segment]],
    traced: Iterable[QuoteSource],
) -> None:
    """Makes the segments of ``mails`` those in ``cut`` (by mid), each quote with the source that was found for it."""
    sources = {(t.mid, t.position): (t.source, t.start, t.end) for t in traced}
    changed, rows = [], []
    for mail in mails:
        segments = tuple(cut[mail.mid])
        found = tuple(sources.get((mail.mid, position)) for position in range(len(segments)))
        if (segments, found) != (mail.segments, mail.sources):
            changed.append(mail.id)
            rows += [_segment_row(mail.id, *item) for item in zip(range(len(segments)), segments, found, strict=True)]
    for some in chunks(changed):
        session.execute(delete(SegmentRow).where(SegmentRow.message_id.in_(some)))
    insert_rows(session.connection(), SegmentRow, rows)


def _segment_row(
    message_id: int, position: int, segment: Segment, source: tuple[str, int, int] | None
) -> dict[str, Any]:
    mid, start, end = source or (None, None, None)
    return {
        "message_id": message_id,
        "position": position,
        "kind": str(segment.kind),
        "depth": segment.depth,
        "start": segment.start,
        "end": segment.end,
        "role": segment.role,
        "source_mid": mid,
        "source_start": start,
        "source_end": end,
    }


def finish(session: Session, stage: str, threads: Sequence[str]) -> None:
    """Says that ``stage`` has seen these threads as the stage before it left them."""
    columns = {
        "traced": (ThreadRow.traced, ThreadRow.fingerprint),
        "tagged": (ThreadRow.tagged, ThreadRow.traced),
        "distilled": (ThreadRow.distilled, ThreadRow.tagged),
    }
    done, seen = columns[stage]
    session.execute(update(ThreadRow).where(ThreadRow.thread.in_(threads)).values({done.key: seen}))


def forget(session: Session, stage: str, threads: Sequence[str] | None = None) -> None:
    """Makes ``stage``, and those behind it, look at these threads again (None: at every thread)."""
    stages = ("traced", "tagged", "distilled")
    anew = dict.fromkeys(stages[stages.index(stage) :], "")
    for some in chunks(threads) if threads is not None else ():
        session.execute(update(ThreadRow).where(ThreadRow.thread.in_(some)).values(anew))
    if threads is None:
        session.execute(update(ThreadRow).values(anew))
