"""What changed between two layings out of the timelines, and which threads that concerns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from db.models import AskedRow, StirredRow, ThreadRow
from db.queries.base import chunks
from db.store.bulk import insert_rows
from db.store.reconcile import reconcile
from ingest.watched import checksum, checksums

EVERYTHING, THREAD, KEY = "everything", "thread", "key"


def stir(session: Session, kind: str, what: Iterable[str]) -> None:
    """Notes names of threads (THREAD) or questions whose answers may be others now (KEY); EVERYTHING with ""."""
    noted = set(map(checksum, what)) if kind == KEY else set(what)
    known = set(session.scalars(select(StirredRow.what).where(StirredRow.kind == kind))) if noted else set[str]()
    insert_rows(session.connection(), StirredRow, [{"kind": kind, "what": each} for each in sorted(noted - known)])


def concerned(session: Session) -> set[str] | None:
    """The threads whose timelines may be others now; None for all."""
    kinds: dict[str, set[str]] = {EVERYTHING: set(), THREAD: set(), KEY: set()}
    for row in session.execute(select(StirredRow.kind, StirredRow.what)):
        kinds[row.kind].add(row.what)
    if kinds[EVERYTHING]:
        return None
    keys = kinds[KEY]
    rows = session.execute(select(AskedRow.thread, AskedRow.keys)) if keys else ()
    return kinds[THREAD] | {row.thread for row in rows if not keys.isdisjoint(row.keys.split())}


def waiting(session: Session) -> bool:
    return session.scalar(select(StirredRow.kind).limit(1)) is not None


def store_asked(session: Session, asked: Mapping[str, Iterable[str]]) -> None:
    """What the timelines of some threads looked up."""
    for some in chunks(sorted(asked)):
        rows = [{"thread": thread, "keys": checksums(asked[thread])} for thread in some]
        reconcile(session, AskedRow, rows, AskedRow.thread.in_(some))


def settle(session: Session) -> None:
    """All that was stirred has been looked at."""
    session.execute(delete(StirredRow))
    session.execute(delete(AskedRow).where(AskedRow.thread.not_in(select(ThreadRow.thread))))
