"""What a curator looks at next, how far they are, and how far two of them agree."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Engine, Text, case, cast, func, select

from db.models import DecisionRow, GuidelineRow, Message, NodeRow, RequirementRow, StatementLabel, StatementRow
from db.queries.base import chunks, reading
from guidelines.decisions import in_force, number_of
from guidelines.values import Decision
from nlp.labels import Label, Status

VERDICTS = ("accept", "reject")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A statement to be judged under one label. ``rule``: the guideline it stands in, 0 for none; ``others``: what
    other people decided on it, as (who, what)."""

    key: str
    mid: str
    thread: str
    label: str
    quote: str
    start: int
    end: int
    labels: tuple[str, ...]
    scores: dict[str, float]
    topic: str
    status: str
    reason: str
    by: str
    why: tuple[str, ...]
    author: str
    date: datetime | None
    subject: str
    rule: int
    rule_text: str
    others: tuple[tuple[str, str], ...]


def decisions(bind: Engine | Connection) -> tuple[Decision, ...]:
    """The decisions in force, oldest first."""
    with reading(bind) as connection:
        rows = connection.execute(select(DecisionRow.__table__).order_by(DecisionRow.id)).all()
    return tuple(in_force(Decision(*row) for row in rows))


def verdicts(found: Iterable[Decision]) -> dict[str, dict[str, str]]:
    """Statement to each person's last verdict on it."""
    said: dict[str, dict[str, str]] = defaultdict(dict)
    for decision in found:
        if decision.action in VERDICTS and number_of(decision.target) is None:
            said[decision.target][decision.by] = decision.action
    return dict(said)


def queue(
    bind: Engine | Connection, label: str, by: str, which: str = "mine", skipped: Collection[str] = (), limit: int = 1
) -> list[str]:
    """Keys of the next statements for ``by``, the most useful first; the skipped come last.

    ``which``: "mine" is all that I have not judged, "nobody" what nobody has, "others" what only others have.
    """
    with reading(bind) as connection:
        said = verdicts(decisions(connection))
        spared = {key for key, people in said.items() if by in people or (which == "nobody" and people)}
        wanted = {key for key, people in said.items() if by not in people} if which == "others" else None
        enough = limit + len(spared) + len(skipped)
        query = _by_use(label).limit(enough if wanted is None else None)
        keys = [key for key in connection.scalars(query) if key not in spared and (wanted is None or key in wanted)]
    late = set(skipped)
    return [*(key for key in keys if key not in late), *(key for key in skipped if key in set(keys))][:limit]


def _by_use(label: str) -> Any:
    """High impact (it makes or disputes a rule), then uncertain (score near one half), then the newest."""
    impact = case((RequirementRow.status == Status.CONTESTED, 1.0), (RequirementRow.status == Status.AGREED, 0.6))
    doubt = 1.0 - 2.0 * func.abs(StatementLabel.score - 0.5)
    return (
        select(StatementLabel.key)
        .join(StatementRow, StatementRow.key == StatementLabel.key)
        .join(Message, Message.id == StatementRow.message_id)
        .outerjoin(RequirementRow, RequirementRow.key == StatementLabel.key)
        .where(StatementLabel.label == label)
        .order_by((func.coalesce(impact, 0.0) + doubt).desc(), Message.date.desc().nulls_last(), StatementLabel.key)
    )


def candidate(bind: Engine | Connection, key: str, label: str, by: str) -> Candidate | None:
    """The statement with all that helps to judge it."""
    query = (
        select(StatementRow.__table__, Message.mid, Message.author_name, Message.date, Message.subject)
        .add_columns(NodeRow.thread, RequirementRow.status, RequirementRow.reason)
        .join(Message, Message.id == StatementRow.message_id)
        .outerjoin(NodeRow, NodeRow.mid == Message.mid)
        .outerjoin(RequirementRow, RequirementRow.key == StatementRow.key)
        .where(StatementRow.key == key)
    )
    with reading(bind) as connection:
        row = connection.execute(query).first()
        if row is None:
            return None
        number, text = _rule(connection, key)
        said = verdicts(decisions(connection)).get(key, {})
    others = tuple(sorted((who, what) for who, what in said.items() if who != by))
    return Candidate(
        *(key, row.mid, row.thread or row.mid, label, row.quote, row.start, row.end, tuple(row.labels)),
        *(dict(row.scores), row.topic, row.status or "", row.reason or "", row.by, tuple(row.why)),
        *(row.author_name, row.date, row.subject, number, text, others),
    )


