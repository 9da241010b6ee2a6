"""One thread and one mail as a reader sees them: the tree with its ghosts, the text in segments, the tags in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, func, select

from db.models import (
    Blob,
    MailingList,
    Membership,
    Message,
    NodeRow,
    RequirementRow,
    SegmentRow,
    StatementRow,
)
from db.queries.base import chunks, reading
from db.queries.links import permalink
from db.queries.origins import Origin, origins
from ingest.packing import unpack


@dataclass(frozen=True, slots=True)
class Place:
    """A line of the tree. ``tags``: how many tagged sentences its mail has; a ghost has no mail."""

    mid: str
    parent: str
    depth: int
    ghost: bool
    subject: str
    author: str
    date: datetime | None
    tags: int


@dataclass(frozen=True, slots=True)
class Piece:
    """A segment of the body. ``source``: the mid that a quote came from ("" unknown), ``author`` who wrote that."""

    kind: str
    depth: int
    start: int
    end: int
    role: str
    source: str
    author: str


@dataclass(frozen=True, slots=True)
class Tag:
    """A tagged sentence of the mail; ``status`` and ``reason`` where it is a requirement."""

    key: str
    start: int
    end: int
    quote: str
    labels: tuple[str, ...]
    scores: dict[str, float]
    topic: str
    by: str
    why: tuple[str, ...]
    status: str
    reason: str


@dataclass(frozen=True, slots=True)
class Mail:
    """``links``: (list, permalink) of each list that it was posted to, and those in the lists' own archives."""

    id: int
    mid: str
    message_id: str
    thread: str
    subject: str
    author: str
    address: str
    date: datetime | None
    date_from: str
    recipients: dict[str, Any]
    body: str
    sha256: str
    defects: tuple[str, ...]
    conflict: bool
    links: tuple[tuple[str, str], ...]
    origins: tuple[Origin, ...]
    pieces: tuple[Piece, ...]
    tags: tuple[Tag, ...]


def thread_of(bind: Engine | Connection, mid: str) -> str:
    """The thread that a message, a ghost or a thread's own name belongs to; "" for an unknown one."""
    with reading(bind) as connection:
        return connection.scalar(select(NodeRow.thread).where(NodeRow.mid == mid)) or ""


def tree(bind: Engine | Connection, thread: str) -> tuple[Place, ...]:
    """Every place of a thread, each parent before its children, brothers by date."""
    nodes = (
        select(NodeRow.mid, NodeRow.parent, NodeRow.depth, NodeRow.ghost)
        .add_columns(Message.id, Message.subject, Message.author_name, Message.author_address, Message.date)
        .outerjoin(Message, (Message.mid == NodeRow.mid) & (Message.conflict.is_(False)))
        .where(NodeRow.thread == thread)
        .order_by(Message.date.is_(None), Message.date, NodeRow.mid)
    )
    tagged = (
        select(StatementRow.message_id, func.count())
        .join(Message, Message.id == StatementRow.message_id)
        .join(NodeRow, NodeRow.mid == Message.mid)
        .where(NodeRow.thread == thread)
        .group_by(StatementRow.message_id)
    )
    with reading(bind) as connection:
        counts = dict(connection.execute(tagged).all())
        rows = connection.execute(nodes).all()
    children: dict[str, list[Place]] = defaultdict(list)
    here = {row.mid for row in rows}
    for row in rows:
        place = Place(
            *(
                row.mid,
                row.parent,
                row.depth,
                row.ghost,
                row.subject or "",
                row.author_name or row.author_address or "",
            ),
            *(row.date, counts.get(row.id, 0)),
        )
        children[row.parent if row.parent in here else ""].append(place)
    return tuple(_preorder(children))


def _preorder(children: Mapping[str, list[Place]]) -> Iterable[Place]:
    seen: set[str] = set()
    stack = list(reversed(children.get("", [])))
    while stack:  # threads can be thousands deep: no recursion
        place = stack.pop()
        if place.mid not in seen:
            seen.add(place.mid)
            yield place
            stack.extend(reversed(children.get(place.mid, [])))


def mail(bind: Engine | Connection, mid: str, content: str = "") -> Mail | None:
    """The mail; of several with one Message-ID the first, or the one with that ``content``."""
    query = select(Message.__table__, NodeRow.thread).outerjoin(NodeRow, NodeRow.mid == Message.mid)
    query = query.where(Message.mid == mid).order_by(Message.conflict, Message.id)
    if content:
        query = query.where(Message.content == content)
    with reading(bind) as connection:
        row = connection.execute(query).first()
        return None if row is None else _mail(connection, row)


def _mail(connection: Connection, row: Any) -> Mail:
    lists = (
        select(MailingList.name, MailingList.permalink, MailingList.archive_permalink)
        .join(Membership, Membership.list_id == MailingList.id)
        .where(Membership.message_id == row.id)
        .order_by(MailingList.name)
    )
    return Mail(
        *(row.id, row.mid, row.message_id, row.thread or row.mid, row.subject, row.author_name or row.author_address),
        *(row.author_address, row.date, row.date_from, dict(row.recipients), row.body, row.sha256),
        *(tuple(row.defects), row.conflict),
        tuple(_links(row.mid, connection.execute(lists))),
        origins(connection, row.id),
        _pieces(connection, row.id),
        _tags(connection, row.id),
    )


def _links(mid: str, lists: Iterable[Row[str, str, str]]) -> Iterable[tuple[str, str]]:
    for name, link, own in lists:
        yield name, permalink(link, mid)
        if own:
            yield f"{name}: the list's archive", permalink(own, mid)


def _pieces(connection: Connection, message: int) -> tuple[Piece, ...]:
    query = select(SegmentRow.__table__).where(SegmentRow.message_id == message).order_by(SegmentRow.position)
    rows = connection.execute(query).all()
    names = _authors(connection, {row.source_mid for row in rows if row.source_mid})
    return tuple(
        Piece(
            *(row.kind, row.depth, row.start, row.end, row.role, row.source_mid or ""),
            names.get(row.source_mid or "", ""),
        )
        for row in rows
    )


def _authors(connection: Connection, mids: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for some in chunks(sorted(mids)):
        query = select(Message.mid, Message.author_name, Message.author_address).where(Message.mid.in_(some))
        found.update((mid, name or address) for mid, name, address in connection.execute(query.order_by(Message.id)))
    return found


def _tags(connection: Connection, message: int) -> tuple[Tag, ...]:
    query = (
        select(StatementRow.__table__, RequirementRow.status, RequirementRow.reason)
        .outerjoin(RequirementRow, RequirementRow.key == StatementRow.key)
        .where(StatementRow.message_id == message)
        .order_by(StatementRow.start, StatementRow.end)
    )
    return tuple(
        Tag(
            *(row.key, row.start, row.end, row.quote, tuple(row.labels), dict(row.scores), row.topic, row.by),
            *(tuple(row.why), row.status or "", row.reason or ""),
        )
        for row in connection.execute(query)
    )


def raw(bind: Engine | Connection, sha256: str, mid: str = "") -> bytes:
    """The bytes as archived, of the mail ``mid`` or of what could not be read; b"" where they are not kept."""
    with reading(bind) as connection:
        data = connection.scalar(select(Blob.data).where(Blob.sha256 == sha256))
        body = connection.scalar(select(Message.body).where(Message.mid == mid, Message.sha256 == sha256))
    return unpack(data, body or "") if data else b""


def tagged_mids(places: Sequence[Place]) -> list[str]:
    """The mails of a tree that have tags, in its order."""
    return [place.mid for place in places if place.tags]
