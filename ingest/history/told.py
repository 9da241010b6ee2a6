"""One sentence to the commit event that it tells, if any.

A sentence tells an event when one of the verbs stands in it as a terse report ("Applied to next"), in the first
person ("I have queued this"), in the passive ("the series was committed") or of somebody else ("NAME queued it"), and
nothing puts it off: no future, condition, question or negation. The test goes over words, not over one large pattern,
so that its cost is linear in a text that anybody may have written. The words are in ``event_words``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.history import event_words as words

_WORD = re.compile(r"[A-Za-z0-9_'#\[\]/.+&-]*[A-Za-z0-9_'#\[\]/+&-]|[,;:!?()\"]")
_HASH = re.compile(r"[0-9a-f]{7,40}")
_REVERT = re.compile(r"(?:up )?(?:the|a|your|that) reverts?\b")
_OTHER = frozenset(("following", "below", "additional", "another", "similar", "below:"))


@dataclass(frozen=True, slots=True)
class Told:
    """``kind`` of Event, ``branch`` ("" where it does not say); ``other``: of a change that the mail itself shows."""

    kind: str
    branch: str
    other: bool = False


def told(sentence: str) -> Told | None:
    """The event that a sentence tells, or None."""
    text = words.FOOTNOTE.sub("", " ".join(sentence.replace("\u2019", "'").split()))
    if not text or text.endswith("?") or len(text) > 600:
        return None
    found = [(m[0].lower(), m.end()) for m in _WORD.finditer(text)]
    low = [word for word, _ in found]
    for at, (word, end) in enumerate(found):
        if word in words.KINDS and (event := _judge(low, at, text[end:])):
            return event
    return _standing(text)


def _standing(text: str) -> Told | None:
    """ "This is in staging already": not what somebody did, but how it stands."""
    match = words.STANDING.search(text)
    if match is None:
        return None
    before = [word[0].lower() for word in _WORD.finditer(text[: match.start()])]
    if words.HARD_IF.intersection(before) or words.OFF.intersection(_clause(before)):
        return None
    return Told("committed", match["branch"] or match["there"] or "")


def _judge(low: Sequence[str], at: int, rest: str) -> Told | None:
    before, verb, after = list(low[:at]), low[at], list(low[at + 1 :])
    branch = _branch(rest)
    if not any(way(before, after, verb, branch) for way in (_terse, _first_person, _having, _passive, _third_person)):
        return None
    if words.HARD_IF.intersection(before) or words.HARD_IF.intersection(after[:2]):
        return None
    if words.ELSEWHERE.intersection(after[:9]) or words.TRIAL.search(" ".join(after[:14])):
        return None
    if verb == "dropped" and not words.TAKEN_OUT.search(" ".join(after[:8])):
        return None
    if verb == "pushed" and not _delivered(before, after, branch):
        return None
    kind = "reverted" if _REVERT.match(" ".join(after[:3])) else words.KINDS[verb]
    return Told(kind, branch, bool(_OTHER.intersection(after[:5])))


def _delivered(before: Sequence[str], after: Sequence[str], branch: str) -> bool:
    """Branches are pushed for people to look at, too; only what went somewhere, or is plainly done with, counts."""
    if not before and after[:1] == ["to"]:
        return True
    if branch:
        return not {"example", "branch", "version", "updated", "code", "tree"}.intersection(after[:4])
    return not words.PUSHED_ELSEWHERE.intersection(after[:8])


def _terse(before: Sequence[str], after: Sequence[str], verb: str, branch: str) -> bool:
    """Nothing but thanks and names of patches in front of the verb, and the verb's natural company behind it."""
    known = words.CHEER | words.THINGS | words.BREAK
    if before[:1] == ["with"] and words.FEELING.intersection(before[1:2]):
        before = before[1:]
    if len(before) > 14 or not all(word in known or words.NUMBER.match(word) for word in before):
        return False
    if not after or branch:
        return verb not in words.WEAK or bool(branch)
    if verb in words.WEAK:
        return "up" in after[:3] or after[0] in ("thanks", ",", "!")
    natural = after[0] in words.OBJECT or after[0] in words.AFTER_TERSE or after[0] in words.BREAK
    return natural or bool(words.NUMBER.match(after[0]))


def _first_person(before: Sequence[str], after: Sequence[str], verb: str, branch: str) -> bool:
    """ "I have now applied this": the subject, helpers and adverbs, the verb, then something that can be applied."""
    at = _skip(before, words.ADVERBS | {"have", "had", "went", "gone", "ahead", "and"})
    if not at or before[at - 1] not in ("i", "we", "i've", "we've"):
        return False
    clause = _clause(before[: at - 1])
    if words.OFF.intersection(clause) or words.IF.intersection(clause[-2:]):
        return False
    head = [word for word in after[:5] if word not in words.ADVERBS and word not in ("up", "out", "in", "of")]
    object_ = head[0] if head else ""
    thing = object_ in words.THINGS or bool(words.NUMBER.match(object_))
    thing = thing or (object_ in words.OBJECT and bool(words.NOUNS.intersection(head[1:4])))
    if verb not in words.WEAK:
        return thing or not after or after[0] in ",;:!" or (after[0] in ("to", "for", "in", "into") and bool(branch))
    several = {"patch", "patches", "series", "set"}.intersection(head) or any(words.NUMBER.match(w) for w in head)
    whole = bool(several) or not after[1:] or after[1] in (",", "as", "for")
    perfect = verb == "taken" or (verb == "picked" and before[at - 1] != "i" and bool(several))
    return thing and (bool(branch) or ((perfect or verb == "took") and whole))


