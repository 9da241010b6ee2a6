"""A sentence to what its wording tells: its RFC 2119 level, and whether it can be read without its thread."""

from __future__ import annotations

import re

from nlp.labels import Status

_MUST = re.compile(
    r"\b(?:must|shall|required?|requires|mandatory|never|always|cannot|can'?t|have to|has to|needs? to|unacceptable"
    r"|not acceptable|no way|not allowed|only)\b",
    re.IGNORECASE,
)
_SHOULD = re.compile(
    r"\b(?:should|shouldn'?t|ought|prefer\w*|better|ideally|recommend\w*|want|good idea|rather|expect\w*)\b",
    re.IGNORECASE,
)
_MAY = re.compile(r"\b(?:may|might|could|optional(?:ly)?|nice to have|would be nice)\b", re.IGNORECASE)
_RULE = re.compile(
    _MUST.pattern + "|" + _SHOULD.pattern + r"|\b(?:don'?t|do not|not|avoid|is ABI|are ABI)\b", re.IGNORECASE
)
_DANGLING = re.compile(
    r"^(?:(?:and|but|so|then|also|or|no|yes|well|right|however|therefore|hence|thus|otherwise|instead|besides|ok|sure"
    r"|exactly|again|similarly|furthermore|moreover|still|plus|indeed|of course|as such|in addition)\b[,;:.]*\s*)*"
    r"(?:it|this|that|these|those|they|he|she|same|such|here|there)\b",
    re.IGNORECASE,
)
_OPENER = re.compile(
    r"^(?:and|but|so|then|also|or|no|yes|well|right|however|therefore|hence|thus|otherwise|instead|besides|ok|sure"
    r"|exactly|again|similarly|furthermore|moreover|still|plus|indeed|of course|as such|in addition)\b",
    re.IGNORECASE,
)
_INNER = re.compile(
    r"\b(?:this|that|these|those|it|they|them|such)\b(?! (?:is|are|must|should|needs?) (?:that|to)\b)", re.IGNORECASE
)
_PERSONAL = re.compile(r"\b(?:you|your|i|i'm|i'd|i'll|i've|my|me)\b", re.IGNORECASE)


def level_of(text: str, people: int, status: str) -> str:
    """MUST takes two people's agreement and no open dissent; below that the wording decides between SHOULD and MAY."""
    if _MAY.search(text) and not _MUST.search(text) and not _SHOULD.search(text):
        return "MAY"
    if people >= 2 and status == Status.AGREED and (_MUST.search(text) or not _SHOULD.search(text)):
        return "MUST"
    return "SHOULD"


def standing_alone(text: str) -> float:
    """How well a sentence reads without its thread, 0 to 1: whole, of a rule's form, without loose references."""
    count = len(text.split())
    score = 1.0
    if _DANGLING.match(text):
        score -= 0.45
    elif _OPENER.match(text):
        score -= 0.15
    score -= min(0.3, 0.1 * len(_INNER.findall(text)))
    score -= min(0.2, 0.05 * len(_PERSONAL.findall(text)))
    if not _RULE.search(text):
        score -= 0.2
    if count < 6 or count > 60:
        score -= 0.3
    elif count > 40:
        score -= 0.1
    if text.rstrip().endswith((":", "?", ",")):
        score -= 0.25
    return max(0.0, score)
