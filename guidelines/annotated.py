"""Requirements as computed, with what annotators found laid above: status, and whose assent or dissent it rests on.

An annotation names the mails; the sentence shown for each is one of that mail which speaks to the rule, so that nothing
is put into anybody's mouth that is not a quote, and no answer to something else. A mail without one stands for nobody.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from guidelines.likeness import telling
from guidelines.stances import PASSAGE, QUOTED, conceded, ends_with, sound
from guidelines.stances import side as side_of
from guidelines.values import Claim, Requirement, Stance
from nlp.labels import Label

_NOBODY = {
    "agreed": "stated as existing policy, or adopted later, and nobody contradicted",
    "contested": "somebody argues against it",
    "proposed": "nobody else took a side",
}
_SIDES = (("assent", Label.AGREE), ("dissent", Label.DISAGREE))


def lay_over(
    requirements: Sequence[Requirement], claims: Sequence[Claim], below: Mapping[tuple[str, str], Claim] | None = None
) -> list[Requirement]:
    """One thread's requirements; those whose sentence carries no annotated status stay as they are. ``below``: what the
    mails that annotators name say right below a rule, by its key and their mid."""
    by_key = {claim.key: claim for claim in claims}
    by_mid: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        by_mid[claim.mid].append(claim)
    return [_annotated(r, by_key[r.claim], by_mid, below or {}) for r in requirements]


def _annotated(
    requirement: Requirement,
    claim: Claim,
    by_mid: Mapping[str, list[Claim]],
    below: Mapping[tuple[str, str], Claim],
) -> Requirement:
    status = claim.said.get("status")
    if not status:
        return requirement
    stances = [s for side, label in _SIDES for s in _stances(side, label, requirement, claim, by_mid, below)]
    known = {s.mid for s in stances}
    kept = [s for s in requirement.stances if s.mid not in known and _fits(s, status, _sides(stances))]
    assenting = {c.key for message_id in claim.said.get("assent", ()) for c in by_mid.get(message_id.strip("<>"), ())}
    counters = tuple(key for key in requirement.counters if key not in assenting)
    shown = tuple(sound([*stances, *kept]))
    laid = replace(
        requirement, stances=shown, counters=counters, withdrawn=_withdrawn(requirement, claim, shown, by_mid)
    )
    if status == requirement.status and _sides(shown) == _sides(requirement.stances):
        return laid
    return replace(laid, status=status, reason=_reason(status, shown, claim))


def _sides(stances: Sequence[Stance]) -> set[tuple[str, str]]:
    return {(s.person, s.stance) for s in stances}


def _withdrawn(
    requirement: Requirement, claim: Claim, stances: Sequence[Stance], by_mid: Mapping[str, list[Claim]]
) -> bool:
    """Whether the author of a contested rule gave in, be it to an objection against what he said for it later."""
    if claim.said["status"] != "contested":
        return False
    spoken = [c for mine in by_mid.values() for c in mine]
    keys = {s.claim for s in stances if s.stance == "dissent"}
    gave_in = conceded(claim, [c for c in spoken if c.key in keys and c.answers_mids[:1] != (claim.mid,)], spoken)
    return requirement.withdrawn or gave_in is not None


def _reason(status: str, stances: Sequence[Stance], claim: Claim) -> str:
    """Whom the status rests on, as far as sentences are known, and who says so."""
    side, word = ("dissent", "objection") if status == "contested" else ("assent", "assent")
    named = list(dict.fromkeys(s.author for s in stances if s.stance == side)) if status != "proposed" else []
    if named:
        return f"{word} by {', '.join(named)}; {claim.by}"
    if claim.said.get(side):
        return f"{word} in another mail of the thread; {claim.by}"
    return f"{_NOBODY[status]}; {claim.by}"


def _fits(stance: Stance, status: str, sides: set[tuple[str, str]]) -> bool:
    """A computed stance that an annotator's status, or whom they put on the other side, contradicts is not shown."""
    opposite = "dissent" if stance.stance == "assent" else "assent"
    fits = status == "contested" or (stance.stance == "assent" and status == "agreed")
    return fits and (stance.person, opposite) not in sides


def _stances(
    side: str,
    label: str,
    requirement: Requirement,
    claim: Claim,
    by_mid: Mapping[str, list[Claim]],
    below: Mapping[tuple[str, str], Claim],
) -> list[Stance]:
    """One sentence for each mail that annotators name and that has one: what answers the very sentence comes first."""
    found = []
    for message_id in claim.said.get(side, ()):
        mid = message_id.strip("<>")
        computed = [s for s in requirement.stances if s.mid == mid and s.stance == side]
        if computed:
            best = min(computed, key=lambda s: s.why != QUOTED)
            found.append(best if best.why == PASSAGE else replace(best, why=claim.by))
            continue
        leaning = [
            c for c in by_mid.get(mid, ()) if label in c.labels and c.person != claim.person and side_of(c) == side
        ]
        direct = [c for c in leaning if claim.key in c.answers and ends_with(c.answers_text, claim.text)]
        told = below.get((claim.key, mid))
        words = [told] if told and told.person != claim.person else []
        for c in [*direct, *(c for c in leaning if _to_the_point(c, claim)), *words][:1]:
            found.append(Stance(side, c.key, c.mid, c.person, c.author, claim.by))
    return found


def _to_the_point(said: Claim, rule: Claim) -> bool:
    """Whether a sentence speaks of a rule's matter, or answers its mail without a quote."""
    bare = not said.answers_text and said.ancestors[:1] == (rule.mid,)
    return bare or bool(telling(said.text) & telling(rule.text))
