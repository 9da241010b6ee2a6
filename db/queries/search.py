"""A search line to messages or statements. Full text is in ``full_text``; the rest is portable SQL."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Engine, Text, cast, func, or_, select, tuple_

from db.models import (
    Blob,
    MailingList,
    Membership,
    Message,
    NodeRow,
    PatchRow,
    RequirementRow,
    StatementLabel,
    StatementRow,
)
from db.queries import full_text
from db.queries.base import bodies, chunks, iso, reading
from db.queries.claims import first_lists
from db.queries.full_text import CLOSE, OPEN
from db.queries.links import permalink
from db.queries.search_terms import Terms
from ingest.packing import unpack

MOST = 1000  # hits are counted up to here
EXPORT = 10_000
_NEWEST = (Message.date.desc().nulls_last(), Message.id.desc())
_SHOWN = (Message.id, Message.mid, Message.subject, Message.author_name, Message.author_address, Message.date)


@dataclass(frozen=True, slots=True)
class Hit:
    """A found message, or with ``key`` a found statement. ``snippet`` has OPEN and CLOSE round the found words."""

    mid: str
    thread: str
    subject: str
    author: str
    date: datetime | None
    lists: tuple[str, ...]
    permalink: str
    snippet: str
    key: str = ""
    labels: tuple[str, ...] = ()
    topic: str = ""
    status: str = ""


def count(bind: Engine | Connection, terms: Terms, kind: str = "messages") -> int:
    """How many messages or statements there are; MOST + 1 for more than MOST."""
    query = _tagged(terms) if kind == "statements" else _found(select(Message.id), terms, bind.dialect.name)
    some = query.limit(MOST + 1).subquery()
    with reading(bind) as connection:
        return connection.scalar(select(func.count()).select_from(some)) or 0


def messages(bind: Engine | Connection, terms: Terms, limit: int = 20, offset: int = 0) -> list[Hit]:
    """The newest first."""
    with reading(bind) as connection:
        page = _found(select(Message.id), terms, bind.dialect.name).order_by(*_NEWEST).limit(limit).offset(offset)
        ids = list(connection.scalars(page))  # alone: what is sorted should be small
        rows = [row for some in chunks(ids) for row in connection.execute(_shown(some).order_by(*_NEWEST))]
        snippets = _snippets(connection, terms, [row.id for row in rows])
        lists = first_lists(connection, [row.id for row in rows])
    return [_hit(row, lists, snippets.get(row.id) or row.opening) for row in rows]


def _found(query: Any, terms: Terms, dialect: str) -> Any:
    matching = full_text.found(terms.terms, dialect)
    if matching is not None:
        query = query.where(Message.id.in_(matching))
    return _filtered(query, terms, False)


def _shown(ids: Sequence[int]) -> Any:
    opening = func.substr(Message.body, 1, 240).label("opening")
    query = select(*_SHOWN, opening, NodeRow.thread).outerjoin(NodeRow, NodeRow.mid == Message.mid)
    return query.where(Message.id.in_(ids))


def _filtered(query: Any, terms: Terms, chosen: bool) -> Any:
    """``query`` with the filters of ``terms``; ``chosen``: words leave few rows already."""
    if terms.mid:
        query = query.where(Message.mid == terms.mid)
    if terms.after:
        query = query.where(Message.date >= terms.after)
    if terms.before:
        query = query.where(Message.date < terms.before)
    for name, values in terms.filters.items():
        query = query.where(or_(*(_filter(name, value, chosen) for value in values)))
    return query


def _filter(name: str, value: str, chosen: bool) -> Any:
    like = f"%{_escaped(value)}%"
    if name == "from":
        # where words choose, an expression keeps a planner from going by author first
        author = [column + "" if chosen else column for column in (Message.author_name, Message.author_address)]
        return tuple_(*author).in_(_authors(like))
    if name == "list":
        of_list = select(Membership.message_id).join(MailingList, MailingList.id == Membership.list_id)
        return Message.id.in_(of_list.where(MailingList.name.ilike(like, escape="\\")))
    if name == "file":
        touched = cast(PatchRow.paths, Text).ilike(like, escape="\\")
        return Message.mid.in_(select(PatchRow.mid).where(touched))
    tagged = select(StatementRow.message_id)
    if name == "label":
        with_label = select(StatementLabel.key).where(StatementLabel.label == value.lower())
        return Message.id.in_(tagged.where(StatementRow.key.in_(with_label)))
    if name == "topic":
        return Message.id.in_(tagged.where(StatementRow.topic == value.lower()))
    with_status = select(RequirementRow.key).where(RequirementRow.status == value.lower())
    return Message.id.in_(tagged.where(StatementRow.key.in_(with_status)))


def _authors(like: str) -> Any:
    """The few authors among the many mails are taken from the index first; the offset keeps a planner from looking at
    each mail's."""
    everyone = select(Message.author_name, Message.author_address).distinct().offset(0).subquery()
    name, address = everyone.c
    return select(name, address).where(name.ilike(like, escape="\\") | address.ilike(like, escape="\\"))


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _snippets(connection: Connection, terms: Terms, rows: Sequence[int]) -> dict[int, str]:
    """A piece of the body round the found words, for the rows of one page only."""
    if not terms.terms:
        return {}
    found = ((row, body) for some in chunks(rows) for row, body in bodies(connection, some).items())
    return {row: full_text.piece(body, terms.terms) for row, body in found}


