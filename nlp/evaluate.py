"""Gold to figures that can be believed: grouped cross-validation, calibrated and cut off without looking at the fold.

Every sentence is scored by weights that saw no thread of its family; the sigmoid and the thresholds of a fold come from
the other folds' scores. Precision counts our sentences, recall the gold's, as the project's scorer does. Intervals are
percentiles of a bootstrap over families, since sentences of one series are no independent witnesses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.classifier import SAY, settle
from nlp.examples import Examples, deal, examples
from nlp.gold import Gold
from nlp.held import read
from nlp.learnt import Read
from nlp.train import FOLDS, asked, calibrate, empty, join, joined, out_of_fold
from nlp.values import MailText
from nlp.weights import LABELS, TOPICS, Array, sigmoid

DRAWS = 500
BINS = 10
SURE = 0.8  # the precision that the document asks of what nobody has checked
RECALL = 0.35
WORST = 15


@dataclass(frozen=True, slots=True)
class Tested:
    """Examples with their calibrated scores, the labels held, and the topics, all out of fold."""

    data: Examples
    scores: Array
    held: NDArray[np.bool_]
    topics: NDArray[np.int64]
    encoder: bool = False  # whether an encoder's scores count


def cross_validate(
    rows: Sequence[Gold],
    mails: Mapping[str, MailText],
    seed: int = 1,
    folder: Path | None = None,
    more: Read | None = None,
) -> Tested:
    """``folder``: that of the component whose encoder is measured too, by the scores that it keeps of sentences which
    the encoder was not trained on. ``more``: labels that are learnt from only."""
    whole = examples(rows, mails, more)
    gold = whole.measured
    data = whole.only(gold)
    folds = deal(whole, FOLDS, seed)
    linear, topics = (found[gold] for found in out_of_fold(whole, folds))
    held = read(folder, data.places) if folder is not None else None
    scores, kept = np.zeros_like(linear), np.zeros(linear.shape, dtype=np.bool_)
    for fold in folds:
        mine, raw, weights = np.isin(gold, fold.held), linear, empty()
        if held is not None:
            weights, _ = join(weights, linear[~mine], held[~mine], data.labels[~mine], data.runs[~mine])
            raw = joined(weights, linear, held, data.runs)
            topics[mine] += SAY * np.where(asked(weights, linear, data.runs)[mine, None], held[mine, len(LABELS) :], 0)
        weights = calibrate(weights, data.labels[~mine], raw[~mine])
        scores[mine] = sigmoid(raw[mine] * weights.curve[:, 0] + weights.curve[:, 1])
        kept[mine] = scores[mine] >= weights.thresholds
    owner = np.unique(np.array(data.keys), return_inverse=True)[1]
    return Tested(data, scores, kept, settle(topics, kept, owner), held is not None)


def _rates(tested: Tested, j: int, chosen: NDArray[np.int64], taken: NDArray[np.bool_]) -> dict[str, float]:
    label, data = LABELS[j], tested.data
    wanted = {id(g) for i in chosen for g in data.matched[i] if label in g.labels}
    hits = [i for i in chosen if taken[i] and any(label in g.labels for g in data.matched[i])]
    found = {id(g) for i in hits for g in data.matched[i] if label in g.labels}
    count = int(taken[chosen].sum())
    precision, recall = len(hits) / count if count else 0.0, len(found) / len(wanted) if wanted else 0.0
    f1 = 2 * precision * recall / (precision + recall) if hits else 0.0
    return {"precision": precision, "recall": recall, "f1": f1, "predicted": count, "gold": len(wanted)}


def curve(tested: Tested, j: int) -> dict[str, float]:
    """Figures over all thresholds: best F1, average precision, recall at sure precision, precision at some recall."""
    truth = tested.data.labels[:, j]
    order = np.argsort(-tested.scores[:, j], kind="stable")
    hits = np.cumsum(truth[order])
    precision, recall = hits / np.arange(1, len(order) + 1), hits / max(1.0, truth.sum())
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-9)
    sure, far = precision[4:] >= SURE, recall >= RECALL
    return {
        "best_f1": float(f1.max()),
        "average_precision": float((precision * truth[order]).sum() / max(1.0, truth.sum())),
        "recall_at_precision_80": float(recall[4:][sure].max()) if sure.any() else 0.0,
        "precision_at_recall_35": float(precision[far].max()) if far.any() else 0.0,
    }


def _interval(tested: Tested, j: int, seed: int) -> list[float]:
    """95 % interval of F1 over resampled families."""
    truth, taken = tested.data.labels[:, j] > 0, tested.held[:, j]
    names = sorted(set(tested.data.families))
    at = {name: i for i, name in enumerate(names)}
    family = np.array([at[name] for name in tested.data.families])
    cells = [np.bincount(family[mask], minlength=len(names)) for mask in (truth & taken, taken, truth)]
    draws = np.random.default_rng(seed).integers(0, len(names), size=(DRAWS, len(names)))
    both, mine, theirs = (cell[draws].sum(axis=1) for cell in cells)
    f1 = 2 * both / np.maximum(mine + theirs, 1)
    return [round(float(x), 3) for x in np.percentile(f1, (2.5, 97.5))]


def reliability(tested: Tested, j: int) -> list[dict[str, float]]:
    """Of the sentences scored about so, how many bear the label?"""
    scores, truth = tested.scores[:, j], tested.data.labels[:, j]
    bins = np.minimum((scores * BINS).astype(np.int64), BINS - 1)
    rows = []
    for number in range(BINS):
        mine = bins == number
        if mine.any():
            parts = {"from": number / BINS, "sentences": int(mine.sum()), "score": float(scores[mine].mean())}
            rows.append({**parts, "right": float(truth[mine].mean())})
    return rows


def _confusion(tested: Tested) -> dict[str, dict[str, int]]:
    """For each label that was given, what the sentences bear: that label, and where they do not, the others or none."""
    truth = tested.data.labels > 0
    out = {}
    for j, label in enumerate(LABELS):
        given = tested.held[:, j]
        wrong = given & ~truth[:, j]
        row = {label: int((given & truth[:, j]).sum()), "none": int((wrong & ~truth.any(axis=1)).sum())}
        out[label] = row | {other: int((wrong & truth[:, k]).sum()) for k, other in enumerate(LABELS) if k != j}
    return out


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_rounded(part) for part in value]
    return round(value, 3) if isinstance(value, float) else value


def metrics(tested: Tested, seed: int = 1) -> dict[str, Any]:
    """Everything that ``data/metrics.json`` keeps: figures alone, no word of any mail."""
    data = tested.data
    everyone = np.arange(len(data.texts))
    lists = sorted({g.list for found in data.matched for g in found})
    out: dict[str, Any] = {
        "sentences": len(data.texts),
        "encoder": tested.encoder,
        "families": len(set(data.families)),
        "labels": {},
        "topics": {},
    }
    for j, label in enumerate(LABELS):
        mine = _rates(tested, j, everyone, tested.held[:, j])
        of_list = {
            name: _rates(
                tested, j, np.array([i for i in everyone if data.matched[i][0].list == name]), tested.held[:, j]
            )
            for name in lists
        }
        more = {**curve(tested, j), "f1_interval": _interval(tested, j, seed)}
        out["labels"][label] = {**mine, **more, "lists": of_list, "reliability": reliability(tested, j)}
    wanted = data.topics
    known = wanted >= 0
    out["confusion"] = _confusion(tested)
    out["topic_accuracy"] = float((tested.topics[known] == wanted[known]).mean()) if known.any() else 0.0
    for t, topic in enumerate(TOPICS):
        mine_t = wanted == t
        if mine_t.any():
            right = float((tested.topics[mine_t] == t).mean())
            out["topics"][topic] = {"gold": int(mine_t.sum()), "recall": right}
    rounded: dict[str, Any] = _rounded(out)
    return rounded


def report(tested: Tested, figures: Mapping[str, Any]) -> str:
    """The figures as text, and the surest errors of each label with their sentences: for the reader, not to be kept."""
    how = "with the encoder" if tested.encoder else "without an encoder"
    lines = [
        f"{figures['sentences']} sentences, {figures['families']} thread families, cross-validated by these, {how}",
        "",
    ]
    lines.append(f"{'label':24}{'P':>6}{'R':>6}{'F1':>6}  {'95 %':13}{'best':>6}{'AP':>6}{'R@P.8':>7}{'P@R.35':>8}")
    for label in LABELS:
        m = figures["labels"][label]
        low, high = m["f1_interval"]
        head = f"{label:24}{m['precision']:6.2f}{m['recall']:6.2f}{m['f1']:6.2f}  {low:.2f} to {high:.2f} "
        tail = f"{m['recall_at_precision_80']:7.2f}{m['precision_at_recall_35']:8.2f}"
        lines.append(f"{head}{m['best_f1']:6.2f}{m['average_precision']:6.2f}{tail}")
    lines += ["", f"{'given / borne':24}" + "".join(f"{name[:11]:>13}" for name in (*LABELS, "none"))]
    for label, row in figures["confusion"].items():
        lines.append(f"{label:24}" + "".join(f"{row[name]:13}" for name in (*LABELS, "none")))
    lines += ["", f"topic accuracy {figures['topic_accuracy']:.2f}"]
    for j, label in enumerate(LABELS):
        truth, scores = tested.data.labels[:, j] > 0, tested.scores[:, j]
        for title, wrong in (("called so, but is not", ~truth), ("missed", truth)):
            order = np.argsort(-scores if title != "missed" else scores, kind="stable")
            lines += ["", f"{label}: {title}"]
            picked = [i for i in order.tolist() if wrong[i]][:WORST]
            lines += [f"  {scores[i]:.2f} {tested.data.keys[i]} {tested.data.texts[i][:160]}" for i in picked]
    return "\n".join(lines) + "\n"


def evaluate(
    rows: Sequence[Gold],
    mails: Mapping[str, MailText],
    seed: int = 1,
    folder: Path | None = None,
    more: Read | None = None,
) -> tuple[dict[str, Any], str]:
    """Figures for ``data/metrics.json`` and the report."""
    tested = cross_validate(rows, mails, seed, folder, more)
    figures = metrics(tested, seed)
    return figures, report(tested, figures)
