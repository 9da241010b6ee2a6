"""Threads, people, series and quote sources to rows."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from db.models import Mark, Message, NodeRow, PatchRow, PersonAlias, PostingRow, SegmentRow, ThreadLinkRow, ThreadRow
from db.queries.base import chunks
from db.reads import Stored
from db.store.bulk import insert_rows
from db.store.reconcile import reconcile
from ingest.body import Segment
from ingest.people.merge import Person
from ingest.quotes import QuoteSource
from ingest.revisions.continued import ThreadLink
from ingest.series import Posting
from ingest.threads import Node


def archive_state(session: Session) -> str:
    """A fingerprint of which messages there are: rows are only ever added or withdrawn, never changed."""
    count, last = session.execute(select(func.count(Message.id), func.max(Message.id))).one()
    return f"{count}:{last or 0}"


def mark(session: Session, stage: str) -> str:
    """What ``stage`` last ran over ("" for never)."""
    return session.scalar(select(Mark.fingerprint).where(Mark.stage == stage)) or ""


def set_mark(session: Session, stage: str, fingerprint: str) -> None:
    reconcile(session, Mark, [{"stage": stage, "fingerprint": fingerprint}], Mark.stage == stage)


def store_forest(session: Session, nodes: Mapping[str, Node]) -> int:
    """Nodes and threads as they should be. A thread that gained, lost or moved a message gets a new fingerprint, by
    which the later stages see that they have to look at it again."""
    touched = reconcile(
        session,
        NodeRow,
        [
            {"mid": n.mid, "parent": n.parent, "thread": n.thread, "depth": n.depth, "ghost": n.ghost}
            for n in nodes.values()
        ],
    )
    done = {
        row.thread: {"traced": row.traced, "tagged": row.tagged, "distilled": row.distilled}
        for row in session.execute(select(*ThreadRow.__table__.columns))
    }
    never = {"traced": "", "tagged": "", "distilled": ""}
    rows = [row | done.get(row["thread"], never) for row in _thread_rows(session, nodes)]
    return touched + reconcile(session, ThreadRow, rows)


def _thread_rows(session: Session, nodes: Mapping[str, Node]) -> Iterable[dict[str, Any]]:
    columns = (Message.mid, Message.content, Message.date, Message.subject)
    members: dict[str, list[tuple[str, str, datetime | None, str]]] = defaultdict(list)
    for mid, content, date, subject in session.execute(select(*columns)):
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


def store_people(session: Session, people: Mapping[tuple[str, str], Person]) -> int:
    rows = []
    for (name, address), person in people.items():
        why = next((w for n, a, w in person.aliases if (n, a) == (name, address)), "")
        rows.append({"name": name, "address": address, "person": person.key, "shown": person.name, "why": why})
    return reconcile(session, PersonAlias, rows)


def store_postings(session: Session, postings: Sequence[Posting], paths: Mapping[str, Sequence[str]]) -> int:
    same = ("key", "chain", "previous", "version", "title", "author_name", "author_address", "date", "total", "why")
    rows = [{name: getattr(p, name) for name in same} | {"changelog": p.changelog} for p in postings]
    patches = {
        mid: {"mid": mid, "posting": p.key, "number": number, "paths": list(paths.get(mid, ()))}
        for p in postings
        for number, mid in p.patches
    }
    return reconcile(session, PostingRow, rows) + reconcile(session, PatchRow, patches.values())


def store_thread_links(session: Session, links: Iterable[ThreadLink]) -> int:
    """The links as they should be; of several reasons that one message gives, the first."""
    rows = {(link.thread, link.earlier, link.mid): link.why for link in reversed(list(links))}
    keys = ("thread", "earlier", "mid")
    return reconcile(
        session, ThreadLinkRow, [dict(zip(keys, key, strict=True)) | {"why": why} for key, why in rows.items()]
    )


def store_segments(
    session: Session,
    mails: Sequence[Stored],
    cut: Mapping[str, Sequence[Segment]],
    traced: Iterable[QuoteSource],
) -> None:
    """Makes the segments of ``mails`` those in ``cut`` (by mid), each quote with the source that was found for it."""
    sources = {(t.mid, t.position): (t.source, t.start, t.end) for t in traced}
    changed, rows = [], []
    for mail in mails:
        segments = tuple(cut[mail.mid])
        found = tuple(sources.get((mail.mid, position)) for position in range(len(segments)))
        if (segments, found) != (mail.segments, mail.sources):
            changed.append(mail.id)
            rows += [_segment_row(mail.id, *item) for item in zip(range(len(segments)), segments, found, strict=True)]
    for some in chunks(changed):
        session.execute(delete(SegmentRow).where(SegmentRow.message_id.in_(some)))
    insert_rows(session.connection(), SegmentRow, rows)


def _segment_row(
    message_id: int, position: int, segment: Segment, source: tuple[str, int, int] | None
) -> dict[str, Any]:
    mid, start, end = source or (None, None, None)
    return {
        "message_id": message_id,
        "position": position,
        "kind": str(segment.kind),
        "depth": segment.depth,
        "start": segment.start,
        "end": segment.end,
        "role": segment.role,
        "source_mid": mid,
        "source_start": start,
        "source_end": end,
    }


def finish(session: Session, stage: str, threads: Sequence[str]) -> None:
    """Says that ``stage`` has seen these threads as the stage before it left them."""
    columns = {
        "traced": (ThreadRow.traced, ThreadRow.fingerprint),
        "tagged": (ThreadRow.tagged, ThreadRow.traced),
        "distilled": (ThreadRow.distilled, ThreadRow.tagged),
    }
    done, seen = columns[stage]
    session.execute(update(ThreadRow).where(ThreadRow.thread.in_(threads)).values({done.key: seen}))


def forget(session: Session, stage: str, threads: Sequence[str] | None = None) -> None:
    """Makes ``stage``, and those behind it, look at these threads again (None: at every thread)."""
    stages = ("traced", "tagged", "distilled")
    anew = dict.fromkeys(stages[stages.index(stage) :], "")
    for some in chunks(threads) if threads is not None else ():
        session.execute(update(ThreadRow).where(ThreadRow.thread.in_(some)).values(anew))
    if threads is None:
        session.execute(update(ThreadRow).values(anew))
