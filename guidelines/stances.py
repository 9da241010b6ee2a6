"""Sentences of one thread to stances: who assents to or dissents from which requirement, and how we know.

A stance is an agree or disagree sentence of another person. It reaches a requirement, strongest first: when the
requirement stands in the quoted text right above it; when it quotes nothing, opens its mail and answers the
requirement's mail directly. Links go from reply to quoted text, not from mail to mail: on these lists one mail argues
many points. Assent to somebody's assent, or rejecting an objection, is neither: it may be about a side issue. Nor is
assent to newer words of the requirement's author, below which it stands as an older quote, unless the same person had
objected to it: then it is those words that the objection is given up for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from guidelines.values import Claim, Stance
from guidelines.wording import no_assent, plain_assent, refuses
from nlp.labels import Label

ASSENT, DISSENT = "assent", "dissent"
QUOTED = "to the sentence as quoted"
PASSAGE = "to a passage that holds it"
WHOLE = "to the mail as a whole"
FIRST = "it is what the rule agrees with"
TAKEN_BACK = "to the answer to their own objection"
SURE = 0.7  # below this score the words themselves must show which way a sentence leans


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
    """Which way a sentence leans. One that both grants and rejects has reservations, so it is no assent; a label that
    the words belie, or that is unsure and not borne out by them, counts for nothing: it would be put under a name."""
    for label, way in ((Label.DISAGREE, DISSENT), (Label.AGREE, ASSENT)):
        if label in claim.labels:
            belied, borne_out = (no_assent, plain_assent) if way == ASSENT else (plain_assent, refuses)
            sure = claim.scores.get(label, 1.0) >= SURE or borne_out(claim.text)
            return way if sure and not belied(claim.text) else ""
    return ""


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
    for claim in sorted(thread.by_key.values(), key=position):
        leans = side(claim)
        for target, why in _targets(claim, thread) if leans else ():
            if target.person != claim.person:
                found[target.key].append(Stance(leans, claim.key, claim.mid, claim.person, claim.author, why))
    return {c.key: _settled(c, found[c.key], thread) for c in thread.requirements}


def _settled(requirement: Claim, found: Sequence[Stance], thread: ThreadIndex) -> list[Stance]:
    """A requirement's stances with objections that were given up, and without assents to newer words of its author."""
    objections = [thread.by_key[s.claim] for s in weighty(found) if s.stance == DISSENT]
    settled = []
    for stance in found:
        claim = thread.by_key[stance.claim]
        if stance.stance == DISSENT or not _to_newer_words(claim, requirement, thread):
            settled.append(stance)
        elif any(_answers_the_answer(claim, objection) for objection in objections):
            settled.append(replace(stance, why=TAKEN_BACK))
    known = {s.claim for s in found}
    for claim in thread.by_key.values():
        if claim.key not in known and side(claim) == ASSENT and any(_gives_up(claim, o) for o in objections):
            settled.append(Stance(ASSENT, claim.key, claim.mid, claim.person, claim.author, TAKEN_BACK))
    return sorted(settled, key=lambda s: position(thread.by_key[s.claim]))


def _to_newer_words(assent: Claim, requirement: Claim, thread: ThreadIndex) -> bool:
    """Whether it stands below a newer mail of the requirement's author that quotes the requirement."""
    nearest = assent.answers_mids[:1]
    said = thread.by_mid.get(nearest[0], ()) if nearest and nearest[0] != requirement.mid else ()
    return any(claim.person == requirement.person for claim in said)


def _gives_up(assent: Claim, objection: Claim) -> bool:
    """Whether the objection stands as the older quote above an assent to what was answered to it."""
    older = objection.key in assent.answers and assent.answers_mids[:1] != (objection.mid,)
    return older and _answers_the_answer(assent, objection)


def _answers_the_answer(assent: Claim, objection: Claim) -> bool:
    return assent.person == objection.person and assent.ancestors[1:2] == (objection.mid,)


def _targets(claim: Claim, thread: ThreadIndex) -> list[tuple[Claim, str]]:
    """The requirements that a stance sentence reaches, each with how we know."""
    answered = [thread.by_key[k] for k in claim.answers if k in thread.by_key]
    reached = [c for c in answered if Label.REQUIREMENT in c.labels]
    # What stands last in the quote is what the next line answers; the rest, and what older mails say, comes along.
    near = max((c for c in reached if c.mid in claim.answers_mids[:1]), key=lambda c: c.start, default=None)
    targets = [(c, QUOTED if c is near else PASSAGE) for c in reached]
    if targets or claim.answers_text or claim.answers_mids or not claim.ancestors:
        return targets
    theirs = [c for c in thread.by_mid.get(claim.ancestors[0], ()) if Label.REQUIREMENT in c.labels]
    opens = thread.by_mid[claim.mid][0].key == claim.key
    return [(theirs[0], WHOLE)] if len(theirs) == 1 and opens else []


def weighty(found: Iterable[Stance]) -> list[Stance]:
    """Those that decide a status. Who assents to a passage mostly means all of it; who objects mostly means its end."""
    return [s for s in found if s.why != FIRST and (s.stance == ASSENT or s.why != PASSAGE)]


def agreed_with(requirement: Claim, thread: ThreadIndex) -> Claim | None:
    """The words of somebody else that a rule is stated in agreement with: those quoted nearest above it, or the first
    of the mail that it answers without a quote."""
    if side(requirement) != ASSENT:
        return None
    quoted = [thread.by_key[k] for k in requirement.answers if k in thread.by_key]
    bare = requirement.ancestors[:1] if not requirement.answers_text else ()
    told = sorted(quoted, key=lambda c: (c.mid in requirement.answers_mids[:1], c.start), reverse=True)
    told += [c for mid in bare for c in thread.by_mid.get(mid, ())]
    return next((c for c in told if c.person != requirement.person), None)


def standing(found: Sequence[Stance]) -> list[Stance]:
    """Each person's last word, in the order in which people first spoke.

    A later mail replaces what the same person said before. Within one mail the more frequent side counts, and an
    objection as much as an assent.
    """
    spoken: dict[str, list[Stance]] = {}
    for stance in found:
        spoken.setdefault(stance.person, []).append(stance)
    words = []
    for said in spoken.values():
        last = [s for s in said if s.mid == said[-1].mid]
        assents = [s for s in last if s.stance == ASSENT]
        objections = [s for s in last if s.stance == DISSENT]
        words.append(assents[0] if len(assents) > len(objections) else objections[0])
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
