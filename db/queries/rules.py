"""The guidelines as the app lists them: filtered, one page at a time, each with what it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Engine, or_, select

from db.models import DecisionRow, GuidelineRow, RevisionRow
from db.queries.base import reading
from db.queries.claims import argued
from db.rules import requirements
from guidelines.values import Claim, Requirement, Revision


@dataclass(frozen=True, slots=True)
class RuleFilter:
    """Empty means any. ``since``: agreed or said first on or after. ``product``: what it applies to."""

    topic: str = ""
    status: str = ""
    level: str = ""
    product: str = ""
    since: datetime | None = None
    words: str = ""
    retired: bool = False
    least: float = 0.0


@dataclass(frozen=True, slots=True)
class RuleView:
    """A rule with its evidence: the requirements behind it and every sentence that they name."""

    number: int
    text: str
    text_by: str
    topic: str
    status: str
    level: str
    applies_to: str
    confidence: float
    strength: str
    revision: int
    since: datetime | None
    reason: str
    retired: str
    members: tuple[str, ...]
    opposing: tuple[str, ...]
    against: tuple[str, ...]
    requirements: Mapping[str, Requirement]
    claims: Mapping[str, Claim]
    history: tuple[Revision, ...]
    decisions: tuple[str, ...]


def rules(bind: Engine | Connection, wanted: RuleFilter) -> pd.DataFrame:
    """The rules that pass, one a row, in the order of their numbers; only what a checklist shows."""
    columns = [GuidelineRow.number, GuidelineRow.topic, GuidelineRow.level, GuidelineRow.status, GuidelineRow.text]
    columns += [GuidelineRow.applies_to, GuidelineRow.confidence, GuidelineRow.since, GuidelineRow.retired]
    with reading(bind) as connection:
        rows = connection.execute(select(*columns).where(*_conditions(wanted)).order_by(GuidelineRow.number)).all()
    return pd.DataFrame([tuple(row) for row in rows], columns=[column.key for column in columns], dtype=object)


def _conditions(wanted: RuleFilter) -> list[Any]:
    found: list[Any] = [GuidelineRow.retired != "" if wanted.retired else GuidelineRow.retired == ""]
    for column, value in ((GuidelineRow.topic, wanted.topic), (GuidelineRow.status, wanted.status)):
        if value:
            found.append(column == value)
    if wanted.level:
        found.append(GuidelineRow.level == wanted.level)
    if wanted.product:
        found.append(or_(GuidelineRow.applies_to == wanted.product, GuidelineRow.applies_to == "both"))
    if wanted.since:
        found.append(GuidelineRow.since >= wanted.since)
    if wanted.least:
        found.append(GuidelineRow.confidence >= wanted.least)
    for word in wanted.words.split():
        escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        found.append(GuidelineRow.text.ilike(f"%{escaped}%", escape="\\"))
    return found


def products(bind: Engine | Connection) -> list[str]:
    """What rules can apply to."""
    with reading(bind) as connection:
        named = select(GuidelineRow.applies_to).distinct().order_by(GuidelineRow.applies_to)
        return [product for product in connection.scalars(named) if product not in ("", "both")]


def rule_views(bind: Engine | Connection, numbers: tuple[int, ...]) -> list[RuleView]:
    """The rules of one page, in the order asked for, with what each rests on."""
    with reading(bind) as connection:
        rows = connection.execute(select(GuidelineRow.__table__).where(GuidelineRow.number.in_(numbers))).all()
        keys = {key for row in rows for key in (*row.members, *row.opposing)}
        behind = requirements(connection, keys)
        named = {key for each in behind.values() for key in (*each.concerns, *each.counters)}
        said = argued(connection, keys | named | {key for row in rows for key in row.against}, behind.values())
        history = _history(connection, numbers)
        decided = _decisions(connection, {key for row in rows for key in row.decisions})
    views = {row.number: _view(row, behind, said, history.get(row.number, ()), decided) for row in rows}
    return [views[number] for number in numbers if number in views]


def _view(row: Any, behind: Any, said: Any, history: tuple[Revision, ...], decided: Mapping[int, str]) -> RuleView:
    mine = {key: behind[key] for key in (*row.members, *row.opposing) if key in behind}
    keys = {*row.members, *row.opposing, *row.against}
    for requirement in mine.values():
        keys |= {stance.claim for stance in requirement.stances} | {*requirement.concerns, *requirement.counters}
    return RuleView(
        *(row.number, row.text, row.text_by, row.topic, row.status, row.level, row.applies_to, row.confidence),
        *(row.strength, row.revision, row.since, row.reason, row.retired),
        *(tuple(row.members), tuple(row.opposing), tuple(row.against)),
        mine,
        {key: said[key] for key in sorted(keys) if key in said},
        history,
        tuple(decided[key] for key in row.decisions if key in decided),
    )


def _history(connection: Connection, numbers: tuple[int, ...]) -> dict[int, tuple[Revision, ...]]:
    query = select(RevisionRow.__table__).where(RevisionRow.number.in_(numbers))
    found: dict[int, tuple[Revision, ...]] = {}
    for row in connection.execute(query.order_by(RevisionRow.number, RevisionRow.revision)):
        found[row.number] = (*found.get(row.number, ()), Revision(*row))
    return found


def _decisions(connection: Connection, ids: set[int]) -> dict[int, str]:
    query = select(DecisionRow.__table__).where(DecisionRow.id.in_(sorted(ids)))
    return {
        row.id: f"{row.at:%Y-%m-%d} {row.by}: {row.action} {row.value}" + (f" ({row.comment})" if row.comment else "")
        for row in connection.execute(query)
    }


def changes(bind: Engine | Connection, since: datetime) -> pd.DataFrame:
    """The revisions dated on or after ``since``, the newest first."""
    query = select(RevisionRow.number, RevisionRow.revision, RevisionRow.at, RevisionRow.what, RevisionRow.text)
    query = query.where(RevisionRow.at >= since).order_by(RevisionRow.at.desc(), RevisionRow.number).limit(500)
    with reading(bind) as connection:
        rows = connection.execute(query).all()
    return pd.DataFrame([tuple(r) for r in rows], columns=["number", "revision", "at", "what", "text"], dtype=object)
