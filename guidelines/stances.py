"""Sentences of one thread to stances: who assents to or dissents from which requirement, and how we know.

A stance is an agree or disagree sentence of another person. It reaches a requirement, strongest first: when the
requirement stands in the quoted text right above it; when it quotes nothing, opens its mail and answers the
requirement's mail directly. Links go from reply to quoted text, not from mail to mail: on these lists one mail argues
many points. Assent to somebody's assent, or rejecting an objection, is neither: it may be about a side issue. Nor is
assent to newer words of the requirement's author, below which it stands as an older quote, unless the same person had
objected to it: then it is those words that the objection is given up for. A mail that both assents to a requirement
and objects to it takes no side that could be put under a name.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from guidelines.likeness import telling
from guidelines.values import Claim, Stance
from guidelines.wording import no_assent, plain_assent, refuses
from nlp.labels import Label

ASSENT, DISSENT = "assent", "dissent"
QUOTED = "to the sentence as quoted"
PASSAGE = "to a passage that holds it"
WHOLE = "to the mail as a whole"
FIRST = "it is what the rule agrees with"
TAKEN_BACK = "to the answer to their own objection"
_BLANK = re.compile(r"\n[ \t]*\n")
FAR, NEXT = 600, 150  # characters up to a quote's end: an answer is to what stands within the first, surely the second
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
            # Who objects mostly means the end of what is quoted, who assents mostly all of it.
            if target.person != claim.person and (leans == ASSENT or why != PASSAGE):
                found[target.key].append(Stance(leans, claim.key, claim.mid, claim.person, claim.author, why))
    return {c.key: sound(_settled(c, found[c.key], thread)) for c in thread.requirements}


def sound(found: Sequence[Stance]) -> list[Stance]:
    """Without mails that take both sides, and with assents to a passage only where nobody answered the sentence."""
    ways = {way: {s.mid for s in found if s.stance == way} for way in (ASSENT, DISSENT)}
    told = [s for s in found if s.mid not in ways[ASSENT] & ways[DISSENT]]
    direct = any(s.why != PASSAGE for s in told)
    objected = {s.person for s in told if s.stance == DISSENT}
    return [s for s in told if s.why != PASSAGE or not direct or s.person in objected]


def _settled(requirement: Claim, found: Sequence[Stance], thread: ThreadIndex) -> list[Stance]:
    """A requirement's stances with objections that were given up, and without assents to newer words of its author."""
    objections = [thread.by_key[s.claim] for s in found if s.stance == DISSENT]
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
    return assent.person == objection.person and objection.mid in assent.ancestors[1:]


def _targets(claim: Claim, thread: ThreadIndex) -> list[tuple[Claim, str]]:
    """The requirements that a stance sentence reaches, each with how we know."""
    answered = [thread.by_key[k] for k in claim.answers if k in thread.by_key]
    reached = [c for c in answered if Label.REQUIREMENT in c.labels]
    # What stands last in the quote is what the next line answers; the rest, and what older mails say, comes along.
    near = max((c for c in reached if c.mid in claim.answers_mids[:1]), key=lambda c: c.start, default=None)
    targets = [(c, QUOTED if c is near and _to_its_words(claim, c) else PASSAGE) for c in reached]
    if targets or claim.answers_text or claim.answers_mids or not claim.ancestors:
        return targets
    theirs = [c for c in thread.by_mid.get(claim.ancestors[0], ()) if Label.REQUIREMENT in c.labels]
    opens = thread.by_mid[claim.mid][0].key == claim.key
    return [(theirs[0], WHOLE)] if len(theirs) == 1 and opens else []


def _to_its_words(claim: Claim, quoted: Claim) -> bool:
    """Whether an answer is to a rule that stands last in a quote, and not to what goes on below it. An objection mostly
    is; an assent where no paragraph stands between the two, or where it speaks of the same matter."""
    if side(claim) == DISSENT or telling(claim.text) & telling(quoted.text):
        return ends_with(claim.answers_text, quoted.text)
    last = [part for part in _BLANK.split(claim.answers_text) if part.strip()][-1:]
    return ends_with(claim.answers_text, quoted.text, NEXT) or any(ends_with(part, quoted.text) for part in last)


def ends_with(quote: str, sentence: str, most: int = FAR) -> bool:
    """Whether a quote ends with a sentence, or soon after it. The quote may cut it short."""
    above, words = " ".join(quote.split()), " ".join(sentence.split())
    for known, rest in ((words[-30:], words[-30:]), (words[:30], words)):
        if (place := above.rfind(known)) >= 0:
            return len(above) - place - len(rest) <= most
    return False


def weighty(found: Iterable[Stance]) -> list[Stance]:
    """Those that decide a status."""
    return [s for s in found if s.why != FIRST]


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
    """Each person's last word, in the order in which people first spoke: a later mail replaces what the same person
    said before."""
    words: dict[str, Stance] = {}
    for stance in found:
        if stance.person not in words or words[stance.person].mid != stance.mid:
            words[stance.person] = stance
    return list(words.values())


def objections(requirement: Claim, claims: Iterable[Claim]) -> list[Claim]:
    """What other people object right below a requirement, also where they assent in the same mail."""
    answers = [c for c in claims if c.person != requirement.person and requirement.key in c.answers]
    return [c for c in answers if side(c) == DISSENT and ends_with(c.answers_text, requirement.text, NEXT)]


def conceded(requirement: Claim, objected: Sequence[Claim], claims: Iterable[Claim]) -> Claim | None:
    """The sentence in which a requirement's author assents to an objection to it, or outright to more of its mail."""
    for claim in claims:
        if claim.person == requirement.person and side(claim) == ASSENT and later(claim, requirement):
            mails = [o for o in objected if claim.answers_mids[:1] == (o.mid,)]
            said = [o for o in mails if o.key in claim.answers and ends_with(claim.answers_text, o.text)]
            if said or (mails and plain_assent(claim.text)):
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
