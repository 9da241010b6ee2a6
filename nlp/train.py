"""Labelled sentences and their mails to a trained pipeline: a logistic regression a label over cues and n-grams.

Scores are calibrated by Platt's sigmoid on out-of-fold scores, folds being cut by thread family; thresholds are those
of the best F1 of these. The same rows, mails and seed give the same files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from nlp import gold
from nlp.encoder import Encoder
from nlp.features import Sentence, named, sentences
from nlp.gold import Gold
from nlp.labels import Label
from nlp.ngrams import BLOCKS, counts, fields, rarity, weigh
from nlp.pipeline import blank
from nlp.values import MailText
from nlp.weights import LABELS, TOPICS, Array, Weights, sigmoid, stack

STRENGTH = 2.0  # inverse of the penalty, found by grouped cross-validation
FEWEST = 3  # mails that must show a named feature
FOLDS = 5
LEAST = 0.2  # no label holds below this score: the best F1 of a weak label may lie absurdly low
# What the encoder's score counts beside the linear one, and the linear score from which it is asked: chosen so that it
# is asked for 8 % of an archive's sentences. The other labels gain too little from it for what it costs.
ENCODER = {Label.ABI_CONCERN: (0.7, -2.0), Label.REQUIREMENT: (0.8, -2.5)}


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
        for sentence, features, found, grams in zip(made, named(mail, made), matched, fields(made), strict=True):
            if found:
                start = sentence.passage.start + sentence.span.start_char
                out.append((sentence.text, tuple(features), tuple(found), key, family[key], grams, start))
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


def _regress(rows: Any, wanted: NDArray[np.int64], strength: float) -> tuple[Array, Array]:
    """Coefficients of every column; those that no row shows stay 0 and cost nothing."""
    columns = np.unique(rows.indices) if hasattr(rows, "indices") else np.arange(rows.shape[1])
    model = LogisticRegression(C=strength, solver="liblinear", tol=1e-3, random_state=0).fit(rows[:, columns], wanted)
    found = np.zeros(rows.shape[1], dtype=np.float32)
    found[columns] = model.coef_[0]
    return found, model.intercept_.astype(np.float32)


def fit(data: Examples, chosen: Sequence[int]) -> Weights:
    """Weights from the chosen examples, not yet calibrated and without an encoder."""
    names = vocabulary(data, chosen)
    rows, idf = inputs(data, chosen, names, None)
    wanted = data.labels[list(chosen)].astype(np.int64)
    labels = np.zeros((rows.shape[1], len(LABELS)), dtype=np.float32)
    label_bias = np.full(len(LABELS), -20, dtype=np.float32)
    for j in range(len(LABELS)):
        if wanted[:, j].any():
            coefficients, shift = _regress(rows, wanted[:, j], STRENGTH)
            labels[:, j], label_bias[j] = coefficients, shift[0]
    topics, topic_bias = _topics(rows[:, : len(names) + (1 << BLOCKS[0].bits)], data.topics[list(chosen)])
    ones = np.ones(len(LABELS), dtype=np.float32)
    curve = np.stack([ones, 0 * ones], axis=1)
    return Weights(
        names,
        labels,
        label_bias,
        topics,
        topic_bias,
        idf,
        0 * ones,
        0 * ones,
        0 * ones,
        curve,
        (ones / 2).astype(np.float32),
    )


def empty() -> Weights:
    """Weights without any feature, to be calibrated on scores that others gave."""
    none, ones = np.zeros((0, len(LABELS)), dtype=np.float32), np.ones(len(LABELS), dtype=np.float32)
    topics = np.zeros((0, len(TOPICS)), dtype=np.float32)
    curve = np.stack([ones, 0 * ones], axis=1)
    idf = np.zeros(0, dtype=np.float32)
    return Weights(
        {},
        none,
        0 * ones,
        topics,
        topics.sum(axis=0),
        idf,
        0 * ones,
        0 * ones,
        0 * ones,
        curve,
        (ones / 2).astype(np.float32),
    )


def _topics(rows: Any, topics: NDArray[np.int64]) -> tuple[Array, Array]:
    weights = np.zeros((rows.shape[1], len(TOPICS)), dtype=np.float32)
    bias = np.full(len(TOPICS), -20, dtype=np.float32)
    known = np.flatnonzero(topics >= 0)
    for t in sorted(set(topics[known].tolist())):
        if 0 < (topics[known] == t).sum() < len(known):
            coefficients, shift = _regress(rows[known], (topics[known] == t).astype(np.int64), STRENGTH)
            weights[:, t], bias[t] = coefficients, shift[0]
    return weights, bias


def score(weights: Weights, data: Examples, chosen: Sequence[int]) -> tuple[Array, NDArray[np.int64]]:
    """Linear scores and topics of the chosen examples."""
    rows, _ = inputs(data, chosen, weights.names, weights.idf)
    topics = rows[:, : len(weights.topics)] @ weights.topics + weights.topic_bias
    return np.asarray(rows @ weights.labels + weights.label_bias, dtype=np.float32), np.argmax(topics, axis=1)


def deal(data: Examples, count: int, seed: int) -> NDArray[np.int64]:
    """The fold of every example, by family."""
    rows = {id(g): g for found in data.matched for g in found}
    dealt = gold.folds(dict(zip(data.keys, data.families, strict=True)), list(rows.values()), count, seed)
    return np.array([dealt[name] for name in data.families])


def out_of_fold(data: Examples, fold: NDArray[np.int64]) -> tuple[Array, NDArray[np.int64]]:
    """Scores and topics of every example by weights that saw nothing of its family."""
    scores = np.zeros((len(fold), len(LABELS)), dtype=np.float32)
    topics = np.zeros(len(fold), dtype=np.int64)
    for number in sorted(set(fold.tolist())):
        held = np.flatnonzero(fold == number).tolist()
        scores[held], topics[held] = score(fit(data, np.flatnonzero(fold != number).tolist()), data, held)
    return scores, topics


def best_threshold(truth: Array, scores: Array) -> float:
    """The score from which F1 is best."""
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(truth[order])
    f1 = 2 * hits / (np.arange(1, len(order) + 1) + max(1.0, truth.sum()))
    return float(scores[order[int(np.argmax(f1))]])


def calibrate(weights: Weights, truth: Array, scores: Array) -> Weights:
    """Platt's sigmoid and the thresholds, from scores of sentences that the weights did not see."""
    curve, thresholds = weights.curve.copy(), weights.thresholds.copy()
    for j in range(len(LABELS)):
        if truth[:, j].any():
            slope, shift = _regress(scores[:, [j]], truth[:, j].astype(np.int64), 1e4)
            curve[j] = slope[0], shift[0]
            found = best_threshold(truth[:, j], sigmoid(curve[j, 0] * scores[:, j] + curve[j, 1]))
            thresholds[j] = max(LEAST, found)
    return replace(weights, curve=curve, thresholds=thresholds)


