"""Statement keys to ``Claim`` values as a reader needs them: who, when, where, what. What a claim answers is left out;
``db.claims`` works that out for the stages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Connection, Select, select

from db.models import MailingList, Membership, Message, NodeRow, PersonAlias, StatementRow
from db.queries.base import chunks
from db.queries.credited import Credited, credited
from db.queries.links import permalink
from db.queries.origins import page_addresses
from guidelines.values import Claim, Requirement, statement_place

_UNTAGGED: dict[str, Any] = {"labels": (), "scores": {}, "topic": "", "by": ""}


def claims(connection: Connection, keys: Iterable[str]) -> dict[str, Claim]:
    """The claims of the keys that exist, by key, in order of key."""
    found: dict[str, Claim] = {}
    for some in chunks(sorted(set(keys))):
        rows = connection.execute(_query().where(StatementRow.key.in_(some))).all()
        lists = first_lists(connection, {row.id for row in rows})
        pages, authors = page_addresses(connection, lists), credited(connection, {row.id for row in rows})
        for row in rows:
            where = (*lists.get(row.id, ("", "")), pages.get(row.id, ""))
            found[row.key] = _claim(row, authors.get(row.id), *where)
    return found


def argued(connection: Connection, keys: Iterable[str], requirements: Iterable[Requirement]) -> dict[str, Claim]:
    """The claims of the keys, and the sentences or entries of changelogs that the stances on some requirements rest on,
    tagged or not; by key."""
    stances = {stance.claim for requirement in requirements for stance in requirement.stances}
    found = claims(connection, stances.union(keys))
    return found | passages(connection, stances - found.keys())


def passages(connection: Connection, keys: Iterable[str]) -> dict[str, Claim]:
    """What the mails say at keys that no tagged sentence has, as claims without labels; by key."""
    places: dict[str, list[tuple[str, int, int]]] = defaultdict(list)
    for key in sorted(set(keys)):
        if named := statement_place(key):
            mid, start, end = named
            places[mid].append((key, start, end))
    found: dict[str, Claim] = {}
    for some in chunks(sorted(places)):
        rows = connection.execute(_mails(some)).all()
        lists = first_lists(connection, {row.id for row in rows})
        pages, authors = page_addresses(connection, lists), credited(connection, {row.id for row in rows})
        for row in rows:
            for key, start, end in places[row.mid]:
                text = " ".join(row.body[start:end].split())
                fields = {**row._asdict(), "key": key, "start": start, "end": end, "quote": text, **_UNTAGGED}
                place = (*lists.get(row.id, ("", "")), pages.get(row.id, ""))
                found[key] = _claim(SimpleNamespace(**fields), authors.get(row.id), *place)
    return found


def _mails(mids: Sequence[str]) -> Select[Any]:
    person = (PersonAlias.name == Message.author_name) & (PersonAlias.address == Message.author_address)
    return (
        select(Message.id, Message.mid, Message.message_id, Message.author_name, Message.author_address, Message.date)
        .add_columns(Message.subject, Message.body, NodeRow.thread, PersonAlias.person)
        .outerjoin(NodeRow, NodeRow.mid == Message.mid)
        .outerjoin(PersonAlias, person)
        .where(Message.mid.in_(mids), ~Message.conflict)
    )


def _query() -> Select[Any]:
    person = (PersonAlias.name == Message.author_name) & (PersonAlias.address == Message.author_address)
    return (
        select(Message.id, Message.mid, Message.message_id, Message.author_name, Message.author_address, Message.date)
        .add_columns(
            Message.subject,
            StatementRow.key,
            StatementRow.start,
            StatementRow.end,
            StatementRow.quote,
            StatementRow.labels,
        )
        .add_columns(StatementRow.scores, StatementRow.topic, StatementRow.by, NodeRow.thread, PersonAlias.person)
        .join(StatementRow, StatementRow.message_id == Message.id)
        .outerjoin(NodeRow, NodeRow.mid == Message.mid)
        .outerjoin(PersonAlias, person)
        .order_by(StatementRow.key)
    )


def _claim(row: Any, whose: Credited | None, list_name: str, template: str, page: str) -> Claim:
    author = (row.person or row.author_address, row.author_name or row.author_address, row.author_address)
    if whose is not None and row.start < whose.end:
        author = whose.person, whose.name, whose.address
    return Claim(
        key=row.key,
        mid=row.mid,
        message_id=row.message_id,
        thread=row.thread or row.mid,
        list_name=list_name,
        person=author[0],
        author=author[1],
        address=author[2],
        date=row.date,
        start=row.start,
        end=row.end,
        text=row.quote,
        labels=tuple(row.labels),
        scores=dict(row.scores),
        topic=row.topic,
        by=row.by,
        permalink=permalink(template, row.mid) or page,
        subject=" ".join((row.subject or "").split()),
    )


def first_lists(connection: Connection, messages: Iterable[int]) -> dict[int, tuple[str, str]]:
    """Row id of a message to name and permalink template of its list, the first by name where it has several."""
    found: dict[int, tuple[str, str]] = {}
    for some in chunks(sorted(messages)):
        for message, name, template in connection.execute(_memberships(some)):
            found.setdefault(message, (name, template))
    return found


def _memberships(messages: Sequence[int]) -> Select[int, str, str]:
    return (
        select(Membership.message_id, MailingList.name, MailingList.permalink)
        .join(MailingList, MailingList.id == Membership.list_id)
        .where(Membership.message_id.in_(messages))
        .order_by(Membership.message_id, MailingList.name)
    )
