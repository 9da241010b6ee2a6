"""Text to words as SQLite's FTS5 tells them apart (sqlite.org/fts5.html, section 4.3.1), for PostgreSQL.

PostgreSQL's own parser takes addresses, paths and identifiers apart in its own ways, so that the same search would find
other mails there. Letters, digits and underscores make words; case and the accents of Latin letters do not count.
"""

from __future__ import annotations

import re
import unicodedata

LONGEST = 500  # characters of a word that count; PostgreSQL takes 2046 bytes
LAST = 16_383  # positions that PostgreSQL tells apart
MOST = 1_000_000  # bytes of different words in a vector, which with their positions must not pass 1 MiB
_WORD = re.compile(r"\w+")
_ACCENTS = frozenset(0x300 + bit for bit in range(50) if 0x361F808029FDF >> bit & 1)  # those that FTS5 leaves out


class _Folds(dict[int, int | None]):
    """A character to the one that it is looked for as, None for none; found out when it first comes."""

    def __missing__(self, code: int) -> int | None:
        base, *marks = map(ord, unicodedata.normalize("NFD", chr(code)))
        plain = chr(base) if base < 128 and len(marks) == 1 and marks[0] in _ACCENTS else chr(code)
        cases = [case for case in (plain.casefold(), plain.lower(), plain) if len(case) == 1]
        self[code] = None if code in _ACCENTS else ord(cases[0])
        return self[code]


_FOLDS = _Folds()


def words(text: str) -> list[str]:
    """The words of a text in order, folded."""
    found = _WORD.findall(folded(text))
    return found if len(text) <= LONGEST else [word[:LONGEST] for word in found]


def folded(text: str) -> str:
    return text.lower() if text.isascii() else text.translate(_FOLDS)


def vector(texts: tuple[str, ...]) -> str:
    """A text search vector as PostgreSQL reads it. Between two texts a position is left out, so that no phrase reaches
    across. Of a text of many megabytes what is beyond PostgreSQL's limits cannot be found."""
    places: dict[str, list[str]] = {}
    at = size = 0
    for text in texts:
        for word in words(text):
            at += 1
            if word in places:
                if at <= LAST:
                    places[word].append(str(at))
            elif size < MOST:
                size += (len(word) if word.isascii() else len(word.encode())) + 5  # its place and length
                places[word] = [str(at)]
        at += 1
    return " ".join(f"{word}:{','.join(found)}" for word, found in places.items())
