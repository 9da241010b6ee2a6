"""What new mails touch of what is linked already: threads, postings by the same people, threads that ask for a title.

Every answer is a superset of what can change, so that linking these anew gives what linking all anew would.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from sqlalchemy import ColumnElement, func, select, tuple_
from sqlalchemy.orm import Session

from db import reads
from db.models import Message, NodeRow, OutlineRow, PatchRow, PostingRow, ThreadLinkRow, ThreadRow, TitleRow
from db.queries.base import chunks
from ingest.revisions.continued import NEXT, ThreadLink, Titled, asked
from ingest.revisions.outline import read
from ingest.series import PatchMail, View
from ingest.subject import Subject, normal_title, parse_subject
from ingest.threads import Node, Ref

_PAIRS = 200  # of a name and an address, bound in one statement

MANY = 2_000  # new mails from which on all is linked anew
SHARE = 4  # or this part of the archive
TITLE = 500  # characters by which titles are looked up: an index takes no longer ones


def few_came(session: Session, count: int, last: int) -> bool:
    """Whether few mails were added to ``count`` mails with row numbers up to ``last``, and none of these went."""
    kept = session.scalar(select(func.count(Message.id)).where(Message.id <= last)) or 0
    came = (session.scalar(select(func.count(Message.id))) or 0) - kept
    return kept == count > 0 and came <= min(MANY, kept // SHARE)


def nodes(session: Session, threads: Collection[str]) -> dict[str, Node]:
    columns = (NodeRow.mid, NodeRow.parent, NodeRow.thread, NodeRow.depth, NodeRow.ghost)
    return {
        row.mid: Node(*row)
        for some in chunks(sorted(threads))
        for row in session.execute(select(*columns).where(NodeRow.thread.in_(some)))
    }


def refs(session: Session, threads: Collection[str]) -> Iterator[Ref]:
    """Of the messages of some threads."""
    columns = (Message.mid, Message.in_reply_to, Message.references, Message.date)
    for some in chunks(sorted(threads)):
        query = select(*columns).join(NodeRow, NodeRow.mid == Message.mid).where(NodeRow.thread.in_(some))
        yield from map(reads.as_ref, session.execute(query.order_by(Message.id)))


def _by(pairs: Collection[tuple[str, str]]) -> ColumnElement[bool]:
    return tuple_(Message.author_name, Message.author_address).in_(list(pairs))


def patch_mails(session: Session, threads: Collection[str]) -> list[PatchMail]:
    return [mail for some in chunks(sorted(threads)) for mail in reads.patch_mails(session, NodeRow.thread.in_(some))]


def members(session: Session, postings: Collection[str]) -> set[str]:
    """The threads that hold a mail of some postings."""
    found: set[str] = set()
    for some in chunks(sorted(postings)):
        query = select(NodeRow.thread).join(PatchRow, PatchRow.mid == NodeRow.mid)
        found |= set(session.scalars(query.where(PatchRow.posting.in_(some)).distinct()))
    return found


def unthreaded(session: Session, pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, Subject]]:
    """Thread and subject of every patch mail by one of some (name, address) that answers no mail."""
    for some in chunks(sorted(pairs), _PAIRS):
        query = (
            select(NodeRow.thread, Message.subject)
            .join(Message, Message.mid == NodeRow.mid)
            .join(PatchRow, PatchRow.mid == NodeRow.mid)
            .where(NodeRow.parent == "", _by(some))
        )
        for thread, subject in session.execute(query):
            yield thread, parse_subject(subject)


def views(session: Session, besides: Collection[str]) -> list[View]:
    """What is compared of all postings but some."""
    rows = session.execute(select(OutlineRow.key, OutlineRow.facts).order_by(OutlineRow.key))
    return [read(row.facts) for row in rows if row.key not in besides]


def titles(session: Session, after: int = 0) -> dict[int, str]:
    """The titles, folded and cut to ``TITLE``, of the messages behind the row ``after``, by row."""
    rows = session.execute(select(Message.id, Message.subject).where(Message.id > after).order_by(Message.id))
    return {row.id: normal_title(parse_subject(row.subject).title)[:TITLE] for row in rows}


def titles_of(session: Session, mids: Collection[str]) -> set[str]:
    found: set[str] = set()
    for some in chunks(sorted(mids)):
        query = select(TitleRow.title).join(Message, Message.id == TitleRow.message_id)
        found |= set(session.scalars(query.where(Message.mid.in_(some)).distinct()))
    return found


def asking(session: Session, wanted: Collection[str]) -> set[str]:
    """The threads that may go on from one in which a mail has a title among ``wanted``: their first mail asks for it,
    or nobody can say which of several copies is their first mail."""
    rows = session.execute(select(ThreadRow.thread, ThreadRow.subject))
    found = {row.thread for row in rows if (asked(parse_subject(row.subject)) or "")[:TITLE] in wanted}
    query = select(NodeRow.thread).join(Message, Message.mid == NodeRow.mid).where(Message.conflict)
    return found | set(session.scalars(query.distinct()))


def titled_in(session: Session, threads: Collection[str]) -> list[Titled]:
    return [mail for some in chunks(sorted(threads)) for mail in reads.titled(session, NodeRow.thread.in_(some))]


def titled_as(session: Session, wanted: Collection[str]) -> list[Titled]:
    found: list[Titled] = []
    for some in chunks(sorted({title[:TITLE] for title in wanted})):
        rows = select(TitleRow.message_id).where(TitleRow.title.in_(some))
        found += reads.titled(session, Message.id.in_(rows))
    return found


def links_by_subject(session: Session) -> list[ThreadLink]:
    """The links between threads that rest on no series."""
    columns = ThreadLinkRow.__table__.columns
    return [
        ThreadLink(**row) for row in session.execute(select(*columns)).mappings() if not row["why"].startswith(NEXT)
    ]


def chained(session: Session) -> list[tuple[str, str, str]]:
    """(key, key of the version before, why) of each chained posting."""
    query = select(PostingRow.key, PostingRow.previous, PostingRow.why).where(PostingRow.previous != "")
    return [(row.key, row.previous, row.why) for row in session.execute(query.order_by(PostingRow.key))]


def posted_in(session: Session) -> dict[str, str]:
    """The thread of each posting, by key."""
    rows: Any = session.execute(select(NodeRow.mid, NodeRow.thread).join(PostingRow, PostingRow.key == NodeRow.mid))
    return dict(rows.all())
