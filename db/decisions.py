"""People's decisions: rows that are only ever added, by those who may, taken back by further rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, func, insert, select

from db.models import DecisionRow, GuidelineRow, RequirementRow, StatementRow
from errors import UsageError
from guidelines.decisions import LEVELS, identifier, in_force, number_of
from guidelines.values import Decision
from nlp.labels import Topic

ACTIONS = ("accept", "reject", "reword", "retopic", "level", "merge", "split", "supersede")


@dataclass(frozen=True, slots=True)
class Policy:
    """Who may decide: nobody, everybody who is named in ``curators``, or (``local``) the one user of this machine."""

    curators: frozenset[str] = frozenset()
    local: str = ""

    def allows(self, by: str) -> bool:
        return bool(by) and (by in self.curators or by == self.local)


def record(
    engine: Engine,
    by: str,
    action: str,
    target: str,
    value: str = "",
    comment: str = "",
    *,
    policy: Policy,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> int:
    """Adds a decision and returns its id. The role is checked here, whatever page or command asks."""
    _check(by, policy)
    value = value.strip()
    fault = _fault(action, value)
    if fault:
        raise UsageError(fault)
    with engine.begin() as connection:
        _alone(connection)
        before = _before(connection, action, target)
        _points_somewhere(connection, action, target, value)
        return _append(connection, now(), by, action, target, value, before, comment.strip(), None)


def undo(
    engine: Engine,
    by: str,
    decision: int,
    comment: str = "",
    *,
    policy: Policy,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> int:
    """Takes a decision back, by a row of its own; undoing an undo restores."""
    _check(by, policy)
    with engine.begin() as connection:
        _alone(connection)
        row = connection.execute(select(DecisionRow.__table__).where(DecisionRow.id == decision)).first()
        if row is None:
            raise UsageError(f"there is no decision {decision}")
        if connection.scalar(select(DecisionRow.id).where(DecisionRow.undoes == decision).limit(1)) is not None:
            raise UsageError(f"decision {decision} has been taken back already")
        return _append(connection, now(), by, "undo", row.target, row.action, row.value, comment.strip(), decision)


def _alone(connection: Connection) -> None:
    """Makes other deciders wait. SQLite lets one write at a time; PostgreSQL has to be asked before the first look."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("LOCK TABLE decisions IN SHARE ROW EXCLUSIVE MODE")


def _check(by: str, policy: Policy) -> None:
    if not policy.allows(by):
        raise UsageError(f"{by or 'an unnamed user'} may not decide", "ask to be listed as a curator")


def _fault(action: str, value: str) -> str:
    if action not in ACTIONS:
        return f"there is no action {action}; there are {', '.join(ACTIONS)}"
    if action == "retopic" and value not in set(Topic):
        return f"{value} is no topic; there are {', '.join(Topic)}"
    if action == "level" and value not in LEVELS:
        return f"{value} is no level; there are {', '.join(LEVELS)}"
    if action in ("reword", "merge", "split", "supersede") and not value:
        return f"{action} needs a value"
    return ""


def _before(connection: Connection, action: str, target: str) -> str:
    """What the decision changes, as it stands now. Raises UsageError where the target does not exist."""
    number = number_of(target)
    if number is None:
        labels = connection.scalar(select(StatementRow.labels).where(StatementRow.key == target))
        if labels is None:
            raise UsageError(f"there is no statement {target}")
        topic = connection.scalar(select(RequirementRow.topic).where(RequirementRow.key == target))
        return (topic or "") if action == "retopic" else ",".join(labels)
    row = connection.execute(select(GuidelineRow.__table__).where(GuidelineRow.number == number)).first()
    if row is None:
        raise UsageError(f"there is no guideline {identifier(number)}")
    found = {"retopic": row.topic, "level": row.level, "reword": row.text}
    return str(found.get(action, row.retired or row.status))


def _points_somewhere(connection: Connection, action: str, target: str, value: str) -> None:
    """Raises UsageError where a decision would change nothing, because it names what is not there."""
    rule = number_of(target)
    if rule is None and action in ("reword", "level", "split", "supersede"):
        raise UsageError(f"{action} is for guidelines, and {target} is a statement")
    if action in ("merge", "supersede"):
        other = number_of(value)
        if other is None or connection.scalar(select(GuidelineRow.number).where(GuidelineRow.number == other)) is None:
            raise UsageError(f"there is no guideline {value}")
        if other == rule:
            raise UsageError(f"{action} needs another guideline than {target}")
    if action == "split":
        row = connection.execute(select(GuidelineRow.members, GuidelineRow.opposing).where(GuidelineRow.number == rule))
        members, opposing = row.one()
        strange = [key for key in value.splitlines() if key not in (*members, *opposing)]
        if strange or len(set(value.splitlines())) == len(members) + len(opposing):
            raise UsageError(f"{strange[0]} is no statement of {target}" if strange else "a split must leave something")


def _append(
    connection: Connection,
    at: datetime,
    by: str,
    action: str,
    target: str,
    value: str,
    before: str,
    comment: str,
    undoes: int | None,
) -> int:
    fields: dict[str, Any] = {"at": at, "by": by, "action": action, "target": target, "value": value, "before": before}
    if connection.dialect.name == "postgresql":  # its own counter knows nothing of imported decisions
        fields["id"] = (connection.scalar(select(func.max(DecisionRow.id))) or 0) + 1
    made = connection.execute(insert(DecisionRow).values(**fields, comment=comment, undoes=undoes))
    return int(made.inserted_primary_key[0]) if made.inserted_primary_key else 0


def standing(engine: Engine) -> list[Decision]:
    """The decisions in force, oldest first."""
    with engine.connect() as connection:
        rows = connection.execute(select(DecisionRow.__table__).order_by(DecisionRow.id))
        return in_force(Decision(*row) for row in rows)
