"""Whose words a patch mail's commit message is: git-am(1) takes an in-body ``From:`` for the author, not the sender."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from db.models import Message, PersonAlias, SegmentRow
from db.queries.base import chunks
from ingest.text.kinds import COMMIT_MESSAGE


@dataclass(frozen=True, slots=True)
class Credited:
    """An author, and the offset in the body up to which the words are theirs; the rest is the sender's."""

    name: str
    address: str
    person: str
    end: int


def credited(connection: Connection, messages: Iterable[int]) -> dict[int, Credited]:
    """Of the messages that carry somebody else's patch that author, by row id."""
    others: dict[int, tuple[str, str]] = {}
    for some in chunks(sorted(messages)):
        query = select(Message.id, Message.author_address, Message.patch["from"].label("whose"))
        for row in connection.execute(query.where(Message.id.in_(some))):
            if row.whose and row.whose[1] and row.whose[1] != row.author_address.lower():
                others[row.id] = row.whose[0], row.whose[1]
    ends = _ends(connection, others)
    people = _people(connection, {address for _, address in others.values()})
    return {
        row: Credited(name or address, address, people.get((name, address)) or people.get(("", address), address), end)
        for row, (name, address) in others.items()
        if (end := ends.get(row))
    }


def _ends(connection: Connection, messages: Iterable[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for some in chunks(sorted(messages)):
        query = select(SegmentRow.message_id, func.max(SegmentRow.end).label("end")).group_by(SegmentRow.message_id)
        rows = connection.execute(query.where(SegmentRow.message_id.in_(some), SegmentRow.role == COMMIT_MESSAGE))
        found.update((row.message_id, row.end) for row in rows)
    return found


def _people(connection: Connection, addresses: Iterable[str]) -> dict[tuple[str, str], str]:
    """Persons by name and address, and by the address alone (the first by name)."""
    found: dict[tuple[str, str], str] = {}
    for some in chunks(sorted(addresses)):
        query = select(PersonAlias.name, PersonAlias.address, PersonAlias.person).order_by(PersonAlias.name)
        for row in connection.execute(query.where(PersonAlias.address.in_(some))):
            found[row.name, row.address] = row.person
            found.setdefault(("", row.address), row.person)
    return found
