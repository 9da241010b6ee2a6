"""What the stages read: rows to the plain values that ``ingest``, ``nlp`` and ``guidelines`` work on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from db.models import CommittedRow, EventRow, MailingList, Membership, Message, NodeRow, SegmentRow, ThreadRow
from db.queries.base import bodies as texts_by_row
from db.queries.base import chunks
from ingest.body import Kind, Segment
from ingest.quotes import Mail
from ingest.revisions.continued import Titled
from ingest.series import PatchMail
from ingest.subject import parse_subject
from ingest.threads import Ref

Cut = tuple[tuple[Segment, ...], tuple[tuple[str, int, int] | None, ...]]  # segments, and where each came from

KINDS = {str(kind): kind for kind in Kind}


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored mail with its segments, as the text stages need it. ``sources``: for each segment the ancestor's mid
    and offsets that it was traced to, or None."""

    id: int
    mid: str
    parent: str
    depth: int
    thread: str
    subject: str
    author_name: str
    author_address: str
    date: datetime | None
    body: str
    segments: tuple[Segment, ...]
    sources: tuple[tuple[str, int, int] | None, ...]
    in_reply_to: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    flowed: bool = False
    defects: tuple[str, ...] = ()


def refs(session: Session, after: int = 0) -> Iterator[Ref]:
    """Of the messages behind the row ``after``."""
    columns = (Message.mid, Message.in_reply_to, Message.references, Message.date)
    for row in session.execute(select(*columns).where(Message.id > after).order_by(Message.id)):
        yield as_ref(row)


def as_ref(row: Any) -> Ref:
    return Ref(row.mid, tuple(row.in_reply_to), tuple(row.references), row.date)


def authors(session: Session) -> list[tuple[str, str]]:
    """Every (name, address) that wrote a mail, sorted."""
    rows = session.execute(select(Message.author_name, Message.author_address).distinct())
    return sorted((row.author_name, row.author_address) for row in rows)


def thread_mails(session: Session, threads: Sequence[str]) -> dict[str, list[Stored]]:
    """The mails of some threads, each thread's in order of date and mid. Of copies that share a Message-ID all are
    given; callers that need one take the first."""
    columns = (Message.id, Message.mid, NodeRow.parent, NodeRow.depth, NodeRow.thread, Message.subject)
    more = (Message.author_name, Message.author_address, Message.date, Message.body)
    last = (Message.in_reply_to, Message.paths, Message.flowed, Message.defects)
    query = select(*columns, *more, *last).join(NodeRow, NodeRow.mid == Message.mid)
    rows = session.execute(query.where(NodeRow.thread.in_(threads))).all()
    cuts = segments(session, [row.id for row in rows])
    grouped: dict[str, list[Stored]] = defaultdict(list)
    for row in rows:
        fields = (*row[:10], *cuts.get(row.id, ((), ())), tuple(row.in_reply_to), tuple(row.paths))
        grouped[row.thread].append(Stored(*fields, row.flowed, tuple(row.defects)))
    for mails in grouped.values():
        mails.sort(key=lambda mail: (mail.date is None, mail.date or datetime.min, mail.mid, mail.id))
    return dict(sorted(grouped.items()))


def segments(session: Session, ids: Iterable[int]) -> dict[int, Cut]:
    """The segments of some messages, by row id, each with its source."""
    columns = SegmentRow.__table__.columns
    parts: dict[int, list[Segment]] = defaultdict(list)
    sources: dict[int, list[tuple[str, int, int] | None]] = defaultdict(list)
    for some in chunks(ids):
        query = select(*columns).where(SegmentRow.message_id.in_(some))
        for number, _, kind, depth, start, end, role, mid, first, last in session.execute(
            query.order_by(SegmentRow.message_id, SegmentRow.position)
        ):
            parts[number].append(Segment(KINDS[kind], depth, start, end, role))
            sources[number].append((mid, first, last) if mid else None)
    return {number: (tuple(mine), tuple(sources[number])) for number, mine in parts.items()}


def new_texts(session: Session, ids: Iterable[int]) -> dict[int, str]:
    """The author's own words in some messages, by row id: the new segments, each from the line after the one before."""
    parts: dict[int, list[str]] = defaultdict(list)
    for some in chunks(ids):
        texts = texts_by_row(session.connection(), some)
        query = select(SegmentRow.message_id, SegmentRow.start, SegmentRow.end)
        query = query.where(SegmentRow.message_id.in_(some), SegmentRow.kind == Kind.NEW)
        for number, start, end in session.execute(query.order_by(SegmentRow.message_id, SegmentRow.position)):
            parts[number].append(texts[number][start:end])
    return {number: "\n".join(mine) for number, mine in parts.items()}


def memberships(session: Session) -> dict[str, tuple[str, ...]]:
    """Names of the lists that each mid was posted to, sorted."""
    query = (
        select(Message.mid, MailingList.name)
        .join(Membership, Membership.message_id == Message.id)
        .join(MailingList, MailingList.id == Membership.list_id)
    )
    found: dict[str, set[str]] = defaultdict(set)
    for mid, name in session.execute(query):
        found[mid].add(name)
    return {mid: tuple(sorted(names)) for mid, names in found.items()}


