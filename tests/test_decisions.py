from __future__ import annotations

from dataclasses import replace

import pytest

from guidelines.decisions import identifier, in_force, number_of
from guidelines.merge import merge
from guidelines.values import Decision
from tests.speaking import NO, REQ, YES, at, claim, keyed, reply, resolved

PAD = claim("a@x", "Ada Quill", "All padding in public structures must be checked to be zero.", REQ, thread="a@x")
PAD2 = claim("b@x", "Ben Marsh", "Callers shall clear every reserved byte.", REQ, thread="b@x", day=5)
BIT = claim("c@x", "Cleo Vane", "A guest must discover the hypercall by a feature bit.", REQ, thread="c@x", day=7)
CLAIMS = (PAD, PAD2, BIT)
# Whichever sentence reads better: the rule that stays may be put in the other's words.
BOTH_WAYS = pytest.mark.parametrize(("one", "other"), [("HC-001", "HC-002"), ("HC-002", "HC-001")])


def decision(number, action, target, value="", **given):
    fields = {"at": at(20), "by": "Cora Keel", "comment": ""}
    return Decision(id=number, action=action, target=target, value=value, **{**fields, **given})


def run(*decisions, claims=CLAIMS, previous=None):
    before = merge(resolved(*CLAIMS), keyed(*CLAIMS))[0] if previous is None else previous
    found, revisions = merge(resolved(*claims), keyed(*claims), decisions, before)
    return {g.number: g for g in found}, revisions


def test_ids_read_both_ways():
    assert identifier(7) == "HC-007" and identifier(1234) == "HC-1234"
    assert (number_of("HC-007"), number_of("hc-7"), number_of("a@x 0-5")) == (7, 7, None)


def test_reword_replaces_the_text_and_names_the_curator():
    found, [revision] = run(decision(1, "reword", "HC-001", " Check  padding. "))
    assert (found[1].text, found[1].text_by, found[1].text_claim) == ("Check padding.", "Cora Keel", PAD.key)
    assert (revision.what, revision.at) == ("text", at(20))


def test_retopic_and_level_win_over_what_was_computed():
    found, _ = run(decision(1, "retopic", "HC-001", "layout"), decision(2, "level", "HC-001", "MUST"))
    assert (found[1].topic, found[1].level, found[1].decisions) == ("layout", "MUST", (1, 2))


def test_unknown_topics_and_levels_change_nothing():
    found, _ = run(decision(1, "retopic", "HC-001", "nonsense"), decision(2, "level", "HC-001", "PERHAPS"))
    assert (found[1].topic, found[1].level) == ("control", "SHOULD")


def test_reject_retires_with_name_date_and_comment():
    found, _ = run(decision(1, "reject", "HC-001", comment="too narrow"))
    assert found[1].retired == "rejected by Cora Keel (2021-03-20): too narrow"


def test_accept_after_reject_brings_it_back():
    found, _ = run(decision(1, "reject", "HC-001"), decision(2, "accept", "HC-001"))
    assert (found[1].retired, found[1].confidence) == ("", 1.0)


def test_supersede_names_the_successor():
    found, _ = run(decision(1, "supersede", "HC-001", "HC-003"))
    assert found[1].status == "superseded"
    assert found[1].retired.startswith("superseded by HC-003: Cora Keel")


def test_merge_joins_the_evidence_and_retires_the_number_that_gives_way():
    found, _ = run(decision(1, "merge", "HC-002", "HC-001"))
    assert found[1].members == (PAD.key, PAD2.key)
    assert found[2].retired == "its evidence now stands under HC-001"


@BOTH_WAYS
def test_merge_outlives_later_runs(one: str, other: str) -> None:
    merging = decision(1, "merge", one, other)
    once, _ = run(merging)
    assert once[number_of(other)].members == (PAD.key, PAD2.key)
    twice, revisions = run(merging, previous=list(once.values()))
    assert (twice, revisions) == (once, [])


@BOTH_WAYS
def test_undoing_a_merge_gives_both_their_numbers_back(one: str, other: str) -> None:
    merging = decision(1, "merge", one, other)
    once, _ = run(merging)
    back, _ = run(merging, decision(2, "undo", "1", undoes=1), previous=list(once.values()))
    assert [(g.number, g.members, g.retired) for g in back.values()][:2] == [(1, (PAD.key,), ""), (2, (PAD2.key,), "")]


def test_split_takes_sentences_into_a_guideline_of_their_own():
    like = replace(PAD, key="l@x 0-9", mid="l@x", thread="l@x", person="dan ro", author="Dan Ro", date=at(9))
    claims = (*CLAIMS, like)
    before, _ = merge(resolved(*claims), keyed(*claims))
    assert len(before) == 3
    found, _ = run(decision(1, "split", "HC-001", like.key), claims=claims, previous=before)
    assert found[1].members == (PAD.key,)
    assert found[4].members == (like.key,)


def test_a_decision_on_a_statement_reaches_the_guideline_that_holds_it():
    found, _ = run(decision(1, "level", BIT.key, "MAY"))
    assert found[3].level == "MAY"


def test_retopic_of_a_statement_moves_it():
    found, _ = run(decision(1, "retopic", BIT.key, "discovery"))
    assert found[3].topic == "discovery"


def test_newer_evidence_against_a_decision_is_kept_beside_it():
    no = reply(PAD, "n@x", "Nia Brook", "That breaks old callers.", NO, date=at(25))
    old = reply(PAD, "o@x", "Olaf Dane", "I would rather not.", NO, date=at(10))
    found, _ = run(decision(1, "accept", "HC-001"), claims=(*CLAIMS, no, old))
    assert found[1].against == (no.key,)


def test_newer_assent_speaks_against_a_rejection():
    yes = reply(PAD, "n@x", "Nia Brook", "Agreed.", YES, date=at(25))
    found, _ = run(decision(1, "reject", "HC-001"), claims=(*CLAIMS, yes))
    assert found[1].against == (yes.key,)
    assert found[1].retired


def test_undo_of_an_undo_restores_the_decision():
    decisions = [
        decision(1, "reject", "HC-001"),
        decision(2, "undo", "1", undoes=1),
        decision(3, "undo", "2", undoes=2),
    ]
    assert [d.id for d in in_force(decisions)] == [1]
    assert in_force(decisions[:2]) == []


def test_decisions_apply_in_their_own_order_whatever_order_they_come_in():
    one, two = decision(1, "level", "HC-001", "MAY"), decision(2, "level", "HC-001", "MUST")
    assert run(one, two)[0] == run(two, one)[0]
    assert run(two, one)[0][1].level == "MUST"


def test_a_decision_on_a_guideline_that_is_gone_changes_nothing():
    assert run(decision(1, "level", "HC-099", "MAY"))[1] == []
