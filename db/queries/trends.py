"""Counts over years, topics and lists. Every count can be opened: it is the size of a list that Search shows."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from statistics import median
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Engine, extract, func, select

from db.models import (
    MailingList,
    Membership,
    Message,
    NodeRow,
    PatchRow,
    PostingRow,
    RequirementRow,
    StanceRow,
    StatementLabel,
    StatementRow,
)
from db.queries.base import reading
from nlp.labels import Label, Status


def by_year(bind: Engine | Connection) -> pd.DataFrame:
    """Tagged sentences: label, topic ("" for none), list, year, count. Mails without a date are left out."""
    # Dates come from their index alone, in a table of their own: mails are large, and reading each for one is slow.
    dated = select(Message.id, extract("year", Message.date).label("year")).where(Message.date.is_not(None))
    years = dated.cte("years").prefix_with("MATERIALIZED")
    counted = (
        select(StatementRow.message_id, StatementLabel.label, StatementRow.topic, func.count().label("count"))
        .join(StatementRow, StatementRow.key == StatementLabel.key)
        .group_by(StatementRow.message_id, StatementLabel.label, StatementRow.topic)
    )
    found = counted.cte("found").prefix_with("MATERIALIZED")
    columns = (found.c.label, found.c.topic, MailingList.name, years.c.year)
    query = (
        select(*columns, func.sum(found.c.count))
        .select_from(found)
        .join(years, years.c.id == found.c.message_id)
        .join(Membership, Membership.message_id == years.c.id)
        .join(MailingList, MailingList.id == Membership.list_id)
        .group_by(*columns)
        .order_by(*columns)
    )
    with reading(bind) as connection:
        rows = [(label, topic, name, int(when), int(n)) for label, topic, name, when, n in connection.execute(query)]
    return pd.DataFrame(rows, columns=["label", "topic", "list", "year", "count"])


def contested(bind: Engine | Connection) -> pd.DataFrame:
    """Requirements: topic, status, count."""
    query = (
        select(RequirementRow.topic, RequirementRow.status, func.count())
        .group_by(RequirementRow.topic, RequirementRow.status)
        .order_by(RequirementRow.topic, RequirementRow.status)
    )
    with reading(bind) as connection:
        rows = [tuple(row) for row in connection.execute(query)]
    return pd.DataFrame(rows, columns=["topic", "status", "count"])


def objected_series(bind: Engine | Connection) -> pd.DataFrame:
    """Year in which a series was first posted: how many there were, and how many met an objection after commit."""
    with reading(bind) as connection:
        first = dict(
            connection.execute(select(PostingRow.chain, func.min(PostingRow.date)).group_by(PostingRow.chain)).all()
        )
        met = _met(connection)
    counts: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for chain, date in sorted(first.items()):
        if (when := _moment(date)) is not None:
            counts[when.year][0] += 1
            counts[when.year][1] += chain in met
    rows = [(year, series, objected, objected / series) for year, (series, objected) in sorted(counts.items())]
    return pd.DataFrame(rows, columns=["year", "series", "objected", "share"])


def _met(connection: Connection) -> set[str]:
    """Chains with a patch in a thread in which somebody objected after the commit."""
    threads = (
        select(NodeRow.thread)
        .join(Message, Message.mid == NodeRow.mid)
        .join(StatementRow, StatementRow.message_id == Message.id)
        .join(StatementLabel, StatementLabel.key == StatementRow.key)
        .where(StatementLabel.label == Label.POST_COMMIT_OBJECTION)
    )
    chains = (
        select(PostingRow.chain)
        .join(PatchRow, PatchRow.posting == PostingRow.key)
        .join(NodeRow, NodeRow.mid == PatchRow.mid)
        .where(NodeRow.thread.in_(threads))
        .distinct()
    )
    return set(connection.scalars(chains))


def _moment(value: Any) -> datetime | None:
    """An aggregate may come back as the driver's text."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def time_to_agreement(bind: Engine | Connection) -> pd.DataFrame:
    """Agreed requirements by topic: how many, and the median of days from the statement to the first assent."""
    assent = Message.__table__.alias("assent")
    said = StatementRow.__table__.alias("said")
    query = (
        select(RequirementRow.key, RequirementRow.topic, Message.date, func.min(assent.c.date))
        .join(StatementRow, StatementRow.key == RequirementRow.key)
        .join(Message, Message.id == StatementRow.message_id)
        .join(StanceRow, StanceRow.requirement == RequirementRow.key)
        .join(said, said.c.key == StanceRow.claim)
        .join(assent, assent.c.id == said.c.message_id)
        .where(RequirementRow.status == Status.AGREED, StanceRow.stance == "assent")
        .group_by(RequirementRow.key, RequirementRow.topic, Message.date)
        .order_by(RequirementRow.key)
    )
    days: dict[str, list[float]] = defaultdict(list)
    with reading(bind) as connection:
        for _, topic, stated, agreed in connection.execute(query):
            later = _moment(agreed)
            if stated is not None and later is not None and later >= stated:
                days[topic].append((later - stated).total_seconds() / 86400)
    rows = [(topic, len(found), round(median(found), 2)) for topic, found in sorted(days.items())]
    return pd.DataFrame(rows, columns=["topic", "agreed", "median_days"])
