from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guidelines.likeness import contradict, groups, negative, opposite
from guidelines.merge import merge
from guidelines.values import Decision
from tests.speaking import NO, REQ, YES, at, claim, keyed, reply, resolved


def said(mid, who, text, *labels, **given_):
    return claim(mid, who, text, REQ, *labels, thread=given_.pop("thread", mid), **given_)


PAD = said("a@x", "Ada Quill", "All padding in public structures must be checked to be zero.")
PAD2 = said(
    "b@x", "Ben Marsh", "Padding in public structures needs to be checked to be zero.", day=5, list_name="kvmarm"
)
BIT = said("c@x", "Cleo Vane", "A guest has to be able to discover the hypercall by a feature bit.", day=7)


def merged(*claims, decisions=(), previous=(), **given_):
    return merge(resolved(*claims), keyed(*claims), decisions, previous, **given_)


def test_the_same_rule_in_other_words_is_one_guideline_and_another_rule_stays_apart():
    found, revisions = merged(PAD, PAD2, BIT)
    assert [g.members for g in found] == [(PAD.key, PAD2.key), (BIT.key,)]
    assert [(r.number, r.revision, r.what) for r in revisions] == [(1, 1, "added"), (2, 1, "added")]


def test_numbers_follow_the_date_of_the_first_mail():
    found, _ = merged(BIT, PAD)
    assert [(g.number, g.since) for g in found] == [(1, at(1)), (2, at(7))]


def test_a_rule_from_both_lists_applies_to_both():
    found, _ = merged(PAD, PAD2, BIT)
    assert [g.applies_to for g in found] == ["both", "Xen"]


def test_a_list_speaks_for_the_product_that_is_configured():
    odd = said("z@x", "Ada Quill", "All padding must be zero.", list_name="some-list")
    assert merged(odd)[0][0].applies_to == "some-list"
    assert merged(odd, products={"some-list": "Alpha"})[0][0].applies_to == "Alpha"


def test_must_needs_two_people_and_no_open_dissent():
    yes = reply(PAD, "d@x", "Dan Ro", "Agreed.", YES)
    no = reply(PAD, "e@x", "Eve Hart", "That breaks old callers.", NO, day=3)
    assert merged(PAD)[0][0].level == "SHOULD"
    assert merged(PAD, yes)[0][0].level == "MUST"
    assert merged(PAD, yes, no)[0][0].level == "SHOULD"


def test_assent_with_a_reservation_makes_no_must():
    half = reply(PAD, "d@x", "Dan Ro", "Yes, but old callers may pass garbage.", YES)
    [found] = merged(PAD, half)[0]
    assert (found.status, found.level) == ("agreed", "SHOULD")


def test_a_hedged_sentence_makes_no_must_and_a_permission_is_a_may():
    hedged = said("a@x", "Ada Quill", "I think padding must be checked to be zero.")
    may = said("b@x", "Ada Quill", "A toolstack may hide a feature from its guests.")
    yes = reply(hedged, "d@x", "Dan Ro", "Agreed.", YES)
    assert [g.level for g in merged(hedged, yes, may)[0]] == ["SHOULD", "MAY"]


def test_a_rule_and_its_contrary_become_one_contested_guideline_with_both_sides():
    yea = said("a@x", "Ada Quill", "New hypercalls must be exposed to guests by default.")
    nay = said("b@x", "Ben Marsh", "New hypercalls must not be exposed to guests by default.", day=4)
    [found] = merged(yea, nay)[0]
    assert found.status == "contested"
    assert {*found.members, *found.opposing} == {yea.key, nay.key}
    assert len(found.opposing) == 1


def test_two_answers_to_one_question_in_a_thread_are_one_contested_guideline_with_both_sides():
    bug = said("a@x", "Ada Quill", "A request for zero frames is a bug in the caller.", thread="t")
    fine = said("b@x", "Ben Marsh", "Zero requested frames mean that no action is taken.", day=4, thread="t")
    [found] = merged(bug, fine)[0]
    assert (found.status, len(found.opposing)) == ("contested", 1)
    elsewhere = said("b@x", "Ben Marsh", "Zero requested frames mean that no action is taken.", day=4, thread="u")
    assert [g.opposing for g in merged(bug, elsewhere)[0]] == [(), ()]


@pytest.mark.parametrize(
    "one, other, clash",
    [
        ("An empty frame list is an error.", "Empty frame lists must be ignored.", True),
        ("An empty frame list is an error.", "Empty frame lists must not be accepted.", False),
        ("An empty frame list is an error.", "A stale grant handle must be ignored.", False),
        ("Frame enumeration is mandatory for a guest.", "Frame enumeration is nice to have for a guest.", True),
        ("An empty frame list fails with an error or is ignored.", "Empty frame lists must be ignored.", False),
    ],
)
def test_opposite_ends_of_a_question_need_one_matter_and_one_answer_each(one, other, clash):
    assert opposite(one, other) is opposite(other, one) is clash


