"""Labelled sentences and their mails to a trained pipeline: a logistic regression a label over cues and n-grams.

Scores are calibrated by Platt's sigmoid on out-of-fold scores, folds being cut by thread family; thresholds are those
of the best F1 of these. The same rows, mails and seed give the same files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from nlp.encoder import Encoder
from nlp.examples import Examples, deal, examples, inputs, vocabulary
from nlp.gold import Gold
from nlp.labels import Label
from nlp.ngrams import BLOCKS
from nlp.pipeline import blank
from nlp.values import MailText
from nlp.weights import LABELS, TOPICS, Array, Weights, sigmoid

STRENGTH = 2.0  # inverse of the penalty, found by grouped cross-validation
FOLDS = 5
LEAST = 0.2  # no label holds below this score: the best F1 of a weak label may lie absurdly low
# What the encoder's score counts beside the linear one, and the linear score from which it is asked: chosen so that it
# is asked for 8 % of an archive's sentences. The other labels gain too little from it for what it costs.
ENCODER = {Label.ABI_CONCERN: (0.7, -2.0), Label.REQUIREMENT: (0.8, -2.5)}


def _regress(rows: Any, wanted: NDArray[np.int64], strength: float, even: str | None = None) -> tuple[Array, Array]:
    """Coefficients of every column; those that no row shows stay 0 and cost nothing."""
    columns = np.unique(rows.indices) if hasattr(rows, "indices") else np.arange(rows.shape[1])
    model = LogisticRegression(C=strength, solver="liblinear", tol=1e-3, random_state=0, class_weight=even)
    model.fit(rows[:, columns], wanted)
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
            coefficients, shift = _regress(rows[known], (topics[known] == t).astype(np.int64), STRENGTH, "balanced")
            weights[:, t], bias[t] = coefficients, shift[0]
    return weights, bias


def score(weights: Weights, data: Examples, chosen: Sequence[int]) -> tuple[Array, NDArray[np.int64]]:
    """Linear scores and topics of the chosen examples."""
    rows, _ = inputs(data, chosen, weights.names, weights.idf)
    topics = rows[:, : len(weights.topics)] @ weights.topics + weights.topic_bias
    return np.asarray(rows @ weights.labels + weights.label_bias, dtype=np.float32), np.argmax(topics, axis=1)


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
