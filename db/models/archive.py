"""What the archives said: lists, sources, blobs, messages, rejects, and the record of runs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base


class MailingList(Base):
    __tablename__ = "lists"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    permalink: Mapped[str]  # template with {mid}
    archive_permalink: Mapped[str] = mapped_column(default="")  # the same at the list's own archive, "" where none is
    product: Mapped[str] = mapped_column(default="")  # "Xen", "KVM/arm64": what its rules apply to


class Source(Base):
    """An archive of a list. ``cursor`` is committed in the same transaction as the rows that it covers."""

    __tablename__ = "sources"
    __table_args__ = (UniqueConstraint("list_id", "location"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    list_id: Mapped[int] = mapped_column(ForeignKey("lists.id"))
    kind: Mapped[str]
    location: Mapped[str]
    cursor: Mapped[str | None]
    forgotten: Mapped[bool] = mapped_column(default=False)  # read no more; what it gave stays


class Blob(Base):
    """Raw bytes as archived (``ingest.packing``), of every message and every reject."""

    __tablename__ = "blobs"
    sha256: Mapped[str] = mapped_column(primary_key=True)
    size: Mapped[int]
    data: Mapped[bytes] = mapped_column(LargeBinary)


class Message(Base):
    """``mid`` is not unique: the same Message-ID with another body is kept, with ``conflict`` set on the later row."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("mid", "content"),
        Index("ix_messages_author", "author_name", "author_address", "date"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    mid: Mapped[str] = mapped_column(index=True)
    message_id: Mapped[str]
    content: Mapped[str]
    sha256: Mapped[str]
    subject: Mapped[str]
    author_name: Mapped[str]
    author_address: Mapped[str]
    date: Mapped[datetime | None] = mapped_column(index=True)
    date_from: Mapped[str]
    recipients: Mapped[dict[str, Any]]  # {"to": [[name, address], ...], "cc": [...]}
    in_reply_to: Mapped[list[Any]]
    references: Mapped[list[Any]]
    list_ids: Mapped[list[Any]]
    body: Mapped[str]
    body_from: Mapped[str]
    flowed: Mapped[bool]
    agent: Mapped[str]
    defects: Mapped[list[Any]]
    paths: Mapped[list[Any]]  # of a patch mail: the files that its diff touches
    patch: Mapped[dict[str, Any]]  # of a patch mail: the fields of PatchText and Credit; else {}
    conflict: Mapped[bool] = mapped_column(default=False)


class Membership(Base):
    """A message was posted to a list; ``origin`` is where it lies in the first source that had it."""

    __tablename__ = "memberships"
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True)
    list_id: Mapped[int] = mapped_column(ForeignKey("lists.id"), primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id"))
    origin: Mapped[str]


class PageRow(Base):
    """A message as a web page shows it, and the message that it is a copy of: the archive's, or with ``own`` the row
    that was made from the page because the archive has none; NULL until that is settled. ``sha256``: the blob made of
    the page; ``mid``, ``date``: what it shows, or ""; ``address``: the page's own, or ""."""

    __tablename__ = "pages"
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id"), primary_key=True)
    origin: Mapped[str] = mapped_column(primary_key=True)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id", ondelete="SET NULL"), index=True)
    sha256: Mapped[str]
    mid: Mapped[str]
    date: Mapped[datetime | None]
    own: Mapped[bool]
    likeness: Mapped[float]
    address: Mapped[str]


class RejectRow(Base):
    __tablename__ = "rejects"
    __table_args__ = (UniqueConstraint("source_id", "sha256", "reason"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id"))
    origin: Mapped[str]
    sha256: Mapped[str]
    reason: Mapped[str]
    subject: Mapped[str]
    message_id: Mapped[str]


class Run(Base):
    """One run of the command. ``sources``: {location: {read, stored, known, rejected, error}}."""

    __tablename__ = "runs"
    id: Mapped[int] = mapped_column(primary_key=True)
    command: Mapped[str]
    started: Mapped[datetime]
    ended: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(default="")
    stages: Mapped[dict[str, Any]] = mapped_column(default=dict)
    sources: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Mark(Base):
    """What a stage last ran over: when the fingerprint of its input is the same, the stage has nothing to do."""

    __tablename__ = "marks"
    stage: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]
