"""spaCy components that read rules: ``cues`` (words that hint at a label) and ``interfaces`` (what is spoken about).

Both write span groups, ``doc.spans["cues"]`` and ``doc.spans["interfaces"]``, whose labels are the rule's name; neither
decides anything. Interfaces are known by their spelling alone, so each spelling is looked at once per process.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup
from spacy.util import filter_spans

from nlp import lexicon
from nlp.sentences import starts

NAMED = frozenset({"struct", "structure", "union", "enum"})
COMMITTED = frozenset({"commit", "commits", "changeset", "sha"})
MOST = 100_000  # spellings remembered


@dataclass(frozen=True, slots=True)
class Word:
    """A spelling: in lower case with typewriter apostrophes, the kind of interface that it names ("" for none), and
    what it makes of the word behind it: "structure", "commit" or ""."""

    text: str
    lower: str
    kind: str
    announces: str


_KNOWN: dict[int, Word] = {}  # by spaCy's number of a string, which is the same in every vocabulary


def _word(text: str) -> Word:
    lower = text.lower()
    announces = "structure" if lower in NAMED else "commit" if lower in COMMITTED else ""
    return Word(text, lower.replace("\u2019", "'"), kind(text), announces)


def kind(word: str) -> str:
    """What kind of interface a word's spelling names, "" for none."""
    if len(word) < 2:
        return ""
    return next((name for name, expression in lexicon.interfaces() if expression.fullmatch(word)), "")


def words(doc: Doc) -> list[Word]:
    """The tokens, asked of spaCy all at once: token by token takes several times as long."""
    strings = doc.vocab.strings
    numbers = doc.to_array("ORTH").tolist()
    if len(_KNOWN) > MOST:
        _KNOWN.clear()
    for number in set(numbers).difference(_KNOWN):
        _KNOWN[number] = _word(strings[number])
    return [_KNOWN[number] for number in numbers]


def cues(doc: Doc) -> Doc:
    lower = [word.lower for word in words(doc)]
    found = []
    for first, behind in pairwise([*starts(doc), len(doc)]):
        for name, start, end in lexicon.match(lower[first:behind]):
            found.append(Span(doc, first + start, first + end, label=name))
    doc.spans["cues"] = SpanGroup(doc, name="cues", spans=found)
    return doc


def interfaces(doc: Doc) -> Doc:
    found = []
    announced = ""
    for at, word in enumerate(words(doc)):
        if announced == "structure" and (word.text.isalpha() or "_" in word.text):
            found.append(Span(doc, at - 1, at + 1, label="structure"))
        elif announced == "commit" and len(word.text) >= 7 and all(c in "0123456789abcdef" for c in word.text):
            found.append(Span(doc, at, at + 1, label="commit"))
        elif word.kind:
            found.append(Span(doc, at, at + 1, label=word.kind))
        announced = word.announces
    doc.spans["interfaces"] = SpanGroup(doc, name="interfaces", spans=filter_spans(found))
    return doc


Language.component("cues", func=cues, requires=["doc.sents"], assigns=["doc.spans"])
Language.component("interfaces", func=interfaces, assigns=["doc.spans"])
