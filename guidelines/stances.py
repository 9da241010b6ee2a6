"""Sentences of one thread to stances: who assents to or dissents from which requirement, and how we know.

A stance is an agree or disagree sentence of another person. It reaches a requirement, strongest first: when the
requirement stands in the quoted text right above it; when it joins somebody's assent that reaches it; when it quotes
nothing, opens its mail and answers the requirement's mail directly. Links go from reply to quoted text, not from mail
to mail: on these lists one mail argues many points. Rejecting an objection is no assent: it may be about a side issue.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from guidelines.values import Claim, Stance
from nlp.labels import Label

ASSENT, DISSENT = "assent", "dissent"
QUOTED = "to the sentence as quoted"
WHOLE = "to the mail as a whole"
JOINED = "by way of another's assent"


@dataclass(frozen=True, slots=True)
class ThreadIndex:
    """A thread's claims by key, by mail (in the order of the text) and the requirements among them."""

    by_key: Mapping[str, Claim]
    by_mid: Mapping[str, tuple[Claim, ...]]
    requirements: tuple[Claim, ...]


def index(claims: Iterable[Claim]) -> ThreadIndex:
    """Index a thread's claims; the result does not depend on their order."""
    ordered = sorted(claims, key=position)
    by_mid: dict[str, list[Claim]] = defaultdict(list)
    for claim in ordered:
        by_mid[claim.mid].append(claim)
    requirements = tuple(c for c in ordered if Label.REQUIREMENT in c.labels)
    return ThreadIndex({c.key: c for c in ordered}, {m: tuple(cs) for m, cs in by_mid.items()}, requirements)


def position(claim: Claim) -> tuple[bool, str, int, str, int, int, str]:
    """A total order over claims: by date, undated ones last, then depth in the thread, mail and place."""
    when = claim.date.isoformat() if claim.date else ""
    return (claim.date is None, when, len(claim.ancestors), claim.mid, claim.start, claim.end, claim.key)


def side(claim: Claim) -> str:
    """Which way a sentence leans; one that both grants and rejects has reservations, so it is no assent."""
    if Label.DISAGREE in claim.labels:
        return DISSENT
    return ASSENT if Label.AGREE in claim.labels else ""


def later(claim: Claim, other: Claim) -> bool:
    """Whether ``claim`` was said after ``other``."""
    if claim.mid == other.mid:
        return claim.start > other.start
    if other.mid in claim.ancestors:
        return True
    if claim.mid in other.ancestors or claim.date is None or other.date is None:
        return False
    return claim.date > other.date


def stances(thread: ThreadIndex) -> dict[str, list[Stance]]:
    """Every requirement's stances by other people, in the order in which they were said."""
    found: dict[str, list[Stance]] = {c.key: [] for c in thread.requirements}
    reached: dict[str, dict[str, str]] = {}  # stance sentence -> requirement -> which way
    for claim in sorted(thread.by_key.values(), key=lambda c: (len(c.ancestors), position(c))):
        leans = side(claim)
        if not leans:
            continue
        mine = reached.setdefault(claim.key, {})
        for key, way, why in _targets(claim, leans, thread, reached):
            if key == claim.key or key in mine:
                continue
            mine[key] = way
            if thread.by_key[key].person != claim.person:
                found[key].append(Stance(way, claim.key, claim.mid, claim.person, claim.author, why))
    return {key: sorted(said, key=lambda s: position(thread.by_key[s.claim])) for key, said in found.items()}


def _targets(
    claim: Claim, leans: str, thread: ThreadIndex, reached: Mapping[str, Mapping[str, str]]
) -> list[tuple[str, str, str]]:
    """The requirements that a stance sentence reaches: key, which way, why; the strongest link first."""
    answered = [thread.by_key[k] for k in claim.answers if k in thread.by_key]
    targets = [(c.key, leans, QUOTED) for c in answered if Label.REQUIREMENT in c.labels]
    for other in answered:
        for key, way in reached.get(other.key, {}).items():
            if way == leans == ASSENT:
                targets.append((key, ASSENT, JOINED))
    if not targets and not claim.answers_text and not claim.answers_mids and claim.ancestors:
        theirs = [c for c in thread.by_mid.get(claim.ancestors[0], ()) if Label.REQUIREMENT in c.labels]
        opens = thread.by_mid[claim.mid][0].key == claim.key
        if len(theirs) == 1 and opens:
            targets.append((theirs[0].key, leans, WHOLE))
    return targets


def standing(found: Sequence[Stance]) -> list[Stance]:
    """Each person's last word, in the order in which people first spoke.

    A later mail replaces what the same person said before. Within one mail assent and objection are weighed: as many
    assents as objections is assent with a reservation, which still counts as assent here and for no MUST later.
    """
    spoken: dict[str, list[Stance]] = {}
    for stance in found:
        spoken.setdefault(stance.person, []).append(stance)
    words = []
    for said in spoken.values():
        last = [s for s in said if s.mid == said[-1].mid]
        assents = [s for s in last if s.stance == ASSENT]
        objections = [s for s in last if s.stance == DISSENT]
        words.append(assents[0] if len(assents) >= len(objections) else objections[0])
    return words


def conceded(requirement: Claim, found: Sequence[Stance], thread: ThreadIndex) -> Claim | None:
    """The sentence in which a requirement's author agrees with an objection to it, if there is one. Only an objection
    to this sentence alone, answered alone, leaves no doubt about what is being conceded."""
    objections = {
        s.claim for s in found if s.stance == DISSENT and thread.by_key[s.claim].answers == (requirement.key,)
    }
    for claim in thread.by_key.values():
        own = claim.person == requirement.person and side(claim) == ASSENT
        if own and claim.answers and objections.issuperset(claim.answers) and later(claim, requirement):
            return claim
    return None


def counters(requirement: Claim, thread: ThreadIndex) -> tuple[str, ...]:
    """Requirements that other people put up against one: they reject what is quoted right above, and it is there."""
    return tuple(
        c.key
        for c in thread.requirements
        if c.person != requirement.person
        and Label.DISAGREE in c.labels
        and requirement.key in c.answers
        and len(c.answers) <= 3
    )
