"""Requirement, guideline and decision rows back to the values that ``guidelines`` works on."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import fields
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from db.models import DecisionRow, GuidelineRow, MailingList, RequirementRow, RevisionRow, StanceRow
from guidelines.values import Decision, Guideline, Requirement, Revision, Stance


def requirements(session: Session) -> list[Requirement]:
    """Every requirement with its stances, by key."""
    stances: dict[str, list[Stance]] = defaultdict(list)
    query = select(*StanceRow.__table__.columns).order_by(StanceRow.requirement, StanceRow.claim, StanceRow.stance)
    for row in session.execute(query):
        stances[row.requirement].append(Stance(row.stance, row.claim, row.mid, row.person, row.author, row.why))
    query = select(*RequirementRow.__table__.columns).order_by(RequirementRow.key)
    return [
        Requirement(
            claim=row.key,
            topic=row.topic,
            status=row.status,
            reason=row.reason,
            stances=tuple(stances.get(row.key, ())),
            concerns=tuple(row.concerns),
            superseded_by=row.superseded_by,
            withdrawn=row.withdrawn,
            counters=tuple(row.counters),
        )
        for row in session.execute(query)
    ]


def guidelines(session: Session) -> list[Guideline]:
    """Every guideline, retired ones too, by number."""
    rows = session.execute(select(*GuidelineRow.__table__.columns).order_by(GuidelineRow.number))
    return [Guideline(**_named(row, Guideline)) for row in rows]


def revisions(session: Session) -> list[Revision]:
    rows = session.execute(select(*RevisionRow.__table__.columns).order_by(RevisionRow.number, RevisionRow.revision))
    return [Revision(**_named(row, Revision)) for row in rows]


def decisions(session: Session) -> list[Decision]:
    """Every decision, oldest first."""
    rows = session.execute(select(*DecisionRow.__table__.columns).order_by(DecisionRow.id))
    return [Decision(**_named(row, Decision)) for row in rows]


def products(session: Session) -> dict[str, str]:
    """Name of each list that is a product's to the product."""
    query = select(MailingList.name, MailingList.product).where(MailingList.product != "").order_by(MailingList.name)
    return {row.name: row.product for row in session.execute(query)}


def _named(row: Row[Any], value: type[Any]) -> dict[str, Any]:
    """The row as arguments of ``value``: same names, JSON lists as tuples."""
    mapping = row._mapping
    return {
        field.name: tuple(mapping[field.name]) if isinstance(mapping[field.name], list) else mapping[field.name]
        for field in fields(value)
    }
