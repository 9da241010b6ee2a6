"""A sentence in its context to label and topic scores, by a small transformer run with onnxruntime.

The model is all-MiniLM-L6-v2 (Wang et al. 2020; Apache-2.0) whose upper layers were trained further on the labelled
sentences (nlp/finetune.py), with weights and arithmetic of 8 bits. Sentences are run one by one, not in padded batches:
the scale of 8-bit arithmetic is found anew for each run, so that a batch would make scores depend on the company.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from errors import ModelError
from nlp.features import Sentence, bare_title
from nlp.values import MailText
from nlp.wordpiece import WordPieces

Array = NDArray[np.float32]
LENGTH = 96  # pieces in all
OWN, TAIL = 48, 12  # pieces of the sentence itself; of a longer one the last ones are kept too
ABOVE = 400  # characters of the quoted text, its end
ANSWERING = 2  # sentences of a passage that answer most what stands above it
SHARES = {"answer": 28, "above": 10, "before": 18, "after": 8, "subject": 10}  # pieces


@dataclass(frozen=True, slots=True)
class View:
    """What the encoder reads: the sentence, what it answers, its neighbours, the subject's title, who speaks where."""

    text: str
    index: int  # within its passage
    above: str
    before: str
    after: str
    subject: str
    place: str


def views(mail: MailText, made: Sequence[Sentence]) -> list[View]:
    """The sentences of one mail as the encoder reads them."""
    subject = bare_title(mail.subject)
    rows = []
    for at, sentence in enumerate(made):
        before, after = (
            made[k].text if 0 <= k < len(made) and made[k].passage is sentence.passage else "" for k in (at - 1, at + 1)
        )
        above = " ".join(sentence.passage.above.split())[-ABOVE:]
        rows.append(View(sentence.text, sentence.index, above, before, after, subject, _place(mail, sentence)))
    return rows


def _place(mail: MailText, sentence: Sentence) -> str:
    parts = ["patch" if mail.is_patch else "reply" if mail.is_reply else "opening", mail.speaker]
    parts.append(sentence.passage.role.split("_")[0])
    if mail.committed_days is not None:
        parts.append("committed" if mail.committed_days >= 0 else "later")
    return " ".join(part for part in parts if part)


def ids(view: View, pieces: WordPieces) -> tuple[list[int], int]:
    """Piece numbers, and how many of them are the sentence with its marks."""
    own = pieces(view.text)
    own = own if len(own) <= OWN else own[: OWN - TAIL] + own[-TAIL:]
    near = SHARES["answer" if view.index < ANSWERING else "above"]
    parts = (
        pieces(view.place),
        pieces(view.above)[-near:],
        pieces(view.before)[-SHARES["before"] :],
        pieces(view.after)[: SHARES["after"]],
        pieces(view.subject)[: SHARES["subject"]],
    )
    rest = [number for part in parts for number in (*part, pieces.closing)]
    return [pieces.opening, *own, pieces.closing, *rest][:LENGTH], len(own) + 2


class Encoder:
    """``model``: an ONNX graph from "ids" and "own" (1 for the sentence's pieces) to "scores", one sentence a run. Of a
    file the bytes are not kept: they would be 23 MB in each process."""

    def __init__(self, model: bytes | Path, vocabulary: list[str]) -> None:
        self.model, self.vocabulary = model, vocabulary
        self.pieces = WordPieces(vocabulary)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1  # the workers are processes
        given = model if isinstance(model, bytes) else str(model)
        self.session = onnxruntime.InferenceSession(given, options, providers=["CPUExecutionProvider"])
        self.version = hashlib.sha256(self._graph() + "\n".join(vocabulary).encode()).hexdigest()[:8]

    def _graph(self) -> bytes:
        return self.model if isinstance(self.model, bytes) else self.model.read_bytes()

    def __call__(self, view: View) -> Array:
        """Scores before any sigmoid: the labels, then the topics, in the order of the vocabulary of labels."""
        numbers, count = ids(view, self.pieces)
        own = np.zeros((1, len(numbers)), dtype=np.int64)
        own[0, :count] = 1
        given = {"ids": np.array([numbers], dtype=np.int64), "own": own}
        return np.asarray(self.session.run(["scores"], given)[0][0], dtype=np.float32)

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