def join(weights: Weights, linear: Array, held: Array) -> tuple[Weights, Array]:
    """Weights that ask the encoder, and the joint scores; ``held``: its scores of sentences it was not trained on."""
    factor = np.zeros(len(LABELS), dtype=np.float32)
    gate = np.full(len(LABELS), np.inf, dtype=np.float32)
    for label, (share, least) in ENCODER.items():
        factor[LABELS.index(label)], gate[LABELS.index(label)] = share, least
    asked = np.array([bool(np.any(row >= gate)) for row in linear])
    floor = held[~asked].mean(axis=0).astype(np.float32) if not asked.all() else 0 * factor
    added = factor * np.where(asked[:, None], held, floor)
    return replace(weights, factor=factor, floor=floor, gate=gate), np.asarray(linear + added, dtype=np.float32)


def with_encoder(weights: Weights, data: Examples, scores: Array, held: Mapping[tuple[str, int], Array]) -> Weights:
    """Weights that ask the encoder; the labels that it weighs are calibrated on the sentences it was tested on."""
    seen = [i for i, place in enumerate(zip(data.keys, data.starts, strict=True)) if place in held]
    known = np.stack([held[data.keys[i], data.starts[i]][: len(LABELS)] for i in seen])
    asking, joint = join(weights, scores[seen], known)
    anew = calibrate(asking, data.labels[seen], joint)
    asked = asking.factor > 0
    curve = np.where(asked[:, None], anew.curve, weights.curve)
    return replace(anew, curve=curve, thresholds=np.where(asked, anew.thresholds, weights.thresholds))


def train(
    rows: Sequence[Gold],
    mails: Mapping[str, MailText],
    out_dir: Path,
    seed: int = 1,
    encoder: Encoder | None = None,
    held: Mapping[tuple[str, int], Array] | None = None,
) -> Path:
    """A pipeline folder that ``nlp.pipeline.load`` takes. ``mails``: message id -> mail, as far as they are at hand.
    ``encoder`` comes with ``held``, its scores by (message id, start) of sentences that it was not trained on:
    calibration rests on these alone."""
    data = examples(rows, mails)
    weights = fit(data, range(len(data.texts)))
    scores, _ = out_of_fold(data, deal(data, FOLDS, seed))
    weights = calibrate(weights, data.labels, scores)
    if encoder is not None and held:
        weights = with_encoder(weights, data, scores, held)
    language = blank()
    component = language.get_pipe("statements")
    component.weights = weights  # type: ignore[attr-defined]  # our own component
    component.encoder = encoder if held else None  # type: ignore[attr-defined]
    language.meta.update(name="precedent_tagger", version="0.2.0", description="Statement tags for hypervisor lists")
    language.to_disk(out_dir)
    return out_dir
