"""spaCy components that read rules: ``cues`` (words that hint at a label) and ``interfaces`` (what is spoken about).

Both write span groups, ``doc.spans["cues"]`` and ``doc.spans["interfaces"]``, whose labels are the rule's name; neither
decides anything. Interfaces are known by their spelling alone, so each spelling is looked at once per process.
"""

from __future__ import annotations

from functools import lru_cache

from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup
from spacy.util import filter_spans

from nlp import lexicon

NAMED = frozenset({"struct", "structure", "union", "enum"})
COMMITTED = frozenset({"commit", "commits", "changeset", "sha"})


def cues(doc: Doc) -> Doc:
    words = _lower(doc)
    found = []
    for sentence in doc.sents:
        first = sentence.start
        for name, start, end in lexicon.match(words[first : sentence.end]):
            found.append(Span(doc, first + start, first + end, label=name))
    doc.spans["cues"] = SpanGroup(doc, name="cues", spans=found)
    return doc


def _lower(doc: Doc) -> list[str]:
    """The tokens in lower case, asked of spaCy all at once: token by token takes several times as long."""
    strings = doc.vocab.strings
    return [strings[number].replace("\u2019", "'") for number in doc.to_array("LOWER").tolist()]


@lru_cache(maxsize=100_000)
def kind(word: str) -> str:
    """What kind of interface a word's spelling names, "" for none."""
    if len(word) < 2:
        return ""
    return next((name for name, expression in lexicon.interfaces() if expression.fullmatch(word)), "")


def interfaces(doc: Doc) -> Doc:
    found = []
    strings = doc.vocab.strings
    before = ""
    for at, number in enumerate(doc.to_array("ORTH").tolist()):
        word = strings[number]
        name = kind(word)
        if before in NAMED and doc[at].is_alpha | ("_" in word):
            found.append(Span(doc, at - 1, at + 1, label="structure"))
        elif before in COMMITTED and len(word) >= 7 and all(c in "0123456789abcdef" for c in word):
            found.append(Span(doc, at, at + 1, label="commit"))
        elif name:
            found.append(Span(doc, at, at + 1, label=name))
        before = word.lower()
    doc.spans["interfaces"] = SpanGroup(doc, name="interfaces", spans=filter_spans(found))
    return doc


Language.component("cues", func=cues, requires=["doc.sents"], assigns=["doc.spans"])
Language.component("interfaces", func=interfaces, assigns=["doc.spans"])
