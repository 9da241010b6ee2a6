from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

from guidelines.merge import merge
from guidelines.requirements import resolve
from guidelines.stances import FIRST, TAKEN_BACK
from tests.speaking import NO, REQ, WORRY, YES, at, claim, reply, resolved

RULE = claim("a@x", "Ada Quill", "Every new hypercall must come with a per-domain control.", REQ)


def status(*claims):
    return [(r.status, r.reason) for r in resolved(*claims)]


def test_silence_is_not_agreement():
    [(found, reason)] = status(RULE)
    assert found == "proposed"
    assert "nobody else took a side" in reason


def test_assent_to_the_quoted_sentence_makes_it_agreed_and_the_reason_names_who_and_when():
    [(found, reason)] = status(RULE, reply(RULE, "b@x", "Ben Marsh", "Agreed.", YES, day=4))
    assert found == "agreed"
    assert reason == "assent by Ben Marsh (2021-03-04), to the sentence as quoted"


def test_saying_it_again_oneself_is_not_assent():
    assert status(RULE, reply(RULE, "b@x", "Ada Quill", "Indeed, as I said.", YES))[0][0] == "proposed"


def test_objection_makes_it_contested():
    [(found, reason)] = status(RULE, reply(RULE, "b@x", "Ben Marsh", "I disagree, that is a nice-to-have.", NO))
    assert found == "contested"
    assert "objection by Ben Marsh (2021-03-02)" in reason


def test_one_objection_weighs_more_than_another_persons_assent():
    yes = reply(RULE, "b@x", "Ben Marsh", "Yes.", YES)
    no = reply(RULE, "c@x", "Cleo Vane", "No.", NO, day=3)
    assert status(RULE, yes, no)[0][0] == "contested"


def test_a_later_assent_of_the_same_person_withdraws_the_objection():
    no = reply(RULE, "b@x", "Ben Marsh", "I do not see why.", NO)
    yes = reply(RULE, "c@x", "Ben Marsh", "OK, you are right.", YES, day=5)
    assert status(RULE, no, yes)[0][0] == "agreed"


def test_a_later_objection_of_the_same_person_reverses_the_assent():
    yes = reply(RULE, "b@x", "Ben Marsh", "Fine with me.", YES)
    no = reply(RULE, "c@x", "Ben Marsh", "On second thoughts this does not work.", NO, day=5)
    assert status(RULE, yes, no)[0][0] == "contested"


def test_an_ack_in_a_trailer_carries_no_label_and_so_decides_nothing():
    ack = reply(RULE, "b@x", "Ben Marsh", "Acked-by: Ben Marsh <ben.marsh@example.org>")
    assert status(RULE, ack)[0][0] == "proposed"


def test_assent_that_quotes_nothing_and_opens_its_mail_answers_a_parent_with_one_requirement():
    bare = claim("b@x", "Ben Marsh", "Sounds right.", YES, day=2, ancestors=("a@x",))
    [(found, reason)] = status(RULE, bare)
    assert found == "agreed"
    assert "to the mail as a whole" in reason


def test_assent_to_a_whole_mail_with_two_requirements_is_too_weak():
    second = claim("a@x", "Ada Quill", "Padding must be checked to be zero.", REQ, start=100)
    bare = claim("b@x", "Ben Marsh", "Sounds right.", YES, day=2, ancestors=("a@x",))
    assert [s for s, _ in status(RULE, second, bare)] == ["proposed", "proposed"]


def test_assent_below_the_first_sentence_does_not_answer_the_mail_as_a_whole():
    opener = claim("b@x", "Ben Marsh", "The build breaks here.", WORRY, day=2, ancestors=("a@x",))
    bare = claim("b@x", "Ben Marsh", "Sounds right.", YES, day=2, start=50, ancestors=("a@x",))
    assert status(RULE, opener, bare)[0][0] == "proposed"


