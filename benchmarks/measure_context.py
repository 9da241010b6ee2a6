"""What each part of a sentence's context brings the tagger: grouped cross-validation with one part left out at a time.

    python -m benchmarks.measure_context DATABASE GOLD...

Prints best F1 and average precision of the linear part a label, learnt from the gold and from data/learnt, and of both
parts where the shipped encoder kept its held-out scores of these sentences.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from db.session import open_engine
from nlp.classifier import SPANS
from nlp.evaluate import Tested, curve
from nlp.examples import Examples, Fold, deal, examples
from nlp.held import read
from nlp.pipeline import MODEL
from nlp.train import FOLDS, asked, join, joined, out_of_fold
from nlp.train import empty as no_weights
from nlp.weights import LABELS, Array
from stages import train as stage

LEARNT = Path(__file__).parents[1] / "data" / "learnt" / "guide-2.jsonl"
Mask = NDArray[np.bool_]
NEIGHBOURS = ("before:", "after:")
ANSWERED = ("answers.", "opening&")
PLACE = ("position.", "number.", "role.", "mail.", "length.", "starts.", "ends.")
THREAD = ("speaker.", "touches.", "committed.")


def without(data: Examples, prefixes: tuple[str, ...], fields: tuple[int, ...]) -> Examples:
    """The examples without some named features and some fields of n-grams (1 before, 2 after, 3 above)."""
    features = tuple(tuple(name for name in row if not name.startswith(prefixes)) for row in data.features)
    grams = tuple(tuple("" if i in fields else text for i, text in enumerate(row)) for row in data.grams)
    return replace(data, features=features, grams=grams)  # type: ignore[arg-type]  # still four texts a row


def told(name: str, data: Examples, scores: Array) -> None:
    tested = Tested(data, scores, scores > 0, np.zeros(len(scores), dtype=np.int64))
    cells = []
    for j in range(len(LABELS)):
        found = curve(tested, j)
        cells.append(f"{found['best_f1']:.3f} / {found['average_precision']:.3f}")
    print(f"| {name} | {' | '.join(cells)} |", flush=True)


def main(database: str, *gold: str) -> None:
    engine = open_engine(database, create=False)
    rows, more = stage.read_gold(engine, [Path(path) for path in gold]), stage.read_more([LEARNT])
    whole = examples(rows, stage.mails_of(engine, {row.message_id for row in rows} | set(more)), more)
    folds, own = deal(whole, FOLDS, 1), whole.measured
    data = whole.only(own)
    print(f"| | {' | '.join(LABELS)} |\n| --- |{' --- |' * len(LABELS)}")
    linear = out_of_fold(whole, folds)[0]
    held = read(MODEL / SPANS, data.places)
    if held is not None:
        share, joint, everywhere = _with_encoder(linear[own], held, data, [np.isin(own, f.held) for f in folds])
        told(f"with the encoder, asked about {share:.0%} of these sentences", data, joint)
        told("with the encoder, asked about all", data, everywhere)
        told("the encoder alone", data, held[:, : len(LABELS)])
    told("linear part, all context", data, linear[own])
    parts: dict[str, tuple[tuple[str, ...], tuple[int, ...]]] = {
        "without neighbours": (NEIGHBOURS, (1, 2)),
        "without the quoted text above": (ANSWERED, (3,)),
        "without shape and place": (PLACE, ()),
        "without speaker, paths and commit": (THREAD, ()),
        "the sentence alone": ((*NEIGHBOURS, *ANSWERED, *PLACE, *THREAD), (1, 2, 3)),
        "cues and place, no n-grams": (("\0",), (0, 1, 2, 3)),
    }
    for name, (prefixes, fields) in parts.items():
        told(name, data, out_of_fold(without(whole, prefixes, fields), folds)[0][own])
    small = [Fold(fold.held, np.intersect1d(fold.learned, own)) for fold in folds]
    told("linear part, learnt from the gold alone", data, out_of_fold(whole, small)[0][own])


def _with_encoder(linear: Array, held: Array, data: Examples, folds: Sequence[Mask]) -> tuple[float, Array, Array]:
    """Share asked about, and the joint scores where the encoder is asked as it is, and about everything."""
    joint, everywhere = np.zeros_like(linear), np.zeros_like(linear)
    for mine in folds:
        weights, _ = join(no_weights(), linear[~mine], held[~mine], data.labels[~mine], data.runs[~mine])
        joint[mine] = joined(weights, linear[mine], held[mine], data.runs[mine])
        everywhere[mine] = linear[mine] + weights.factor * held[mine, : len(LABELS)]
    return float(asked(weights, linear, data.runs).mean()), joint, everywhere


if __name__ == "__main__":
    main(*sys.argv[1:])
