"""The component ``statements``: which labels a sentence carries, how surely, about what, and why.

It writes ``doc.spans["statements"]``, one span a label, as spaCy's span categorizer does (``attrs["scores"]`` runs
beside the spans), and what that layout has no room for in ``attrs["details"]``. A mail's passages must come together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup

from nlp import ngrams
from nlp.encoder import Encoder
from nlp.features import Sentence, named, sentences
from nlp.labels import Label
from nlp.values import MailText, Passage
from nlp.weights import LABELS, TOPICAL, TOPICS, Array, Weights, sigmoid, stack
from nlp.windows import Window, windows

SPANS = "statements"
PLACE = "place"  # doc.user_data key: (MailText, index of the passage)
REASONS = 5
MUTE = 2  # words that say nothing where the lexicon knows none of them
BATCH = 128  # passages judged together
SAY = 0.3  # of the encoder in topics: with more of it, the common ones push out the rare
NEAR = 0.5  # of the mail's other sentences in a sentence's topic
Mail = tuple[MailText, list[Sentence]]


@dataclass(frozen=True, slots=True)
class Verdict:
    """``scores``: of all labels, where one holds."""

    scores: dict[str, float]
    labels: tuple[str, ...]
    topic: str | None
    why: tuple[str, ...]


SILENT = Verdict({}, (), None, ())


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
    known = [name for name in features if name in weights.names]
    gains = weights.labels[weights.rows(known)][:, held].max(axis=1).tolist()
    best = [name for _, name in sorted((-gain, name) for gain, name in zip(gains, known, strict=True) if gain > 0)]
    words = {**sentence.cues, **{f"speaks_of.{kind}": text for kind, text in sentence.kinds.items()}}
    return tuple(f"{n}: {words[n]}" if n in words else n for n in best[:REASONS])


def judge(mails: Sequence[Mail], weights: Weights, encoder: Encoder | None) -> list[list[Verdict]]:
    """Verdicts on every sentence of some mails. Mails share a batch for speed alone: none hears of another."""
    features = [row for mail, made in mails for row in named(mail, made)]
    if not features:
        return [[] for _ in mails]
    rows = [weights.rows(row) for row in features]
    width = len(weights.names)
    texts = [row for _, made in mails for row in ngrams.fields(made)]
    inputs = stack(rows, width, ngrams.weigh(ngrams.counts(texts), weights.idf))
    raw = np.asarray(inputs @ weights.labels + weights.label_bias, dtype=np.float32)
    topics = np.asarray(inputs[:, : len(weights.topics)] @ weights.topics + weights.topic_bias, dtype=np.float32)
    if encoder is not None:
        _ask(encoder, [window for mail, made in mails for window in windows(mail, made)], weights, raw, topics)
    scores = sigmoid(raw * weights.curve[:, 0] + weights.curve[:, 1])
    owner = np.repeat(np.arange(len(mails)), [len(made) for _, made in mails])
    held = np.asarray(scores >= weights.thresholds)
    about, some = settle(topics, held, owner), np.asarray(held.any(axis=1)).tolist()
    verdicts, at = [], 0
    for _, made in mails:
        span = range(at, at + len(made))
        told = (
            _verdict(made[i - at], features[i], weights, scores[i], int(about[i])) if some[i] else SILENT for i in span
        )
        verdicts.append(list(told))
        at += len(made)
    return verdicts


def _ask(encoder: Encoder, shown: Sequence[Window], weights: Weights, raw: Array, topics: Array) -> None:
    """Adds the encoder's scores in the windows where a linear one leaves a chance, and their floor elsewhere."""
    chance = weights.leaves_a_chance(raw)
    at = 0
    for window in shown:
        rows = slice(at, at + len(window.texts))
        at = rows.stop
        if chance[rows].any():
            answer = encoder(window)
            raw[rows] += weights.factor * answer[:, : len(LABELS)]
            topics[rows] += SAY * answer[:, len(LABELS) :]
        else:
            raw[rows] += weights.factor * weights.floor


