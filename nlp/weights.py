"""The trained part of the tagger as plain arrays: saved without pickle, so loading a model never runs its code."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from errors import ModelError
from nlp.labels import Label, Topic

Array = NDArray[np.float32]
LABELS = tuple(label.value for label in Label)
TOPICS = tuple(topic.value for topic in Topic)
TOPICAL = frozenset({Label.ABI_CONCERN.value, Label.REQUIREMENT.value})


@dataclass(frozen=True, slots=True)
class Weights:
    """``names``: feature -> row of ``labels`` and ``topics``; ``curve``: per label the slope and shift of Platt's
    sigmoid; ``thresholds``: the calibrated score from which a label holds."""

    names: dict[str, int]
    labels: Array
    label_bias: Array
    topics: Array
    topic_bias: Array
    curve: Array
    thresholds: Array
    version: str = "0"

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(
            folder / "linear.npz",
            labels=self.labels.astype(np.float16),
            label_bias=self.label_bias,
            topics=self.topics.astype(np.float16),
            topic_bias=self.topic_bias,
            curve=self.curve,
            thresholds=self.thresholds,
        )
        ordered = sorted(self.names, key=lambda name: self.names[name])
        (folder / "features.json").write_text(json.dumps(ordered, indent=0) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Weights:
        try:
            with np.load(folder / "linear.npz", allow_pickle=False) as arrays:
                parts = {name: arrays[name].astype(np.float32) for name in arrays.files}
            ordered = json.loads((folder / "features.json").read_text(encoding="utf-8"))
            digest = hashlib.sha256()
            for name in sorted(parts):
                digest.update(name.encode() + parts[name].tobytes())
            digest.update(json.dumps(ordered).encode())
            return cls({name: i for i, name in enumerate(ordered)}, **parts, version=digest.hexdigest()[:8])
        except (OSError, ValueError, KeyError, TypeError) as fault:
            raise ModelError(
                f"{folder} holds no tagger weights: {fault}", "Train again with `precedent train`."
            ) from fault

    def rows(self, features: list[str]) -> list[int]:
        return [self.names[name] for name in features if name in self.names]


def sigmoid(values: Array) -> Array:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(values, -40, 40))), dtype=np.float32)
