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
    found = []
    for sentence in doc.sents:
        words = [token.lower_.replace("\u2019", "'") for token in sentence]
        first = sentence.start
        found += [Span(doc, first + start, first + end, label=name) for name, start, end in lexicon.match(words)]
    doc.spans["cues"] = SpanGroup(doc, name="cues", spans=found)
    return doc


@lru_cache(maxsize=100_000)
def kind(word: str) -> str:
    """What kind of interface a word's spelling names, "" for none."""
    if len(word) < 2:
        return ""
    return next((name for name, expression in lexicon.interfaces() if expression.fullmatch(word)), "")


def interfaces(doc: Doc) -> Doc:
    found = []
    for token in doc:
        name = kind(token.text)
        before = doc[token.i - 1].lower_ if token.i else ""
        if before in NAMED and token.is_alpha | ("_" in token.text):
            found.append(Span(doc, token.i - 1, token.i + 1, label="structure"))
        elif before in COMMITTED and len(token) >= 7 and all(c in "0123456789abcdef" for c in token.text):
            found.append(Span(doc, token.i, token.i + 1, label="commit"))
        elif name:
            found.append(Span(doc, token.i, token.i + 1, label=name))
    doc.spans["interfaces"] = SpanGroup(doc, name="interfaces", spans=filter_spans(found))
    return doc


Language.component("cues", func=cues, requires=["doc.sents"], assigns=["doc.spans"])
Language.component("interfaces", func=interfaces, assigns=["doc.spans"])
