"""Objections after the commit, one a sentence: what was in, since when, how that is known, and the outcome."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine, select

from db.models import CommittedRow, Message, StatementRow
from db.queries.base import chunks, iso, reading
from db.queries.incidents import incident_views, outcomes_of
from guidelines.decisions import identifier


def objections(bind: Engine | Connection) -> list[dict[str, Any]]:
    """In order of incident and date. ``incident`` names the matter; ``commit`` and ``event_message_id`` are empty where
    only the mail's own words say that the change was in."""
    with reading(bind) as connection:
        shown = incident_views(connection)
        facts = _facts(connection, [claim.key for view in shown for claim in view.claims])
    return [
        {
            "incident": view.incident.title,
            "message_id": claim.message_id,
            "quote": claim.text,
            "author": claim.author,
            "date": iso(claim.date),
            **facts.get(claim.key, {}),
            "permalink": claim.permalink,
            "rules": [identifier(number) for number in view.incident.rules],
        }
        for view in shown
        for claim in view.claims
    ]


def _facts(connection: Connection, keys: list[str]) -> dict[str, dict[str, Any]]:
    facts: dict[str, dict[str, Any]] = {}
    for some in chunks(sorted(keys)):
        query = (
            select(StatementRow.key, CommittedRow.oid, CommittedRow.event, CommittedRow.at, CommittedRow.days)
            .add_columns(CommittedRow.evidence, CommittedRow.others, Message.mid)
            .join(Message, Message.id == StatementRow.message_id)
            .outerjoin(CommittedRow, CommittedRow.mid == Message.mid)
            .where(StatementRow.key.in_(some))
        )
        rows = connection.execute(query).all()
        outcomes = outcomes_of(connection, [row.mid for row in rows])
        for row in rows:
            told = outcomes.get(row.mid, [])
            facts[row.key] = {
                "commit": row.oid or "",
                "event_message_id": f"<{row.event}>" if row.event else "",
                "committed_at": iso(row.at),
                "days_after": row.days,
                "evidence": row.evidence or "",
                "outcome": "; ".join(words for words, _ in told) or "open",
                "outcome_source": "; ".join(source for _, source in told),
                "other_commits": [oid for oid, _, _ in row.others or ()],
            }
    return facts
