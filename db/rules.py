"""Requirement, guideline and decision rows back to the values that ``guidelines`` works on."""

from __future__ import annotations

import inspect
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from typing import Any, TypeVar

from sqlalchemy import Connection, select

from db.models import DecisionRow, GuidelineRow, MailingList, RequirementRow, RevisionRow, StanceRow
from db.queries.base import chunks
from guidelines.values import Decision, Guideline, Requirement, Revision, Stance

V = TypeVar("V")


def guidelines(connection: Connection) -> tuple[Guideline, ...]:
    """Every guideline, retired ones too, by number."""
    return _values(Guideline, connection, GuidelineRow, GuidelineRow.number)


def revisions(connection: Connection) -> tuple[Revision, ...]:
    return _values(Revision, connection, RevisionRow, RevisionRow.number, RevisionRow.revision)


def decisions(connection: Connection) -> tuple[Decision, ...]:
    """Every decision, oldest first."""
    return _values(Decision, connection, DecisionRow, DecisionRow.id)


def products(connection: Connection) -> dict[str, str]:
    """Name of each list that is a product's to the product."""
    query = select(MailingList.name, MailingList.product).where(MailingList.product != "").order_by(MailingList.name)
    return {row.name: row.product for row in connection.execute(query)}


def requirements(connection: Connection, keys: Iterable[str] | None = None) -> dict[str, Requirement]:
    """The requirements among some claim keys (None: all), by key, each with the stances taken on it."""
    if keys is None:
        keys = connection.scalars(select(RequirementRow.key))
    found: dict[str, Requirement] = {}
    for some in chunks(sorted(keys)):
        stances: dict[str, list[Stance]] = defaultdict(list)
        query = select(StanceRow.__table__).where(StanceRow.requirement.in_(some))
        for row in connection.execute(query.order_by(StanceRow.requirement, StanceRow.claim, StanceRow.stance)):
            stances[row.requirement].append(Stance(row.stance, row.claim, row.mid, row.person, row.author, row.why))
        rules = select(RequirementRow.__table__).where(RequirementRow.key.in_(some)).order_by(RequirementRow.key)
        for values in connection.execute(rules).mappings():
            found[values["key"]] = _requirement(dict(values), tuple(stances[values["key"]]))
    return found


def _requirement(row: Mapping[str, Any], stances: tuple[Stance, ...]) -> Requirement:
    known: dict[str, Any] = {field.name: _frozen(row[field.name]) for field in fields(Requirement) if field.name in row}
    return Requirement(**{**known, "claim": row["key"], "stances": stances})


def _values(kind: Callable[..., V], connection: Connection, table: Any, *order: Any) -> tuple[V, ...]:
    """Rows to values of ``kind``, by the names that both have; JSON lists come back as tuples."""
    shared = inspect.signature(kind).parameters
    columns = [column for column in table.__table__.columns if column.name in shared]
    rows = connection.execute(select(*columns).order_by(*order)).mappings()
    return tuple(kind(**{name: _frozen(value) for name, value in row.items()}) for row in rows)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
