"""Mail text to sentences, as character spans; also the spaCy component ``mail_sentences`` that marks them on a Doc.

Mail wraps lines, lists things without full stops and mixes code into prose, so blank lines, list marks, salutations and
code lines cut before punctuation is looked at; punctuation cuts by a rule with an abbreviation list (after Kiss and
Strunk's observation that abbreviations are the whole difficulty, with a closed list in place of their statistics).
Wrapped lines are joined: a line break alone never cuts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc

ABBREVIATIONS = frozenset(
    re.findall(
        r"\S+",
        """e.g i.e eg ie cf vs etc al approx incl excl resp fig figs sec sect ch no nos nr vol pp ed eds st mr mrs ms dr
        prof jr sr inc ltd corp dept est viz ca aka a.k.a w.r.t wrt para ref refs ver rev max min orig std temp esp""",
    )
)
MARK = re.compile(r"[ \t]*(?:[-*+\u2022\u2013]|o(?=[ \t]{1,4}\S)|\(?(?:\d{1,2}|[a-zA-Z]|[ivx]{1,4})[.)])[ \t]+(?=\S)")
SALUTATION = re.compile(
    r"[ \t]*(?:(?:hi|hello|hey|dear|good (?:morning|afternoon|evening))\b[^.!?]{0,50}[,!.:]?"
    r"|(?:many |best |kind |warm )?(?:thanks|thank you|thx|cheers|regards|greetings|br|hth)"
    r"(?: a lot| again| in advance| and regards)?[,!.]?(?: \S{1,20})?)[ \t]*",
    re.IGNORECASE,
)
CODE = re.compile(
    r"(?:\t| {4,})\S.*[;{}]\s*$|[ \t]*(?:#(?:if|ifdef|ifndef|define|include|endif|else)\b|[{}]+;?\s*$|\S+\(.*\);\s*$)"
)
RULER = re.compile(r"[ \t]*[-=_*~#]{3,}[ \t]*$|[ \t]*\[(?:\.\.\.|snip)\]?[ \t]*$", re.IGNORECASE)
STOP = re.compile(r"[.!?\u2026]+[\"')\]\u201d\u2019*_]*(?=\s)|(?<=\s)[:;]-?[)(DP/](?=\s)")
LONG = 400  # a line from which on it is prose, whatever it looks like
LOOK = 80  # characters looked at on either side of a stop: a hostile mail may be one endless line
NO_START = np.uint64(2**64 - 1)  # how spaCy writes -1, "no sentence starts here", into an array
OPENING = "\"'([`<\u201c\u2018*_"
TEXT = "text"  # doc.user_data key: the text that the doc was made of


def _alone(line: str, bare: str) -> bool:
    """``bare``: the line without the white space round it, which is not empty."""
    if (bare[0] == "#" or bare[-1] in ";{}") and CODE.match(line):
        return True
    return bool(RULER.match(line) or SALUTATION.fullmatch(line.rstrip("\n")))


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    """Runs of lines that may hold a sentence across their line breaks."""
    start = end = position = 0
    closed = True  # the next line starts a block
    hanging = False  # the line before ended in a colon
    for line in text.splitlines(keepends=True):
        bare = line.strip()
        alone = not bare or (len(line) < LONG and _alone(line, bare))
        indented = line[:1] in " \t"
        if alone or closed or MARK.match(line) or (hanging and indented):
            if end > start:
                yield start, end
            start = position
        end = position + len(line)
        closed, hanging = alone, bare.endswith(":")
        position += len(line)
    if end > start:
        yield start, end


def _ends(text: str, stop: re.Match[str], begin: int, end: int) -> bool:
    """Whether the punctuation at ``stop`` ends a sentence of the block ``begin`` to ``end``."""
    rest = text[stop.end() : min(end, stop.end() + LOOK)].lstrip()
    if not rest:
        return False
    follower = rest.lstrip(OPENING)[:1]
    marks = stop.group()
    if marks[0] in ":;" or "!" in marks or "?" in marks:
        return follower.isupper() or follower.isdigit() or marks[-1] in "?!"
    word = re.search(r"\S*$", text[max(begin, stop.start() - LOOK) : stop.start()])
    before = word.group().lstrip(OPENING).lower() if word else ""
    if before in ABBREVIATIONS:
        return before in {"etc", "al"} and follower.isupper()
    if marks.startswith("..") or "\u2026" in marks:
        return follower.isupper()
    initial = len(before) == 1 and before.isalpha()
    numeral = before.isdigit() and stop.start() - begin <= len(before) + 1
    if initial or numeral:
        return False
    if follower.islower():
        return len(before) > 2 and before.isalpha()
    return bool(follower)


def cut(text: str) -> list[tuple[int, int]]:
    """Sentences of ``text`` as (start, end), in order, without the white space round them."""
    spans = []
    for begin, end in _blocks(text):
        start = begin
        edges = [m.end() for m in STOP.finditer(text, begin, end) if _ends(text, m, begin, end)]
        for edge in [*edges, end]:
            piece = text[start:edge]
            first = start + len(piece) - len(piece.lstrip())
            last = start + len(piece.rstrip())
            if last > first and any(c.isalnum() for c in text[first:last]):
                spans.append((first, last))
            start = edge
    return spans


def text_of(doc: Doc) -> str:
    """``doc.text``, which spaCy joins anew from all tokens, where it was not kept."""
    return str(doc.user_data.get(TEXT) or doc.text)


def starts(doc: Doc) -> list[int]:
    """The first token of every sentence, as ``doc.sents`` has them, which looks at them one by one."""
    return [0, *(np.flatnonzero(doc.to_array("SENT_START")[1:] == 1) + 1).tolist()] if len(doc) else []


@Language.component("mail_sentences", assigns=["token.is_sent_start", "doc.sents"])
def mail_sentences(doc: Doc) -> Doc:
    if not len(doc):
        return doc
    # All tokens at once: asked one by one they take ten times as long.
    place = doc.to_array(["IDX", "LENGTH"]).astype(np.int64)
    opens = np.searchsorted(place.sum(axis=1), [start for start, _ in cut(text_of(doc))], side="right")
    marks = np.full(len(doc), NO_START, dtype=np.uint64)
    marks[[0, *opens[opens < len(doc)]]] = 1
    doc.from_array(["SENT_START"], marks)  # type: ignore[arg-type]  # spaCy takes one column, too
    return doc
