"""People's decisions to guidelines as people want them: what was decided wins over what was computed.

Decisions are append-only; an undo names the decision it takes back, and may itself be undone. Merge and split work on
evidence (the claim keys that a guideline had), the rest on the finished guideline. Evidence newer than a decision that
speaks against it is never hidden: its keys come out in ``Guideline.against``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from guidelines.stances import ASSENT, DISSENT
from guidelines.values import Claim, Decision, Guideline, Requirement
from nlp.labels import Label, Status, Topic

LEVELS = ("MUST", "SHOULD", "MAY")
_ID = re.compile(r"^HC-0*(\d+)$", re.IGNORECASE)


def identifier(number: int) -> str:
    """A guideline's name in the document."""
    return f"HC-{number:03d}"


def number_of(target: str) -> int | None:
    """The number in "HC-017"; None for a claim key."""
    match = _ID.match(target.strip())
    return int(match.group(1)) if match else None


def in_force(decisions: Iterable[Decision]) -> list[Decision]:
    """The decisions that nobody took back, oldest first; undoing an undo restores what it took back."""
    ordered = sorted(decisions, key=lambda d: d.id)
    gone: set[int] = set()
    for decision in reversed(ordered):
        if decision.action == "undo" and decision.undoes is not None and decision.id not in gone:
            gone.add(decision.undoes)
    return [d for d in ordered if d.id not in gone and d.action != "undo"]


def admitted(requirements: Iterable[Requirement], decisions: Sequence[Decision]) -> list[Requirement]:
    """The requirements without the statements that people rejected, under the topics that people gave them."""
    rejected, topics = set[str](), dict[str, str]()
    for decision in decisions:
        if number_of(decision.target) is not None:
            continue
        if decision.value not in ("", Label.REQUIREMENT) and decision.action in ("accept", "reject"):
            continue  # about another label of the sentence
        if decision.action == "reject":
            rejected.add(decision.target)
        elif decision.action == "accept":
            rejected.discard(decision.target)
        elif decision.action == "retopic" and decision.value in set(Topic):
            topics[decision.target] = decision.value
    return [replace(r, topic=topics.get(r.claim, r.topic)) for r in requirements if r.claim not in rejected]


def regroup(
    groups: Sequence[Sequence[str]], decisions: Sequence[Decision], previous: Sequence[Guideline]
) -> list[list[str]]:
    """Join and part groups of claim keys as people decided, in the order of the decisions."""
    found = [list(g) for g in groups]
    known = {g.number: (g.text_claim, *g.members, *g.opposing) for g in previous}
    for decision in decisions:
        if decision.action == "split":
            keys = set(decision.value.splitlines())
            if parted := [k for g in found for k in g if k in keys]:
                found = [[k for k in g if k not in keys] for g in found]
                found.append(parted)
        elif decision.action == "merge":
            mine, theirs = _keys(decision.target, known), _keys(decision.value, known)
            # Where it was merged before, the other rule holds these sentences too, and may even be put in their words.
            one, other = _holder(mine, found), _holder([k for k in theirs if k not in mine], found)
            if one is not None and other is not None and one != other:
                found[other] += found[one]
                found[one] = []
    return [g for g in found if g]


def _keys(target: str, known: Mapping[int, tuple[str, ...]]) -> tuple[str, ...]:
    number = number_of(target)
    return (target,) if number is None else known.get(number, ())


def _holder(keys: Sequence[str], groups: Sequence[Sequence[str]]) -> int | None:
    for key in keys:
        for place, group in enumerate(groups):
            if key in group:
                return place
    return None


def apply(
    guidelines: Iterable[Guideline],
    decisions: Sequence[Decision],
    requirements: Mapping[str, Requirement],
    claims: Mapping[str, Claim],
) -> list[Guideline]:
    """Lay the decisions in force over computed guidelines."""
    return [_decided(g, [d for d in decisions if _concerns(d, g)], requirements, claims) for g in guidelines]


def _concerns(decision: Decision, guideline: Guideline) -> bool:
    number = number_of(decision.target)
    if number is not None:
        merged = decision.action == "merge" and number_of(decision.value) == guideline.number
        return number == guideline.number or merged
    if decision.action in ("reject", "retopic"):  # of a statement: settled before grouping
        return False
    return decision.target in guideline.members or decision.target in guideline.opposing


def _decided(
    guideline: Guideline,
    decisions: Sequence[Decision],
    requirements: Mapping[str, Requirement],
    claims: Mapping[str, Claim],
) -> Guideline:
    if not decisions:
        return guideline
    result = guideline
    for decision in decisions:
        result = _one(result, decision)
    against = sorted({k for d in decisions for k in _against(d, guideline, requirements, claims)})
    return replace(result, decisions=tuple(d.id for d in decisions), against=tuple(against))


def _one(guideline: Guideline, decision: Decision) -> Guideline:
    said = f"{decision.by} ({decision.at:%Y-%m-%d})" + (f": {decision.comment}" if decision.comment else "")
    if decision.action == "accept":
        return replace(guideline, confidence=1.0, retired="")
    if decision.action == "reject":
        return replace(guideline, retired=f"rejected by {said}")
    if decision.action == "reword" and decision.value.strip():
        return replace(guideline, text=" ".join(decision.value.split()), text_by=decision.by, confidence=1.0)
    if decision.action == "retopic" and decision.value in set(Topic):
        return replace(guideline, topic=decision.value)
    if decision.action == "level" and decision.value.upper() in LEVELS:
        return replace(guideline, level=decision.value.upper())
    if decision.action == "supersede":
        return replace(guideline, status=Status.SUPERSEDED, retired=f"superseded by {decision.value}: {said}")
    return guideline


def _against(
    decision: Decision,
    guideline: Guideline,
    requirements: Mapping[str, Requirement],
    claims: Mapping[str, Claim],
) -> list[str]:
    """Stances newer than the decision that pull the other way."""
    lowered = decision.action in ("reject", "supersede") or (decision.action == "level" and decision.value != "MUST")
    other = ASSENT if lowered else DISSENT
    if decision.action in ("retopic", "merge", "split"):
        return []
    found = [
        s.claim for k in guideline.members if k in requirements for s in requirements[k].stances if s.stance == other
    ]
    return [k for k in found if (when := claims[k].date if k in claims else None) and when > decision.at]