def _having(before: Sequence[str], after: Sequence[str], verb: str, branch: str) -> bool:
    """ "We already have this queued": a person, to have, a thing."""
    at = _skip(before, words.ADVERBS)
    if at < 3 or before[at - 1] not in ("this", "it", "that", "these", "them") or before[at - 2] not in ("have", "got"):
        return False
    at = _skip(before[: at - 2], words.ADVERBS)
    return at > 0 and before[at - 1] in ("i", "we", "i've", "we've") and not words.OFF.intersection(_clause(before))


def _passive(before: Sequence[str], after: Sequence[str], verb: str, branch: str) -> bool:
    """ "This series was committed already": a thing, a form of to be, adverbs, the verb."""
    end = _skip(before, words.ADVERBS)
    at = _skip(before[:end], words.BE)
    if at in (0, end) or words.OFF.intersection(_clause(before)):
        return False
    subject = before[at - 1]
    if subject in ("that", "which", "who") and at > 1 and before[at - 2] not in words.BREAK:
        return False  # a relative clause describes something else
    if not (subject in words.THINGS or _HASH.fullmatch(subject) or subject == ")"):
        return False
    if verb in words.WEAK:
        return bool(branch)
    return not after or after[0] in ",;:!()" or bool(branch) or after[0] in words.WHEN


def _third_person(before: Sequence[str], after: Sequence[str], verb: str, branch: str) -> bool:
    """ "NAME already queued it": a name or "you", helpers and adverbs, the verb, and a plain object."""
    at = _skip(before, words.ADVERBS | {"has", "have", "had"})
    if not at or (at == len(before) and at > 5) or verb in words.WEAK - {"picked"}:
        return False
    who, clause = before[at - 1], _clause(before[: at - 1])
    if words.OFF.intersection(clause) or words.IF.intersection(clause) or who in words.NO_NAMES:
        return False
    object_ = [word for word in after[:3] if word not in ("whole", "entire")]
    plain = object_[:1] in (["it"], ["this"], ["these"], ["them"], ["v2"], ["v3"])
    plain = plain or object_[:2] in (["the", "series"], ["the", "patch"], ["the", "patches"])
    return plain and (who.isalpha() or who == "you've") and (verb != "picked" or "up" in after[:3])


def _skip(before: Sequence[str], over: frozenset[str]) -> int:
    """The position behind the last word that is not one of these."""
    at = len(before)
    while at and before[at - 1] in over:
        at -= 1
    return at


def _clause(low: Sequence[str]) -> Sequence[str]:
    """From the last break on."""
    for at in reversed(range(len(low))):
        opened = low[at] == "(" and ")" not in low[at:]
        if opened or (low[at] in words.BREAK and low[at] not in ("and", "(", ")")):
            return low[at + 1 :]
    return low


def _branch(rest: str) -> str:
    """Where it went: "to kvm-arm64/misc-5.12", "for 5.10", "in staging", "to kvmtool (master)"."""
    head = re.split(r"[.;!]\s|\s\((?![\w./+-]+\))", rest[:160])[0]
    for match in re.finditer(r"(?i)(?:^|[\s,])(?:to|into|onto|in|for|on|via|through)\s+", head):
        place = head[match.end() :]
        found = words.DESTINATION.match(place)
        if found and (found[2] or words.PLACE.match(found[1])) and not words.NEXT_CLAUSE.match(place, found.end()):
            inner = found[2] or ((more := words.INNER.match(place, found.end())) and more[1])
            return f"{found[1]} ({inner})" if inner else found[1].rstrip(".")
        if match.end() > 90:
            break
    return ""


_ONE = r"\d{1,3}(?:\s*(?:-|\u2013|to|through)\s*\d{1,3})?"
_RUN = rf"#?({_ONE}(?:\s*(?:,|\+|&|and)\s*(?:and\s*)?#?{_ONE})*)(?!\w|\.\d)"
_LISTED = re.compile(
    rf"(?i)(?:\bpatch(?:es)?\s*|^\W*(?:also\s+)?(?:applied|queued|merged|pulled|taken|picked up)\s+){_RUN}"
)
_LEFT_OUT = re.compile(
    r"(?i)\b(?:minus|apart from|except(?:ing| for)?|but not|skipping|without|dropp\w+)\s+(?:the\s+)?"
    rf"(?:patch(?:es)?\s*)?{_RUN}"
)
_FIRST = re.compile(r"(?i)\bfirst (?:(\d{1,3}|two|three|four|five|six) )?(?:patch|cleanup|fix|one)")
_COUNT = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6}


def names_part(sentence: str) -> bool:
    """Does the sentence single out patches of a series by number?"""
    text = " ".join(sentence.split())
    return any(pattern.search(text) for pattern in (_LEFT_OUT, _FIRST, _LISTED))


def includes(sentence: str, number: int) -> bool:
    """Does the sentence speak of patch ``number`` of its series? It does unless it names a part that has it not."""
    text = " ".join(sentence.split())
    if match := _LEFT_OUT.search(text):
        return number not in _numbers(match[1])
    if match := _FIRST.search(text):
        count = match[1].lower() if match[1] else "1"
        return number <= (int(count) if count.isdigit() else _COUNT[count])
    match = _LISTED.search(text)
    return match is None or number in _numbers(match[1])


def _numbers(run: str) -> set[int]:
    found: set[int] = set()
    for low, high in re.findall(r"(\d+)(?:\s*(?:-|\u2013|to|through)\s*(\d+))?", run):
        found.update(range(int(low), min(int(high or low), int(low) + 500) + 1))
    return found