def test_second_thoughts_of_one_person_are_not_a_dispute():
    yea = said("a@x", "Ada Quill", "New hypercalls must be exposed to guests by default.")
    nay = said("b@x", "Ada Quill", "New hypercalls must not be exposed to guests by default.", day=4)
    found, _ = merged(yea, nay)
    assert [g.opposing for g in found] == [(), ()]


def test_a_rule_put_up_in_rejection_of_another_is_its_other_side():
    counter = reply(PAD, "d@x", "Dan Ro", "No, padding should be left as the caller has it.", REQ, NO)
    [found] = merged(PAD, counter)[0]
    assert (found.members, found.opposing, found.status) == ((PAD.key,), (counter.key,), "contested")


def test_what_rejects_a_passage_is_the_other_side_of_the_rule_that_it_speaks_of():
    wide = said("a@x", "Ada Quill", "Every structure needs a version field.", start=200)
    words = "No, padding may hold what the caller left there."
    counter = reply(PAD, "d@x", "Dan Ro", words, REQ, NO, answers=(PAD.key, wide.key), thread="a@x")
    found = {g.text_claim: g.opposing for g in merged(PAD, wide, counter)[0]}
    assert found == {PAD.key: (counter.key,), wide.key: ()}


def test_ids_survive_new_mails_and_other_orders():
    first, _ = merged(PAD, BIT)
    older = said("0@x", "Ada Quill", "Errors must be documented in the public header.", day=None, date=at(1, 1))
    claims = [older, PAD2, BIT, PAD]
    for seed in range(6):
        random.Random(seed).shuffle(claims)
        second, revisions = merged(*claims, previous=first)
        numbers = {g.text_claim: g.number for g in second}
        assert numbers[BIT.key] == 2
        assert [g.number for g in second if PAD.key in g.members] == [1]
        assert numbers[older.key] == 3
        told = "applies to: Xen → both; people behind it: 1 → 2"
    assert [(r.number, r.what) for r in revisions] == [(1, told), (3, "added")]


def test_a_second_run_over_the_same_mails_changes_nothing():
    first, _ = merged(PAD, PAD2, BIT)
    second, revisions = merged(PAD, PAD2, BIT, previous=first)
    assert (second, revisions) == (first, [])


def test_a_change_of_status_raises_the_revision_and_says_what_changed():
    first, _ = merged(PAD)
    yes = reply(PAD, "d@x", "Dan Ro", "Agreed.", YES, day=9)
    [found], [revision] = merged(PAD, yes, previous=first)
    assert found.revision == 2
    assert revision.what == "status: proposed → agreed; level: SHOULD → MUST; people behind it: 1 → 2"


def test_a_second_person_and_a_second_product_are_told_and_one_more_among_many_is_not():
    first = merged(PAD)[0]
    both, [revision] = merged(PAD, PAD2, previous=first)
    assert (revision.revision, revision.what) == (2, "applies to: Xen → both; people behind it: 1 → 2")
    assert revision.at == PAD2.date
    third = said("d@x", "Dan Ro", "Padding in public structures must be checked to be zero.", day=9)
    assert merged(PAD, PAD2, third, previous=both)[1] == []
    assert [r.what for r in merged(PAD, previous=both)[1]] == ["applies to: both → Xen; people behind it: 2 → 1"]


def test_a_guideline_that_lost_its_evidence_is_retired_and_its_number_not_given_again():
    first, _ = merged(PAD, BIT)
    second, revisions = merged(PAD, previous=first)
    assert [bool(g.retired) for g in second] == [False, True]
    assert "evidence is gone" in second[1].retired
    assert [(r.number, r.revision) for r in revisions] == [(2, 2)]
    new = said("n@x", "Ada Quill", "Errors must be documented in the public header.", day=9)
    third, _ = merged(PAD, new, previous=second)
    assert [g.number for g in third] == [1, 2, 3]
    assert third[2].text_claim == new.key


def test_the_very_same_evidence_coming_back_restores_its_number():
    first, _ = merged(PAD, BIT)
    second, _ = merged(PAD, previous=first)
    third, revisions = merged(PAD, BIT, previous=second)
    assert [(g.number, g.retired) for g in third] == [(1, ""), (2, "")]
    assert [r.what for r in revisions] == ["restored: its evidence is back"]


def test_the_sentence_that_reads_best_alone_is_the_text():
    vague = said("a@x", "Ada Quill", "So this needs to be checked to be zero, the padding in public structures.")
    found, _ = merged(vague, PAD2)
    assert len(found) == 1
    assert found[0].text == PAD2.text


