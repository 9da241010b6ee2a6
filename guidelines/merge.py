"""Requirements of all threads to guidelines: one for each rule, with numbers that last and revisions that say why.

Like requirements are grouped by topic and meaning (likeness), people's merges and splits are applied, groups take the
numbers they had (identity), each is summed up (assemble), and people's other decisions are laid over the result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from guidelines import decisions as dec
from guidelines.assemble import assemble
from guidelines.identity import numbers, retire, revise
from guidelines.likeness import contradict, groups, negative
from guidelines.stances import position
from guidelines.values import Claim, Decision, Guideline, Requirement, Revision


def merge(
    requirements: Sequence[Requirement],
    claims: Mapping[str, Claim],
    decisions: Sequence[Decision] = (),
    previous: Sequence[Guideline] = (),
) -> tuple[list[Guideline], list[Revision]]:
    """All guidelines, retired ones too, by number; and the revisions since ``previous``."""
    force = dec.in_force(decisions)
    wanted = [r for r in dec.admitted(requirements, force) if r.claim in claims]
    wanted.sort(key=lambda r: position(claims[r.claim]))
    by_key = {r.claim: r for r in wanted}
    gathered = dec.regroup(_gather(wanted, claims), force, previous)
    for group in gathered:
        group.sort(key=lambda k: position(claims[k]))
    gathered.sort(key=lambda g: position(claims[g[0]]))
    current = []
    for number, group in zip(numbers(gathered, previous), gathered, strict=True):
        current.append(assemble(number, [by_key[k] for k in group], claims))
    current = dec.apply(current, force, by_key, claims)
    gone = retire(current, previous)
    finished, revisions = revise(current, previous, claims, {d.id: d.at for d in decisions})
    stood = {g.number: g.revision for g in previous}
    for was in gone:
        if was.revision != stood[was.number]:
            what = f"retired: {was.retired}"
            revisions.append(
                Revision(was.number, was.revision, was.since, was.text, was.topic, was.status, was.level, what)
            )
    return sorted([*finished, *gone], key=lambda g: g.number), sorted(revisions, key=lambda r: (r.number, r.revision))


def _gather(requirements: Sequence[Requirement], claims: Mapping[str, Claim]) -> list[list[str]]:
    """Groups of claim keys that state one rule; of two that contradict, the rule and its contrary in one group."""
    texts = [claims[r.claim].text for r in requirements]
    # A demand and a ban may share nearly all words, so they are never compared as like.
    blocks = [f"{r.topic} {'-' if negative(t) else '+'}" for r, t in zip(requirements, texts, strict=True)]
    found = groups(texts, blocks)
    home = {i: place for place, group in enumerate(found) for i in group}
    place_of = {r.claim: home[i] for i, r in enumerate(requirements)}
    joined = list(range(len(found)))

    def root(place: int) -> int:
        while joined[place] != place:
            place = joined[place]
        return place

    for i, requirement in enumerate(requirements):
        for key in requirement.counters:
            if key in place_of and contradict(texts[i], claims[key].text):
                one, other = sorted((root(home[i]), root(place_of[key])))
                joined[other] = one
    merged: dict[int, list[str]] = {}
    for place, group in enumerate(found):
        merged.setdefault(root(place), []).extend(requirements[i].claim for i in group)
    return list(merged.values())
