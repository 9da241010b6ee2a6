"""Labelled sentences and their mails to rows to learn from: our sentences, what they show, the labels they match."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import fields as columns_of
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.families import families, folds, kin
from nlp.features import Sentence, named, sentences
from nlp.gold import Gold, align, bare_mail, by_message
from nlp.learnt import Read, holding
from nlp.ngrams import counts, fields, rarity, weigh
from nlp.notes import same_place
from nlp.pipeline import blank
from nlp.values import MailText
from nlp.weights import LABELS, TOPICS, Array, stack
from nlp.windows import Seat, seats

FEWEST = 3  # mails that must show a named feature


@dataclass(frozen=True)
class Examples:
    """Our sentences with the labelled ones that each matches; ``keys`` (their mails) and the rest run beside them.

    ``kin`` are the gold families that a sentence tells of: its own, or those with titles like that of a mail that is
    only learnt from. ``gold``: whether it may be measured by.
    """

    texts: tuple[str, ...]
    features: tuple[tuple[str, ...], ...]
    matched: tuple[tuple[Gold, ...], ...]
    keys: tuple[str, ...]
    kin: tuple[frozenset[str], ...]
    grams: tuple[tuple[str, str, str, str], ...]
    starts: tuple[int, ...]  # in the stored body
    seats: tuple[Seat, ...]  # in the windows that the encoder reads
    gold: tuple[bool, ...]

    @property
    def places(self) -> list[tuple[str, int]]:
        return list(zip(self.keys, self.starts, strict=True))

    @cached_property
    def labels(self) -> Array:
        return np.array([[any(n in g.labels for g in m) for n in LABELS] for m in self.matched], dtype=np.float32)

    @cached_property
    def topics(self) -> NDArray[np.int64]:
        firsts = [next((g.topic for g in m if g.topic), None) for m in self.matched]
        return np.array([TOPICS.index(t) if t in TOPICS else -1 for t in firsts])

    @cached_property
    def counted(self) -> list[Any]:
        """The n-grams of every sentence, a matrix a block; hashing them takes longer than fitting a label to them."""
        return counts(self.grams)

    @cached_property
    def runs(self) -> NDArray[np.int64]:
        """Which sentences the encoder reads together: a number for each window."""
        return np.unique([id(seat.window) for seat in self.seats], return_inverse=True)[1]

    @property
    def families(self) -> list[str]:
        """Of gold sentences, which have one each."""
        return [next(iter(names), "") for names in self.kin]

    @property
    def measured(self) -> NDArray[np.int64]:
        """Places of the gold sentences."""
        return np.flatnonzero(np.array(self.gold, dtype=np.bool_))

    def only(self, places: NDArray[np.int64]) -> Examples:
        return Examples(*(tuple(getattr(self, f.name)[i] for i in places.tolist()) for f in columns_of(self)))


@dataclass(frozen=True, slots=True)
class Fold:
    """Places of gold sentences that are held out, and of all sentences whose families are none of theirs."""

    held: NDArray[np.int64]
    learned: NDArray[np.int64]


def examples(rows: Sequence[Gold], mails: Mapping[str, MailText], more: Read | None = None) -> Examples:
    """Sentences of the reviewed mails that match a reviewed one, in the order of the mails' keys; then all those of
    the mails of ``more`` that are at hand and no row speaks of."""
    language = blank()
    language.remove_pipe("statements")
    family = families(rows, mails)
    out: list[tuple[object, ...]] = []

    def add(key: str, mail: MailText, names: frozenset[str], mine: Sequence[Gold], gold: bool) -> None:
        made: list[Sentence] = sentences([language(p.text) for p in mail.passages], mail.passages)
        starts = [s.passage.start + s.span.start_char for s in made]
        matched = _matched(made, starts, mail, mine, gold)
        shown = zip(made, named(mail, made), matched, fields(made), seats(mail, made), starts, strict=True)
        for sentence, features, found, grams, seat, start in shown:
            if found or not gold:
                out.append((sentence.text, tuple(features), tuple(found), key, names, grams, start, seat, gold))

    reviewed = by_message(rows)
    for key, mine in sorted(reviewed.items()):
        add(key, mails.get(key) or bare_mail(key, mine), frozenset((family[key],)), mine, True)
    others = sorted(key for key in more or {} if key in mails and key not in reviewed)
    for key, names in kin(rows, mails, family, others).items():
        add(key, mails[key], names, holding((more or {})[key], mails[key]), False)
    columns: list[Any] = [tuple(column) for column in zip(*out, strict=True)]
    return Examples(*columns)


def _matched(
    made: Sequence[Sentence], starts: Sequence[int], mail: MailText, rows: Sequence[Gold], gold: bool
) -> list[list[Gold]]:
    """For each sentence the rows at its place; a gold row whose words stand elsewhere is matched by these, which may
    take a signature of one letter for an answer."""
    standing = holding(rows, mail)
    ends = [s.passage.start + s.span.end_char for s in made]
    placed = [[r for r in standing if same_place(a, b, r.start, r.end)] for a, b in zip(starts, ends, strict=True)]
    if not gold:
        return placed
    rest = align([sentence.text for sentence in made], [row for row in rows if row not in standing])
    return [mine + others for mine, others in zip(placed, rest, strict=True)]


def vocabulary(data: Examples, chosen: Sequence[int]) -> dict[str, int]:
    seen: dict[str, set[str]] = {}
    for i in chosen:
        for name in data.features[i]:
            seen.setdefault(name, set()).add(data.keys[i])
    return {name: i for i, name in enumerate(sorted(n for n, keys in seen.items() if len(keys) >= FEWEST))}


def inputs(data: Examples, chosen: Sequence[int], names: Mapping[str, int], idf: Array | None) -> tuple[Any, Array]:
    """The matrix of the chosen examples, and the rarity of n-grams (found here where it is not given)."""
    made = [block[list(chosen)] for block in data.counted]
    known = rarity(made) if idf is None else idf
    rows = [[names[name] for name in data.features[i] if name in names] for i in chosen]
    return stack(rows, len(names), weigh(made, known)), known


def deal(data: Examples, count: int, seed: int) -> list[Fold]:
    """The gold dealt to folds by family."""
    rows = {id(g): g for found, gold in zip(data.matched, data.gold, strict=True) if gold for g in found}
    family = {key: next(iter(names)) for key, names, gold in zip(data.keys, data.kin, data.gold, strict=True) if gold}
    dealt = folds(family, list(rows.values()), count, seed)
    told = [frozenset(dealt[name] for name in names) for names in data.kin]
    made = []
    for number in range(count):
        touched = np.array([number in numbers for numbers in told])
        held = np.flatnonzero(touched & np.array(data.gold, dtype=np.bool_))
        made.append(Fold(held, np.flatnonzero(~touched)))
    return [fold for fold in made if len(fold.held)]
