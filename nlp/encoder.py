"""A run of sentences in their context to label and topic scores, by a small transformer run with onnxruntime.

The model is all-MiniLM-L6-v2 (Wang et al. 2020; Apache-2.0) whose upper layers were trained further on the labelled
sentences (nlp/finetune.py), with weights and arithmetic of 8 bits. Windows are run one by one, not in padded batches:
the scale of 8-bit arithmetic is found anew for each run, so that a batch would make scores depend on the company.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from errors import ModelError
from nlp.windows import Pieces, Window, pieces_of
from nlp.wordpiece import WordPieces

Array = NDArray[np.float32]
# Sum and norm in one step: onnxruntime 1.31 takes more than twice as long for it as for the two.
SLOWER = ["SkipLayerNormFusion"]


def given(pieces: Pieces) -> dict[str, NDArray[np.generic]]:
    """The graph's inputs: "ids" and "own" (1 for the pieces of scored sentences), one row each; "rows": of which pieces
    the output is read, the first and the scored; "pool": sentence by these, what each counts in the sentence's mean."""
    own = np.zeros((1, len(pieces.ids)), dtype=np.int64)
    begin, end = pieces.spans[0][0], pieces.spans[-1][1]
    own[0, begin:end] = 1
    pool = np.zeros((len(pieces.spans), 1 + end - begin), dtype=np.float32)
    for row, (first, last) in enumerate(pieces.spans):
        pool[row, 1 + first - begin : 1 + last - begin] = 1 / (last - first)
    rows = np.concatenate([[0], np.arange(begin, end)])
    return {"ids": np.array([pieces.ids], dtype=np.int64), "own": own, "rows": rows, "pool": pool}


class Encoder:
    """``model``: an ONNX graph from what ``given`` makes to "scores", one window a run. Of a file the bytes are not
    kept: they would be 23 MB in each process."""

    def __init__(self, model: bytes | Path, vocabulary: list[str]) -> None:
        self.model, self.vocabulary = model, vocabulary
        self.pieces = WordPieces(vocabulary)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1  # the workers are processes
        source = model if isinstance(model, bytes) else str(model)
        self.session = onnxruntime.InferenceSession(
            source, options, providers=["CPUExecutionProvider"], disabled_optimizers=SLOWER
        )
        self.version = hashlib.sha256(self._graph() + "\n".join(vocabulary).encode()).hexdigest()[:8]

    def _graph(self) -> bytes:
        return self.model if isinstance(self.model, bytes) else self.model.read_bytes()

    def __call__(self, window: Window) -> Array:
        """Scores before any sigmoid, a row a sentence of the window: the labels, then the topics, in the order of the
        vocabulary of labels."""
        return np.asarray(self.session.run(["scores"], given(pieces_of(window, self.pieces)))[0], dtype=np.float32)

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "encoder.onnx").write_bytes(self._graph())
        (folder / "vocabulary.txt").write_text("\n".join(self.vocabulary) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Encoder | None:
        """None where the model has no encoder."""
        if not (folder / "encoder.onnx").exists():
            return None
        try:
            vocabulary = (folder / "vocabulary.txt").read_text(encoding="utf-8").splitlines()
            return cls(folder / "encoder.onnx", vocabulary)
        except (OSError, ValueError, KeyError, RuntimeError) as fault:
            raise ModelError(f"{folder} holds a broken encoder: {fault}", "Train again: `precedent train`.") from fault
