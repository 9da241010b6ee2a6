"""Rows to the tables that others build on: statements, threads, segments, commits. Their columns are a contract.

Order is by what the mails say (date, Message-ID, offset), never by row number, so two databases filled in another
order of arrival export the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Engine, select

from db.models import (
    CommitLinkRow,
    CommitRow,
    Message,
    NodeRow,
    Repository,
    RequirementRow,
    SegmentRow,
    StatementRow,
)
from db.queries.base import Verbatim, bodies, chunks, iso, list_names, reading, templates
from db.queries.links import permalink
from db.queries.origins import page_addresses

STATEMENTS = ["message_id", "list", "thread_id", "author", "address", "date", "start", "end", "quote"]
STATEMENTS += ["labels", "topic", "status", "scores", "by", "permalink"]
THREADS = ["message_id", "thread_id", "parent_id", "list"]
SEGMENTS = ["message_id", "kind", "depth", "start", "end", "role", "source_message_id"]
COMMITS = ["message_id", "repo", "commit", "committed_at", "evidence", "score"]


def statements(bind: Engine | Connection) -> pd.DataFrame:
    """One row a tagged sentence; a message on two lists is one row, its lists joined by ","."""
    query = (
        select(Message.id, Message.mid, Message.message_id, Message.author_name, Message.author_address, Message.date)
        .add_columns(StatementRow.start, StatementRow.end, StatementRow.quote, StatementRow.labels)
        .add_columns(StatementRow.scores, StatementRow.topic, StatementRow.by, NodeRow.thread, RequirementRow.status)
        .select_from(StatementRow)
        .join(Message, Message.id == StatementRow.message_id)
        .outerjoin(NodeRow, NodeRow.mid == Message.mid)
        .outerjoin(RequirementRow, RequirementRow.key == StatementRow.key)
        .order_by(Message.date.is_(None), Message.date, Message.mid, StatementRow.start, StatementRow.end)
        .order_by(StatementRow.key)
    )
    with reading(bind) as connection:
        verbatim, lists, links = Verbatim(connection), list_names(connection), templates(connection)
        found = connection.execute(query).all()
        pages = page_addresses(connection, {row.id for row in found})
        rows = [_statement(row, verbatim, lists.get(row.id, ()), links, pages.get(row.id, "")) for row in found]
    return pd.DataFrame(rows, columns=STATEMENTS, dtype=object)


def _statement(
    row: Any, verbatim: Verbatim, lists: tuple[str, ...], links: dict[str, str], page: str
) -> tuple[Any, ...]:
    link = (permalink(links.get(lists[0], ""), row.mid) if lists else "") or page
    return (
        *(row.message_id, ",".join(lists), verbatim(row.thread or row.mid), row.author_name, row.author_address),
        *(
            iso(row.date),
            row.start,
            row.end,
            " ".join(row.quote.split()),
            list(row.labels),
            row.topic or None,
            row.status or None,
        ),
        *(dict(sorted(row.scores.items())), row.by, link),
    )


def threads(bind: Engine | Connection) -> pd.DataFrame:
    """One row a message of the archive; a parent may be a ghost, a message may not."""
    query = (
        select(Message.id, Message.message_id, Message.mid, NodeRow.thread, NodeRow.parent)
        .outerjoin(NodeRow, NodeRow.mid == Message.mid)
        .order_by(Message.mid, Message.conflict, Message.content)
    )
    with reading(bind) as connection:
        verbatim, lists = Verbatim(connection), list_names(connection)
        rows = {
            row.mid: (
                *(row.message_id, verbatim(row.thread or row.mid), verbatim(row.parent or "")),
                ",".join(lists.get(row.id, ())),
            )
            for row in reversed(connection.execute(query).all())  # of one id with two bodies, the first one's row stays
        }
    return pd.DataFrame([rows[mid] for mid in sorted(rows)], columns=THREADS, dtype=object)


def segments(bind: Engine | Connection, text: bool = False) -> Iterator[dict[str, Any]]:
    """Every segment of every message, streamed; with ``text`` also the characters that it covers."""
    with reading(bind) as connection:
        verbatim = Verbatim(connection)
        order = select(Message.id, Message.message_id).order_by(Message.mid, Message.conflict, Message.content)
        for some in chunks(connection.execute(order).all()):
            names = {row.id: row.message_id for row in some}
            texts = bodies(connection, list(names)) if text else {}
            query = select(SegmentRow.__table__).where(SegmentRow.message_id.in_(names))
            found: dict[int, list[Any]] = {row: [] for row in names}
            for segment in connection.execute(query.order_by(SegmentRow.message_id, SegmentRow.position)):
                found[segment.message_id].append(segment)
            for row, message_id in names.items():
                for segment in found[row]:
                    yield _segment(segment, message_id, verbatim, texts.get(row))


def _segment(row: Any, message_id: str, verbatim: Verbatim, body: str | None) -> dict[str, Any]:
    source = verbatim(row.source_mid) if row.source_mid else None
    found = dict(zip(SEGMENTS, (message_id, row.kind, row.depth, row.start, row.end, row.role, source), strict=True))
    if body is not None:
        found["text"] = body[row.start : row.end]
    return found


def commits(bind: Engine | Connection) -> pd.DataFrame:
    """One row a link from a mail to a commit."""
    query = (
        select(CommitLinkRow.mid, Repository.name, CommitRow.oid, CommitRow.committed)
        .add_columns(CommitLinkRow.evidence, CommitLinkRow.score)
        .join(CommitRow, CommitRow.id == CommitLinkRow.commit_id)
        .join(Repository, Repository.id == CommitRow.repository_id)
        .order_by(CommitRow.committed, CommitRow.oid, CommitLinkRow.mid, Repository.name)
    )
    with reading(bind) as connection:
        verbatim = Verbatim(connection)
        rows = [
            (verbatim(row.mid), row.name, row.oid, iso(row.committed), row.evidence, row.score)
            for row in connection.execute(query)
        ]
    return pd.DataFrame(rows, columns=COMMITS, dtype=object)
