"""What every query shares: a connection from whatever the caller has, times as text, identifiers as written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from typing import TypeVar

from sqlalchemy import Connection, Engine, select

from db.models import MailingList, Membership, Message
from db.queries.links import bracketed

CHUNK = 500  # identifiers bound in one statement; SQLite before 3.32 takes 999

T = TypeVar("T")


@contextmanager
def reading(bind: Engine | Connection) -> Iterator[Connection]:
    """A connection: the caller's own, or a fresh one of the engine's, which sees one state of the database throughout,
    whatever a run commits meanwhile."""
    if isinstance(bind, Connection):
        yield bind
    else:
        with bind.connect() as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN")  # Python's driver begins only when something is written
            yield connection


def chunks(values: Iterable[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    rest = iter(values)
    while some := list(islice(rest, size)):
        yield some


def bodies(connection: Connection, rows: Sequence[int]) -> dict[int, str]:
    """The decoded texts of some messages, by row id: once a message, however much of it is asked about."""
    return dict(connection.execute(select(Message.id, Message.body).where(Message.id.in_(rows))).all())


def iso(moment: datetime | None) -> str:
    """ISO 8601 in UTC with Z; "" for None."""
    return "" if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%SZ")


class Verbatim:
    """Normal forms back to the Message-IDs that the mails carry; ``<mid>`` for ghosts and for the plain case."""

    def __init__(self, connection: Connection) -> None:
        odd = (
            select(Message.mid, Message.message_id)
            .where(Message.message_id != "<" + Message.mid + ">")
            .order_by(Message.mid, Message.conflict.desc(), Message.content.desc())
        )
        self._odd = dict(connection.execute(odd).all())

    def __call__(self, mid: str) -> str:
        return self._odd.get(mid) or bracketed(mid)


def list_names(connection: Connection) -> dict[int, tuple[str, ...]]:
    """Row id of every message to the names of the lists that it was posted to, sorted."""
    query = (
        select(Membership.message_id, MailingList.name)
        .join(MailingList, MailingList.id == Membership.list_id)
        .order_by(Membership.message_id, MailingList.name)
    )
    found: dict[int, list[str]] = defaultdict(list)
    for message, name in connection.execute(query):
        found[message].append(name)
    return {message: tuple(names) for message, names in found.items()}


def templates(connection: Connection) -> dict[str, str]:
    """List name to permalink template."""
    return dict(connection.execute(select(MailingList.name, MailingList.permalink)).all())