def test_strength_counts_people_threads_and_years():
    yes = reply(PAD, "d@x", "Dan Ro", "Agreed.", YES)
    later = replace(PAD2, date=at(1, 1, 2023))
    assert merged(PAD, yes, later)[0][0].strength == "3 people, 2 threads, 2021 to 2023"


def test_confidence_grows_with_people_not_with_repetition():
    again = said("r@x", "Ada Quill", PAD.text, day=3)
    alone, twice, two = merged(PAD)[0][0], merged(PAD, again)[0][0], merged(PAD, PAD2)[0][0]
    assert alone.confidence == twice.confidence < two.confidence < 1


def test_negation_decides_the_sign_and_contradiction_needs_the_same_matter():
    assert negative("The bit must not be set.") and negative("You can't do this.") and not negative("Set the bit.")
    assert not negative("It must not be done without a bit.")
    assert contradict("Guests must see the runstate bit.", "Guests must not see the runstate bit.")
    assert not contradict("Guests must see the runstate bit.", "Padding must not be left uninitialised.")


def test_equal_sentences_are_together_whatever_their_topic():
    assert groups(["Check the padding.", "check the padding"], ["layout", "semantics"]) == [[0, 1]]


def test_no_sentences_make_no_groups():
    assert groups([], []) == []
    assert merge([], {}) == ([], [])


WORDS = ["padding", "must", "not", "be", "zero", "guest", "feature", "bit", "hypercall", "migrate", "flag", "version"]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=7).map(" ".join), max_size=12))
def test_every_sentence_is_in_one_group_and_what_comes_later_moves_none(texts):
    blocks = ["t"] * len(texts)
    found = groups(texts, blocks)
    assert sorted(i for g in found for i in g) == list(range(len(texts)))
    for count in range(len(texts)):
        before = [[i for i in g if i < count] for g in found]
        assert groups(texts[:count], blocks[:count]) == [g for g in before if g]


@pytest.mark.parametrize("count", [400])
def test_many_sentences_are_grouped_in_reasonable_time(count):
    rng = random.Random(1)
    nouns = [f"kvm_cap_{i}" for i in range(60)]
    texts = [f"The {rng.choice(nouns)} flag must be {rng.choice(nouns)} when {rng.choice(nouns)}" for _ in range(count)]
    assert sum(len(g) for g in groups(texts, ["t"] * count)) == count


def decision(number, action, target, value="", **given_):
    fields = {"at": at(20), "by": "Cora Keel", "comment": "as discussed"}
    return Decision(id=number, action=action, target=target, value=value, **{**fields, **given_})


def test_a_rejected_statement_is_no_evidence():
    found, _ = merged(PAD, BIT, decisions=[decision(1, "reject", PAD.key)])
    assert [g.text_claim for g in found] == [BIT.key]


def test_sentences_of_function_words_are_like_no_other():
    assert groups(["must be", "not be", "Must be!"], ["t"] * 3) == [[0, 2], [1]]


def test_words_of_any_script_are_compared():
    assert groups(["補丁 必須 零 検査", "補丁 必須 零 検査 全部"], ["t", "t"]) == [[0, 1]]


def test_an_authors_further_word_below_the_first_is_the_same_guideline():
    ask = said("a@x", "Ada Quill", "Should not the host opt in, as with other features?", thread="t")
    no = reply(ask, "b@x", "Ben Marsh", "I don't think that is needed.", NO)
    clear = reply(no, "c@x", "Ada Quill", "A VMM must choose whether the service is there.", REQ, day=3)
    clear = replace(clear, answers=(no.key, ask.key))
    yes = reply(clear, "d@x", "Ben Marsh", "OK, agreed.", YES, day=4)
    [found] = merged(ask, no, clear, yes)[0]
    assert (found.text, found.members) == (clear.text, (clear.key, ask.key))
    assert found.status == "agreed"
    assert found.reason == "assent by Ben Marsh (2021-03-04), to the sentence as quoted"


def test_an_objection_to_any_wording_that_stands_keeps_the_guideline_contested():
    no = reply(PAD2, "d@x", "Dan Ro", "I don't think so.", NO, day=8)
    yes = reply(PAD, "e@x", "Eve Hart", "Agreed.", YES, day=9)
    [found] = merged(PAD, PAD2, no, yes)[0]
    assert (found.status, found.level) == ("contested", "SHOULD")
    assert found.reason.startswith("objection by Dan Ro")


def test_a_revision_bears_the_date_of_the_evidence_that_made_it():
    first, _ = merged(PAD)
    yes = reply(PAD, "d@x", "Dan Ro", "Agreed.", YES, day=9)
    assert merged(PAD, yes, previous=first)[1][0].at == at(9)


def test_a_retirement_for_lack_of_evidence_has_no_date():
    first, _ = merged(PAD, BIT)
    assert [r.at for r in merged(PAD, previous=first)[1]] == [None]
