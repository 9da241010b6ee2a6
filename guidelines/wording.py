"""A sentence to what its wording tells: its RFC 2119 level, and whether it can be read without its thread."""

from __future__ import annotations

import re

from nlp.labels import Status

_MUST = re.compile(
    r"\b(?:must|shall|required|requires|mandatory|never|always|cannot|can'?t|have to|has to|needs? to(?! be able)"
    r"|unacceptable|not acceptable|not allowed|aren'?t allowed|no way)\b",
    re.IGNORECASE,
)
_SHOULD = re.compile(
    r"\b(?:should|shouldn'?t|ought|prefer\w*|better|ideally|recommend\w*|want|good idea|rather|expect\w*|useful"
    r"|desirable|sensible|nice)\b",
    re.IGNORECASE,
)
_MAY = re.compile(r"\b(?:may|might|could|optional(?:ly)?|nice to have|nice-to-have)\b", re.IGNORECASE)
_HEDGE = re.compile(
    r"\b(?:i think|i don'?t think|i believe|i guess|i suppose|i'?d|i would|imo|imho|my take|maybe|perhaps|probably"
    r"|propose|suggest|seems?|would be (?:good|nice|better|useful)|if i|afaict|iiuc|not sure)\b",
    re.IGNORECASE,
)
_FORM = re.compile(
    _MUST.pattern + "|" + _SHOULD.pattern + r"|\b(?:don'?t|do not|not|avoid|(?:is|are) (?:ABI|API|UAPI)|only|no)\b",
    re.IGNORECASE,
)
_CONNECTIVE = (
    r"(?:and|but|so|then|also|or|no|nope|yes|yeah|yep|well|right|however|therefore|hence|thus|otherwise|instead|besides"
    r"|ok|okay|sure|exactly|again|similarly|furthermore|moreover|still|plus|indeed|of course|in addition|agreed"
    r"|i (?:fully )?agree|in short|finally|somehow|first of all|as a result|at that point|unless|yet)"
)
_OPENER = re.compile(rf"^{_CONNECTIVE}\b", re.IGNORECASE)
_DANGLING = re.compile(
    rf"^(?:{_CONNECTIVE}\b[,;:. -]*)*(?:it|this|that|these|those|they|he|she|same|such|both|as such|the latter"
    r"|the former|(?:for|in|because of|given|due to|with|from|on|at|after|before) (?:this|that|these|those|it|them"
    r"|which)"
    r"|(?:here|there)(?! (?:is|are|should|must|may|needs?|has)\b)"
    r"|i (?:don'?t )?(?:think|believe|guess|agree) (?:it|this|that|they|those|these)(?! \w+ (?:must|should|needs?)))\b",
    re.IGNORECASE,
)
_POINTING = re.compile(r"\b(?:this|that|these|those|such)\b", re.IGNORECASE)
# Within a sentence these mostly mean a thing that it has named.
_STANDING_IN = re.compile(r"(?<!so )\b(?:it|they|them)\b", re.IGNORECASE)
_CONJUNCTION = re.compile(
    r"\b(?:so|ensure|ensures|think|means?|sure|say|says|agree|agreed|believe|know|is|fact|such|argue|given|way|anything"
    r"|everything|something|feature|features|guarantee|require|requires|interface|hypercalls?|document|structs|calls)"
    r" that\b",
    re.IGNORECASE,
)
_PERSONAL = re.compile(r"\b(?:you|your|i|i'?m|i'?d|i'?ll|i'?ve|my|me)\b", re.IGNORECASE)
_ASSENT = re.compile(
    r"^(?:(?:hi|well|ah|oh|hmm?|ok|okay)[ ,.]+)*(?:yes|yeah|yep|agreed?|i (?:fully |completely |totally |also |do )?"
    r"agree|indeed|exactly|absolutely|definitely|fair (?:enough|point)|good (?:point|idea|catch|call)|makes sense"
    r"|sounds (?:good|right|reasonable)|that (?:makes sense|works|sounds)|right|true|sure|certainly|of course|ok|okay"
    r"|will do|done|fixed|you'?re right|(?:i'?m )?fine (?:with|by)|i'?m (?:fine|ok|okay|happy)|fully agree|\+1|correct"
    r"|no problem|thanks?,? (?:will|i'?ll)|i'?ll (?:do|fix|add|change|update)|i can (?:do|add|live))\b",
    re.IGNORECASE,
)
_RESERVED = re.compile(
    r"\b(?:but|however|though|although|except|unless|only if|what i (?:meant|intended|wanted)|want i|not sure|still"
    r"|in theory|in principle|partly|mostly|what about|assuming)\b|\?\s*$",
    re.IGNORECASE,
)


_BULLET = re.compile(r"^(?:[-*+o\u2022]|\(?(?:\d{1,2}|[a-z])[.)])\s+")


def unbulleted(text: str) -> str:
    """One line without the mark of the list that the sentence stands in."""
    return _BULLET.sub("", " ".join(text.split()))


def _straight(text: str) -> str:
    return text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")


def level_of(text: str, people: int, status: str) -> str:
    """MUST takes two people's agreement, no open dissent and words that leave no choice; below that the wording
    decides between SHOULD and MAY."""
    text = _straight(text)
    if people >= 2 and status == Status.AGREED and _MUST.search(text) and not _HEDGE.search(text):
        return "MUST"
    if _MAY.search(text) and not _MUST.search(text) and not _SHOULD.search(text):
        return "MAY"
    return "SHOULD"


def plain_assent(text: str) -> bool:
    """Whether a sentence assents outright: it opens with assent and takes nothing back."""
    text = _straight(text)
    return bool(_ASSENT.search(text)) and not _RESERVED.search(text)


def standing_alone(text: str) -> float:
    """How well a sentence reads without its thread, 0 to 1: whole, of a rule's form, without loose references."""
    text = _straight(unbulleted(text))
    count = len(text.split())
    score = 1.0
    if _DANGLING.match(text):
        score -= 0.45
    elif _OPENER.match(text):
        score -= 0.15
    inside = _CONJUNCTION.sub(" ", text)
    score -= min(0.45, 0.15 * len(_POINTING.findall(inside)) + 0.05 * len(_STANDING_IN.findall(inside)))
    score -= min(0.2, 0.05 * len(_PERSONAL.findall(text)))
    if not _FORM.search(text):
        score -= 0.2
    if count < 6 or count > 60:
        score -= 0.3
    elif count > 40:
        score -= 0.1
    if text.rstrip().endswith((":", "?", ",")):
        score -= 0.25
    if not text[:1].isupper() and not text[:1].isdigit() and "_" not in text.split(" ")[0]:
        score -= 0.1
    return max(0.0, round(score, 6))
