"""What was computed from the mails themselves: segments, threads, people, series, commits. A re-run may replace it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base


class SegmentRow(Base):
    """``source_mid`` and offsets: the ancestor's text that a quote came from; NULL where unknown."""

    __tablename__ = "segments"
    __table_args__ = ({"sqlite_with_rowid": False},)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    depth: Mapped[int]
    start: Mapped[int]
    end: Mapped[int]
    role: Mapped[str]
    source_mid: Mapped[str | None]
    source_start: Mapped[int | None]
    source_end: Mapped[int | None]


class NodeRow(Base):
    """The forest: every message of the archive and every ghost. ``parent`` is "" for a root."""

    __tablename__ = "nodes"
    mid: Mapped[str] = mapped_column(primary_key=True)
    parent: Mapped[str]
    thread: Mapped[str] = mapped_column(index=True)
    depth: Mapped[int]
    ghost: Mapped[bool]


class ThreadRow(Base):
    """A thread, and how far each stage has come with it: ``fingerprint`` is a hash of its members and their places,
    ``traced``, ``tagged`` and ``distilled`` the hash of the input that the stage last saw ("" for never). No counters
    or clocks, so that an interrupted run ends up with the same rows as an undisturbed one."""

    __tablename__ = "threads"
    thread: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str]
    messages: Mapped[int]
    first: Mapped[datetime | None]
    last: Mapped[datetime | None] = mapped_column(index=True)
    fingerprint: Mapped[str]
    traced: Mapped[str]
    tagged: Mapped[str]
    distilled: Mapped[str]


class ThreadLinkRow(Base):
    """Thread ``thread`` goes on from thread ``earlier``: under a new subject, or as a series' next version. ``mid`` is
    the message that says so."""

    __tablename__ = "thread_links"
    thread: Mapped[str] = mapped_column(primary_key=True)
    earlier: Mapped[str] = mapped_column(primary_key=True, index=True)
    mid: Mapped[str] = mapped_column(primary_key=True)
    why: Mapped[str]


class TitleRow(Base):
    """A message's title as titles are compared: which threads may go on from others is looked up here."""

    __tablename__ = "titles"
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True)
    title: Mapped[str] = mapped_column(index=True)


class PersonAlias(Base):
    """Which person a (name, address) pair is, and why."""

    __tablename__ = "people"
    name: Mapped[str] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(index=True)
    shown: Mapped[str]
    why: Mapped[str]


class PostingRow(Base):
    """One posted version of a series."""

    __tablename__ = "postings"
    key: Mapped[str] = mapped_column(primary_key=True)
    chain: Mapped[str] = mapped_column(index=True)
    previous: Mapped[str]
    version: Mapped[str]
    title: Mapped[str]
    author_name: Mapped[str]
    author_address: Mapped[str]
    date: Mapped[datetime | None]
    total: Mapped[int]
    changelog: Mapped[str]
    why: Mapped[str]


class OutlineRow(Base):
    """What is compared of a posting where versions are told (``ingest.revisions.outline``), all that its mails say."""

    __tablename__ = "outlines"
    key: Mapped[str] = mapped_column(primary_key=True)
    facts: Mapped[dict[str, Any]]


class PatchRow(Base):
    """A patch mail of a posting; number 0 is the cover letter. ``paths``: the files its diff touches."""

    __tablename__ = "patches"
    mid: Mapped[str] = mapped_column(primary_key=True)
    posting: Mapped[str] = mapped_column(index=True)
    number: Mapped[int]
    paths: Mapped[list[Any]]


class Repository(Base):
    __tablename__ = "repositories"
    __table_args__ = (UniqueConstraint("list_id", "location"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    list_id: Mapped[int] = mapped_column(ForeignKey("lists.id"))
    name: Mapped[str]
    location: Mapped[str]
    cursor: Mapped[str | None]
    forgotten: Mapped[bool] = mapped_column(default=False)  # read no more; what it gave stays


class CommitRow(Base):
    __tablename__ = "commits"
    __table_args__ = (UniqueConstraint("repository_id", "oid"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    repository_id: Mapped[int] = mapped_column(ForeignKey("repositories.id"))
    oid: Mapped[str] = mapped_column(index=True)
    subject: Mapped[str]
    author_name: Mapped[str]
    author_email: Mapped[str]
    authored: Mapped[datetime]
    committed: Mapped[datetime]
    message: Mapped[str]
    trailers: Mapped[list[Any]]
    refs: Mapped[list[Any]]
    release: Mapped[str]


class CommitLinkRow(Base):
    __tablename__ = "commit_links"
    mid: Mapped[str] = mapped_column(primary_key=True)
    commit_id: Mapped[int] = mapped_column(ForeignKey("commits.id"), primary_key=True)
    evidence: Mapped[str]
    score: Mapped[float]
    kind: Mapped[str]


class EventRow(Base):
    """A commit event told on the list."""

    __tablename__ = "events"
    mid: Mapped[str] = mapped_column(primary_key=True)
    start: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    end: Mapped[int]
    oid: Mapped[str]
    branch: Mapped[str]
    about: Mapped[str] = mapped_column(index=True)


class CitingRow(Base):
    """The own words of mail ``mid`` name a commit, a mail or a change, or say that something is in: the timeline has to
    read them."""

    __tablename__ = "citing"
    mid: Mapped[str] = mapped_column(primary_key=True)


class CommittedRow(Base):
    """When mail ``mid`` was written, the change that it speaks of was in: since when (NULL where only the mail's own
    words say so), ``days`` before, and how that is known. ``oid`` is the commit, ``title`` its subject, ``event`` the
    mid of the mail that told it; each may be "". ``others``: the other commits of the same matter that were in, as
    [oid, title, day], where it went in by several."""

    __tablename__ = "committed"
    mid: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime | None]
    days: Mapped[float | None]
    oid: Mapped[str]
    title: Mapped[str]
    event: Mapped[str]
    evidence: Mapped[str]
    others: Mapped[list[Any]]


class OutcomeRow(Base):
    """What became, after mail ``mid``, of the change that was in when it was written: ``kind`` "reverted", "fixed",
    "followed_up", "dropped", "released", "open"; ``source`` the mail or commit in which that is seen."""

    __tablename__ = "outcomes"
    mid: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=0)  # the weightiest first
    kind: Mapped[str]
    at: Mapped[datetime | None]
    words: Mapped[str]
    source: Mapped[str]


class AskedRow(Base):
    """What the timeline of a thread looked up of patches, links and events, as checksums (``ingest.watched``)."""

    __tablename__ = "asked"
    thread: Mapped[str] = mapped_column(primary_key=True)
    keys: Mapped[str]


class StirredRow(Base):
    """What changed since timelines were laid out: a thread by its name, a checksum of what others may have looked up,
    or everything. Empty when a run is through."""

    __tablename__ = "stirred"
    kind: Mapped[str] = mapped_column(primary_key=True)
    what: Mapped[str] = mapped_column(primary_key=True)