def test_assent_to_something_else_in_the_mail_does_not_count():
    other = claim("a@x", "Ada Quill", "The name is ugly.", start=200)
    yes = reply(other, "b@x", "Ben Marsh", "Good point, will rename.", YES)
    assert status(RULE, other, yes)[0][0] == "proposed"


def test_assent_to_somebodys_assent_is_not_put_down_as_assent_to_the_rule():
    yes = reply(RULE, "b@x", "Ben Marsh", "Agreed.", YES)
    too = reply(yes, "c@x", "Cleo Vane", "Agreed: the set of calls will change over time.", YES, day=3)
    [requirement] = resolved(RULE, yes, too)
    assert [s.person for s in requirement.stances] == ["ben marsh"]


def test_a_mail_that_assents_and_objects_to_one_rule_takes_no_side():
    yes = reply(RULE, "b@x", "Ben Marsh", "Good point.", YES)
    no = reply(RULE, "b@x", "Ben Marsh", "But I would rather drop the control.", NO, start=40)
    [requirement] = resolved(RULE, yes, no)
    assert (requirement.status, requirement.stances) == ("proposed", ())
    later = reply(RULE, "c@x", "Ben Marsh", "I disagree.", NO, day=5)
    assert status(RULE, yes, no, later)[0][0] == "contested"


def test_an_objection_is_to_what_ends_the_quote_and_not_to_what_stands_far_above_it():
    no = reply(RULE, "b@x", "Ben Marsh", "I disagree.", NO)
    for rest, found in (("The name is ugly.", "contested"), ("The name is ugly. " * 40, "proposed"), ("", "contested")):
        assert status(RULE, replace(no, answers_text=f"{RULE.text}\n{rest}"))[0][0] == found
    cut_short = replace(no, answers_text=RULE.text[:40])
    assert status(RULE, cut_short)[0][0] == "contested"
    assert status(RULE, replace(no, answers_text="The name is ugly."))[0][0] == "proposed"


def test_assent_to_a_passage_counts_only_where_nobody_answered_the_sentence():
    last = claim("a@x", "Ada Quill", "Padding must be zero.", REQ, start=200)
    both: dict[str, Any] = {"answers": (RULE.key, last.key), "answers_text": f"{RULE.text} {last.text}"}
    around = reply(RULE, "b@x", "Ben Marsh", "Agreed.", YES, **both)
    assert [s.person for s in resolved(RULE, last, around)[0].stances] == ["ben marsh"]
    straight = reply(RULE, "c@x", "Cleo Vane", "Indeed.", YES, day=3)
    assert [s.person for s in resolved(RULE, last, around, straight)[0].stances] == ["cleo vane"]


def test_an_objection_may_be_given_up_further_down_the_thread():
    no = reply(RULE, "b@x", "Ben Marsh", "I disagree.", NO)
    why = reply(no, "c@x", "Ada Quill", "Guests cannot do without.", WORRY, day=3)
    more = reply(why, "d@x", "Ben Marsh", "What about old ones?", day=4)
    told = reply(more, "e@x", "Ada Quill", "They never see it.", day=5)
    fair = reply(told, "f@x", "Ben Marsh", "Fair.", YES, day=6, answers=(RULE.key, no.key), answers_mids=("e@x", "b@x"))
    assert status(RULE, no, why, more, told)[0][0] == "contested"
    assert status(RULE, no, why, more, told, fair)[0][0] == "agreed"


def test_a_label_that_the_words_belie_is_put_under_nobodys_name():
    no = reply(RULE, "b@x", "Ben Marsh", "Absolutely not.", YES)
    late = reply(RULE, "c@x", "Cleo Vane", "Sorry for the late reply.", YES)
    yes = reply(RULE, "d@x", "Dan Ro", "Yes, agreed.", NO)
    [requirement] = resolved(RULE, no, late, yes)
    assert requirement.stances == ()


