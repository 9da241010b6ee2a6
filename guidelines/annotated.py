"""Requirements as computed, with what annotators found laid above: status, and whose assent or dissent it rests on.

An annotation names the mails; the sentence shown for each is the annotated agreement or disagreement in that mail, so
nothing is put into anybody's mouth that is not a quote. Where annotators singled out none, the mail stands without one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from guidelines.stances import QUOTED
from guidelines.stances import side as side_of
from guidelines.values import Claim, Requirement, Stance, statement_key
from nlp.labels import Label

_NOBODY = {
    "agreed": "stated as existing policy, or adopted later, and nobody contradicted",
    "contested": "somebody argues against it",
    "proposed": "nobody else took a side",
}
_SIDES = (("assent", Label.AGREE), ("dissent", Label.DISAGREE))


def named(claims: Iterable[Claim]) -> set[str]:
    """The mails that annotations name, as keys that hold none of their words."""
    return {_whole(mid) for c in claims for side, _ in _SIDES for mid in c.said.get(side, ())}


def _whole(message_id: str) -> str:
    return statement_key(message_id.strip("<>"), 0, 0)


def lay_over(
    requirements: Sequence[Requirement], claims: Sequence[Claim], mails: Mapping[str, Claim] | None = None
) -> list[Requirement]:
    """One thread's requirements; those whose sentence carries no annotated status stay as they are. ``mails``: who
    wrote the mails that are ``named``, by those keys."""
    by_key = {claim.key: claim for claim in claims}
    by_mid: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        by_mid[claim.mid].append(claim)
    return [_annotated(r, by_key[r.claim], by_mid, mails or {}) for r in requirements]


def _annotated(
    requirement: Requirement, claim: Claim, by_mid: Mapping[str, list[Claim]], mails: Mapping[str, Claim]
) -> Requirement:
    status = claim.said.get("status")
    if not status:
        return requirement
    stances = [s for side, label in _SIDES for s in _stances(side, label, requirement, claim, by_mid, mails)]
    known = {(s.stance, s.mid) for s in stances}
    stances += [s for s in requirement.stances if (s.stance, s.mid) not in known and _fits(s, status)]
    assenting = {c.key for message_id in claim.said.get("assent", ()) for c in by_mid.get(message_id.strip("<>"), ())}
    counters = tuple(key for key in requirement.counters if key not in assenting)
    laid = replace(requirement, stances=tuple(stances), counters=counters)
    if status == requirement.status:
        return laid
    return replace(laid, status=status, reason=_reason(status, stances, claim), withdrawn=False)


def _reason(status: str, stances: Sequence[Stance], claim: Claim) -> str:
    """Whom the status rests on, as far as sentences are known, and who says so."""
    side, word = ("dissent", "objection") if status == "contested" else ("assent", "assent")
    named = list(dict.fromkeys(s.author for s in stances if s.stance == side)) if status != "proposed" else []
    if named:
        return f"{word} by {', '.join(named)}; {claim.by}"
    if claim.said.get(side):
        return f"{word} in another mail of the thread; {claim.by}"
    return f"{_NOBODY[status]}; {claim.by}"


def _fits(stance: Stance, status: str) -> bool:
    """A computed stance that an annotator's status contradicts is not shown beside it."""
    return status == "contested" or (stance.stance == "assent" and status == "agreed")


def _stances(
    side: str,
    label: str,
    requirement: Requirement,
    claim: Claim,
    by_mid: Mapping[str, list[Claim]],
    mails: Mapping[str, Claim],
) -> list[Stance]:
    """One sentence for each mail that annotators name: the one that answers the very sentence, where there is one."""
    found = []
    for message_id in claim.said.get(side, ()):
        mid = message_id.strip("<>")
        computed = [s for s in requirement.stances if s.mid == mid and s.stance == side]
        computed.sort(key=lambda s: s.why != QUOTED)
        if computed:
            found.append(replace(computed[0], why=claim.by))
            continue
        saying = [
            c for c in by_mid.get(mid, ()) if label in c.labels and c.person != claim.person and side_of(c) == side
        ]
        direct = [c for c in saying if claim.key in c.answers or claim.mid in c.answers_mids]
        whole = mails.get(_whole(mid))
        for c in (direct or saying or ([whole] if whole and whole.person != claim.person else []))[:1]:
            found.append(Stance(side, c.key, c.mid, c.person, c.author, claim.by))
    return found
