"""A message seen on a web page to the message of the archive that it is a copy of.

Pages change a mail: addresses are obfuscated, lines re-wrapped, quote marks or line breaks lost. The order of words
stays. Two texts are compared by their shingles (runs of four words; Broder 1997): by those of the author's own
lines where the quote marks are left, so that a reply that quotes a whole mail is not taken for it, else by all.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable

SAME = 0.8
_RUN = 4
_WORD = re.compile(r"[a-z0-9_]{2,}")
_ADDRESS = re.compile(r"<[^<>\n]{0,100}@[^<>\n]{0,100}>|\S{1,60}@\S{1,60}")
_FOOTER = re.compile(r"^_{3,}[ \t]*\n[^\n]{0,80}mailing list\n(?:[^\n]*\n?){0,4}\Z", re.MULTILINE)
_QUOTED = re.compile(r"^[ \t]*[>|].*$|^.*\b(?:wrote|writes):[ \t]*$", re.MULTILINE)


def words(body: str, lost: bool) -> list[str]:
    """The words that are compared: the author's own, or all of them where nobody can tell whose they are."""
    text = _FOOTER.sub("", body)
    text = _ADDRESS.sub(" ", text if lost else _QUOTED.sub("", text))
    return _WORD.findall(text.lower())


def shingles(found: list[str]) -> frozenset[int]:
    """Hashes of all runs of four words."""
    runs = range(max(1, len(found) - _RUN + 1))
    return frozenset(zlib.crc32(" ".join(found[at : at + _RUN]).encode()) for at in runs) if found else frozenset()


def likeness(one: str, other: str, lost: bool) -> float:
    """How much two bodies have in common, 0 to 1 (Jaccard index of their shingles); ``lost``: see ``words``."""
    a, b = shingles(words(one, lost)), shingles(words(other, lost))
    return len(a & b) / len(a | b) if a and b else 0.0


def original(page: str, lost: bool, candidates: Iterable[tuple[str, str]]) -> str:
    """Of (mid, body) candidates the mid of the one that ``page`` is a copy of, "" for none. Order does not matter."""
    scored = [(likeness(page, body, lost), mid) for mid, body in candidates]
    return min(((-score, mid) for score, mid in scored if score >= SAME), default=(0.0, ""))[1]


def phrases(page: str, lost: bool, count: int = 4, length: int = 6) -> tuple[str, ...]:
    """A few runs of words spread over the text, to find candidates by full-text search."""
    found = words(page, lost)
    step = max(1, (len(found) - length) // count)
    return tuple(" ".join(found[at : at + length]) for at in range(0, max(1, len(found) - length + 1), step))[:count]