def test_an_unsure_label_counts_only_where_the_words_bear_it_out():
    doubtful: dict[str, Any] = {"scores": {YES: 0.3}}
    vague = reply(RULE, "b@x", "Ben Marsh", "That is how it looks on my side.", YES, **doubtful)
    clear = reply(RULE, "c@x", "Cleo Vane", "Indeed.", YES, **doubtful)
    [requirement] = resolved(RULE, vague, clear)
    assert [s.person for s in requirement.stances] == ["cleo vane"]


def test_only_the_last_requirement_of_a_quote_is_answered_as_quoted_the_others_with_the_passage():
    second = claim("a@x", "Ada Quill", "Padding must be checked to be zero.", REQ, start=100)
    yes = reply(second, "b@x", "Ben Marsh", "Agreed.", YES, answers=(RULE.key, second.key))
    first, last = resolved(RULE, second, yes)
    assert (first.stances[0].why, last.stances[0].why) == ("to a passage that holds it", "to the sentence as quoted")


def test_who_objects_below_a_long_quote_objects_to_its_end_and_contests_nothing_above_it():
    end = claim("a@x", "Ada Quill", "Padding must be checked to be zero.", REQ, start=100)
    no = reply(end, "b@x", "Ben Marsh", "I disagree.", NO, answers=(RULE.key, end.key))
    assert [s for s, _ in status(RULE, end, no)] == ["proposed", "contested"]


def test_who_objects_to_what_stands_under_an_older_quote_does_not_contest_the_older_mail():
    last = reply(RULE, "b@x", "Ben Marsh", "The compiler drops it anyway.", WORRY)
    no = reply(last, "c@x", "Cleo Vane", "No.", NO, day=3, answers=(RULE.key, last.key), answers_mids=("b@x", "a@x"))
    assert status(RULE, last, no)[0][0] == "proposed"


def test_assent_to_newer_words_of_a_rules_author_is_not_assent_to_the_rule_quoted_above_them():
    newer = reply(RULE, "b@x", "Ada Quill", "The name should be shorter, too.", day=2)
    yes = reply(newer, "c@x", "Ben Marsh", "Good idea.", YES, day=3, answers=(RULE.key,), answers_mids=("b@x", "a@x"))
    assert status(RULE, newer, yes)[0][0] == "proposed"
    to_another = replace(newer, person="cleo vane", author="Cleo Vane")
    assert status(RULE, to_another, yes)[0][0] == "agreed"


def test_assent_to_the_answer_to_ones_own_objection_gives_it_up_whether_or_not_the_rule_is_still_quoted():
    no = reply(RULE, "b@x", "Ben Marsh", "I do not see why.", NO, day=2)
    why = reply(no, "c@x", "Ada Quill", "Dom0 cannot know what a guest will make of it.", WORRY, day=3)
    for quoted in ((why.key, no.key), (why.key, no.key, RULE.key)):
        fair = reply(why, "d@x", "Ben Marsh", "Fair enough.", YES, day=4, answers=quoted, answers_mids=("c@x", "b@x"))
        [(found, reason)] = status(RULE, no, why, fair)
        assert (found, reason) == ("agreed", f"assent by Ben Marsh (2021-03-04), {TAKEN_BACK}")


def test_only_the_objector_can_give_an_objection_up_and_only_for_an_answer():
    no = reply(RULE, "b@x", "Ben Marsh", "I do not see why.", NO, day=2)
    also = claim(
        "b@x", "Ben Marsh", "Right, the rest is fine.", YES, day=3, start=90, answers=(no.key,), answers_mids=("b@x",)
    )
    third = reply(no, "d@x", "Cleo Vane", "Fair enough.", YES, day=4)
    assert status(RULE, no, also)[0][0] == "contested"
    assert status(RULE, no, third)[0][0] == "contested"


