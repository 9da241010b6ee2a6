"""The component ``statements``: which labels a sentence carries, how surely, about what, and why.

It writes ``doc.spans["statements"]``, one span a label, as spaCy's span categorizer does (``attrs["scores"]`` runs
beside the spans), and what that layout has no room for in ``attrs["details"]``. A mail's passages must come together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup

from nlp.features import Sentence, named, sentences
from nlp.values import MailText, Passage
from nlp.weights import LABELS, TOPICAL, TOPICS, Weights, sigmoid

SPANS = "statements"
PLACE = "place"  # doc.user_data key: (MailText, index of the passage)
REASONS = 5


@dataclass(frozen=True, slots=True)
class Verdict:
    scores: dict[str, float]
    labels: tuple[str, ...]
    topic: str | None
    why: tuple[str, ...]


def place(doc: Doc) -> tuple[MailText, int]:
    """The doc's mail and passage; text that comes without a mail stands for a mail of its own."""
    known = doc.user_data.get(PLACE)
    if known is not None:
        mail, index = known
        return mail, index
    return MailText(key=str(id(doc)), subject="", passages=(Passage(0, len(doc.text), doc.text),)), 0


def _mail_of(doc: Doc) -> int:
    known = doc.user_data.get(PLACE)
    return id(known[0] if known is not None else doc)


def _why(sentence: Sentence, features: list[str], weights: Weights, held: list[int]) -> tuple[str, ...]:
    gain: dict[str, float] = {}
    for name in features:
        row = weights.names.get(name)
        if row is not None:
            gain[name] = float(weights.labels[row, held].max())
    best = sorted((name for name in gain if gain[name] > 0), key=lambda name: (-gain[name], name))
    words = {**sentence.cues, **{f"speaks_of.{kind}": text for kind, text in sentence.kinds.items()}}
    return tuple(f"{n}: {words[n]}" if n in words else n for n in best[:REASONS])


def judge(mail: MailText, made: list[Sentence], weights: Weights) -> list[Verdict]:
    verdicts = []
    for sentence, features in zip(made, named(mail, made), strict=True):
        rows = weights.rows(features)
        raw = weights.labels[rows].sum(axis=0) + weights.label_bias
        scores = sigmoid(weights.curve[:, 0] * raw + weights.curve[:, 1])
        held = [i for i in range(len(LABELS)) if scores[i] >= weights.thresholds[i]]
        labels = tuple(LABELS[i] for i in held)
        topic = None
        if TOPICAL & set(labels):
            topic = TOPICS[int(np.argmax(weights.topics[rows].sum(axis=0) + weights.topic_bias))]
        why = _why(sentence, features, weights, held) if held else ()
        verdicts.append(
            Verdict({n: round(float(s), 4) for n, s in zip(LABELS, scores, strict=True)}, labels, topic, why)
        )
    return verdicts


def mark(doc: Doc, found: list[tuple[Span, Verdict]]) -> None:
    spans, scores, details = [], [], []
    for span, verdict in found:
        for label in verdict.labels:
            spans.append(Span(doc, span.start, span.end, label=label))
            scores.append(verdict.scores[label])
            details.append({"scores": verdict.scores, "topic": verdict.topic, "why": list(verdict.why)})
    doc.spans[SPANS] = SpanGroup(doc, name=SPANS, spans=spans, attrs={"scores": scores, "details": details})


class Statements:
    """Judges whole mails at a time, since a sentence's neighbours count."""

    def __init__(self, weights: Weights | None = None) -> None:
        self.weights = weights

    def __call__(self, doc: Doc) -> Doc:
        return next(iter(self.pipe([doc])))

    def pipe(self, stream: Iterable[Doc], batch_size: int = 0) -> Iterator[Doc]:
        for _, group in groupby(stream, key=_mail_of):
            docs = list(group)
            self.tag(docs)
            yield from docs

    def tag(self, docs: list[Doc]) -> None:
        if self.weights is None:
            raise ValueError("the statements component has no weights: load it from a trained pipeline")
        mail = place(docs[0])[0]
        passages = tuple(mail.passages[place(doc)[1]] for doc in docs)
        made = sentences(docs, passages)
        verdicts = judge(mail, made, self.weights)
        for doc in docs:
            mark(doc, [(s.span, v) for s, v in zip(made, verdicts, strict=True) if s.span.doc is doc and v.labels])

    def to_disk(self, path: Path | str, *, exclude: Any = ()) -> None:
        if self.weights is not None:
            self.weights.save(Path(path))

    def from_disk(self, path: Path | str, *, exclude: Any = ()) -> Statements:
        self.weights = Weights.load(Path(path))
        return self


@Language.factory("statements", requires=["doc.sents", "doc.spans"], assigns=["doc.spans"])
def make_statements(nlp: Language, name: str) -> Statements:
    return Statements()
