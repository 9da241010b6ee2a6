"""A sentence to what its wording tells: its RFC 2119 level, its side, and whether it can be read without its thread."""

from __future__ import annotations

from guidelines import cues
from nlp.labels import Status


def unbulleted(text: str) -> str:
    """One line without the mark of the list that the sentence stands in."""
    return cues.BULLET.sub("", " ".join(text.split()))


def headline(text: str, count: int) -> str:
    """The first words of a sentence after its connectives; what is left out is marked."""
    found = cues.LEAD_IN.match(text)
    words = text[found.end() if found else 0 :].split()
    head = " ".join(words[:count])
    return ("…" if found else "") + (head.rstrip(" ,;:.-(") + "…" if len(words) > count else head)


def straight(text: str) -> str:
    """With a typewriter's apostrophes, which the phrases have."""
    return text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")


def level_of(text: str, people: int, status: str) -> str:
    """MUST takes two people's agreement, no open dissent and words that leave no choice; below that the wording
    decides between SHOULD and MAY. The first obligation outside a condition is the sentence's own."""
    text = cues.CONDITION.sub("", cues.ASIDE.sub("", straight(text)))
    found = sorted((m.start(), level) for level, pattern in cues.LEVELS if (m := pattern.search(text)))
    # "There may be a call that must be hidden" permits nothing.
    binding = [level for _, level in found if level != "MAY"]
    level = binding[0] if binding else found[0][1] if found else "SHOULD"
    agreed = people >= 2 and status == Status.AGREED and not cues.HEDGE.search(text)
    return level if level != "MUST" or agreed else "SHOULD"


def plain_assent(text: str) -> bool:
    """Whether a sentence assents outright: it opens with assent and takes nothing back."""
    text = straight(text)
    return bool(cues.ASSENT.search(text)) and not reserved(text)


def reserved(text: str) -> bool:
    """Whether an assent comes with ifs and buts."""
    return bool(cues.RESERVED.search(straight(text)))


def refuses(text: str) -> bool:
    """Whether a sentence rejects, or at least does not assent, in its first words."""
    return bool(cues.REFUSAL.search(straight(text)))


def no_assent(text: str) -> bool:
    """Whether a sentence that was taken for assent is none: it refuses, or it takes back what it opens with."""
    text = straight(text)
    return refuses(text) or bool(cues.TAKEN_BACK.search(text))


def plain_topic(text: str) -> str:
    """The topic that a rule's own words name, or "". A tagger that judges by all words misses it in long sentences."""
    text = cues.ASIDE.sub("", straight(text))
    return next((topic for topic, named in cues.PLAIN_TOPICS if named.search(text)), "")


def asks_for_less(text: str) -> bool:
    """Whether a rule is about doing without a new interface."""
    return bool(cues.ALTERNATIVES.search(straight(text)))


def standing_alone(text: str) -> float:
    """How well a sentence reads without its thread, 0 to 1: whole, of a rule's form, without loose references."""
    text = straight(unbulleted(text))
    count = len(text.split())
    score = 1.0
    if cues.DANGLING.match(text):
        score -= 0.45
    elif cues.HEADLESS.match(text):
        score -= 0.25
    elif cues.BOUND.search(text):
        score -= 0.3
    elif cues.OPENER.match(text):
        score -= 0.1 if cues.NOD.match(text) else 0.2
    elif cues.RECALL.match(text):
        score -= 0.1
    score -= min(0.5, 0.25 * len(cues.POINTING.findall(text)) + 0.05 * len(cues.STANDING_IN.findall(text)))
    if cues.VAGUE.search(text):
        score -= 0.3
    if cues.TELLING.search(cues.RECALL.sub("", text)):
        score -= 0.3
    if cues.EXPECTING.search(text) or cues.TENTATIVE.search(text):
        score -= 0.3
    if cues.ADDING.search(text):
        score -= 0.1
    # A rule on one named thing is for that thing's next change, not for the next interface.
    named = 0.15 * len(set(cues.NAMES.findall(text))) + 0.05 * len(set(cues.FEATURES.findall(text)))
    score -= min(0.3, named)
    score -= min(0.2, 0.05 * len(cues.PERSONAL.findall(text)))
    if not cues.FORM.search(text):
        score -= 0.2
    if count < 7 or count > 60:
        score -= 0.3
    elif count > 40:
        score -= 0.1
    if text.rstrip().endswith((":", ",")) or "?" in text:
        score -= 0.35
    if text.startswith((".", "\N{HORIZONTAL ELLIPSIS}")):
        score -= 0.2
    if not text[:1].isupper() and not text[:1].isdigit() and "_" not in text.split(" ")[0]:
        score -= 0.1
    return max(0.0, round(score, 6))
