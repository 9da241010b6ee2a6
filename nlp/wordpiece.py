"""Words to the encoder's word pieces: the uncased BERT scheme (Devlin et al. 2019), greedy from the left."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

UNKNOWN, OPEN, CLOSE = "[UNK]", "[CLS]", "[SEP]"
LONGEST = 100  # characters of a word that is still cut
_ASCII = re.compile(r"[a-z0-9]+|[^\sa-z0-9]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x7f]")  # dropped, also within a word


def split(text: str) -> list[str]:
    """Lower-case words and single punctuation marks, accents dropped."""
    if text.isascii() and not _CONTROL.search(text):
        return _ASCII.findall(text.lower())  # the same; letter by letter it takes ten times as long
    plain = unicodedata.normalize("NFD", text.lower())
    made, word = [], ""
    for letter in plain:
        kind = unicodedata.category(letter)
        if kind == "Mn" or (kind in {"Cc", "Cf"} and not letter.isspace()):
            continue
        mark = kind.startswith("P") or (letter.isascii() and not letter.isalnum() and not letter.isspace())
        if mark or letter.isspace() or (kind == "Lo" and "\u4e00" <= letter <= "\u9fff"):
            if word:
                made.append(word)
            word = ""
            if not letter.isspace():
                made.append(letter)
        else:
            word += letter
    return [*made, word] if word else made


class WordPieces:
    def __init__(self, vocabulary: Sequence[str]) -> None:
        self.known = {piece: number for number, piece in enumerate(vocabulary)}
        self.opening, self.closing = self.known[OPEN], self.known[CLOSE]
        self.word = lru_cache(maxsize=50_000)(self._word)

    def _word(self, word: str) -> tuple[int, ...]:
        made = []
        start = 0
        while start < len(word) <= LONGEST:
            end = len(word)
            while end > start and ("##" if start else "") + word[start:end] not in self.known:
                end -= 1
            if end == start:
                return (self.known[UNKNOWN],)
            made.append(self.known[("##" if start else "") + word[start:end]])
            start = end
        return tuple(made) or (self.known[UNKNOWN],)

    def __call__(self, text: str) -> list[int]:
        return [number for word in split(text) for number in self.word(word)]
