"""Sentences to groups that say the same rule, and pairs that say the contrary.

Sentences are taken in the order in which they were said. Each joins the earlier group that it is most like, or begins
one (leader clustering with average likeness). Likeness is the cosine of stemmed words and word pairs under weights that
are fixed: words of this field at large weigh little. So neither the groups nor the likeness of what was said before
depend on what is said later, and an archive read in parts gives the groups of the whole. The price against clustering
all at once under TF-IDF is small, and its gain is that a rule never loses a sentence because a mail came in. The height
is cautious: two rules kept apart cost a line, two different rules joined put words under the wrong name.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

from guidelines.cues import ENDS

SAME = 0.4
SHARED, NEAR = 2, 0.6  # telling words that two sentences must share, unless they are as like as this
_LITTLE, _PAIR = 0.3, 0.5  # weights of a word of the field at large, and of a pair against its words
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


_ENDINGS = ("ing", "ed", "es", "s")


def _stem(word: str) -> str:
    word = word.removesuffix("'s")
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)][:9]
    return word[:9]


# Words that most rules of this field hold, whatever they are about.
_AT_LARGE = frozenset(
    _stem(word)
    for word in words(
        "abi about access actually add agree all allow already also anything anyway api architecture arm arm64 "
        "because before believe between bit both call can't case change check code context cpu currently data device "
        "different do doesn't dom0 domain domu don't either enable ensure error even existing explicitly feature "
        "first future get going good guest here host how however hypercall hypervisor i'd implementation instead "
        "interface into isn't it's kernel know kvm let like linux make maybe memory more much need never new no nor "
        "not nothing one other out page point possible probably qemu rather register return right running same save "
        "say see seem set shouldn't side since some something space specific state still such support sure system "
        "that's there's thing time toolstack uapi up use user userspace value vcpu very vm vmm want way well where "
        "whether while without won't work would xen yes"
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


def opposite(one: str, other: str) -> bool:
    """Whether two sentences on one matter come down on opposite ends of a question ("is an error", "is ignored")."""
    mine, theirs = _ends(one), _ends(other)
    return (
        any(mine[q] != theirs[q] for q in mine.keys() & theirs.keys()) and len(telling(one) & telling(other)) >= SHARED
    )


def _ends(text: str) -> dict[int, bool]:
    """The questions that a sentence answers, and whether it takes the first end; a negation turns it round."""
    found = {}
    for question, (first, second) in enumerate(ENDS):
        taken = [end for end in (first, second) if end.search(text)]
        if len(taken) == 1:
            found[question] = (taken[0] is first) != negative(taken[0].sub(" ", text))
    return found


def vectors(texts: Sequence[str]) -> Any:
    """A sparse matrix, one row of unit length a sentence; words weigh as much as letter groups."""
    # Imported when asked for: a sync does without, and would take a second longer for it.
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import FeatureUnion
    from sklearn.preprocessing import normalize

    features = FeatureUnion(
        [
            ("words", TfidfVectorizer(tokenizer=words, token_pattern=None, ngram_range=(1, 2), sublinear_tf=True)),
            ("letters", TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True)),
        ]
    )
    return normalize(features.fit_transform([_folded(t) for t in texts]))


def _folded(text: str) -> str:
    return " ".join(w for w in words(text) if w not in _FORM)


def weights(text: str) -> dict[str, float]:
    """A sentence's words (stems) and pairs of them with their weights, as a vector of unit length."""
    stems = [_stem(word) for word in words(text) if word not in _FORM]
    single = {stem: _LITTLE if stem in _AT_LARGE else 1.0 for stem in stems}
    found = dict(single)
    for one, other in pairwise(stems):
        found[f"{one} {other}"] = _PAIR * math.sqrt(single[one] * single[other])
    length = math.sqrt(sum(weight * weight for weight in found.values())) or 1.0
    return {feature: weight / length for feature, weight in found.items()}


def telling(text: str) -> frozenset[str]:
    """The stems that are neither the form of a rule nor words of the field at large."""
    return frozenset(_stem(word) for word in words(text) if word not in _FORM) - _AT_LARGE


def alike(one: str, other: str) -> float:
    """The cosine of two sentences, 0 to 1; it depends on nothing but these two."""
    a, b = weights(one), weights(other)
    return sum(weight * b.get(feature, 0.0) for feature, weight in a.items())


def groups(texts: Sequence[str], blocks: Sequence[str], same: float = SAME) -> list[list[int]]:
    """Positions of like sentences, by block (a topic); sentences with equal words are together whatever their block.
    ``texts`` come in the order in which they were said."""
    found: list[list[int]] = []
    first: dict[str, int] = {}  # words to the group that holds them
    blocked: dict[str, _Block] = {}
    for place, text in enumerate(texts):
        spoken = " ".join(words(text)) or text
        group = first.get(spoken)
        if group is None:
            block = blocked.setdefault(blocks[place], _Block())
            vector = weights(text)
            group = block.nearest(vector, same)
            if group is None:
                group = len(found)
                found.append([])
            block.add(vector, group)
            first[spoken] = group
        found[group].append(place)
    return found


class _Block:
    """The sentences of a block so far, by feature, each with its group."""

    def __init__(self) -> None:
        self._holders: dict[str, list[tuple[int, float]]] = defaultdict(list)
        self._group: list[int] = []
        self._size: dict[int, int] = defaultdict(int)

    def add(self, vector: Mapping[str, float], group: int) -> None:
        for feature, weight in vector.items():
            self._holders[feature].append((len(self._group), weight))
        self._group.append(group)
        self._size[group] += 1

    def nearest(self, vector: Mapping[str, float], same: float) -> int | None:
        """The group that is on average most alike, and at least ``same``; the oldest of equals."""
        alike: dict[int, float] = defaultdict(float)
        shared: dict[int, int] = defaultdict(int)
        for feature, weight in vector.items():
            telling = " " not in feature and feature not in _AT_LARGE
            for row, other in self._holders.get(feature, ()):
                alike[row] += weight * other
                shared[row] += telling
        average: dict[int, float] = defaultdict(float)
        for row, value in alike.items():
            if shared[row] >= SHARED or (shared[row] and value >= NEAR):
                average[self._group[row]] += value / self._size[self._group[row]]
        best = min(average, key=lambda g: (-round(average[g], 9), g), default=None)
        return best if best is not None and round(average[best], 9) >= same else None


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
