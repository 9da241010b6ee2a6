"""The requirements of one group to a guideline: best sentence, status, level, confidence and strength, all computed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from guidelines.adoption import ADOPTED
from guidelines.likeness import alike, contradict, opposite, telling
from guidelines.reading import reading
from guidelines.stances import ASSENT, DISSENT, TAKEN_BACK, position, standing, weighty
from guidelines.values import Claim, Guideline, Requirement, Stance
from guidelines.wording import level_of, plain_assent, unbulleted
from nlp.labels import Label, Status

APPLIES = (
    (re.compile(r"\bxen\b|^xen-|-xen$", re.IGNORECASE), "Xen"),
    (re.compile(r"^kvm-?arm", re.IGNORECASE), "KVM/arm64"),
    (re.compile(r"^kvm", re.IGNORECASE), "KVM"),
)
REWORDED = 0.7  # two sentences as like as this say one thing: an answer to the one is an answer to the other
_WEIGHT = (Status.CONTESTED, Status.AGREED, Status.PROPOSED, Status.SUPERSEDED)


def assemble(
    number: int, members: Sequence[Requirement], claims: Mapping[str, Claim], products: Mapping[str, str]
) -> Guideline:
    """Sum up one group; ``products`` says which list speaks for which product."""
    ordered = sorted(members, key=lambda r: _best_first(r, claims)) if len(members) > 1 else members
    best = ordered[0]
    mine, theirs = _sides(ordered, claims)
    counted, saying = heard(mine, best.claim, claims), stating(mine, best.claim, claims)
    status, reason = _status(counted, theirs, claims)
    text = unbulleted(claims[best.claim].text)
    dates = [d for r in mine if (d := claims[r.claim].date) is not None]
    return Guideline(
        number=number,
        text=text,
        text_by="",
        text_claim=best.claim,
        topic=_topic(mine),
        status=status,
        level=level_of(text, len(_supporters(saying, counted, claims, outright=True)), status),
        applies_to=_applies([claims[r.claim] for r in mine], products),
        confidence=_confidence([claims[r.claim] for r in mine]),
        strength=_strength(saying, counted, claims),
        revision=0,
        since=min(dates, default=None),
        members=tuple(r.claim for r in mine),
        reason=reason,
        opposing=tuple(r.claim for r in theirs),
    )


def heard(members: Sequence[Requirement], text_claim: str, claims: Mapping[str, Claim]) -> list[Requirement]:
    """The members whose sides count for the sentence that is shown: itself, and those in nearly its words. What was
    said to another wording was not said to this one."""
    if (text := claims.get(text_claim)) is None:
        return list(members)
    return [r for r in members if r.claim == text_claim or alike(claims[r.claim].text, text.text) >= REWORDED]


def stating(members: Sequence[Requirement], text_claim: str, claims: Mapping[str, Claim]) -> list[Requirement]:
    """The members that say what is shown: its author's, and those of others that share its matter."""
    if (text := claims.get(text_claim)) is None:
        return list(members)
    said = telling(text.text)
    mine = [r for r in members if claims[r.claim].person == text.person or said & telling(claims[r.claim].text)]
    return [r for r in members if r in mine or r in heard(members, text_claim, claims)]


def _best_first(requirement: Requirement, claims: Mapping[str, Claim]) -> tuple[object, ...]:
    claim = claims[requirement.claim]
    rank = (Status.AGREED, Status.CONTESTED, Status.PROPOSED, Status.SUPERSEDED).index(Status(requirement.status))
    return (-reading(claim.text).sound, rank, position(claim))


def _sides(members: Sequence[Requirement], claims: Mapping[str, Claim]) -> tuple[list[Requirement], list[Requirement]]:
    """The members that say what the best one says, and those that say the contrary: in their words, or by having been
    put up in rejection of a member. Only other people's oppose; one person's second thoughts are no dispute."""
    best = members[0]
    text, author = claims[best.claim].text, claims[best.claim].person
    against = {key for r in members if claims[r.claim].person == author for key in r.counters}
    theirs = []
    for requirement in members[1:]:
        claim = claims[requirement.claim]
        opposed = requirement.claim in against or best.claim in requirement.counters
        if (opposed or contradict(claim.text, text) or opposite(claim.text, text)) and claim.person != author:
            theirs.append(requirement)
    gone = {r.claim for r in theirs}
    return [r for r in members if r.claim not in gone], theirs


