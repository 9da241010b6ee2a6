"""What happened to the patches of a thread, in order of time: versions posted, commit events told, commits, outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, or_, select

from db.models import (
    CommitLinkRow,
    CommitRow,
    EventRow,
    Message,
    NodeRow,
    OutcomeRow,
    PatchRow,
    PostingRow,
    Repository,
    StatementLabel,
    StatementRow,
)
from db.queries.base import chunks, reading
from db.queries.incidents import SURE
from nlp.labels import Label


@dataclass(frozen=True, slots=True)
class Moment:
    """``kind``: "posted", "committed", "objected", an event's own ("applied", "reverted", ...) or "outcome". ``mid``
    is the mail to open for it ("" for none), ``what`` a line in words, part of it from mails."""

    at: datetime | None
    kind: str
    mid: str
    what: str


def timeline(bind: Engine | Connection, thread: str) -> tuple[Moment, ...]:
    """The moments of a thread and of the other versions of its series."""
    with reading(bind) as connection:
        mids = list(connection.scalars(select(NodeRow.mid).where(NodeRow.thread == thread).order_by(NodeRow.mid)))
        postings = _postings(connection, mids)
        patches = _patches(connection, [row.key for row in postings]) if postings else []
        found = [Moment(row.date, "posted", row.key, _posted(row)) for row in postings]
        found += _events(connection, mids, patches)
        found += _commits(connection, sorted({*mids, *patches}))
        found += _objections(connection, thread)
        found += _outcomes(connection, mids)
    unique = dict.fromkeys(found)
    return tuple(sorted(unique, key=lambda m: (m.at is None, m.at or datetime.min, m.kind, m.mid, m.what)))


def _posted(row: Any) -> str:
    count = f", {row.total} patches" if row.total > 1 else ""
    return f"version {row.version or 1}{count}: {row.title}"


def _postings(connection: Connection, mids: Sequence[str]) -> list[Any]:
    chains: set[str] = set()
    for some in chunks(mids):
        query = select(PostingRow.chain).join(PatchRow, PatchRow.posting == PostingRow.key)
        chains |= set(connection.scalars(query.where(PatchRow.mid.in_(some))))
    rows: list[Any] = []
    for few in chunks(sorted(chains)):
        rows += connection.execute(select(PostingRow.__table__).where(PostingRow.chain.in_(few))).all()
    return sorted(rows, key=lambda row: row.key)


def _patches(connection: Connection, postings: Sequence[str]) -> list[str]:
    found: list[str] = []
    for some in chunks(postings):
        found += connection.scalars(select(PatchRow.mid).where(PatchRow.posting.in_(some)).order_by(PatchRow.mid))
    return found


def _events(connection: Connection, mids: Sequence[str], patches: Sequence[str]) -> list[Moment]:
    found = []
    for some in chunks(sorted({*mids, *patches})):
        query = select(EventRow.__table__, Message.date).outerjoin(Message, Message.mid == EventRow.mid)
        for row in connection.execute(query.where(or_(EventRow.mid.in_(some), EventRow.about.in_(some)))):
            where = f" to {row.branch}" if row.branch else ""
            found.append(Moment(row.date, row.kind, row.mid, f"{row.kind}{where}: {row.title}"))
    return found


def _commits(connection: Connection, mids: Sequence[str]) -> list[Moment]:
    found = []
    for some in chunks(mids):
        query = (
            select(CommitLinkRow.mid, CommitLinkRow.kind, CommitLinkRow.evidence, Repository.name)
            .add_columns(CommitRow.oid, CommitRow.subject, CommitRow.committed, CommitRow.release)
            .join(CommitRow, CommitRow.id == CommitLinkRow.commit_id)
            .join(Repository, Repository.id == CommitRow.repository_id)
            .where(CommitLinkRow.mid.in_(some), CommitLinkRow.kind != "earlier_version")
        )
        for row in connection.execute(query):
            release = f", first in {row.release}" if row.release else ""
            what = f"{row.name} {row.oid[:12]} {row.subject} ({row.evidence}{release})"
            found.append(Moment(row.committed, "committed", row.mid, what))
    return found


def _objections(connection: Connection, thread: str) -> list[Moment]:
    query = (
        select(Message.date, Message.mid, Message.author_name, StatementRow.quote)
        .join(StatementRow, StatementRow.message_id == Message.id)
        .join(StatementLabel, StatementLabel.key == StatementRow.key)
        .join(NodeRow, NodeRow.mid == Message.mid)
        .where(NodeRow.thread == thread, StatementLabel.label == Label.POST_COMMIT_OBJECTION)
        .where(StatementLabel.score >= SURE)
    )
    rows = connection.execute(query)
    return [Moment(row.date, "objected", row.mid, f"{row.author_name}: {row.quote}") for row in rows]


def _outcomes(connection: Connection, mids: Sequence[str]) -> list[Moment]:
    found = {}
    for some in chunks(mids):
        query = select(OutcomeRow.__table__).where(OutcomeRow.mid.in_(some), OutcomeRow.kind != "open")
        for row in connection.execute(query.order_by(OutcomeRow.mid)):
            found[row.source, row.kind] = Moment(row.at, "outcome", row.source if "@" in row.source else "", row.words)
    return list(found.values())