def settle(topics: Array, held: NDArray[np.bool_], owner: NDArray[np.int64]) -> NDArray[np.int64]:
    """Each sentence's topic: its own scores, and half as much those of its mail's sentences that have a topic.
    ``held``: sentence by label; ``owner``: the mail of each sentence."""
    shares = np.exp(topics - topics.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    topical = held[:, [LABELS.index(label) for label in sorted(TOPICAL)]].any(axis=1).astype(np.float32)
    count = np.bincount(owner, weights=topical)
    total = np.stack([np.bincount(owner, weights=topical * column) for column in shares.T], axis=1)
    return np.asarray(np.argmax(shares + NEAR * (total / np.maximum(count, 1)[:, None])[owner], axis=1))


def _verdict(sentence: Sentence, features: list[str], weights: Weights, scores: Array, about: int) -> Verdict:
    mute = not sentence.cues and len(sentence.text.split()) <= MUTE  # an initial, a name, a stray word
    held = [] if mute else [i for i in range(len(LABELS)) if scores[i] >= weights.thresholds[i]]
    if any(cue.startswith("not:assent.") for cue in sentence.cues) and not any(
        cue.startswith("assent.") for cue in sentence.cues
    ):
        held = [i for i in held if LABELS[i] != Label.AGREE]  # "I don't agree": the only assent is denied
    labels = tuple(LABELS[i] for i in held)
    topic = TOPICS[about] if TOPICAL & set(labels) else None
    why = _why(sentence, features, weights, held) if held else ()
    return Verdict({n: round(float(s), 4) for n, s in zip(LABELS, scores, strict=True)}, labels, topic, why)


def mark(doc: Doc, found: list[tuple[Span, Verdict]]) -> None:
    spans, scores, details = [], [], []
    for span, verdict in found:
        for label in verdict.labels:
            spans.append(Span(doc, span.start, span.end, label=label))
            scores.append(verdict.scores[label])
            details.append({"scores": verdict.scores, "topic": verdict.topic, "why": list(verdict.why)})
    doc.spans[SPANS] = SpanGroup(doc, name=SPANS, spans=spans, attrs={"scores": scores, "details": details})


class Statements:
    """Judges whole mails at a time, since a sentence's neighbours count, and many mails in one batch."""

    def __init__(self, weights: Weights | None = None, encoder: Encoder | None = None) -> None:
        self.weights, self.encoder = weights, encoder

    @property
    def version(self) -> str:
        return f"{self.weights.version if self.weights else ''}{self.encoder.version if self.encoder else ''}"

    def __call__(self, doc: Doc) -> Doc:
        return next(iter(self.pipe([doc])))

    def pipe(self, stream: Iterable[Doc], batch_size: int = BATCH) -> Iterator[Doc]:
        waiting: list[list[Doc]] = []
        for _, group in groupby(stream, key=_mail_of):
            waiting.append(list(group))
            if sum(map(len, waiting)) >= batch_size:
                yield from self._tag(waiting)
                waiting = []
        yield from self._tag(waiting)

    def _tag(self, groups: list[list[Doc]]) -> Iterator[Doc]:
        if self.weights is None:
            raise ValueError("the statements component has no weights: load it from a trained pipeline")
        mails: list[Mail] = []
        for docs in groups:
            mail = place(docs[0])[0]
            mails.append((mail, sentences(docs, [mail.passages[place(doc)[1]] for doc in docs])))
        for docs, (_, made), verdicts in zip(groups, mails, judge(mails, self.weights, self.encoder), strict=True):
            telling = [(s.span, verdict) for s, verdict in zip(made, verdicts, strict=True) if verdict.labels]
            for doc in docs:
                mark(doc, [(span, verdict) for span, verdict in telling if span.doc is doc])
                yield doc

    def to_disk(self, path: Path | str, *, exclude: Any = ()) -> None:
        if self.weights is not None:
            self.weights.save(Path(path))
        if self.encoder is not None:
            self.encoder.save(Path(path))

    def from_disk(self, path: Path | str, *, exclude: Any = ()) -> Statements:
        self.weights, self.encoder = Weights.load(Path(path)), Encoder.load(Path(path))
        return self


@Language.factory("statements", requires=["doc.sents", "doc.spans"], assigns=["doc.spans"])
def make_statements(nlp: Language, name: str) -> Statements:
    return Statements()