def test_a_rule_stated_in_agreement_with_what_it_answers_is_agreed_and_says_so():
    other = claim("b@x", "Ben Marsh", "The old call cannot be turned off.", WORRY)
    mine = reply(other, "c@x", "Ada Quill", "Agreed, every new call needs an opt-in.", REQ, YES)
    [(found, reason)] = status(other, mine)
    assert found == "agreed"
    assert reason.startswith("said by Ada Quill (2021-03-02) in agreement with Ben Marsh (2021-03-01)")
    [requirement] = resolved(other, mine)
    assert [(s.person, s.claim, s.why) for s in requirement.stances] == [("ben marsh", other.key, FIRST)]


def test_what_a_rule_agrees_with_may_stand_in_the_mail_that_it_answers_without_a_quote():
    other = claim("b@x", "Ben Marsh", "The old call cannot be turned off.", WORRY)
    bare = claim("c@x", "Ada Quill", "Agreed, new calls need an opt-in.", REQ, YES, day=2, ancestors=("b@x",))
    assert status(other, bare)[0][0] == "agreed"
    assert status(bare)[0][0] == "proposed", "nobody's words are known to agree with"
    own = claim("b@x", "Ada Quill", "The old call cannot be turned off.", WORRY)
    assert status(own, bare)[0][0] == "proposed", "one's own words are not somebody else's"


def test_what_a_rule_agrees_with_is_no_second_person_behind_it():
    other = claim("b@x", "Ben Marsh", "Yes, the old call cannot be turned off.", WORRY)
    mine = reply(other, "c@x", "Ada Quill", "Agreed, every new call must have an opt-in.", REQ, YES)
    [guideline] = merge(resolved(other, mine), {c.key: c for c in (other, mine)})[0]
    assert (guideline.level, guideline.strength) == ("SHOULD", "1 person, 1 thread, 2021")


def test_a_rule_that_opens_a_thread_agrees_with_nobody():
    assert status(claim("a@x", "Ada Quill", "Agreed, every new call needs an opt-in.", REQ, YES))[0][0] == "proposed"


def test_a_rule_put_up_against_another_contests_it_even_where_its_words_assent_to_nothing_above():
    against = reply(RULE, "b@x", "Ben Marsh", "Yes, but a global switch must be enough.", REQ, NO, scores={NO: 0.6})
    [(found, reason), _] = status(RULE, against)
    assert found == "contested"
    assert "Ben Marsh (2021-03-02) put up another rule against it" in reason


def test_rejecting_an_objection_is_not_put_down_as_assent():
    no = reply(RULE, "b@x", "Ben Marsh", "I don't think so.", NO)
    defence = reply(no, "c@x", "Cleo Vane", "That is not true.", NO, day=3)
    [requirement] = resolved(RULE, no, defence)
    assert [s.person for s in requirement.stances] == ["ben marsh"]


def test_yes_but_is_an_objection():
    both = reply(RULE, "b@x", "Ben Marsh", "Yes, but not for dom0.", YES, NO)
    assert status(RULE, both)[0][0] == "contested"


def test_existing_policy_that_nobody_contradicts_is_agreed():
    policy = claim("a@x", "Ada Quill", "The rule is that stable structures carry no padding.", REQ)
    [(found, reason)] = status(policy)
    assert found == "agreed"
    assert reason.startswith("stated as existing policy by Ada Quill")


def test_existing_policy_that_somebody_contradicts_is_contested():
    policy = claim("a@x", "Ada Quill", "The rule is that stable structures carry no padding.", REQ)
    assert status(policy, reply(policy, "b@x", "Ben Marsh", "There never was such a rule.", NO))[0][0] == "contested"


def test_a_patch_that_was_committed_agrees_to_what_its_mail_says():
    patch = claim("p@x", "Ada Quill", "The flag needs to be off by default.", REQ, is_patch=True)
    [found] = resolve([patch], {"p@x": "as 1234abcd in xen.git"})
    assert found.status == "agreed"
    assert "as 1234abcd in xen.git" in found.reason