def titled(session: Session, *which: ColumnElement[bool]) -> Iterator[Titled]:
    """Every message, or each of ``which``, with its thread and its parsed subject."""
    query = select(Message.mid, NodeRow.thread, Message.subject, Message.date).join(NodeRow, NodeRow.mid == Message.mid)
    for mid, thread, subject, date in session.execute(query.where(*which).order_by(Message.id)):
        yield Titled(mid, thread, parse_subject(subject), date)


def unfinished(session: Session, stage: str) -> list[tuple[str, int]]:
    """Threads, with their sizes, whose ``stage`` column ("traced", "tagged" or "distilled") is behind; sorted."""
    done = {"traced": ThreadRow.traced, "tagged": ThreadRow.tagged, "distilled": ThreadRow.distilled}[stage]
    wanted = {
        "traced": ThreadRow.fingerprint,
        "tagged": ThreadRow.traced,
        "distilled": ThreadRow.tagged,
    }[stage]
    query = select(ThreadRow.thread, ThreadRow.messages).where(done != wanted).order_by(ThreadRow.thread)
    return [(row.thread, row.messages) for row in session.execute(query)]


def thread_count(session: Session) -> int:
    return session.scalar(select(func.count(ThreadRow.thread))) or 0


def patch_mails(session: Session, *which: ColumnElement[bool]) -> Iterator[PatchMail]:
    """Every mail, or each of ``which``, whose subject says patch and that is no reply."""
    columns = (Message.id, Message.mid, Message.subject, Message.author_name, Message.author_address, Message.date)
    query = (
        select(*columns, Message.paths, Message.patch, NodeRow.parent, NodeRow.thread)
        .join(NodeRow, NodeRow.mid == Message.mid)
        .where(*which)
        .order_by(Message.id)
    )
    seen: set[str] = set()
    for row in session.execute(query):
        if row.patch and row.mid not in seen:
            seen.add(row.mid)
            subject = parse_subject(row.subject)
            yield PatchMail(
                row.mid,
                subject,
                row.author_name,
                row.author_address,
                row.date,
                row.parent,
                row.thread,
                tuple(row.paths),
                row.patch["notes"],
                tuple(row.patch["listed"]),
                tuple((version, mid) for version, mid in row.patch["cited"]),
                row.patch["copied"],
            )


def committed(session: Session, threads: Sequence[str]) -> dict[str, float]:
    """For the mails of some threads that speak of a change that was in: since how many days; 0.0 where only the mail's
    own words say that it was."""
    query = (
        select(CommittedRow.mid, CommittedRow.days)
        .join(NodeRow, NodeRow.mid == CommittedRow.mid)
        .where(NodeRow.thread.in_(threads))
    )
    return {row.mid: row.days or 0.0 for row in session.execute(query)}


def tellers(session: Session, threads: Sequence[str]) -> set[str]:
    """The mails of some threads by which somebody tells what he took in. ("Committed" may as well be an objector's
    word, who sees that it was.)"""
    query = select(EventRow.mid).join(NodeRow, NodeRow.mid == EventRow.mid)
    return set(session.scalars(query.where(NodeRow.thread.in_(threads), EventRow.kind != "committed")))


def ghosts(session: Session, threads: Sequence[str]) -> dict[str, list[Mail]]:
    """The missing messages of some threads, as mails without text: the chain of parents reaches past them."""
    query = (
        select(NodeRow.thread, NodeRow.mid, NodeRow.parent)
        .where(NodeRow.thread.in_(threads), NodeRow.ghost)
        .order_by(NodeRow.mid)
    )
    found: dict[str, list[Mail]] = defaultdict(list)
    for row in session.execute(query):
        found[row.thread].append(Mail(row.mid, row.parent, "", "", "", ()))
    return found


def bodies(session: Session, mids: Sequence[str]) -> dict[str, str]:
    """The decoded texts of some messages, by mid."""
    found: dict[str, str] = {}
    for some in chunks(mids):
        query = (
            select(Message.mid, Message.body).where(Message.mid.in_(some)).order_by(Message.mid, Message.content.desc())
        )
        found.update((mid, body) for mid, body in session.execute(query))
    return found


def all_threads(session: Session) -> list[tuple[str, int]]:
    """Every thread with its size, sorted."""
    rows = session.execute(select(ThreadRow.thread, ThreadRow.messages).order_by(ThreadRow.thread))
    return [(row.thread, row.messages) for row in rows]


def threads_of(session: Session, mids: Sequence[str]) -> list[tuple[str, int]]:
    """The threads that hold some messages, with their sizes, sorted."""
    names = thread_names(session, mids)
    return [(name, size) for name, size in all_threads(session) if name in names]


def thread_names(session: Session, mids: Collection[str]) -> set[str]:
    """The threads in which some messages are, or are missed."""
    found: set[str] = set()
    for some in chunks(sorted(mids)):
        found |= set(session.scalars(select(NodeRow.thread).where(NodeRow.mid.in_(some)).distinct()))
    return found


def titles(session: Session, mids: Sequence[str]) -> dict[str, str]:
    """The subjects of the threads that hold some messages, by mid."""
    found: dict[str, str] = {}
    for some in chunks(mids):
        query = select(NodeRow.mid, ThreadRow.subject).join(ThreadRow, ThreadRow.thread == NodeRow.thread)
        found.update((mid, subject) for mid, subject in session.execute(query.where(NodeRow.mid.in_(some))))
    return found
