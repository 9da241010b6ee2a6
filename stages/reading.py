"""Sentences that were judged (a rule? understood without its thread?) to the weights of ``guidelines.reading``.

    python -m stages.reading sqlite:////path/of.db

The judgements ship without text (data/learnt/rules-1.jsonl, in the form of the annotations, with the labels ``rule``
and ``alone``), so the database must hold the archives that they speak of.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sqlalchemy import Engine, create_engine

from guidelines.marks import marks
from guidelines.reading import BIAS, SIDES, WEIGHTS
from guidelines.wording import unbulleted
from nlp.gold import Gold
from stages.train import read_gold

JUDGED = Path(__file__).parents[1] / "data" / "learnt" / "rules-1.jsonl"
PENALTY = 0.005  # of weights whose marks all spread alike: fewer than twenty judgements stand behind each
DIGITS = 4


def judged(engine: Engine, path: Path = JUDGED) -> list[Gold]:
    """The judged sentences that the archive holds, each once however often it was posted. Raises ModelError."""
    return list({" ".join(row.text.lower().split()): row for row in read_gold(engine, [path])}.values())


def fit(rows: Sequence[Gold]) -> dict[str, dict[str, float]]:
    """For each side the weight of every mark."""
    found = [marks(unbulleted(row.text)) for row in rows]
    names = sorted(found[0])
    shown = np.array([[mine[name] for name in names] for mine in found])
    return {side: _weights(names, shown, np.array([side in row.labels for row in rows])) for side in SIDES}


def _weights(names: Sequence[str], shown: NDArray[np.float64], wanted: NDArray[np.bool_]) -> dict[str, float]:
    spread = shown.std(axis=0)
    spread[spread == 0] = 1.0
    model = LogisticRegression(C=PENALTY, max_iter=3000).fit((shown - shown.mean(axis=0)) / spread, wanted)
    weights = model.coef_[0] / spread
    bias = float(model.intercept_[0] - weights @ shown.mean(axis=0))
    told = {name: round(float(weight), DIGITS) for name, weight in zip(names, weights, strict=True)}
    return {BIAS: round(bias, DIGITS), **told}


def write(weights: dict[str, dict[str, float]], path: Path = WEIGHTS) -> None:
    path.write_text(json.dumps(weights, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write(fit(judged(create_engine(sys.argv[1]))))
