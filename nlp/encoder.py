"""A sentence in its context to label and topic scores, by a small transformer run with numpy alone.

The model is all-MiniLM-L6-v2 (Wang et al. 2020; Apache-2.0) whose upper layers were trained further on the labelled
sentences; docs/tagger.md tells how. Weights are stored as 8-bit integers with a scale a row. Sentences are run one by
one, not in padded batches: the same sentence gets the same score in whatever company it comes.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from errors import ModelError
from nlp.wordpiece import WordPieces

Array = NDArray[np.float32]
HEADS = 12
EPSILON = 1e-12
PARTS = ("query", "key", "value", "dense", "up", "down")


@dataclass(frozen=True, slots=True)
class View:
    """What the encoder reads: the sentence, what it answers, its neighbours, the subject's title."""

    text: str
    index: int  # within its passage
    above: str
    before: str
    after: str
    subject: str


def _norm(x: Array, gain: Array, shift: Array) -> Array:
    centred = x - x.mean(axis=-1, keepdims=True)
    variance = (centred * centred).mean(axis=-1, keepdims=True)
    return np.asarray(centred / np.sqrt(variance + EPSILON) * gain + shift, dtype=np.float32)


def _gelu(x: Array) -> Array:
    return np.asarray(0.5 * x * (1 + np.tanh(0.7978845608 * (x + 0.044715 * x * x * x))), dtype=np.float32)


class Encoder:
    """``arrays``: as ``save`` writes them; ``pieces``: the vocabulary, in order."""

    def __init__(self, arrays: dict[str, NDArray[np.generic]], vocabulary: list[str]) -> None:
        self.arrays, self.vocabulary = arrays, vocabulary
        self.pieces = WordPieces(vocabulary)
        self.rows: NDArray[np.int8] = arrays["words.q"].astype(np.int8)
        self.scales: Array = arrays["words.s"].astype(np.float32)
        self.dense: dict[str, Array] = {}
        for name, values in arrays.items():
            if name.endswith(".q") and name != "words.q":
                scale = arrays[name[:-2] + ".s"].astype(np.float32)
                self.dense[name[:-2]] = np.ascontiguousarray((values.astype(np.float32) * scale[:, None]).T)
            elif not name.endswith(".s") and name != "words.q":
                self.dense[name] = values.astype(np.float32)
        self.layers = sum(name.endswith(".query") for name in self.dense)
        digest = hashlib.sha256("\n".join(vocabulary).encode())
        for name in sorted(arrays):
            digest.update(name.encode() + arrays[name].tobytes())
        self.version = digest.hexdigest()[:8]

    def ids(self, view: View) -> tuple[list[int], int]:
        """Piece numbers and how many of them are the sentence with its marks."""
        pieces, end = self.pieces, self.pieces.closing
        own = pieces(view.text)
        own = own if len(own) <= 56 else own[:40] + own[-16:]
        above = pieces(view.above)[-40 if view.index < 2 else -12 :]
        rest = [*above, end, *pieces(view.before)[-24:], end, *pieces(view.after)[:14], end]
        rest += [*pieces(view.subject)[:14], end]
        whole = [pieces.opening, *own, end, *rest]
        return whole[:128], len(own) + 2

    def __call__(self, view: View) -> Array:
        """Scores before any sigmoid: the labels, then the topics, in the order of the vocabulary of labels."""
        numbers, own = self.ids(view)
        count, d = len(numbers), self.dense
        x = self.rows[numbers].astype(np.float32) * self.scales[numbers, None]
        x += d["positions"][:count]
        x[:own] += d["kinds"][0]
        x[own:] += d["kinds"][1]
        x = _norm(x, d["norm.gain"], d["norm.shift"])
        for layer in range(self.layers):
            x = self._layer(x, f"{layer}.")
        both = np.concatenate([x[0], x[:own].mean(axis=0)])
        hidden = _gelu(both @ d["head"] + d["head.bias"])
        return np.asarray(hidden @ d["out"] + d["out.bias"], dtype=np.float32)

    def _layer(self, x: Array, at: str) -> Array:
        d, count = self.dense, len(x)
        q, k, v = (
            (x @ d[at + part] + d[at + part + ".bias"]).reshape(count, HEADS, -1).transpose(1, 0, 2)
            for part in ("query", "key", "value")
        )
        weight = q @ k.transpose(0, 2, 1) / np.float32(np.sqrt(q.shape[-1]))
        weight = np.exp(weight - weight.max(axis=-1, keepdims=True))
        weight /= weight.sum(axis=-1, keepdims=True)
        mixed = (weight @ v).transpose(1, 0, 2).reshape(count, -1)
        x = _norm(x + mixed @ d[at + "dense"] + d[at + "dense.bias"], d[at + "norm1.gain"], d[at + "norm1.shift"])
        inner = _gelu(x @ d[at + "up"] + d[at + "up.bias"])
        return _norm(x + inner @ d[at + "down"] + d[at + "down.bias"], d[at + "norm2.gain"], d[at + "norm2.shift"])

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(folder / "encoder.npz", **self.arrays)  # type: ignore[arg-type]  # arrays, not its option
        (folder / "vocabulary.txt").write_text("\n".join(self.vocabulary) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Encoder | None:
        """None where the model has no encoder."""
        if not (folder / "encoder.npz").exists():
            return None
        try:
            with np.load(folder / "encoder.npz", allow_pickle=False) as stored:
                arrays = {name: stored[name] for name in stored.files}
            vocabulary = (folder / "vocabulary.txt").read_text(encoding="utf-8").splitlines()
            return cls(arrays, vocabulary)
        except (OSError, ValueError, KeyError) as fault:
            raise ModelError(f"{folder} holds a broken encoder: {fault}", "Train again: `precedent train`.") from fault
