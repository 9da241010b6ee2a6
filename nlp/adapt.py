"""People's decisions to a pipeline whose scores mean what these people said: for lists that it was not trained on.

A few hundred decisions are too few to learn words from, but enough to learn how far a score can be trusted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from errors import ModelError
from nlp.classifier import Statements
from nlp.pipeline import load
from nlp.train import LEAST, best_threshold
from nlp.weights import LABELS, sigmoid

ENOUGH = 10  # decisions of either kind from which on a label's scores are adapted
PENALTY = 1.0  # pulls the slope down where the decisions hardly follow the scores


def adapt(base: str | None, judged: Mapping[str, Sequence[tuple[float, bool]]], out_dir: Path) -> dict[str, int]:
    """Writes ``base`` (None: the shipped pipeline) with other sigmoids and thresholds for the labels that were judged
    often enough; ``judged`` holds the scores that ``base`` gave with what people said. Returns the decisions used."""
    language = load.__wrapped__(base)  # a copy of one's own: the loaded pipeline is shared within the process
    component = language.get_pipe("statements") if "statements" in language.pipe_names else None
    if not isinstance(component, Statements) or component.weights is None:
        raise ModelError(f"{base} has no weights of ours to adapt", "name a pipeline that `precedent train` made")
    weights = component.weights
    curve, thresholds = weights.curve.copy(), weights.thresholds.copy()
    used: dict[str, int] = {}
    for label, pairs in sorted(judged.items()):
        right = np.array([said for _, said in pairs], dtype=np.int64)
        if min(right.sum(), len(right) - right.sum()) < ENOUGH:
            continue
        score = np.clip(np.array([value for value, _ in pairs], dtype=np.float32), 1e-4, 1 - 1e-4)
        known = np.log(score / (1 - score))[:, None]
        model = LogisticRegression(C=PENALTY, random_state=0).fit(known, right)
        slope, shift = max(0.0, float(model.coef_[0, 0])), float(model.intercept_[0])
        j = LABELS.index(label)
        curve[j] = curve[j, 0] * slope, curve[j, 1] * slope + shift
        thresholds[j] = max(LEAST, best_threshold(right.astype(np.float32), sigmoid(known[:, 0] * slope + shift)))
        used[label] = len(pairs)
    component.weights = replace(weights, curve=curve, thresholds=thresholds)
    language.to_disk(out_dir)
    return used
