"""Threads, people, series and links between threads to rows: of the whole archive, or of what new mails touch."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from db.models import (
    Message,
    NodeRow,
    OutlineRow,
    PatchRow,
    PersonAlias,
    PostingRow,
    ThreadLinkRow,
    ThreadRow,
    TitleRow,
)
from db.models.base import Base
from db.queries.base import chunks
from db.store.bulk import insert_rows
from db.store.reconcile import reconcile
from ingest.people.merge import Person
from ingest.revisions.continued import ThreadLink
from ingest.revisions.outline import outline
from ingest.series import Place, Posting, View
from ingest.threads import Node

Rows = Iterable[dict[str, Any]]


def _among(
    session: Session, model: type[Base], key: InstrumentedAttribute[Any], values: Collection[Any], rows: Rows
) -> int:
    """Makes the rows of ``model`` whose ``key`` is one of ``values`` those given, each of which has one of them."""
    mine: dict[Any, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        mine[row[key.key]].append(row)
    return sum(
        reconcile(session, model, [row for value in some for row in mine.get(value, ())], key.in_(some))
        for some in chunks(sorted({*values, *mine}))
    )


def store_forest(session: Session, nodes: Mapping[str, Node], threads: Collection[str] | None = None) -> int:
    """Nodes and threads as they should be; with ``threads`` only theirs, and ``nodes`` are all that these become. A
    thread that gained, lost or moved a message gets a new fingerprint, by which the later stages see that they have to
    look at it again."""
    places: Rows = [
        {"mid": n.mid, "parent": n.parent, "thread": n.thread, "depth": n.depth, "ghost": n.ghost}
        for n in nodes.values()
    ]
    which = [] if threads is None else [Message.mid.in_(some) for some in chunks(sorted(nodes))]
    done = {
        row.thread: {"traced": row.traced, "tagged": row.tagged, "distilled": row.distilled}
        for row in session.execute(select(*ThreadRow.__table__.columns))
    }
    never = {"traced": "", "tagged": "", "distilled": ""}
    rows = [row | done.get(row["thread"], never) for row in _thread_rows(session, nodes, which)]
    if threads is None:
        return reconcile(session, NodeRow, places) + reconcile(session, ThreadRow, rows)
    touched = _among(session, NodeRow, NodeRow.mid, nodes, places)
    return touched + _among(session, ThreadRow, ThreadRow.thread, threads, rows)


def _thread_rows(session: Session, nodes: Mapping[str, Node], which: Sequence[ColumnElement[bool]]) -> Rows:
    columns = (Message.mid, Message.content, Message.date, Message.subject)
    members: dict[str, list[tuple[str, str, datetime | None, str]]] = defaultdict(list)
    for query in [select(*columns).where(part) for part in which] or [select(*columns)]:
        for mid, content, date, subject in session.execute(query):
            members[nodes[mid].thread].append((mid, content, date, subject))
    for thread, mails in members.items():
        mails.sort(key=lambda mail: (mail[2] or datetime.max.replace(tzinfo=UTC), mail[0], mail[1]))
        digest = hashlib.sha256()
        for mid, content, _date, _subject in sorted(mails):
            digest.update(f"{mid}\0{nodes[mid].parent}\0{content}\n".encode())
        dates = [date for _mid, _content, date, _subject in mails if date]
        yield {
            "thread": thread,
            "subject": mails[0][3],
            "messages": len(mails),
            "first": min(dates, default=None),
            "last": max(dates, default=None),
            "fingerprint": digest.hexdigest()[:32],
        }


def store_people(session: Session, people: Mapping[tuple[str, str], Person]) -> list[tuple[str, str]]:
    """Returns the pairs of name and address that were somebody else's before."""
    rows = []
    for (name, address), person in people.items():
        why = next((w for n, a, w in person.aliases if (n, a) == (name, address)), "")
        rows.append({"name": name, "address": address, "person": person.key, "shown": person.name, "why": why})
    known = session.execute(select(PersonAlias.name, PersonAlias.address, PersonAlias.person)).all()
    reconcile(session, PersonAlias, rows)
    now = {pair: person.key for pair, person in people.items()}
    return sorted((row.name, row.address) for row in known if now.get((row.name, row.address)) != row.person)


_PLACE = ("chain", "previous", "why")
_SAME = ("key", "version", "title", "author_name", "author_address", "date", "total", "changelog", *_PLACE)


def store_postings(
    session: Session,
    postings: Sequence[Posting],
    views: Iterable[View],
    paths: Mapping[str, Sequence[str]],
    keys: Collection[str] | None = None,
) -> None:
    """The postings with what is compared of them, and their patch mails (``paths``: the files of each). ``keys``: they
    take the place of these postings alone."""
    rows = [{name: getattr(p, name) for name in _SAME} for p in postings]
    outlines = [{"key": view.key, "facts": outline(view)} for view in views]
    patches = [
        {"mid": mid, "posting": p.key, "number": number, "paths": list(paths.get(mid, ()))}
        for p in postings
        for number, mid in p.patches
    ]
    if keys is None:
        for model, found in ((PostingRow, rows), (OutlineRow, outlines), (PatchRow, patches)):
            reconcile(session, model, found)
        return
    _among(session, PostingRow, PostingRow.key, keys, rows)
    _among(session, OutlineRow, OutlineRow.key, keys, outlines)
    _among(session, PatchRow, PatchRow.mid, paths, patches)


def store_places(session: Session, places: Mapping[str, Place]) -> None:
    """What postings are the next versions of, where that changed."""
    columns = (PostingRow.key, PostingRow.chain, PostingRow.previous, PostingRow.why)
    old = {row.key: Place(row.chain, row.previous, row.why) for row in session.execute(select(*columns))}
    changes = [
        {"row": key, **{f"new_{name}": getattr(place, name) for name in _PLACE}}
        for key, place in places.items()
        if old[key] != place
    ]
    if changes:
        table = PostingRow.__table__
        statement = (
            update(table)  # type: ignore[arg-type]  # the class's table, as SQLAlchemy types it
            .where(table.c.key == bindparam("row"))
            .values({name: bindparam(f"new_{name}") for name in _PLACE})
        )
        session.connection().execute(statement, changes)


def store_titles(session: Session, titles: Mapping[int, str], more: bool = False) -> None:
    """The folded titles of all messages, by row; ``more``: of messages that have none yet."""
    rows = [{"message_id": row, "title": title} for row, title in titles.items()]
    if more:
        insert_rows(session.connection(), TitleRow, rows)
    else:
        reconcile(session, TitleRow, rows)


def store_thread_links(session: Session, links: Iterable[ThreadLink]) -> int:
    """The links as they should be; of several reasons that one message gives, the first."""
    ordered = sorted(links, key=lambda link: (link.thread, link.earlier, link.mid, link.why), reverse=True)
    rows = {(link.thread, link.earlier, link.mid): link.why for link in ordered}
    keys = ("thread", "earlier", "mid")
    return reconcile(
        session, ThreadLinkRow, [dict(zip(keys, key, strict=True)) | {"why": why} for key, why in rows.items()]
    )
