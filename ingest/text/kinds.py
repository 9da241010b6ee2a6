"""The kinds of text in a mail, and a stretch of one kind."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pickles import as_arguments

COMMIT_MESSAGE = "commit_message"
NOTES = "notes"


class Kind(StrEnum):
    NEW = "new"
    QUOTE = "quote"
    ATTRIBUTION = "attribution"
    DIFF = "diff"
    DIFFSTAT = "diffstat"
    TRAILER = "trailer"
    SIGNATURE = "signature"
    FOOTER = "footer"
    FORWARDED = "forwarded"
    CODE = "code"


@as_arguments
@dataclass(frozen=True, slots=True)
class Segment:
    """``body[start:end]`` is of one ``kind``; segments are in order, without gaps or overlaps, and cover the body.

    ``depth``: number of quote marks (0 outside quotes, and in the one quote without marks: an author's own
    repetition). ``role``: "commit_message" and "notes" mark the two parts of a patch mail's new text, "" otherwise.
    An attribution belongs to the quote that follows it and has that depth minus 1.
    """

    kind: Kind
    depth: int
    start: int
    end: int
    role: str = ""
