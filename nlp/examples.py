"""Labelled sentences and their mails to rows to learn from: our sentences, what they show, the gold they match."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp import gold
from nlp.encoder import View, views
from nlp.features import Sentence, named, sentences
from nlp.gold import Gold
from nlp.ngrams import counts, fields, rarity, weigh
from nlp.pipeline import blank
from nlp.values import MailText
from nlp.weights import LABELS, TOPICS, Array, stack

FEWEST = 3  # mails that must show a named feature


@dataclass(frozen=True, slots=True)
class Examples:
    """Our sentences with the gold ones that each matches; ``keys`` and ``families`` run beside them."""

    texts: tuple[str, ...]
    features: tuple[tuple[str, ...], ...]
    matched: tuple[tuple[Gold, ...], ...]
    keys: tuple[str, ...]
    families: tuple[str, ...]
    grams: tuple[tuple[str, str, str, str], ...]
    starts: tuple[int, ...]  # in the stored body
    views: tuple[View, ...]  # as the encoder reads them

    @property
    def places(self) -> list[tuple[str, int]]:
        return list(zip(self.keys, self.starts, strict=True))

    @property
    def labels(self) -> Array:
        return np.array([[any(n in g.labels for g in m) for n in LABELS] for m in self.matched], dtype=np.float32)

    @property
    def topics(self) -> NDArray[np.int64]:
        firsts = [next((g.topic for g in m if g.topic), None) for m in self.matched]
        return np.array([TOPICS.index(t) if t in TOPICS else -1 for t in firsts])


def examples(rows: Sequence[Gold], mails: Mapping[str, MailText]) -> Examples:
    """Sentences of the reviewed mails that match a reviewed sentence, in the order of the mails' keys."""
    language = blank()
    language.remove_pipe("statements")
    family = gold.families(rows, mails)
    out: list[tuple[object, ...]] = []
    for key, mine in sorted(gold.by_message(rows).items()):
        mail = mails.get(key) or gold.bare_mail(key, mine)
        made: list[Sentence] = sentences([language(p.text) for p in mail.passages], mail.passages)
        matched = gold.align([sentence.text for sentence in made], mine)
        shown = zip(made, named(mail, made), matched, fields(made), views(mail, made), strict=True)
        for sentence, features, found, grams, view in shown:
            if found:
                start = sentence.passage.start + sentence.span.start_char
                out.append((sentence.text, tuple(features), tuple(found), key, family[key], grams, start, view))
    columns: list[Any] = [tuple(column) for column in zip(*out, strict=True)]
    return Examples(*columns)


def vocabulary(data: Examples, chosen: Sequence[int]) -> dict[str, int]:
    seen: dict[str, set[str]] = {}
    for i in chosen:
        for name in data.features[i]:
            seen.setdefault(name, set()).add(data.keys[i])
    return {name: i for i, name in enumerate(sorted(n for n, keys in seen.items() if len(keys) >= FEWEST))}


def inputs(data: Examples, chosen: Sequence[int], names: Mapping[str, int], idf: Array | None) -> tuple[Any, Array]:
    """The matrix of the chosen examples, and the rarity of n-grams (found here where it is not given)."""
    made = counts([data.grams[i] for i in chosen])
    known = rarity(made) if idf is None else idf
    rows = [[names[name] for name in data.features[i] if name in names] for i in chosen]
    return stack(rows, len(names), weigh(made, known)), known


def deal(data: Examples, count: int, seed: int) -> NDArray[np.int64]:
    """The fold of every example, by family."""
    rows = {id(g): g for found in data.matched for g in found}
    dealt = gold.folds(dict(zip(data.keys, data.families, strict=True)), list(rows.values()), count, seed)
    return np.array([dealt[name] for name in data.families])