def _status(mine: Sequence[Requirement], theirs: Sequence[Requirement], claims: Mapping[str, Claim]) -> tuple[str, str]:
    if theirs:
        other = claims[theirs[0].claim]
        return (
            Status.CONTESTED,
            f"{other.author} said the contrary ({other.date:%Y-%m-%d})" if other.date else "both sides",
        )
    found = {r.status for r in mine}
    wanted = next(s for s in (_last_words(mine, claims), *_WEIGHT) if s in found)
    reason = max((r for r in mine if r.status == wanted), key=lambda r: position(claims[r.claim])).reason
    return Status(wanted), reason


def _last_words(members: Sequence[Requirement], claims: Mapping[str, Claim]) -> str:
    """What people's last words on any member come to: who objected at first and agreed to the later wording agrees."""
    said = sorted((s for r in members for s in r.stances if s.claim in claims), key=lambda s: position(claims[s.claim]))
    ways = {s.stance for s in standing(weighty(said))}
    return Status.CONTESTED if DISSENT in ways else Status.AGREED if ASSENT in ways else ""


def _supporters(
    members: Sequence[Requirement], counted: Sequence[Requirement], claims: Mapping[str, Claim], outright: bool = False
) -> set[str]:
    """The people who said it, or whose last word on it is assent; ``outright``: without any ifs and buts."""
    said = {claims[r.claim].person for r in members}
    stances = sorted(
        (s for r in counted for s in r.stances if s.claim in claims), key=lambda s: position(claims[s.claim])
    )
    last = standing(weighty(stances))
    assented = {s.person for s in last if s.stance == ASSENT and (not outright or _plain(s, claims))}
    return (said | assented) - {s.person for s in last if s.stance == DISSENT}


def _plain(assent: Stance, claims: Mapping[str, Claim]) -> bool:
    """Whether it leaves no doubt: in words, or by doing it. Who only gives an objection up need not be for it."""
    said = assent.why != TAKEN_BACK and plain_assent(claims[assent.claim].text)
    return said or assent.why.startswith(ADOPTED)


def _topic(members: Sequence[Requirement]) -> str:
    counts = Counter(r.topic for r in members)
    return min(counts, key=lambda t: (-counts[t], [r.topic for r in members].index(t)))


def _applies(members: Sequence[Claim], products: Mapping[str, str]) -> str:
    found = sorted({products.get(c.list_name) or _product(c.list_name) for c in members})
    return "both" if len(found) == 2 else ", ".join(found)


def _product(list_name: str) -> str:
    """What a list's name tells, where no configuration does."""
    return next((name for pattern, name in APPLIES if pattern.search(list_name)), list_name)


def _confidence(members: Sequence[Claim]) -> float:
    """How sure the tagger is that this is a requirement; people who say it independently add to it."""
    best: dict[str, float] = {}
    for claim in members:
        score = min(max(claim.scores.get(Label.REQUIREMENT, 0.5), 0.0), 1.0)
        best[claim.person] = max(best.get(claim.person, 0.0), score)
    doubt = 1.0
    for score in best.values():
        doubt *= 1.0 - score
    return round(1.0 - doubt, 4)


def _strength(members: Sequence[Requirement], counted: Sequence[Requirement], claims: Mapping[str, Claim]) -> str:
    people = len(_supporters(members, counted, claims))
    threads = len({claims[r.claim].thread for r in members})
    years = sorted({d.year for r in members if (d := claims[r.claim].date) is not None})
    span = "" if not years else f", {years[0]}" if len(years) == 1 else f", {years[0]} to {years[-1]}"
    return f"{people} {'person' if people == 1 else 'people'}, {threads} thread{'' if threads == 1 else 's'}{span}"
