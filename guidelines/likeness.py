"""Sentences to groups that say the same rule, and pairs that say the contrary.

Likeness is the cosine of TF-IDF vectors over words and letter groups; groups come from average-linkage agglomerative
clustering, cut at a cautious height: two rules kept apart cost a line, two different rules joined put words under the
wrong name. Sentences are first blocked into connected components of the likeness graph. That changes nothing (average
linkage at a height needs a pair at least that alike) and keeps the work near linear in the number of sentences.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from sklearn.cluster import AgglomerativeClustering
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import FeatureUnion
from sklearn.preprocessing import normalize

SAME = 0.45
_WORD = re.compile(r"\w+(?:'[a-z]+)?")
_NEGATION = re.compile(
    r"\b(?:not|never|no|none|nor|neither|without|cannot|avoid|avoids|forbid\w*|disallow\w*|prohibit\w*|reject\w*"
    r"|unacceptable|impossible|n't)\b|n't\b"
)


def words(text: str) -> list[str]:
    """Folded words, identifiers whole."""
    return _WORD.findall(text.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"))


# Words that carry the form of a rule, not its matter.
_FORM = frozenset(
    words(
        "a an and any are as at be been being but by can could do does doing for from had has have i if imo "
        "in is it its  just let like may might must need needs of on only or our ought really shall should so "
        "than that the their them  then there these they think this those to too us want was we were what "
        "when which will with would you your "
    )
)


@lru_cache(maxsize=1 << 15)
def matter(text: str) -> frozenset[str]:
    """The words that carry what a rule is about: no function words, no negation."""
    return frozenset(w for w in words(text) if w not in _FORM and not _NEGATION.fullmatch(w) and len(w) > 1)


@lru_cache(maxsize=1 << 15)
def negative(text: str) -> bool:
    """Whether a sentence forbids rather than demands: an odd number of negations."""
    return len(_NEGATION.findall(text.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"))) % 2 == 1


def contradict(one: str, other: str) -> bool:
    """Whether two sentences speak of nearly the same matter with opposite signs."""
    a, b = matter(one), matter(other)
    if negative(one) == negative(other) or min(len(a), len(b)) < 3:
        return False
    return len(a & b) >= 0.7 * len(a | b)


def vectors(texts: Sequence[str]) -> Any:
    """A sparse matrix, one row of unit length a sentence; words weigh as much as letter groups."""
    features = FeatureUnion(
        [
            ("words", TfidfVectorizer(tokenizer=words, token_pattern=None, ngram_range=(1, 2), sublinear_tf=True)),
            ("letters", TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True)),
        ]
    )
    return normalize(features.fit_transform([_folded(t) for t in texts]))


def _folded(text: str) -> str:
    return " ".join(w for w in words(text) if w not in _FORM)


def groups(texts: Sequence[str], blocks: Sequence[str], same: float = SAME) -> list[list[int]]:
    """Positions of like sentences, by block (a topic); sentences with equal words are together whatever their block."""
    if not texts:
        return []
    first: dict[str, int] = {}
    twin = [first.setdefault(" ".join(words(t)) or t, i) for i, t in enumerate(texts)]
    labels: dict[int, int] = {}
    # A sentence without content words is like no other; equal ones are twins already.
    lead = [i for i in sorted(set(twin)) if _folded(texts[i])]
    for i in sorted(set(twin).difference(lead)):
        labels[i] = len(labels)
    rows: Any = vectors([texts[i] for i in lead]) if lead else ()
    for block in sorted({blocks[i] for i in lead}):
        where = [n for n, i in enumerate(lead) if blocks[i] == block]
        base = 1 + max(labels.values(), default=-1)
        for n, label in zip(where, _cluster(rows[where], same), strict=True):
            labels[lead[n]] = base + label
    found: dict[int, list[int]] = {}
    for i, leader in enumerate(twin):
        found.setdefault(labels[leader], []).append(i)
    return sorted(found.values())


def _cluster(rows: Any, same: float) -> list[int]:
    """Average linkage within each connected component of the graph of sentences at least ``same`` alike."""
    labels = [0] * rows.shape[0]
    following = 0
    for where in _components(rows, same):
        own = [0] * len(where) if len(where) < 2 else _linked(rows[where], same)
        for place, label in zip(where, own, strict=True):
            labels[place] = label + following
        following += max(own) + 1
    return labels


def _linked(rows: Any, same: float) -> list[int]:
    # Rounded, so that the order of summation cannot tip a pair that stands right at the height.
    distance = np.clip(1.0 - (rows @ rows.T).toarray(), 0.0, 1.0).round(9)
    model = AgglomerativeClustering(
        n_clusters=None, distance_threshold=1.0 - same, metric="precomputed", linkage="average"
    )
    return [int(label) for label in model.fit_predict(distance)]


def _components(rows: Any, same: float, batch: int = 500) -> list[list[int]]:
    """Connected components of the likeness graph, a batch of rows at a time so that memory stays bounded."""
    parent = list(range(rows.shape[0]))

    def root(place: int) -> int:
        while parent[place] != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place

    for start in range(0, rows.shape[0], batch):
        near = (rows[start : start + batch] @ rows.T).tocoo()
        for one, other, value in zip(near.row, near.col, near.data, strict=True):
            if value >= same - 1e-9 and start + one < other:
                a, b = sorted((root(start + int(one)), root(int(other))))
                parent[b] = a
    found: dict[int, list[int]] = {}
    for place in range(rows.shape[0]):
        found.setdefault(root(place), []).append(place)
    return [found[r] for r in sorted(found)]


def likenesses(text: str, others: Sequence[str]) -> list[float]:
    """How alike each of the others is to one text, 0 to 1."""
    if not _folded(text) or not any(_folded(other) for other in others):
        return [0.0] * len(others)
    rows = vectors([text, *others])
    return [float(value) for value in (rows[1:] @ rows[0].T).toarray().ravel().round(9)]


def nearest(text: str, others: Sequence[str], most: int, least: float = 0.05) -> list[int]:
    """Positions of the texts most like one, the nearest first; none that is hardly like it."""
    likeness = likenesses(text, others)
    order = sorted(range(len(others)), key=lambda i: (-likeness[i], i))
    return [i for i in order[:most] if likeness[i] >= least]
