"""Are these two titles the same change, are these two people the same person? Comparison forms for linking.

Near-equal titles use rapidfuzz's ratio, with a check of the words that differ: patches of one series often differ in a
single word ("switch the timer" and "switch the UART"), and those are different changes however alike the letters are.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from email.utils import parseaddr
from functools import lru_cache

from rapidfuzz import fuzz

Identity = frozenset[str]

_BRACKETS = re.compile(r"^\s*(?:\[[^\]]*\]\s*)+")
_LONG = 400  # nobody's title, and what the comparison of hostile ones may cost
_WORD = re.compile(r"[a-z0-9_]+")
_ROLE = frozenset({"via", "list", "tip", "bot", "for", "patchwork"})
_QUOTES = str.maketrans("\u201c\u201d\u2018\u2019`", "\"\"'''")


@lru_cache(maxsize=1 << 14)
def title_key(title: str) -> str:
    """Folded: case, white space, quotes, a bracketed prefix and a final period do not tell titles apart."""
    text = _BRACKETS.sub("", unicodedata.normalize("NFKC", title[:_LONG])).translate(_QUOTES)
    return " ".join(text.casefold().split()).rstrip(". ")


def identity(*people: tuple[str, str] | str) -> Identity:
    """Addresses and folded names of some people; two identities that overlap are taken for the same person.

    A name counts only with two words or more: first names repeat.
    """
    return frozenset().union(*map(_marks, people))


@lru_cache(maxsize=1 << 14)
def _marks(person: tuple[str, str] | str) -> Identity:
    name, address = parseaddr(person) if isinstance(person, str) else person
    marks = {address.casefold()} if "@" in address else set()
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
    words = [word for word in re.findall(r"[a-z]+", plain) if len(word) > 1]
    if len(words) >= 2 and not _ROLE.intersection(words):
        marks.add(" ".join(sorted(words)))
    return frozenset(marks)


def near_title(one: str, other: str) -> float:
    """How far two title keys name the same change, 0 to 100; 0 where the words that differ make them two changes."""
    if one == other:
        return 100.0
    first, second = Counter(_WORD.findall(one)), Counter(_WORD.findall(other))
    if not first or not second:
        return 0.0
    left, right = list((first - second).elements()), list((second - first).elements())
    if any(any(c.isdigit() for c in word) for word in (*left, *right)) and not _is_prefix(one, other):
        return 0.0
    if left and right and not all(_has_like(word, right) for word in left) and not _is_prefix(one, other):
        return 0.0
    return 97.0 if _is_prefix(one, other) else max(fuzz.ratio(one, other), fuzz.token_sort_ratio(one, other))


def _has_like(word: str, others: list[str]) -> bool:
    """Inflection and spelling ("fix" and "fixes", "initialise" and "initialize")."""
    return any(fuzz.ratio(word, other) >= 75 or word.startswith(other) or other.startswith(word) for other in others)


def _bare(title: str) -> str:
    """Without the subsystem in front, which committers like to change."""
    head, colon, rest = title.rpartition(": ")
    return rest if colon and len(head) <= 40 else title


def _is_prefix(one: str, other: str) -> bool:
    """Only the subsystem in front differs, and not wholly ("arm/arm64: ..." and "arm64: ...")."""
    bare = _bare(one)
    if bare != _bare(other) or len(bare.split()) < 4:
        return False
    heads = [set(_WORD.findall(title[: -len(bare)])) for title in (one, other)]
    return not all(heads) or bool(heads[0] & heads[1])
