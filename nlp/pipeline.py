"""Mails to statements by a spaCy pipeline: the shipped one, or any other that marks ``doc.spans["statements"]``.

A span stands for the sentence that it lies in. A pipeline without that span group but with ``doc.cats`` of our labels
(a text classifier) is asked by sentence.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span

from errors import ModelError
from nlp import classifier, components, lexicon, sentences, tokenizer
from nlp.classifier import PLACE, SPANS
from nlp.labels import Label
from nlp.topics import topic_of
from nlp.values import MailText, Statement
from nlp.weights import TOPICAL

MODEL = Path(__file__).parents[1] / "data" / "model"
CONFIG = Path(__file__).with_name("config.cfg")
PARTS = (classifier, components, sentences, tokenizer)  # importing them registers the factories
OURS = frozenset(label.value for label in Label)
CATEGORY = 0.5  # a text classifier's score from which a label holds
LONGEST = 100_000  # characters of a passage that are read: more is no prose, and spaCy refuses a million
_UNBROKEN = re.compile(r"(?<!\S)\S{1000,}")  # nor is this; spaCy's tokenizer takes the square of its length


def blank() -> Language:
    """The shipped pipeline's parts without a trained classifier."""
    return spacy.util.load_model_from_config(spacy.util.load_config(CONFIG), auto_fill=True)


@lru_cache(maxsize=2)
def load(model: str | None = None) -> Language:
    """The pipeline at ``model`` (a folder or an installed package), None for the shipped one. Kept per process."""
    try:
        language = spacy.load(model if model is not None else MODEL)
    except (OSError, ValueError, KeyError, ImportError) as fault:
        advice = "Name a folder that spaCy saved, or leave the option out for the shipped pipeline."
        raise ModelError(f"no pipeline can be loaded from {model or MODEL}: {fault}", advice) from fault
    given = {str(label) for labels in language.pipe_labels.values() for label in labels}
    if "statements" not in language.pipe_names and not OURS & given:
        raise ModelError(
            f"the pipeline {model} assigns none of the labels {', '.join(sorted(OURS))}",
            "Train one with `precedent train`, or a span categorizer with spans_key = statements.",
        )
    if not {"mail_sentences", "senter", "parser", "sentencizer"} & set(language.pipe_names):
        language.add_pipe("mail_sentences", first=True)
    return language


@lru_cache(maxsize=4)
def version(model: str | None = None) -> str:
    """What goes beside each statement as its maker; changes when rules or weights change."""
    language = load(model)
    meta = language.meta
    digest = hashlib.sha256(f"{meta.get('name')} {meta.get('version')}".encode())
    for path in sorted(lexicon.RULES.glob("*.json")):
        digest.update(path.read_bytes())
    for name, component in language.pipeline:
        digest.update(f"{name} {getattr(component, 'version', '')}".encode())
    return f"{'precedent' if model is None else meta.get('name') or 'model'}-{digest.hexdigest()[:10]}"


def _docs(language: Language, mails: Sequence[MailText]) -> Iterator[Doc]:
    for mail in mails:
        for index, passage in enumerate(mail.passages):
            text = _UNBROKEN.sub(_blank, passage.text[:LONGEST])
            doc = language.make_doc(text)
            doc.user_data[sentences.TEXT] = text
            doc.user_data[PLACE] = (mail, index)
            yield doc


def _blank(run: re.Match[str]) -> str:
    """As many spaces: offsets stay what they are."""
    return " " * len(run[0])


def _bounds(span: Span) -> tuple[int, int]:
    text = str(span.text)
    start = span.start_char + len(text) - len(text.lstrip())
    return start, start + len(text.strip())


def _from_cats(language: Language, doc: Doc) -> None:
    found = []
    for span in doc.sents:
        cats = {k: float(v) for k, v in language(str(span.text)).cats.items() if k in OURS}
        labels = tuple(k for k in sorted(cats) if cats[k] >= CATEGORY)
        if labels:
            found.append((span, classifier.Verdict(cats, labels, None, ())))
    classifier.mark(doc, found)


def _statements(doc: Doc, by: str) -> list[Statement]:
    mail, index = classifier.place(doc)
    passage = mail.passages[index]
    group = doc.spans[SPANS]
    scores = list(group.attrs.get("scores", [1.0] * len(group)))
    details = list(group.attrs.get("details", [{}] * len(group)))
    joined: dict[tuple[int, int], tuple[dict[str, None], dict[str, float], dict[str, object]]] = {}
    for span, score, detail in zip(group, scores, details, strict=True):
        if span.label_ not in OURS:
            continue  # of another pipeline, which may know more labels than we do
        labels, known, more = joined.setdefault(_bounds(span.sent), ({}, {}, detail))
        labels[span.label_] = None
        told = detail.get("scores") or {span.label_: max(float(score), known.get(span.label_, 0.0))}
        known.update(told)
    made = []
    for (start, end), (labels, known, more) in sorted(joined.items()):
        text = " ".join(passage.text[start:end].split())
        topic = more.get("topic") or (topic_of(text) if TOPICAL & set(labels) else None)
        why = more.get("why")
        made.append(
            Statement(
                passage.start + start,
                passage.start + end,
                text,
                tuple(labels),
                known,
                str(topic) if topic else None,
                by,
                tuple(why) if isinstance(why, list) else (),
            )
        )
    return made


def tag(mails: Sequence[MailText], model: str | None = None) -> list[tuple[str, tuple[Statement, ...]]]:
    """Each mail's key and statements, in the order given."""
    language = load(model)
    by = version(model)
    found: list[list[Statement]] = [[] for _ in mails]
    owner = [at for at, mail in enumerate(mails) for _ in mail.passages]
    for at, doc in zip(owner, language.pipe(_docs(language, mails)), strict=True):
        if SPANS not in doc.spans:
            _from_cats(language, doc)
        found[at] += _statements(doc, by)
    return [(mail.key, tuple(made)) for mail, made in zip(mails, found, strict=True)]
