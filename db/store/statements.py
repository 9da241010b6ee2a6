"""Statements, requirements, guidelines and their revisions to rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from db.models import (
    DecisionRow,
    GuidelineRow,
    RequirementRow,
    RevisionRow,
    SeenRow,
    StanceRow,
    StatementLabel,
    StatementRow,
)
from db.queries.base import chunks
from db.store.reconcile import reconcile
from guidelines.values import Claim, Decision, Guideline, Requirement, Revision, statement_key
from nlp.values import Statement


def store_statements(
    session: Session, ids: Mapping[str, int], tagged: Sequence[tuple[str, tuple[Statement, ...]]]
) -> int:
    """Makes the statements of the messages in ``ids`` (mid to row id) those in ``tagged``."""
    rows: list[dict[str, Any]] = []
    labels: list[dict[str, Any]] = []
    for mid, statements in tagged:
        for statement in statements:
            key = statement_key(mid, statement.start, statement.end)
            rows.append(_statement_row(key, ids[mid], statement))
            for label in statement.labels:
                labels.append({"key": key, "label": label, "score": statement.scores.get(label, 1.0)})
    touched = 0
    numbers = sorted(ids.values())
    for some in chunks(numbers):
        here = set(some)
        mine = [row for row in rows if row["message_id"] in here]
        keys = {row["key"] for row in mine}
        touched += reconcile(session, StatementRow, mine, StatementRow.message_id.in_(some))
        within = StatementLabel.key.in_(keys)
        reconcile(session, StatementLabel, [row for row in labels if row["key"] in keys], within)
    return touched


def store_seen(session: Session, seen: Mapping[int, str]) -> None:
    """What the tagger saw of some messages, by row id."""
    for some in chunks(sorted(seen)):
        rows = [{"message_id": number, "what": seen[number]} for number in some]
        reconcile(session, SeenRow, rows, SeenRow.message_id.in_(some))


def forget_seen(session: Session, messages: Iterable[int]) -> None:
    """Some messages are to be tagged again when their threads are, for their statements are no more the tagger's."""
    for some in chunks(sorted(messages)):
        session.execute(delete(SeenRow).where(SeenRow.message_id.in_(some)))


def _statement_row(key: str, message_id: int, statement: Statement) -> dict[str, Any]:
    return {
        "key": key,
        "message_id": message_id,
        "start": statement.start,
        "end": statement.end,
        "quote": statement.text,
        "labels": sorted(statement.labels),
        "scores": {label: round(score, 4) for label, score in sorted(statement.scores.items())},
        "topic": statement.topic or "",
        "by": statement.by,
        "why": list(statement.why),
        "said": dict(statement.said),
    }


def store_requirements(session: Session, claims: Mapping[str, Claim], requirements: Sequence[Requirement]) -> int:
    """Makes the requirements among some statements (``claims``, by key) those given."""
    touched = 0
    for some in chunks(sorted(claims)):
        here = set(some)
        mine = [r for r in requirements if r.claim in here]
        rows = [
            {
                "key": r.claim,
                "topic": r.topic,
                "status": r.status,
                "reason": r.reason,
                "concerns": list(r.concerns),
                "counters": list(r.counters),
                "answers": list(claims[r.claim].answers),
                "withdrawn": r.withdrawn,
                "superseded_by": r.superseded_by,
            }
            for r in mine
        ]
        touched += reconcile(session, RequirementRow, rows, RequirementRow.key.in_(some))
        stances = [asdict(stance) | {"requirement": r.claim} for r in mine for stance in r.stances]
        touched += reconcile(session, StanceRow, stances, StanceRow.requirement.in_(some))
    return touched


def store_decisions(session: Session, decisions: Sequence[Decision]) -> None:
    """Adds decisions under the ids that they have."""
    session.add_all(DecisionRow(**asdict(decision)) for decision in sorted(decisions, key=lambda d: d.id))


def store_guidelines(
    session: Session, guidelines: Sequence[Guideline], revisions: Sequence[Revision], anew: bool = False
) -> int:
    """``guidelines`` is the whole document; ``revisions`` are those that came since (older rows stay), or ``anew`` all
    that there are."""
    if anew:
        session.execute(delete(RevisionRow))
    names = [field.name for field in fields(Guideline)]
    given = ([(name, getattr(guideline, name)) for name in names] for guideline in guidelines)
    rows = [{name: list(v) if isinstance(v, tuple) else v for name, v in values} for values in given]
    touched = reconcile(session, GuidelineRow, rows)
    for revision in revisions:
        session.merge(RevisionRow(**asdict(revision)))
    return touched + len(revisions)
