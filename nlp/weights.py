"""The trained part of the tagger as plain arrays: saved without pickle, so loading a model never runs its code."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack

from errors import ModelError
from nlp.labels import Label, Topic

Array = NDArray[np.float32]
LABELS = tuple(label.value for label in Label)
TOPICS = tuple(topic.value for topic in Topic)
TOPICAL = frozenset({Label.ABI_CONCERN.value, Label.REQUIREMENT.value})
CUE_WEIGHT = 0.3  # of a named feature beside the n-grams, whose rows have length 1
COARSE = frozenset({"labels", "topics", "idf"})  # stored in half precision


@dataclass(frozen=True, slots=True)
class Weights:
    """``names``: named feature -> row of ``labels`` and ``topics``; below these rows come the hashed n-grams (for the
    topics the first block alone). ``factor``: what the encoder's score of each label counts; ``floor``: the score that
    stands for it where it was not asked; ``gate``: the linear score from which it is asked. ``curve``: per label the
    slope and shift of Platt's sigmoid; ``thresholds``: the calibrated score from which a label holds."""

    names: dict[str, int]
    labels: Array
    label_bias: Array
    topics: Array
    topic_bias: Array
    idf: Array
    factor: Array
    floor: Array
    gate: Array
    curve: Array
    thresholds: Array
    version: str = "0"

    def leaves_a_chance(self, linear: Array) -> NDArray[np.bool_]:
        """Of which sentences the linear scores ask for the encoder's."""
        return np.asarray((linear >= self.gate).any(axis=1))

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        arrays = {part.name: getattr(self, part.name) for part in fields(self) if part.name not in {"names", "version"}}
        small = {name: a.astype(np.float16) if name in COARSE else a for name, a in arrays.items()}
        np.savez_compressed(folder / "linear.npz", **small)
        ordered = sorted(self.names, key=lambda name: self.names[name])
        (folder / "features.json").write_text(json.dumps(ordered, indent=0) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Weights:
        try:
            with np.load(folder / "linear.npz", allow_pickle=False) as arrays:
                parts = {name: arrays[name].astype(np.float32) for name in arrays.files}
            ordered = json.loads((folder / "features.json").read_text(encoding="utf-8"))
            digest = hashlib.sha256(json.dumps(ordered).encode())
            for name in sorted(parts):
                digest.update(name.encode() + parts[name].tobytes())
            return cls({name: i for i, name in enumerate(ordered)}, **parts, version=digest.hexdigest()[:8])
        except (OSError, ValueError, KeyError, TypeError) as fault:
            raise ModelError(f"{folder} holds no tagger weights: {fault}", "Train again: `precedent train`.") from fault

    def rows(self, features: Sequence[str]) -> list[int]:
        return [self.names[name] for name in features if name in self.names]


def stack(rows: Sequence[Sequence[int]], width: int, grams: csr_matrix) -> csr_matrix:
    """Named features (as row numbers) and n-grams, side by side."""
    ends = np.cumsum([0, *(len(row) for row in rows)])
    flat = np.array([number for row in rows for number in row], dtype=np.int32)
    cues = csr_matrix((np.full(len(flat), CUE_WEIGHT, dtype=np.float32), flat, ends), shape=(len(rows), width))
    return hstack([cues, grams], format="csr", dtype=np.float32)


def sigmoid(values: Array) -> Array:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(values, -40, 40))), dtype=np.float32)