def test_what_is_policy_needs_no_patch_that_went_in():
    rule = replace(RULE, text="Tracepoint names are ABI.", is_patch=True)
    [found] = resolve([rule], {"a@x": "applied by Ben"})
    assert (found.status, found.reason[:25]) == ("agreed", "stated as existing policy")


def test_an_author_who_agrees_with_the_objection_has_withdrawn():
    no = reply(RULE, "b@x", "Ben Marsh", "Only dom0 can reach it, so no control is needed.", NO)
    back = reply(no, "c@x", "Ada Quill", "You're right.", YES, day=3)
    [requirement] = resolved(RULE, no, back)
    assert requirement.withdrawn
    assert requirement.reason.endswith("its author assented in answer to the objection (2021-03-03)")


def test_an_author_who_assents_outright_to_more_of_the_objecting_mail_has_withdrawn_too():
    no = reply(RULE, "b@x", "Ben Marsh", "I disagree.", NO)
    more = replace(no, key="b@x 90-120", start=90, end=120, text="One switch would do.", labels=(), answers=())
    fine = reply(more, "c@x", "Ada Quill", "Yes, I got your point.", YES, day=3)
    assert resolved(RULE, no, more, fine)[0].withdrawn
    halfway = replace(fine, text="Yes, I got your point, but not here.", labels=(YES,))
    assert not resolved(RULE, no, more, halfway)[0].withdrawn


def test_what_the_author_replaced_by_an_agreed_contrary_is_superseded():
    old = claim("a@x", "Ada Quill", "The runstate feature bit must be visible to every guest domain.", REQ)
    new = reply(
        old, "c@x", "Ada Quill", "The runstate feature bit must not be visible to every guest domain.", REQ, day=8
    )
    yes = reply(new, "d@x", "Ben Marsh", "Agreed.", YES, day=9)
    first, second = resolved(old, new, yes)
    assert (first.status, first.superseded_by, second.status) == ("superseded", new.key, "agreed")


def test_a_rule_put_up_against_another_is_its_counter():
    counter = reply(RULE, "b@x", "Ben Marsh", "No, controls should come only when somebody asks.", REQ, NO)
    first = resolved(RULE, counter)[0]
    assert first.counters == (counter.key,)


def test_the_concern_in_the_same_passage_is_the_rationale():
    worry = claim("a@x", "Ada Quill", "A guest on an old host would crash.", WORRY)
    rule = claim("a@x", "Ada Quill", "A guest must be able to ask first.", REQ, start=60)
    assert resolved(worry, rule)[0].concerns == (worry.key,)


def test_undated_claims_have_a_reason_too():
    rule = claim("a@x", "Ada Quill", "It must be documented.", REQ, day=None)
    assert "undated" in status(rule)[0][1]


def test_nameless_authors_are_shown_by_address():
    rule = claim("a@x", "Ada Quill", "It must be documented.", REQ, author="")
    assert "ada.quill@example.org" in status(rule)[0][1]


def test_the_order_of_claims_does_not_matter():
    yes = reply(RULE, "b@x", "Ben Marsh", "Agreed.", YES)
    no = reply(RULE, "c@x", "Cleo Vane", "No way.", NO, day=3)
    too = reply(yes, "d@x", "Dan Ro", "Me too.", YES, day=4)
    claims = [RULE, yes, no, too]
    wanted = resolve(claims)
    for seed in range(20):
        random.Random(seed).shuffle(claims)
        assert resolve(claims) == wanted


def test_dates_decide_who_spoke_last_where_mails_are_not_in_one_chain():
    no = reply(RULE, "b@x", "Ben Marsh", "No.", NO, date=at(9))
    yes = reply(RULE, "c@x", "Ben Marsh", "Yes.", YES, date=at(3))
    assert status(RULE, no, yes)[0][0] == "contested"
