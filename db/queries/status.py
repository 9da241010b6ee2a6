"""How fresh and how whole the database is: sources, runs, rejects, sizes, and a mark that changes with the data."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

import pandas as pd
from sqlalchemy import Connection, Engine, func, select, text

from db.models import (
    DecisionRow,
    GuidelineRow,
    MailingList,
    Mark,
    Membership,
    Message,
    PageRow,
    RejectRow,
    RequirementRow,
    Run,
    Source,
    StatementRow,
    ThreadRow,
)
from db.queries.base import reading


def data_version(bind: Engine | Connection) -> str:
    """Changes when a run begins or ends, a stage finishes or a message comes in: what caches are keyed to."""
    with reading(bind) as connection:
        run = connection.execute(select(Run.id, Run.ended).order_by(Run.id.desc()).limit(1)).first()
        marks = connection.execute(select(Mark.stage, Mark.fingerprint).order_by(Mark.stage)).all()
        stored = connection.scalar(select(func.max(Message.id)))
    facts = repr((run and tuple(run), [tuple(mark) for mark in marks], stored))
    return sha256(facts.encode()).hexdigest()[:16]


def last_decision(bind: Engine | Connection) -> int:
    """Grows with every decision that anybody takes; 0 before the first."""
    with reading(bind) as connection:
        return connection.scalar(select(func.max(DecisionRow.id))) or 0


def sources(bind: Engine | Connection) -> pd.DataFrame:
    """One row a source: list, kind, location, messages and the time of the newest, rejects, the last good run, and of
    web pages how many are attached to messages of an archive."""
    stored = (
        select(Membership.source_id, func.count().label("messages"), func.max(Message.date).label("newest"))
        .join(Message, Message.id == Membership.message_id)
        .group_by(Membership.source_id)
        .subquery()
    )
    rejected = select(RejectRow.source_id, func.count().label("rejects")).group_by(RejectRow.source_id).subquery()
    attached = (
        select(PageRow.source_id, func.count().label("attached"))
        .where(PageRow.own.is_(False))
        .group_by(PageRow.source_id)
        .subquery()
    )
    query = (
        select(MailingList.name.label("list"), Source.kind, Source.location, stored.c.messages, stored.c.newest)
        .add_columns(rejected.c.rejects, attached.c.attached)
        .join(MailingList, MailingList.id == Source.list_id)
        .outerjoin(stored, stored.c.source_id == Source.id)
        .outerjoin(rejected, rejected.c.source_id == Source.id)
        .outerjoin(attached, attached.c.source_id == Source.id)
        .where(Source.forgotten.is_(False))
        .order_by(MailingList.name, Source.location)
    )
    with reading(bind) as connection:
        rows = connection.execute(query).all()
        good = _last_good(connection)
    columns = ["list", "kind", "location", "messages", "newest", "rejects", "last_good_run", "attached"]
    values = [
        (*row[:3], row.messages or 0, row.newest, row.rejects or 0, good.get(row.location), row.attached or 0)
        for row in rows
    ]
    return pd.DataFrame(values, columns=columns, dtype=object)


def _last_good(connection: Connection) -> dict[str, object]:
    """Location of a source to the end of the last of the newest 200 runs that read it without an error."""
    query = select(Run.ended, Run.sources).where(Run.ended.is_not(None)).order_by(Run.id.desc()).limit(200)
    found: dict[str, object] = {}
    for ended, tallies in connection.execute(query):
        for location, tally in tallies.items():
            if not tally.get("error"):
                found.setdefault(location, ended)
    return found


def renewed(bind: Engine | Connection) -> datetime | None:
    """The end of the last of the newest 200 runs that came as far as the document."""
    query = select(Run.ended, Run.stages).where(Run.ended.is_not(None)).order_by(Run.id.desc()).limit(200)
    with reading(bind) as connection:
        return next((ended for ended, stages in connection.execute(query) if "distil" in stages), None)


def runs(bind: Engine | Connection, limit: int = 20) -> pd.DataFrame:
    """The newest runs, with their tallies."""
    columns = [Run.id, Run.command, Run.started, Run.ended, Run.error, Run.stages, Run.sources]
    with reading(bind) as connection:
        rows = connection.execute(select(*columns).order_by(Run.id.desc()).limit(limit)).all()
    return pd.DataFrame([tuple(row) for row in rows], columns=[column.key for column in columns], dtype=object)


def running(bind: Engine | Connection) -> datetime | None:
    """When the newest run began, if it has not ended."""
    with reading(bind) as connection:
        row = connection.execute(select(Run.started, Run.ended).order_by(Run.id.desc()).limit(1)).first()
    return row.started if row and row.ended is None else None


def rejects(bind: Engine | Connection, limit: int = 50, offset: int = 0) -> pd.DataFrame:
    """Mails that could not be read, each with its reason and the SHA-256 of its raw bytes."""
    query = (
        select(MailingList.name.label("list"), Source.location, RejectRow.origin, RejectRow.reason)
        .add_columns(RejectRow.subject, RejectRow.message_id, RejectRow.sha256)
        .join(Source, Source.id == RejectRow.source_id)
        .join(MailingList, MailingList.id == Source.list_id)
        .order_by(RejectRow.id.desc())
        .limit(limit)
        .offset(offset)
    )
    columns = ["list", "location", "origin", "reason", "subject", "message_id", "sha256"]
    with reading(bind) as connection:
        rows = connection.execute(query).all()
    return pd.DataFrame([tuple(row) for row in rows], columns=columns, dtype=object)


def sizes(bind: Engine | Connection) -> dict[str, int]:
    """Rows of the main tables and, on SQLite, the bytes of the database."""
    tables = {
        "messages": Message.id,
        "threads": ThreadRow.thread,
        "rejects": RejectRow.id,
        "statements": StatementRow.key,
        "requirements": RequirementRow.key,
        "guidelines": GuidelineRow.number,
        "decisions": DecisionRow.id,
    }
    with reading(bind) as connection:
        found = {name: connection.scalar(select(func.count(column))) or 0 for name, column in tables.items()}
        if connection.dialect.name == "sqlite":
            pages, size = (connection.scalar(text(f"PRAGMA {name}")) for name in ("page_count", "page_size"))
            found["bytes"] = int(pages or 0) * int(size or 0)
        else:
            found["bytes"] = int(connection.scalar(text("SELECT pg_database_size(current_database())")) or 0)
    return found


def is_empty(bind: Engine | Connection) -> bool:
    with reading(bind) as connection:
        return connection.scalar(select(Message.id).limit(1)) is None
