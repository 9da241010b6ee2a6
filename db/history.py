"""Rows to what commit linking reads: repositories, commits, patch mails with their place in a series."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from db import reads
from db.models import (
    CitingRow,
    CommitLinkRow,
    CommitRow,
    EventRow,
    Membership,
    Message,
    NodeRow,
    PatchRow,
    PostingRow,
    Repository,
    StatementLabel,
    StatementRow,
)
from db.queries.base import chunks
from ingest.commits import Commit, CommitLink, Event
from ingest.history.evidence import Post
from ingest.history.shelf import PatchRef
from ingest.subject import parse_subject
from nlp.labels import Label

FEW_AT_A_TIME = {"yield_per": 1000}  # rows; without it all are there before the first is seen
_TAKEN = ("applied", "queued", "pulled", "pushed")


def repository(session: Session, number: int) -> Repository:
    return session.get_one(Repository, number)


def repositories(session: Session) -> list[tuple[int, str, int, str]]:
    """(row, name, list, cursor) of every repository, in order."""
    query = select(Repository.id, Repository.name, Repository.list_id, Repository.cursor).order_by(Repository.id)
    return [(row.id, row.name, row.list_id, row.cursor or "") for row in session.execute(query)]


def commit_ids(session: Session, number: int) -> dict[str, int]:
    query = select(CommitRow.oid, CommitRow.id).where(CommitRow.repository_id == number)
    return {row.oid: row.id for row in session.execute(query)}


def commits(session: Session, number: int) -> Iterator[Commit]:
    """The commits of a repository that a branch still contains, oldest first."""
    columns = CommitRow.__table__.columns
    query = select(*columns).where(CommitRow.repository_id == number).order_by(CommitRow.committed, CommitRow.oid)
    shared: dict[tuple[str, ...], tuple[str, ...]] = {}  # thousands of commits are in the same branches
    for row in session.execute(query, execution_options=FEW_AT_A_TIME):
        if not row.refs:
            continue  # rewritten away
        refs = tuple(row.refs)
        yield Commit(
            row.oid,
            row.subject,
            row.author_name,
            row.author_email,
            row.authored,
            row.committed,
            row.message,
            tuple((key, value) for key, value in row.trailers),
            shared.setdefault(refs, refs),
            row.release,
        )


def patch_refs(session: Session, list_id: int | None = None, *which: ColumnElement[bool]) -> list[PatchRef]:
    """The patch mails of one list, or of all (or ``which`` of them), each with its posting."""
    columns = (Message.mid, Message.subject, Message.author_name, Message.author_address, Message.date, Message.patch)
    query = (
        select(*columns, PatchRow.posting, PatchRow.number, PostingRow.chain)
        .join(PatchRow, PatchRow.mid == Message.mid)
        .join(PostingRow, PostingRow.key == PatchRow.posting)
        .where(*which)
        .order_by(Message.mid, Message.content)
    )
    if list_id is not None:
        query = query.join(Membership, Membership.message_id == Message.id).where(Membership.list_id == list_id)
    found: dict[str, PatchRef] = {}
    for row in session.execute(query):
        subject = parse_subject(row.subject)
        patch = row.patch or {"from": ["", ""], "signed": [], "upstream": "", "listed": []}
        found.setdefault(
            row.mid,
            PatchRef(
                mid=row.mid,
                title=subject.title,
                version=subject.version,
                author_name=row.author_name,
                author_address=row.author_address,
                date=row.date,
                from_name=patch["from"][0],
                from_address=patch["from"][1],
                signed=tuple(patch["signed"]),
                posting=row.posting,
                chain=row.chain,
                number=row.number,
                prefixes=subject.prefixes,
                upstream=patch["upstream"],
                listed=tuple(patch["listed"]),
            ),
        )
    return list(found.values())


def patches_near(session: Session, mids: Collection[str]) -> list[PatchRef]:
    """The patch mails that share a posting with one of some messages."""
    keys = {posting for posting, _ in postings_of(session, mids).values()}
    return [ref for some in chunks(sorted(keys)) for ref in patch_refs(session, None, PatchRow.posting.in_(some))]


def follow_ups(session: Session) -> set[str]:
    """The patch mails that may be called follow-ups, and maybe others."""
    query = select(PatchRow.mid).join(Message, Message.mid == PatchRow.mid)
    return set(session.scalars(query.where(func.lower(Message.subject).like("%follow%up%"))))


def all_commits(session: Session) -> Iterator[Commit]:
    """The commits of every repository, each commit once."""
    seen: set[str] = set()
    for number, _, _, _ in repositories(session):
        for commit in commits(session, number):
            if commit.oid not in seen:
                seen.add(commit.oid)
                yield commit


def all_links(session: Session) -> list[CommitLink]:
    query = (
        select(CommitLinkRow.mid, CommitRow.oid, CommitLinkRow.evidence, CommitLinkRow.score, CommitLinkRow.kind)
        .join(CommitRow, CommitRow.id == CommitLinkRow.commit_id)
        .order_by(CommitLinkRow.mid, CommitRow.oid)
    )
    return [CommitLink(*row) for row in session.execute(query)]


def events(session: Session, mids: Collection[str] | None = None) -> list[Event]:
    """The events that some mails tell (None: all)."""
    columns = (EventRow.mid, EventRow.kind, EventRow.start, EventRow.end, EventRow.title, EventRow.oid)
    query = select(*columns, EventRow.branch, EventRow.about).order_by(EventRow.mid, EventRow.start, EventRow.title)
    if mids is None:
        return [Event(*row) for row in session.execute(query)]
    queries = [query.where(EventRow.mid.in_(some)) for some in chunks(sorted(mids))]
    return [Event(*row) for each in queries for row in session.execute(each)]


def postings_of(session: Session, mids: Collection[str]) -> dict[str, tuple[str, int]]:
    """The posting of each of some patch mails, and its number there."""
    columns = (PatchRow.mid, PatchRow.posting, PatchRow.number)
    queries = [select(*columns).where(PatchRow.mid.in_(some)) for some in chunks(sorted(mids))]
    return {row.mid: (row.posting, row.number) for query in queries for row in session.execute(query)}


def dates(session: Session) -> dict[str, datetime]:
    """When each mail was sent that tells of an event, of those of which that is known."""
    query = select(Message.mid, Message.date).where(Message.date.is_not(None), Message.mid.in_(select(EventRow.mid)))
    return {mid: date for mid, date in session.execute(query.order_by(Message.id.desc())) if date}


def posts(session: Session, threads: Sequence[str]) -> dict[str, list[Post]]:
    """The mails of some threads as the timeline needs them, one for each Message-ID; texts only where they count."""
    columns = (Message.id, Message.mid, NodeRow.parent, NodeRow.thread, Message.author_name, Message.date)
    query = (
        select(*columns, Message.subject, CitingRow.mid.label("citing"))
        .join(NodeRow, NodeRow.mid == Message.mid)
        .outerjoin(CitingRow, CitingRow.mid == Message.mid)
        .where(NodeRow.thread.in_(threads))
    )
    rows = session.execute(query).all()
    first: dict[str, Any] = {}
    for row in sorted(rows, key=lambda row: (row.date is None, row.date or datetime.min, row.id)):
        first.setdefault(row.mid, row)
    texts = reads.new_texts(session, [row.id for row in first.values() if row.citing])
    found: dict[str, list[Post]] = {name: [] for name in sorted({row.thread for row in rows})}
    for row in first.values():
        text = texts.get(row.id, "")
        found[row.thread].append(Post(row.mid, row.parent, row.author_name, row.date, row.subject, text))
    return found


def went_in(session: Session) -> dict[str, str]:
    """The patch mails that state a requirement and whose patch went in, with how that is known in words: it became a
    commit, or somebody else told that he took it."""
    states = (
        select(Message.mid)
        .join(StatementRow, StatementRow.message_id == Message.id)
        .join(StatementLabel, StatementLabel.key == StatementRow.key)
        .where(StatementLabel.label == Label.REQUIREMENT)
    )
    return _told(session, states) | _became(session, states)


def _became(session: Session, mids: Select[str]) -> dict[str, str]:
    query = (
        select(CommitLinkRow.mid, CommitRow.oid, CommitRow.committed)
        .join(CommitRow, CommitRow.id == CommitLinkRow.commit_id)
        .where(CommitLinkRow.mid.in_(mids), CommitLinkRow.kind == "became")
        .order_by(CommitLinkRow.mid, CommitRow.committed.desc(), CommitRow.oid)
    )
    return {row.mid: f"committed as {row.oid[:12]} on {row.committed:%Y-%m-%d}" for row in session.execute(query)}


def _told(session: Session, mids: Select[str]) -> dict[str, str]:
    """An event is about a patch where it names that patch or its series, or stands for a cover letter."""
    teller = aliased(Message)
    query = (
        select(PatchRow.mid, PatchRow.number, PostingRow.title, Message.subject, Message.author_name)
        .add_columns(EventRow.kind, EventRow.title.label("named"), teller.author_name.label("teller"), teller.date)
        .join(PostingRow, PostingRow.key == PatchRow.posting)
        .join(Message, Message.mid == PatchRow.mid)
        .join(EventRow, or_(EventRow.about == PatchRow.posting, EventRow.about == PatchRow.mid))
        .join(teller, teller.mid == EventRow.mid)
        .where(PatchRow.mid.in_(mids), EventRow.kind.in_(_TAKEN))
        .order_by(PatchRow.mid, teller.date.desc().nulls_last(), teller.mid.desc(), EventRow.kind.desc())
    )
    return {
        row.mid: f"{row.kind} by {row.teller}" + (f" on {row.date:%Y-%m-%d}" if row.date else "")
        for row in session.execute(query)
        if row.teller != row.author_name
        and (row.number == 0 or row.named in (row.title, parse_subject(row.subject).title))
    }
