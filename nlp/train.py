"""Labelled sentences and their mails to a trained pipeline: one logistic regression a label over the named features.

Scores are calibrated by Platt's sigmoid on out-of-fold scores, folds being cut by thread family; thresholds are those
of the best F1 of these. The same rows, mails and seed give the same files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix  # type: ignore[import-untyped]  # scipy ships no stubs
from sklearn.linear_model import LogisticRegression

from nlp import gold
from nlp.features import Sentence, named, sentences
from nlp.gold import Gold
from nlp.pipeline import blank
from nlp.values import MailText
from nlp.weights import LABELS, TOPICS, Array, Weights, sigmoid

STRENGTH = 0.1  # inverse of the penalty, found by grouped cross-validation
FEWEST = 3  # mails that must show a feature
FOLDS = 5
LEAST = 0.2  # no label holds below this score: the best F1 of a weak label may lie absurdly low


@dataclass(frozen=True, slots=True)
class Examples:
    """Our sentences with the gold ones that each matches; ``keys`` and ``families`` run beside them."""

    texts: tuple[str, ...]
    features: tuple[tuple[str, ...], ...]
    matched: tuple[tuple[Gold, ...], ...]
    keys: tuple[str, ...]
    families: tuple[str, ...]

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
    out: list[tuple[str, tuple[str, ...], tuple[Gold, ...], str, str]] = []
    for key, mine in sorted(gold.by_message(rows).items()):
        mail = mails.get(key) or gold.bare_mail(key, mine)
        made: list[Sentence] = sentences([language(p.text) for p in mail.passages], mail.passages)
        matched = gold.align([sentence.text for sentence in made], mine)
        for sentence, features, found in zip(made, named(mail, made), matched, strict=True):
            if found:
                out.append((sentence.text, tuple(features), tuple(found), key, family[key]))
    return Examples(*(tuple(column) for column in zip(*out, strict=True)))


def vocabulary(data: Examples, chosen: Sequence[int]) -> dict[str, int]:
    seen: dict[str, set[str]] = {}
    for i in chosen:
        for name in data.features[i]:
            seen.setdefault(name, set()).add(data.keys[i])
    return {name: i for i, name in enumerate(sorted(n for n, keys in seen.items() if len(keys) >= FEWEST))}


def matrix(features: Sequence[Sequence[str]], names: Mapping[str, int]) -> csr_matrix:
    rows = [(i, names[name]) for i, row in enumerate(features) for name in row if name in names]
    at = np.array(rows, dtype=np.int64).reshape(-1, 2)
    shape = (len(features), len(names))
    return csr_matrix((np.ones(len(rows), dtype=np.float32), (at[:, 0], at[:, 1])), shape=shape)


def _regress(inputs: csr_matrix, wanted: NDArray[np.int64], strength: float) -> tuple[Array, Array]:
    model = LogisticRegression(C=strength, solver="lbfgs", max_iter=500).fit(inputs, wanted)
    return model.coef_.astype(np.float32), model.intercept_.astype(np.float32)


def fit(data: Examples, chosen: Sequence[int]) -> Weights:
    """Weights from the chosen examples, not yet calibrated."""
    names = vocabulary(data, chosen)
    inputs = matrix([data.features[i] for i in chosen], names)
    wanted = data.labels[list(chosen)].astype(np.int64)
    parts = [_regress(inputs, wanted[:, j], STRENGTH) if wanted[:, j].any() else None for j in range(len(LABELS))]
    empty = (np.zeros((1, len(names)), dtype=np.float32), np.full(1, -20, dtype=np.float32))
    coefficients, shifts = zip(*[part or empty for part in parts], strict=True)
    topics = data.topics[list(chosen)]
    with_topic = np.flatnonzero(topics >= 0)
    topic_w = np.zeros((len(names), len(TOPICS)), dtype=np.float32)
    topic_b = np.full(len(TOPICS), -20, dtype=np.float32)
    present = sorted(set(topics[with_topic].tolist()))
    if len(present) > 2:
        w, b = _regress(inputs[with_topic], topics[with_topic], STRENGTH * 4)
        topic_w[:, present], topic_b[present] = w.T, b
    return Weights(
        names,
        np.vstack(coefficients).T.astype(np.float32),
        np.concatenate(shifts).astype(np.float32),
        topic_w,
        topic_b,
        np.tile(np.array([1.0, 0.0], dtype=np.float32), (len(LABELS), 1)),
        np.full(len(LABELS), 0.5, dtype=np.float32),
    )


def raw(weights: Weights, features: Sequence[Sequence[str]]) -> Array:
    inputs = matrix(features, weights.names)
    return np.asarray(inputs @ weights.labels + weights.label_bias, dtype=np.float32)


def out_of_fold(data: Examples, count: int, seed: int) -> Array:
    """Scores of every example by weights that saw nothing of its family."""
    rows = {id(g): g for found in data.matched for g in found}
    dealt = gold.folds(dict(zip(data.keys, data.families, strict=True)), list(rows.values()), count, seed)
    fold = np.array([dealt[name] for name in data.families])
    scores = np.zeros((len(fold), len(LABELS)), dtype=np.float32)
    for number in sorted(set(fold.tolist())):
        weights = fit(data, np.flatnonzero(fold != number).tolist())
        held = np.flatnonzero(fold == number)
        scores[held] = raw(weights, [data.features[i] for i in held])
    return scores


def best_threshold(truth: Array, scores: Array) -> float:
    """The score from which F1 is best."""
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(truth[order])
    f1 = 2 * hits / (np.arange(1, len(order) + 1) + max(1.0, truth.sum()))
    return float(scores[order[int(np.argmax(f1))]])


def calibrate(weights: Weights, truth: Array, scores: Array) -> Weights:
    curve, thresholds = weights.curve.copy(), weights.thresholds.copy()
    for j in range(len(LABELS)):
        if truth[:, j].any():
            slope, shift = _regress(csr_matrix(scores[:, [j]]), truth[:, j].astype(np.int64), 1e4)
            curve[j] = slope[0, 0], shift[0]
            found = best_threshold(truth[:, j], sigmoid(curve[j, 0] * scores[:, j] + curve[j, 1]))
            thresholds[j] = max(LEAST, found)
    return replace(weights, curve=curve, thresholds=thresholds)


def train(rows: Sequence[Gold], mails: Mapping[str, MailText], out_dir: Path, seed: int = 1) -> Path:
    """A pipeline folder that ``nlp.pipeline.load`` takes. ``mails``: message id -> mail, as far as they are at hand."""
    data = examples(rows, mails)
    weights = calibrate(fit(data, range(len(data.texts))), data.labels, out_of_fold(data, FOLDS, seed))
    language = blank()
    language.get_pipe("statements").weights = weights  # type: ignore[attr-defined]  # our own component
    language.meta.update(name="precedent_tagger", version="0.1.0", description="Statement tags for hypervisor lists")
    language.to_disk(out_dir)
    return out_dir
