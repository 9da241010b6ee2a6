"""Labelled sentences and their mails to a trained pipeline: a logistic regression a label over cues and n-grams.

Scores are calibrated by Platt's sigmoid on out-of-fold scores, folds being cut by thread family; thresholds are those
of the best F1 of these. The same rows, mails and seed give the same files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from nlp.encoder import Encoder
from nlp.examples import Examples, Fold, deal, examples, inputs, vocabulary
from nlp.gold import Gold
from nlp.held import keep
from nlp.labels import Label
from nlp.learnt import Read
from nlp.ngrams import BLOCKS
from nlp.pipeline import blank
from nlp.values import MailText
from nlp.weights import LABELS, TOPICS, Array, Weights, sigmoid

STRENGTH = 2.0  # inverse of the penalty, found by grouped cross-validation
TOPIC_WIDTH = sum(1 << block.bits for block in BLOCKS[:2])  # topics are told by the sentence's own n-grams
FOLDS = 5
LEAST = 0.2  # no label holds below this score: the best F1 of a weak label may lie absurdly low
# The linear score from which the encoder is asked about a sentence and the run that it stands in: chosen so that it
# reads about a third of the runs of an archive that was not learnt from.
GATE = {
    Label.ABI_CONCERN: -1.75,
    Label.REQUIREMENT: -2.95,
    Label.POST_COMMIT_OBJECTION: -3.5,
    Label.AGREE: -1.6,
    Label.DISAGREE: -1.1,
}


# Makes an encoder: examples to it and its scores of the gold sentences, which it did not see.
Tuned = Callable[[Examples], tuple[Encoder, Array]]


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
    topics, topic_bias = _topics(rows[:, : len(names) + TOPIC_WIDTH], data.topics[list(chosen)])
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


def score(weights: Weights, data: Examples, chosen: Sequence[int]) -> tuple[Array, Array]:
    """Linear scores of the chosen examples: of the labels and of the topics."""
    rows, _ = inputs(data, chosen, weights.names, weights.idf)
    topics = rows[:, : len(weights.topics)] @ weights.topics + weights.topic_bias
    labels = rows @ weights.labels + weights.label_bias
    return np.asarray(labels, dtype=np.float32), np.asarray(topics, dtype=np.float32)


def out_of_fold(data: Examples, folds: Iterable[Fold]) -> tuple[Array, Array]:
    """Scores of every gold example, of labels and of topics, by weights that saw nothing of its kin; 0 for others."""
    scores = np.zeros((len(data.texts), len(LABELS)), dtype=np.float32)
    topics = np.zeros((len(data.texts), len(TOPICS)), dtype=np.float32)
    for fold in folds:
        held = fold.held.tolist()
        scores[held], topics[held] = score(fit(data, fold.learned.tolist()), data, held)
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


def join(weights: Weights, linear: Array, held: Array, truth: Array, runs: NDArray[np.int64]) -> tuple[Weights, Array]:
    """Weights that ask the encoder, and the joint scores; ``held``: its scores of sentences it was not trained on. What
    it counts beside the linear score is found by a regression of the truth on both."""
    factor = np.zeros(len(LABELS), dtype=np.float32)
    gate = np.full(len(LABELS), np.inf, dtype=np.float32)
    for label, least in GATE.items():
        j = LABELS.index(label)
        if truth[:, j].any():
            both = _regress(np.stack([linear[:, j], held[:, j]], axis=1), truth[:, j].astype(np.int64), 1e4)[0]
            factor[j], gate[j] = max(0.0, both[1]) / max(both[0], 1e-3), least
    asking = replace(weights, factor=factor, gate=gate)
    spared = ~asked(asking, linear, runs)
    if spared.any():
        asking = replace(asking, floor=held[spared, : len(LABELS)].mean(axis=0).astype(np.float32))
    return asking, joined(asking, linear, held, runs)


def asked(weights: Weights, linear: Array, runs: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which sentences the encoder is asked about: those of a run of which one has a chance."""
    return np.isin(runs, runs[weights.leaves_a_chance(linear)])


def joined(weights: Weights, linear: Array, held: Array, runs: NDArray[np.int64]) -> Array:
    """Linear scores with the encoder's where it is asked, and with their floor elsewhere."""
    added = weights.factor * np.where(asked(weights, linear, runs)[:, None], held[:, : len(LABELS)], weights.floor)
    return np.asarray(linear + added, dtype=np.float32)


def train(
    rows: Sequence[Gold],
    mails: Mapping[str, MailText],
    out_dir: Path,
    seed: int = 1,
    tuned: Tuned | None = None,
    more: Read | None = None,
) -> Path:
    """A pipeline folder that ``nlp.pipeline.load`` takes. ``mails``: message id -> mail, as far as they are at hand.
    ``tuned``: makes an encoder beside the linear weights. ``more``: labels that are learnt from only; scores are
    calibrated by the gold ``rows``."""
    data = examples(rows, mails, more)
    everyone = range(len(data.texts))
    weights = fit(data, everyone)
    gold = data.measured
    scores = out_of_fold(data, deal(data, FOLDS, seed))[0][gold]
    truth = data.labels[gold]
    encoder = None
    if tuned is not None:
        encoder, held = tuned(data)
        weights, scores = join(weights, scores, held[gold], truth, data.runs[gold])
        keep(out_dir / "statements", data.only(gold).places, held[gold])
    weights = calibrate(weights, truth, scores)
    language = blank()
    component = language.get_pipe("statements")
    component.weights, component.encoder = weights, encoder  # type: ignore[attr-defined]  # our own component
    language.meta.update(name="precedent_tagger", version="0.4.0", description="Statement tags for hypervisor lists")
    language.to_disk(out_dir)
    return out_dir
