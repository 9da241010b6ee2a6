"""What travels between tags and document: claims, requirements, guidelines, decisions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


def statement_key(mid: str, start: int, end: int) -> str:
    """The name of a sentence, for ever: a Message-ID holds no space, so the parts can be told again."""
    return f"{mid} {start}-{end}"


def statement_place(key: str) -> tuple[str, int, int] | None:
    """Mid, start and end of a sentence's name; None for what is none."""
    mid, _, span = key.rpartition(" ")
    start, _, end = span.partition("-")
    return (mid, int(start), int(end)) if mid and start.isdecimal() and end.isdecimal() else None


@dataclass(frozen=True, slots=True)
class Claim:
    """A tagged sentence in its place. ``key`` names it for ever: "MID START-END" of the stored body.

    ``person`` is the speaker's person key, ``author`` and ``address`` as the mail shows them. ``answers``: keys of
    claims it answers (by quoted text right above it, or the parent's where it quotes nothing). ``answers_mids``: mids
    of the messages whose text stands quoted right above it, nearest first; ``answers_text``: that quoted text.
    ``ancestors``: mids from its parent up to the root. ``is_patch``: it stands in a patch's own mail.
    ``subject``: that mail's, white space folded.
    """

    key: str
    mid: str
    message_id: str
    thread: str
    list_name: str
    person: str
    author: str
    address: str
    date: datetime | None
    start: int
    end: int
    text: str
    labels: tuple[str, ...]
    scores: dict[str, float]
    topic: str
    by: str
    permalink: str
    answers: tuple[str, ...] = ()
    answers_mids: tuple[str, ...] = ()
    answers_text: str = ""
    ancestors: tuple[str, ...] = ()
    is_patch: bool = False
    subject: str = ""
    said: dict[str, Any] = field(default_factory=dict)  # an annotation's status, assent and dissent


@dataclass(frozen=True, slots=True)
class Stance:
    """Somebody's assent to or dissent from a requirement: ``stance`` is "assent" or "dissent"; ``claim`` the key of
    the sentence that says so; ``why`` in words (quoted right above, answers the mail, changelog of v3, ...)."""

    stance: str
    claim: str
    mid: str
    person: str
    author: str
    why: str


@dataclass(frozen=True, slots=True)
class Entry:
    """What the changelog of a later version says; ``said`` has no labels, for it is no tagged sentence."""

    version: str
    said: Claim


@dataclass(frozen=True, slots=True)
class Requirement:
    """A requirement statement with its argument. ``claim`` is its key; ``status`` one of nlp.labels.Status; ``reason``
    says in one line what the status rests on; ``concerns``: keys of the concerns it answers."""

    claim: str
    topic: str
    status: str
    reason: str
    stances: tuple[Stance, ...] = ()
    concerns: tuple[str, ...] = ()
    superseded_by: str = ""
    withdrawn: bool = False  # its author took it back, or gave in to an objection
    counters: tuple[str, ...] = ()  # requirements put up against it, by claim key


@dataclass(frozen=True, slots=True)
class Decision:
    """What a named person decided; append-only. ``action``: accept, reject, reword, retopic, level, merge, split,
    supersede, undo. ``target``: a claim key or a guideline id. ``value``: the new text, topic, level, id ...;
    ``before``: what stood there. ``undoes``: id of the decision taken back."""

    id: int
    at: datetime
    by: str
    action: str
    target: str
    value: str
    before: str = ""
    comment: str = ""
    undoes: int | None = None


@dataclass(frozen=True, slots=True)
class Guideline:
    """One rule of the document. ``number`` shows as "HC-017". ``text`` is the best member's sentence verbatim
    (``text_by`` "" and ``text_claim`` its key) or a curator's (``text_by`` the name). ``members``: claim keys,
    the best first. ``level``: MUST, SHOULD or MAY. ``applies_to``: "Xen", "KVM/arm64" or "both".
    ``opposing``: the members that say the contrary. ``decisions``: ids of the decisions in force on it; ``against``:
    claim keys that speak against a decision and are newer than it. ``retired`` says why and by what."""

    number: int
    text: str
    text_by: str
    text_claim: str
    topic: str
    status: str
    level: str
    applies_to: str
    confidence: float
    strength: str
    revision: int
    since: datetime | None
    members: tuple[str, ...]
    retired: str = ""
    reason: str = ""
    opposing: tuple[str, ...] = ()
    decisions: tuple[int, ...] = ()
    against: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Revision:
    """A recorded change of a guideline; ``at`` is the date of the newest evidence or of the decision, never a clock."""

    number: int
    revision: int
    at: datetime | None
    text: str
    topic: str
    status: str
    level: str
    what: str


@dataclass(frozen=True, slots=True)
class Incident:
    """Objections after a commit that speak of one matter, in time order, as the document shows them.

    ``others``: further commits that were in by then, as (hash, title, day); ``rules``: numbers of the guidelines that
    came out of it, that is, that were stated in an objecting mail or in answer to one.
    """

    title: str
    list_name: str
    committed_at: datetime | None
    commit: str
    evidence: str
    objections: tuple[str, ...]  # claim keys
    outcome: str = ""
    outcome_permalink: str = ""
    others: tuple[tuple[str, str, str], ...] = ()
    rules: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """Everything the template may use. ``claims`` and ``requirements`` are looked up by claim key; ``before``: what the
    author said right before a sentence, by its key, where it leads to it."""

    title: str
    guidelines: tuple[Guideline, ...]
    requirements: dict[str, Requirement]
    claims: dict[str, Claim]
    revisions: tuple[Revision, ...]
    incidents: tuple[Incident, ...]
    lists: tuple[tuple[str, int, datetime | None, datetime | None], ...]  # name, messages, first, last
    counts: dict[str, int] = field(default_factory=dict)
    version: str = ""
    decisions: tuple[Decision, ...] = ()
    before: dict[str, str] = field(default_factory=dict)
