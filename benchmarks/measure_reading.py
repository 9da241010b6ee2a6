"""Measures how well a sentence's marks tell a rule, and what is understood alone, on sentences not learnt from.

    python benchmarks/measure_reading.py sqlite:////path/of.db

The judged sentences (data/learnt/rules-1.jsonl) are dealt by thread family; each fold is read with the weights that the
others give. Beside it stands the score by hand alone, cut where it lets through as many.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from sklearn.metrics import average_precision_score
from sqlalchemy import create_engine

from guidelines.document import BAR
from guidelines.marks import marks
from guidelines.reading import SIDES, likely
from guidelines.wording import standing_alone, unbulleted
from nlp.families import families, folds
from nlp.gold import Gold
from stages.reading import fit, judged
from stages.train import mails_of

FOLDS, SEED = 5, 1


def main() -> None:
    engine = create_engine(sys.argv[1])
    rows = judged(engine)
    family = families(rows, mails_of(engine, {row.message_id for row in rows}))
    fold = folds(family, rows, FOLDS, SEED)
    home = [fold[family[row.message_id]] for row in rows]
    read: dict[int, tuple[float, ...]] = {}
    for number in range(FOLDS):
        weights = fit([row for row, other in zip(rows, home, strict=True) if other != number])
        for at, row in enumerate(rows):
            if home[at] == number:
                found = marks(unbulleted(row.text))
                read[at] = tuple(likely(weights[side], found) for side in SIDES)
    learnt = [read[at][0] * read[at][1] for at in range(len(rows))]
    by_hand = [standing_alone(row.text) for row in rows]
    shown = [all(value >= bar for value, bar in zip(read[at], BAR, strict=True)) for at in range(len(rows))]
    best = sorted(range(len(rows)), key=lambda at: -by_hand[at])[: sum(shown)]
    print(f"{len(rows)} sentences of {len(fold)} families, {_share(rows, range(len(rows)), *SIDES):.2f} both")
    _report("marks", rows, learnt, [at for at, is_shown in enumerate(shown) if is_shown])
    _report("by hand", rows, by_hand, best)


def _report(name: str, rows: Sequence[Gold], scores: Sequence[float], shown: Sequence[int]) -> None:
    sound = [row.labels.issuperset(SIDES) for row in rows]
    told = [f"{' and '.join(sides)} {_share(rows, shown, *sides):.2f}" for sides in (SIDES[:1], SIDES[1:], SIDES)]
    recall = sum(sound[at] for at in shown) / sum(sound)
    print(f"{name}: average precision {average_precision_score(sound, scores):.3f};", end=" ")
    print(f"of {len(shown)} let through {', '.join(told)}; recall {recall:.2f}")


def _share(rows: Sequence[Gold], places: Sequence[int], *sides: str) -> float:
    return sum(rows[at].labels.issuperset(sides) for at in places) / max(1, len(places))


if __name__ == "__main__":
    main()
