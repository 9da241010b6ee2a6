"""Text to words as SQLite's FTS5 tells them apart (sqlite.org/fts5.html, section 4.3.1), for PostgreSQL.

PostgreSQL's own parser takes addresses, paths and identifiers apart in its own ways, so that the same search would find
other mails there. Letters, digits and underscores make words; case and the accents of Latin letters do not count.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

LONGEST = 500  # characters of a word that count; PostgreSQL takes 2046 bytes
LAST = 16_383  # places that PostgreSQL tells apart (postgresql.org/docs/current/textsearch-limitations.html)
TIMES = 255  # places of one word that it keeps
OVERLAP = 32  # words of a phrase that is found wherever it stands
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


def vectors(texts: Sequence[str]) -> Iterator[str]:
    """Text search vectors as PostgreSQL reads them: one, or where its limits would lose places of words, several, each
    beginning with the last OVERLAP words of the one before. Between two texts a place is left out: no phrase reaches
    across."""
    found = [word for text in texts for word in (*words(text), "")]
    places = _places(found)
    if len(found) <= LAST and max(map(len, places.values()), default=0) <= TIMES:
        yield _vector(places)
        return
    start = at = size = 0
    seen: Counter[str] = Counter()
    for at, word in enumerate(found):
        seen[word] += bool(word)
        size += len(word.encode()) + 5 if seen[word] == 1 else 0  # a word's own place and length take five bytes
        if at - start == LAST or seen[word] > TIMES or size > MOST:
            yield _vector(_places(found[start:at]))
            start, size = at - OVERLAP, 0
            seen = Counter(filter(None, found[start : at + 1]))
    yield _vector(_places(found[start:]))


def _places(found: Sequence[str]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for at, word in enumerate(found, 1):
        if word:
            places.setdefault(word, []).append(at)
    return places


def _vector(places: Mapping[str, Sequence[int]]) -> str:
    return " ".join(f"{word}:{','.join(map(str, some))}" for word, some in places.items())
