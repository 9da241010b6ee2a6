"""An archive that grows: rules keep their numbers and sentences, and the changelog names what changed, nothing else."""

from __future__ import annotations

import random
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from guidelines.identity import changes
from guidelines.merge import merge
from guidelines.values import Claim
from tests.speaking import NO, REQ, YES, at, claim, keyed, reply, resolved

THINGS = ("padding", "feature bit", "capability", "register", "record", "hypercall", "header", "tracepoint")
DEMANDS = ("must be checked", "should be documented", "has to be saved", "must not change", "needs a version")
WHEN = ("by the hypervisor", "before a guest runs", "on every architecture", "when a VMM restores it")
PEOPLE = ("Ada Quill", "Ben Marsh", "Cleo Vane", "Dan Reed")


def said(seed: int, count: int) -> list[Claim]:
    """Requirements in the order of time, some of them answered."""
    rng = random.Random(seed)
    found: list[Claim] = []
    for number in range(count):
        text = f"Each {rng.choice(THINGS)} {rng.choice(DEMANDS)} {rng.choice(WHEN)}."
        mid = f"m{number}@example.org"
        rule = claim(mid, rng.choice(PEOPLE), text, REQ, thread=mid, topic=rng.choice(("layout", "stability")))
        rule = replace(rule, date=at(1 + number % 28, 1 + number // 28 % 12, 2010 + number // 336))
        found.append(rule)
        if rng.random() < 0.4:
            label, words = rng.choice(((YES, "Agreed."), (NO, "No, I disagree.")))
            answer = reply(rule, f"r{number}@example.org", rng.choice(PEOPLE), words, label)
            found.append(replace(answer, date=rule.date))
    return found


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 79))
def test_rules_of_an_archive_read_in_two_parts_are_those_of_the_whole(seed: int, cut: int) -> None:
    claims = said(seed, 60)
    early = claims[:cut]
    first, _ = merge(resolved(*early), keyed(*early))
    second, revisions = merge(resolved(*claims), keyed(*claims), (), first)
    once, _ = merge(resolved(*claims), keyed(*claims))
    plain = [replace(g, revision=0) for g in second if not g.retired]
    merged = {g.number for g in second if g.retired}
    if not merged:  # two rules that later turn out to be each other's contrary become one, and one number goes
        assert plain == [replace(g, revision=0) for g in once]
    before = {g.number: g for g in first}
    assert {r.number for r in revisions} == {g.number for g in second if changes(before.get(g.number), g)}


def test_a_thousand_unrelated_sentences_take_none_away() -> None:
    rule = claim("a@x", "Ada Quill", "Every reserved byte in a public structure must be zero.", REQ, thread="a@x")
    like = claim("b@x", "Ben Marsh", "Reserved bytes in public structures must be zero.", REQ, thread="b@x", day=2)
    noise = [replace(c, date=at(5, year=2022 + n // 500)) for n, c in enumerate(said(3, 1000))]
    noise = [replace(c, topic=rule.topic) for c in noise if REQ in c.labels]
    first, _ = merge(resolved(rule, like), keyed(rule, like))
    assert first[0].members == (rule.key, like.key)
    claims = [rule, like, *noise]
    second, _ = merge(resolved(*claims), keyed(*claims), (), first)
    assert {rule.key, like.key} <= set(second[0].members)
    assert second[0].number == 1
