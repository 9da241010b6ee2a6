"""What was made of the authors' sentences, and, in ``decisions``, what people said of that."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from db.models.base import Base


class StatementRow(Base):
    """A tagged sentence. ``key`` ("MID START-END") is how every later stage and every decision names it."""

    __tablename__ = "statements"
    key: Mapped[str] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), index=True)
    start: Mapped[int]
    end: Mapped[int]
    quote: Mapped[str]
    labels: Mapped[list[Any]]
    scores: Mapped[dict[str, Any]]
    topic: Mapped[str] = mapped_column(index=True)
    by: Mapped[str]
    why: Mapped[list[Any]]
    said: Mapped[dict[str, Any]] = mapped_column(default=dict)  # an annotation's status, assent and dissent


class SeenRow(Base):
    """A checksum of what the tagger saw of a message when it made its statements: its words, its place, the tagger's
    version. While it is the same, they stand."""

    __tablename__ = "seen"
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True)
    what: Mapped[str]


class StatementLabel(Base):
    """The labels of a statement once more, one a row, for filters and counts."""

    __tablename__ = "statement_labels"
    key: Mapped[str] = mapped_column(ForeignKey("statements.key", ondelete="CASCADE"), primary_key=True)
    label: Mapped[str] = mapped_column(primary_key=True)
    score: Mapped[float]


Index("ix_statement_labels_label", StatementLabel.label, StatementLabel.score)


class RequirementRow(Base):
    """A requirement with its status. ``answers``: keys of the claims that stand quoted right above it."""

    __tablename__ = "requirements"
    key: Mapped[str] = mapped_column(ForeignKey("statements.key", ondelete="CASCADE"), primary_key=True)
    topic: Mapped[str]
    status: Mapped[str]
    reason: Mapped[str]
    concerns: Mapped[list[Any]]
    counters: Mapped[list[Any]]
    answers: Mapped[list[Any]] = mapped_column(default=list)
    withdrawn: Mapped[bool]
    superseded_by: Mapped[str]


class StanceRow(Base):
    __tablename__ = "stances"
    requirement: Mapped[str] = mapped_column(ForeignKey("requirements.key", ondelete="CASCADE"), primary_key=True)
    claim: Mapped[str] = mapped_column(primary_key=True)
    stance: Mapped[str] = mapped_column(primary_key=True)
    mid: Mapped[str]
    person: Mapped[str]
    author: Mapped[str]
    why: Mapped[str]


class GuidelineRow(Base):
    """A rule of the document. Numbers are given once and never again."""

    __tablename__ = "guidelines"
    number: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
    text_by: Mapped[str]
    text_claim: Mapped[str]
    topic: Mapped[str]
    status: Mapped[str]
    level: Mapped[str]
    applies_to: Mapped[str]
    confidence: Mapped[float]
    strength: Mapped[str]
    revision: Mapped[int]
    since: Mapped[datetime | None]
    members: Mapped[list[Any]]
    retired: Mapped[str]
    reason: Mapped[str]
    opposing: Mapped[list[Any]]
    decisions: Mapped[list[Any]]
    against: Mapped[list[Any]]


class RevisionRow(Base):
    __tablename__ = "revisions"
    number: Mapped[int] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime | None]
    text: Mapped[str]
    topic: Mapped[str]
    status: Mapped[str]
    level: Mapped[str]
    what: Mapped[str]


class DecisionRow(Base):
    """Append-only; an undo is a row that names the row it takes back."""

    __tablename__ = "decisions"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    by: Mapped[str]
    action: Mapped[str]
    target: Mapped[str] = mapped_column(index=True)
    value: Mapped[str]
    before: Mapped[str]
    comment: Mapped[str]
    undoes: Mapped[int | None] = mapped_column(ForeignKey("decisions.id"))
