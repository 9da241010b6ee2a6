"""Rows to the ``Document`` that ``guidelines.markdown`` renders: nothing is decided here, only put together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Engine, func, select

from db.models import (
    MailingList,
    Membership,
    Message,
    NodeRow,
    RequirementRow,
    StatementRow,
)
from db.queries.base import chunks, reading
from db.queries.claims import argued
from db.queries.context import before
from db.queries.incidents import incidents
from db.rules import decisions, guidelines, requirements, revisions
from guidelines.decisions import number_of
from guidelines.document import view
from guidelines.values import Document, Guideline, Incident, Requirement
from nlp.labels import Status

TITLE = "Hypercall addition guidelines"


def load(bind: Engine | Connection, version: str = "") -> Document:
    """Everything the document is made from. ``version``: of the program, for its last line."""
    with reading(bind) as connection:
        found = incidents(connection)
        return replace(
            _argued(connection, guidelines(connection), _beside(connection, found)),
            revisions=revisions(connection),
            incidents=found,
            lists=_lists(connection),
            counts=_counts(connection),
            version=version,
        )


def _beside(connection: Connection, found: Iterable[Incident]) -> set[str]:
    """The objections and what else their mails say: one is shown where its mail speaks of an interface."""
    keys = {key for incident in found for key in incident.objections}
    beside: set[str] = set()
    for some in chunks(sorted(keys)):
        mails = select(StatementRow.message_id).where(StatementRow.key.in_(some))
        beside |= set(connection.scalars(select(StatementRow.key).where(StatementRow.message_id.in_(mails))))
    return keys | beside


def main_part(bind: Engine | Connection) -> tuple[int, ...]:
    """The numbers of the rules that the document's main part shows, in its order.

    ``guidelines.document`` alone decides; only what can hold up is given to it, because the app asks after every
    change of the data.
    """
    with reading(bind) as connection:
        rules = tuple(rule for rule in guidelines(connection) if not rule.retired and _may_hold_up(rule))
        shown = view(_argued(connection, rules))
    entries = [entry for chapter in shown.checklist for entry in chapter.entries]
    return tuple(number for entry in entries if (number := number_of(entry.id)) is not None)


def _may_hold_up(rule: Guideline) -> bool:
    return bool(rule.text_by or rule.decisions) or rule.status in (Status.AGREED, Status.CONTESTED)


def _argued(connection: Connection, rules: tuple[Guideline, ...], more: Iterable[str] = ()) -> Document:
    """The rules with their requirements, the sentences that these name (and ``more``), and people's decisions."""
    wanted = requirements(connection, {key for rule in rules for key in (*rule.members, *rule.opposing)})
    claims = argued(connection, _keys(rules, wanted) | set(more), wanted.values())
    return Document(
        title=TITLE,
        guidelines=rules,
        requirements=wanted,
        claims=claims,
        before=before(connection, (claims[r.text_claim] for r in rules if r.text_claim in claims)),
        revisions=(),
        incidents=(),
        lists=(),
        decisions=decisions(connection),
    )


def _keys(rules: Iterable[Guideline], wanted: dict[str, Requirement]) -> set[str]:
    keys = {key for rule in rules for key in (rule.text_claim, *rule.members, *rule.opposing, *rule.against)}
    for requirement in wanted.values():
        keys.update(requirement.concerns)
        keys.update(requirement.counters)
    return keys - {""}


def _lists(connection: Connection) -> tuple[tuple[str, int, Any, Any], ...]:
    query = (
        select(MailingList.name, func.count(Message.id), func.min(Message.date), func.max(Message.date))
        .join(Membership, Membership.list_id == MailingList.id)
        .join(Message, Message.id == Membership.message_id)
        .group_by(MailingList.name)
        .order_by(MailingList.name)
    )
    return tuple((name, count, first, last) for name, count, first, last in connection.execute(query))


def _counts(connection: Connection) -> dict[str, int]:
    """How much the document was made from."""
    tables = {"messages": Message.id, "statements": StatementRow.key, "requirements": RequirementRow.key}
    counts = {name: connection.scalar(select(func.count(column))) or 0 for name, column in tables.items()}
    counts["threads"] = connection.scalar(select(func.count(NodeRow.thread.distinct()))) or 0
    return counts
