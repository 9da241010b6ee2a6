"""Requirements of all threads to guidelines: one for each rule, with numbers that last and revisions that say why.

Like requirements are grouped by topic and meaning (likeness), people's merges and splits are applied, groups take the
numbers they had (identity), each is summed up (assemble), and people's other decisions are laid over the result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import combinations

from guidelines import decisions as dec
from guidelines.assemble import assemble
from guidelines.identity import numbers, retire, retired_since, revise
from guidelines.likeness import contradict, groups, matter, negative, opposite, telling
from guidelines.stances import position
from guidelines.values import Claim, Decision, Guideline, Requirement, Revision
from nlp.labels import Status


def merge(
    requirements: Sequence[Requirement],
    claims: Mapping[str, Claim],
    decisions: Sequence[Decision] = (),
    previous: Sequence[Guideline] = (),
    products: Mapping[str, str] | None = None,
) -> tuple[list[Guideline], list[Revision]]:
    """All guidelines, retired ones too, by number; and the revisions since ``previous``. ``products``: what each list
    speaks for, where it is configured."""
    force = dec.in_force(decisions)
    wanted = [r for r in dec.admitted(requirements, force) if r.claim in claims]
    wanted.sort(key=lambda r: position(claims[r.claim]))
    by_key = {r.claim: r for r in wanted}
    gathered = dec.regroup(_gather(wanted, claims), force, previous)
    for group in gathered:
        group.sort(key=lambda k: position(claims[k]))
    gathered.sort(key=lambda g: position(claims[g[0]]))
    merges = [d for d in decisions if d.action == "merge"]
    given = numbers(gathered, previous, merges, force)
    current = []
    for number, group in zip(given, gathered, strict=True):
        current.append(assemble(number, [by_key[k] for k in group], claims, products or {}))
    current = dec.apply(current, force, by_key, claims)
    gone = retire(current, previous)
    finished, revisions = revise(current, previous, _newest(current, by_key, claims), force)
    revisions += retired_since(gone, previous, force)
    return sorted([*finished, *gone], key=lambda g: g.number), sorted(revisions, key=lambda r: (r.number, r.revision))


def _newest(
    guidelines: Sequence[Guideline], requirements: Mapping[str, Requirement], claims: Mapping[str, Claim]
) -> dict[int, datetime]:
    """The date of each guideline's newest evidence: what was said, and what was said to it."""
    found = {}
    for guideline in guidelines:
        keys = [k for k in (*guideline.members, *guideline.opposing) if k in requirements]
        keys += [s.claim for k in keys for s in requirements[k].stances]
        dates = [d for k in keys if k in claims and (d := claims[k].date) is not None]
        if dates:
            found[guideline.number] = max(dates)
    return found


def _gather(requirements: Sequence[Requirement], claims: Mapping[str, Claim]) -> list[list[str]]:
    """Groups of claim keys that state one rule; of two that contradict, the rule and its contrary in one group."""
    texts = [claims[r.claim].text for r in requirements]
    # A demand and a ban may share nearly all words, so they are never compared as like.
    blocks = [f"{r.topic} {'-' if negative(t) else '+'}" for r, t in zip(requirements, texts, strict=True)]
    found = groups(texts, blocks)
    home = {requirements[i].claim: place for place, group in enumerate(found) for i in group}
    root = list(range(len(found)))
    for one, other in [*_restated(requirements, claims), *_contrary(requirements, texts, claims)]:
        a, b = root[home[one]], root[home[other]]
        root = [min(a, b) if place in (a, b) else place for place in root]
    merged: dict[int, list[str]] = {}
    for place, group in enumerate(found):
        merged.setdefault(root[place], []).extend(requirements[i].claim for i in group)
    return list(merged.values())


def _to_the_point(counter: Claim, claim: Claim) -> bool:
    """Whether what rejects a passage is about this rule: who answers with another matter gives no other side of it."""
    return bool(telling(counter.text) & telling(claim.text))


def _restated(requirements: Sequence[Requirement], claims: Mapping[str, Claim]) -> list[tuple[str, str]]:
    """Pairs of which one is its own author's further word on the other: it stands below it, and it is quoted there."""
    topics = {r.claim: r.topic for r in requirements}
    return [
        (key, r.claim)
        for r in requirements
        for key in claims[r.claim].answers
        if topics.get(key) == r.topic and claims[key].person == claims[r.claim].person
    ]


def _contrary(
    requirements: Sequence[Requirement], texts: Sequence[str], claims: Mapping[str, Claim]
) -> list[tuple[str, str]]:
    """Pairs that cannot both hold: the same matter with opposite signs, one put up in rejection of the other, or two
    answers of one thread to one question."""
    known = {r.claim: r for r in requirements}
    pairs = [
        (r.claim, k)
        for r in requirements
        for k in r.counters
        if k in known and known[k].status != Status.AGREED and _to_the_point(claims[k], claims[r.claim])
    ]
    together: dict[tuple[str, ...], list[int]] = {}
    for i, requirement in enumerate(requirements):
        for word in sorted(matter(texts[i]), key=lambda w: (-len(w), w))[:4]:
            together.setdefault((requirement.topic, word), []).append(i)
        together.setdefault((requirement.topic, "", claims[requirement.claim].thread), []).append(i)
    for places in together.values():
        for one, other in combinations(places[:200], 2):
            a, b = claims[requirements[one].claim], claims[requirements[other].claim]
            clash = contradict(a.text, b.text) or (a.thread == b.thread and opposite(a.text, b.text))
            if clash and a.person != b.person:
                pairs.append((a.key, b.key))
    return sorted(set(pairs))
