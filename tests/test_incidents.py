from __future__ import annotations

import random

from speaking import LATE, REQ, at, claim

from guidelines.incidents import group


def late(mid, thread, text, day, **given):
    return claim(mid, "Ada Quill", text, LATE, day=day, thread=thread, **given)


FIRST = late("a@x", "t1", "This is broken.", 5)
SECOND = late("b@x", "t1", "The committed series breaks every guest that probes for the call.", 6)
OTHER = late("c@x", "t2", "Why did this go in without an ack?", 3)


def test_objections_of_one_thread_are_one_incident_in_time_order():
    found = group([OTHER, SECOND, FIRST], {})
    assert [i.objections for i in found] == [(OTHER.key,), (FIRST.key, SECOND.key)]


def test_threads_whose_change_is_one_commit_are_one_incident():
    committed = {"t1": (at(1), "abc1", "Link trailer"), "t2": (at(1), "abc1", "said on the list")}
    [found] = group([FIRST, SECOND, OTHER], committed)
    assert (found.commit, found.committed_at) == ("abc1", at(1))
    assert found.objections == (OTHER.key, FIRST.key, SECOND.key)
    assert found.evidence == "said on the list"


def test_the_title_is_the_subject_or_else_the_words_of_the_objection_that_says_most():
    assert group([FIRST, SECOND], {})[0].title == "The committed series breaks every guest that probes for the call."
    assert group([FIRST], {}, {"t1": "[PATCH] x86: add a call"})[0].title == "[PATCH] x86: add a call"


def test_other_sentences_are_no_incidents():
    assert group([claim("d@x", "Ben Marsh", "It must be documented.", REQ)], {}) == []


def test_the_order_of_objections_does_not_matter():
    claims = [FIRST, SECOND, OTHER]
    wanted = group(claims, {})
    for seed in range(6):
        random.Random(seed).shuffle(claims)
        assert group(claims, {}) == wanted
