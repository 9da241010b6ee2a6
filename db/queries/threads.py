"""Threads as wholes: their heads, the newest, and which goes on from which."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, or_, select

from db.models import ThreadLinkRow, ThreadRow
from db.queries.base import reading


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A thread that this one goes on from (``earlier``), or that goes on from this one, and why we say so."""

    thread: str
    earlier: bool
    subject: str
    first: datetime | None
    why: str


def thread_head(bind: Engine | Connection, thread: str) -> tuple[str, int, datetime | None, datetime | None]:
    """Subject, number of messages, first and last date."""
    query = select(ThreadRow.subject, ThreadRow.messages, ThreadRow.first, ThreadRow.last)
    with reading(bind) as connection:
        row = connection.execute(query.where(ThreadRow.thread == thread)).first()
    return (row.subject, row.messages, row.first, row.last) if row else ("", 0, None, None)


def newest(bind: Engine | Connection, limit: int = 30) -> list[tuple[str, str, int, datetime | None]]:
    """Name, subject, size and last date of the threads that were written to last."""
    query = select(ThreadRow.thread, ThreadRow.subject, ThreadRow.messages, ThreadRow.last)
    query = query.order_by(ThreadRow.last.desc().nulls_last(), ThreadRow.thread).limit(limit)
    with reading(bind) as connection:
        return [(row.thread, row.subject, row.messages, row.last) for row in connection.execute(query)]


def neighbours(bind: Engine | Connection, thread: str) -> tuple[Neighbour, ...]:
    """Linked threads, the earlier ones first, each once, by date."""
    query = (
        select(ThreadLinkRow.thread, ThreadLinkRow.earlier, ThreadLinkRow.why)
        .where(or_(ThreadLinkRow.thread == thread, ThreadLinkRow.earlier == thread))
        .order_by(ThreadLinkRow.thread, ThreadLinkRow.earlier, ThreadLinkRow.why)
    )
    with reading(bind) as connection:
        others: dict[str, tuple[bool, str]] = {}
        for row in connection.execute(query):
            earlier = row.thread == thread
            others.setdefault(row.earlier if earlier else row.thread, (earlier, row.why))
        heads = {name: thread_head(connection, name) for name in others}
    found = (Neighbour(name, earlier, heads[name][0], heads[name][2], why) for name, (earlier, why) in others.items())
    return tuple(sorted(found, key=lambda each: (not each.earlier, each.first is None, str(each.first), each.thread)))
