"""What goes into the tagger and what comes out: plain values, so that no spaCy object travels between processes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pickles import as_arguments


@as_arguments
@dataclass(frozen=True, slots=True)
class Passage:
    """One run of an author's own text, in its place.

    ``start`` and ``end`` are offsets into the stored body; ``text`` is exactly that slice. ``role`` is "" for plain
    text, "commit_message" or "notes" for the two parts of a patch mail. ``above`` is the quoted text right above,
    without quote marks ("" where the passage answers nothing), ``above_author`` who wrote it ("" where unknown).
    """

    start: int
    end: int
    text: str
    role: str = ""
    above: str = ""
    above_author: str = ""


@as_arguments
@dataclass(frozen=True, slots=True)
class MailText:
    """A mail as the tagger sees it. ``key`` is the caller's name for it and comes back untouched.

    ``speaker`` is "submitter" (author of the patches under discussion), "reviewer" or "". ``touches`` names what the
    thread's patches change ("public_header", "uapi", "domctl", ...). ``committed_days``: how many days before this
    mail the change under discussion was committed; None where it was not, or nobody knows.
    """

    key: str
    subject: str
    passages: tuple[Passage, ...]
    author: str = ""
    is_patch: bool = False
    is_reply: bool = False
    depth: int = 0
    speaker: str = ""
    touches: tuple[str, ...] = ()
    committed_days: float | None = None
    parent_text: str = ""


@as_arguments
@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence with at least one label. ``scores`` holds every label's score, 0 to 1; ``by`` is the rule or model
    with its version; ``why`` are the cues and words that weighed most, for people to read."""

    start: int
    end: int
    text: str
    labels: tuple[str, ...]
    scores: dict[str, float]
    topic: str | None = None
    by: str = ""
    why: tuple[str, ...] = field(default=())
    said: dict[str, Any] = field(default_factory=dict)  # an annotation's status, assent and dissent
