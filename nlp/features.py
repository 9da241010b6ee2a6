"""Sentences in their place to named features: cues, interfaces, shape, position, neighbours, what is answered.

Names are readable because they come back as the reasons for a tag ("assent.fair: fair enough").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from spacy.tokens import Doc, Span

from nlp.sentences import starts, text_of
from nlp.values import MailText, Passage

LENGTHS = (2, 4, 8, 16, 32)
DENIABLE = ("assent.", "dissent.", "risk.", "breakage.")
NEGATIONS = frozenset(("not", "n't", "n\u2019t", "never", "no", "nor", "hardly", "cannot", "without"))
REACH = 3  # words over which a negation reaches
MODALS = tuple(
    f"obligation.{name}" for name in ("must", "must_not", "needs", "should", "should_not", "require", "ensure")
)
SCOPES = tuple(f"obligation.{name}" for name in ("universal", "rule", "userspace_duty", "kvm_duty", "opt_in", "only"))
OPENERS = ("assent", "dissent", "after_commit")


@dataclass(slots=True)
class Sentence:
    """A sentence in its mail. ``cues``: cue name -> the words that gave it; ``kinds``: interface kinds."""

    span: Span
    passage: Passage
    index: int  # within its passage
    number: int  # within its mail
    text: str  # on one line
    cues: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)


def _denied(cue: Span, sentence: Span) -> str:
    """The cue's name, marked where a negation stands before it: "I don't fully agree" is no assent."""
    label = str(cue.label_)
    if not label.startswith(DENIABLE):
        return label
    before = cue.doc[max(sentence.start, cue.start - REACH) : cue.start]
    return f"not:{label}" if any(token.lower_ in NEGATIONS for token in before) else label


def sentences(docs: Sequence[Doc], passages: Sequence[Passage]) -> list[Sentence]:
    """Every sentence of one mail, ``docs`` standing for ``passages``."""
    made: list[Sentence] = []
    for doc, passage in zip(docs, passages, strict=True):
        text, places = text_of(doc), doc.to_array(["IDX", "LENGTH"]).astype(np.int64)
        begins, ends = places[:, 0].tolist(), places.sum(axis=1).tolist()
        owner: list[Sentence] = []
        for index, (first, behind) in enumerate(pairwise([*starts(doc), len(doc)])):
            words = " ".join(text[begins[first] : ends[behind - 1]].split())
            made.append(Sentence(Span(doc, first, behind), passage, index, len(made), words))
            owner += [made[-1]] * (behind - first)
        for name in ("cues", "interfaces"):
            for found in doc.spans.get(name, ()):
                where = owner[found.start]
                label = _denied(found, where.span) if name == "cues" else found.label_
                said = where.cues if name == "cues" else where.kinds
                if label not in said:
                    said[label] = text[begins[found.start] : ends[found.end - 1]]
    return made


def bare_title(text: str) -> str:
    """A subject or thread name without reply marks, brackets, versions and punctuation."""
    text = re.sub(r"^(?:\s*(?:re|fwd?|aw)\s*:)*\s*", "", text, flags=re.IGNORECASE)
    text = re.sub(r"\[[^\]]*\]|^[^\]]*\bPATCH[^\]]*\]", " ", text)
    return " ".join(re.sub(r"\W+", " ", text).lower().split())


def _shape(sentence: Sentence) -> Iterator[str]:
    text = sentence.text
    count = len(text.split())
    yield f"length.{sum(count > edge for edge in LENGTHS)}"
    if text.endswith("?"):
        yield "ends.question"
    elif text.endswith("!"):
        yield "ends.exclamation"
    elif text.endswith(":"):
        yield "ends.colon"
    elif not text.endswith((".", ")")):
        yield "ends.open"
    if text[:1].islower():
        yield "starts.lower"
    if text[:1] in "-*+(":
        yield "starts.mark"


def _place(sentence: Sentence, mail: MailText) -> Iterator[str]:
    passage = sentence.passage
    yield f"position.{min(sentence.index, 3)}"
    yield f"number.{min(sentence.number, 20) // 5}"
    if passage.above:
        yield f"answers.{min(sentence.index, 3)}"
        if passage.above.rstrip().endswith("?"):
            yield f"answers.question.{min(sentence.index, 1)}"
    if passage.role:
        yield f"role.{passage.role}"
    yield "mail.reply" if mail.is_reply else "mail.patch" if mail.is_patch else "mail.opening"
    if mail.speaker:
        yield f"speaker.{mail.speaker}"
    for touched in mail.touches:
        yield f"touches.{touched}"
    if mail.committed_days is not None:
        yield "committed.before" if mail.committed_days >= 0 else "committed.later"


def named(mail: MailText, made: Sequence[Sentence]) -> list[list[str]]:
    """The features of every sentence of one mail, each name once, in a stable order."""
    rows = []
    for at, sentence in enumerate(made):
        row = [*sentence.cues, *(f"speaks_of.{kind}" for kind in sentence.kinds)]
        row += [*_shape(sentence), *_place(sentence, mail)]
        opening = "opening" if sentence.index == 0 and sentence.passage.above else ""
        if opening:
            row += [f"{opening}&{cue}" for cue in sentence.cues if cue.startswith(OPENERS)]
        if any(name.startswith("domain.") for name in sentence.cues):
            row += [f"domain&{cue}" for cue in sentence.cues if cue.startswith(("obligation", "risk", "breakage"))]
        modals = [modal for modal in MODALS if modal in sentence.cues]
        row += [f"{modal}&{scope}" for modal in modals for scope in SCOPES if scope in sentence.cues]
        for side, step in (("before", -1), ("after", 1)):
            other = made[at + step] if 0 <= at + step < len(made) else None
            if other is not None and other.passage is sentence.passage:
                row += [f"{side}:{cue}" for cue in other.cues if not cue.startswith("topic.")]
        rows.append(list(dict.fromkeys(row)))
    return rows
