"""Sentences and their surroundings to hashed n-grams, weighted by rarity: what the lexicon has no cue for.

Feature hashing (Weinberger et al. 2009) keeps the model small and holds no word of anybody's mail. Five blocks stand
side by side: words and word pairs, character n-grams, and the words of the sentence before, of the one after, and of
what is answered.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from murmurhash.mrmr import hash_unicode  # type: ignore[import-untyped]  # a compiled module
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack

from nlp.features import Sentence

WORD = re.compile(r"\b\w+\b|[?!]")
Hashes = bytes  # numbers of 32 bits: joining bytes takes a tenth of joining arrays
ABOVE = 400  # characters of the quoted text, its end
FEWEST = 3  # sentences that must show an n-gram


@dataclass(frozen=True, slots=True)
class Block:
    name: str
    bits: int
    weight: float


BLOCKS = (
    Block("words", 17, 1.0),
    Block("chars", 17, 0.8),
    Block("before", 15, 0.5),
    Block("after", 15, 0.5),
    Block("above", 15, 0.5),
)
COLUMNS = {"words": 0, "before": 1, "after": 2, "above": 3}  # of ``fields``


def fields(made: Sequence[Sentence]) -> list[tuple[str, str, str, str]]:
    """Each sentence's text, the one before and the one after in its passage, and the end of what it answers."""
    texts = [sentence.text.lower() for sentence in made]
    rows = []
    for at, sentence in enumerate(made):
        passage = sentence.passage
        before = texts[at - 1] if at and made[at - 1].passage is passage else ""
        after = texts[at + 1] if at + 1 < len(made) and made[at + 1].passage is passage else ""
        rows.append((texts[at], before, after, " ".join(passage.above.lower().split())[-ABOVE:]))
    return rows


@lru_cache(maxsize=1 << 11)  # what is asked for again is a neighbour, or what the next sentence answers too
def _words(text: str) -> tuple[list[str], Hashes]:
    words = WORD.findall(text)
    return words, b"".join([_hash(word) for word in words])


def _pairs(words: Sequence[str]) -> Hashes:
    return _packed([hash_unicode(f"{one} {other}") for one, other in pairwise(words)])


def _packed(hashes: Sequence[int]) -> Hashes:
    return array("I", [abs(number) for number in hashes]).tobytes()


@lru_cache(maxsize=1 << 15)
def _hash(word: str) -> Hashes:
    """MurmurHash3, which scikit-learn's HashingVectorizer takes too."""
    return _packed([hash_unicode(word)])


@lru_cache(maxsize=1 << 15)
def _chars(word: str) -> Hashes:
    """The hashes of all runs of three to five characters of a word with a space on either side."""
    padded, grams = f" {word} ", set[str]()
    for length in range(3, 6):
        grams.update(padded[at : at + length] for at in range(max(1, len(padded) - length + 1)))
        if len(padded) <= length:
            break
    return _packed([hash_unicode(gram) for gram in grams])


def _grams(block: Block, row: tuple[str, str, str, str]) -> Hashes:
    if block.name == "chars":
        return b"".join([_chars(word) for word in row[0].split()])
    words, hashes = _words(row[COLUMNS[block.name]])
    return hashes + _pairs(words) if block.name == "words" else hashes


def counts(rows: Sequence[tuple[str, str, str, str]]) -> list[csr_matrix]:
    """One matrix a block: which n-grams each sentence shows. Equal to scikit-learn's HashingVectorizer (binary, no
    sign), but what a word hashes to is remembered: mails share most of their words, neighbours their sentences."""
    made = []
    for block in BLOCKS:
        pieces = [_grams(block, row) for row in rows]
        owner = np.repeat(np.arange(len(rows)), [len(mine) // 4 for mine in pieces])
        flat = np.frombuffer(b"".join(pieces), dtype=np.uint32).astype(np.int64)
        places = np.sort(owner << block.bits | flat & ((1 << block.bits) - 1))
        places = places[np.diff(places, prepend=-1) > 0]  # each once; np.unique takes forty times as long
        ends = np.searchsorted(places, np.arange(len(rows) + 1) << block.bits)
        indices = (places & ((1 << block.bits) - 1)).astype(np.int32)
        data = np.ones(len(indices), dtype=np.float32)
        made.append(csr_matrix((data, indices, ends), shape=(len(rows), 1 << block.bits)))
    return made


def rarity(made: Sequence[csr_matrix]) -> NDArray[np.float32]:
    """Inverse document frequency of every n-gram, 0 for those too rare to learn from."""
    parts = []
    for matrix in made:
        seen = np.bincount(matrix.indices, minlength=matrix.shape[1])
        parts.append(np.where(seen >= FEWEST, np.log((matrix.shape[0] + 1) / (seen + 1)) + 1, 0))
    return np.concatenate(parts).astype(np.float32)


def weigh(made: Sequence[csr_matrix], idf: NDArray[np.float32]) -> csr_matrix:
    """The blocks side by side, each row of each block of its block's length."""
    parts, at = [], 0
    for block, matrix in zip(BLOCKS, made, strict=True):
        data = matrix.data * idf[at + matrix.indices]
        row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
        length = np.sqrt(np.bincount(row, weights=data * data, minlength=matrix.shape[0]))
        data = (data / np.where(length > 0, length, 1)[row]).astype(np.float32) * np.float32(block.weight)
        parts.append(csr_matrix((data, matrix.indices, matrix.indptr), shape=matrix.shape))
        at += matrix.shape[1]
    return hstack(parts, format="csr", dtype=np.float32)
