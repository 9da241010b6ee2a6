"""Sentences and their surroundings to hashed n-grams, weighted by rarity: what the lexicon has no cue for.

Feature hashing (Weinberger et al. 2009) keeps the model small and holds no word of anybody's mail. Five blocks stand
side by side: words and word pairs, character n-grams, and the words of the sentence before, of the one after, and of
what is answered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.preprocessing import normalize

from nlp.features import Sentence

WORD = r"(?u)\b\w+\b|[?!]"
ABOVE = 400  # characters of the quoted text, its end
FEWEST = 3  # sentences that must show an n-gram


@dataclass(frozen=True, slots=True)
class Block:
    name: str
    bits: int
    weight: float
    options: tuple[tuple[str, Any], ...]


BLOCKS = (
    Block("words", 17, 1.0, (("ngram_range", (1, 2)), ("token_pattern", WORD))),
    Block("chars", 17, 0.8, (("analyzer", "char_wb"), ("ngram_range", (3, 5)))),
    Block("before", 15, 0.5, (("token_pattern", WORD),)),
    Block("after", 15, 0.5, (("token_pattern", WORD),)),
    Block("above", 15, 0.5, (("token_pattern", WORD),)),
)
SIZE = sum(1 << block.bits for block in BLOCKS)


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


@cache
def _hasher(block: Block) -> HashingVectorizer:
    return HashingVectorizer(
        n_features=1 << block.bits,
        alternate_sign=False,
        norm=None,
        binary=True,
        dtype=np.float32,
        **dict(block.options),
    )


def counts(rows: Sequence[tuple[str, str, str, str]]) -> list[csr_matrix]:
    """One matrix a block: which n-grams each sentence shows."""
    columns = {"words": 0, "chars": 0, "before": 1, "after": 2, "above": 3}
    return [_hasher(block).transform([row[columns[block.name]] for row in rows]) for block in BLOCKS]


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
        weighed = matrix.copy()
        weighed.data = weighed.data * idf[at + weighed.indices]
        parts.append(normalize(weighed) * np.float32(block.weight))
        at += matrix.shape[1]
    return hstack(parts, format="csr", dtype=np.float32)
