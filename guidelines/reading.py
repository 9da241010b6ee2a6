"""How a sentence reads: how likely it is a rule, and how likely it is understood without its thread, by its marks.

Two logistic regressions over ``guidelines.marks``. Their weights stand in data/reading.json, which
``python -m stages.reading`` makes from judged sentences.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from guidelines.marks import marks
from guidelines.wording import unbulleted

WEIGHTS = Path(__file__).parents[1] / "data" / "reading.json"
SIDES = ("rule", "alone")  # what was judged of each sentence
BIAS = ""  # the name that a regression's constant has among its weights


@dataclass(frozen=True, slots=True)
class Reading:
    """``rule``: that it would stand as a rule for the next series; ``alone``: that who has not the thread understands
    it; both 0 to 1."""

    rule: float
    alone: float

    @property
    def sound(self) -> float:
        """That it is both, 0 to 1."""
        return round(self.rule * self.alone, 6)


@lru_cache(maxsize=1 << 13)
def reading(text: str) -> Reading:
    """How one sentence reads; a mark of a list before it does not count."""
    found = marks(unbulleted(text))
    return Reading(*(likely(_weights()[side], found) for side in SIDES))


def likely(weights: Mapping[str, float], found: Mapping[str, float]) -> float:
    """What one regression says of a sentence's marks, 0 to 1."""
    odds = weights[BIAS] + sum(weight * found[name] for name, weight in weights.items() if name != BIAS)
    return round(1 / (1 + math.exp(-odds)), 6)


@cache
def _weights() -> dict[str, dict[str, float]]:
    weights: dict[str, dict[str, float]] = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    return weights