def _hit(row: Any, lists: dict[int, tuple[str, str]], snippet: str, **more: Any) -> Hit:
    name, template = lists.get(row.id, ("", ""))
    return Hit(
        *(row.mid, row.thread or row.mid, row.subject, row.author_name or row.author_address, row.date),
        *((name,) if name else (), permalink(template, row.mid), snippet),
        **more,
    )


def statements(bind: Engine | Connection, terms: Terms, limit: int = 20, offset: int = 0) -> list[Hit]:
    """Tagged sentences that hold the words themselves; the newest first."""
    order = (*_NEWEST, StatementRow.start, StatementRow.key)
    with reading(bind) as connection:
        keys = list(connection.scalars(_tagged(terms).order_by(*order).limit(limit).offset(offset)))
        rows = [row for some in chunks(keys) for row in connection.execute(_shown_tagged(some).order_by(*order))]
        lists = first_lists(connection, [row.id for row in rows])
    return [_hit(row, lists, _marked(row.quote, terms), **_tags(row)) for row in rows]


def _marked(quote: str, terms: Terms) -> str:
    """The sentence with the words of the search marked as in a snippet."""
    words = [r"\W+".join(map(re.escape, term.words)) for term in terms.terms if not term.without]
    return re.sub("|".join(words), rf"{OPEN}\g<0>{CLOSE}", quote, flags=re.IGNORECASE) if words else quote


def _tags(row: Any) -> dict[str, Any]:
    return {"key": row.key, "labels": tuple(row.labels), "topic": row.topic, "status": row.status or ""}


def _shown_tagged(keys: Sequence[str]) -> Any:
    return (
        select(*_SHOWN, StatementRow.key, StatementRow.quote, StatementRow.labels, StatementRow.topic, NodeRow.thread)
        .add_columns(RequirementRow.status)
        .join(StatementRow, StatementRow.message_id == Message.id)
        .outerjoin(NodeRow, NodeRow.mid == Message.mid)
        .outerjoin(RequirementRow, RequirementRow.key == StatementRow.key)
        .where(StatementRow.key.in_(keys))
    )


def _tagged(terms: Terms) -> Any:
    query = select(StatementRow.key).join(Message, Message.id == StatementRow.message_id)
    for term in terms.terms:
        like = StatementRow.quote.ilike(f"%{_escaped(' '.join(term.words))}%", escape="\\")
        query = query.where(~like if term.without else like)
    rest = {name: values for name, values in terms.filters.items() if name not in ("topic", "status", "label")}
    if topics := [value.lower() for value in terms.filters.get("topic", ())]:
        query = query.where(StatementRow.topic.in_(topics))
    if statuses := [value.lower() for value in terms.filters.get("status", ())]:
        held = select(RequirementRow.key).where(RequirementRow.status.in_(statuses))
        query = query.where(StatementRow.key.in_(held))
    if labels := [value.lower() for value in terms.filters.get("label", ())]:
        query = query.where(StatementRow.key.in_(select(StatementLabel.key).where(StatementLabel.label.in_(labels))))
    return _filtered(query, Terms((), rest, terms.after, terms.before, terms.mid), bool(terms.terms))


def frame(hits: Sequence[Hit]) -> pd.DataFrame:
    """Hits as a table, for CSV."""
    columns = ["message_id", "date", "author", "subject", "list", "labels", "topic", "status", "text", "permalink"]
    rows = [
        (
            *(f"<{hit.mid}>", iso(hit.date), hit.author, hit.subject, ",".join(hit.lists), ",".join(hit.labels)),
            *(hit.topic, hit.status, hit.snippet.replace(OPEN, "").replace(CLOSE, ""), hit.permalink),
        )
        for hit in hits
    ]
    return pd.DataFrame(rows, columns=columns, dtype=object)


def mbox(bind: Engine | Connection, mids: Sequence[str]) -> Iterator[bytes]:
    """The raw mails in mboxrd (loc.gov/preservation/digital/formats/fdd/fdd000385.shtml), oldest first."""
    with reading(bind) as connection:
        for some in chunks(dict.fromkeys(mids), 100):
            query = select(Message.date, Message.body, Blob.data).join(Blob, Blob.sha256 == Message.sha256)
            order = (Message.date.nulls_first(), Message.mid, Message.id)
            for date, body, data in connection.execute(query.where(Message.mid.in_(some)).order_by(*order)):
                yield _mboxrd(unpack(data, body), date)


def _mboxrd(raw: bytes, date: datetime | None) -> bytes:
    moment = date.ctime() if date else "Thu Jan  1 00:00:00 1970"
    lines = [b">" + line if line.lstrip(b">").startswith(b"From ") else line for line in raw.splitlines(keepends=True)]
    body = b"".join(lines)
    return f"From mboxrd@z {moment}\n".encode() + body + (b"\n" if body.endswith(b"\n") else b"\n\n")