def _rule(connection: Connection, key: str) -> tuple[int, str]:
    quoted = json.dumps(key).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    member = cast(GuidelineRow.members, Text).like(f"%{quoted}%", escape="\\")
    query = select(GuidelineRow.number, GuidelineRow.text).where(member).order_by(GuidelineRow.number).limit(1)
    row = connection.execute(query).first()
    return (row.number, row.text) if row else (0, "")


def progress(bind: Engine | Connection, label: str, by: str) -> tuple[int, int, int]:
    """How many statements have the label, how many ``by`` has judged, how many anybody has."""
    with reading(bind) as connection:
        total = connection.scalar(select(func.count()).where(StatementLabel.label == label)) or 0
        said = verdicts(decisions(connection))
        held: set[str] = set()
        for some in chunks(sorted(said)):
            query = select(StatementLabel.key).where(StatementLabel.label == label, StatementLabel.key.in_(some))
            held |= set(connection.scalars(query))
    return total, sum(by in said[key] for key in held), len(held)


def last_of(bind: Engine | Connection, by: str) -> Decision | None:
    """The newest decision of ``by`` that still holds: what undo takes back."""
    return next((decision for decision in reversed(decisions(bind)) if decision.by == by), None)


def side_by_side(bind: Engine | Connection) -> pd.DataFrame:
    """Statements that two people or more judged: one row a statement and person."""
    with reading(bind) as connection:
        shared = {key: people for key, people in verdicts(decisions(connection)).items() if len(people) > 1}
        quotes: dict[str, str] = {}
        for some in chunks(sorted(shared)):
            query = select(StatementRow.key, StatementRow.quote).where(StatementRow.key.in_(some))
            quotes.update(connection.execute(query).all())
    rows = [
        (key, quotes.get(key, ""), who, what)
        for key, people in sorted(shared.items())
        for who, what in sorted(people.items())
    ]
    return pd.DataFrame(rows, columns=["key", "quote", "who", "verdict"], dtype=object)


def agreement(found: pd.DataFrame) -> list[tuple[str, str, int, float, float | None]]:
    """Each pair of people: shared statements, share of equal verdicts, Cohen's kappa (Cohen 1960; None where it has
    no meaning, with all verdicts the same)."""
    said: dict[str, dict[str, str]] = defaultdict(dict)
    for row in found.to_dict("records"):
        said[row["who"]][row["key"]] = row["verdict"]
    result = []
    for one, other in combinations(sorted(said), 2):
        shared = sorted(said[one].keys() & said[other].keys())
        if shared:
            pairs = [(said[one][key], said[other][key]) for key in shared]
            result.append((one, other, len(pairs), _equal(pairs), _kappa(pairs)))
    return result


def _equal(pairs: Sequence[tuple[str, str]]) -> float:
    return sum(a == b for a, b in pairs) / len(pairs)


def _kappa(pairs: Sequence[tuple[str, str]]) -> float | None:
    first, second = [a for a, _ in pairs], [b for _, b in pairs]
    chance = sum(first.count(word) * second.count(word) for word in VERDICTS) / len(pairs) ** 2
    return None if chance == 1.0 else (_equal(pairs) - chance) / (1.0 - chance)


LABELS = (Label.REQUIREMENT, Label.ABI_CONCERN, Label.POST_COMMIT_OBJECTION, Label.AGREE, Label.DISAGREE)
