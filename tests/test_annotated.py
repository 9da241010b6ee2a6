from __future__ import annotations

from dataclasses import replace

from guidelines.annotated import lay_over, named
from guidelines.entries import entry
from guidelines.merge import merge
from guidelines.requirements import resolve
from tests.speaking import NO, REQ, YES, at, claim, document, reply

BY = "annotated with the guide"
RULE = claim("a@x", "Ada Quill", "Every new hypercall must come with a control.", REQ, by=BY)
YEA = claim("b@x", "Ben Marsh", "I will add one in v3.", YES, day=3, answers_text="another matter")
NAY = reply(RULE, "c@x", "Cleo Vane", "That is overdoing it.", NO, day=4)


def laid(said, *others):
    claims = [claim("a@x", "Ada Quill", RULE.text, REQ, by=BY, said=said), *others]
    return lay_over(resolve(claims), claims)[0]


def test_an_annotated_status_wins_and_names_whom_it_rests_on():
    found = laid({"status": "agreed", "assent": ["<b@x>"]}, YEA)
    assert (found.status, found.reason) == ("agreed", "assent by Ben Marsh; annotated with the guide")
    assert [(s.person, s.stance) for s in found.stances] == [("ben marsh", "assent")]


def test_a_computed_stance_that_the_annotation_contradicts_is_not_shown_beside_it():
    assert laid({"status": "agreed"}, NAY).stances == ()
    assert [s.person for s in laid({"status": "contested"}, NAY).stances] == ["cleo vane"]


def test_who_assents_by_the_annotation_puts_up_no_rule_against_it_in_the_same_mail():
    but = reply(RULE, "d@x", "Dora Finch", "Agreed, but a control must never be the default.", REQ, NO, day=5)
    assert laid({}, but).counters == (but.key,)
    assert laid({"status": "agreed", "assent": ["<d@x>"]}, but).counters == ()
    assert laid({"status": "agreed", "assent": ["<b@x>"]}, but).counters == (but.key,)


def test_what_is_not_annotated_stays_as_computed():
    assert laid({}, NAY).status == "contested"


def test_a_sentence_whose_words_belie_its_label_stands_for_nobody():
    odd = claim("b@x", "Ben Marsh", "Sorry for the late reply.", YES, day=3, ancestors=("a@x",))
    found = laid({"status": "agreed", "assent": ["<b@x>"]}, odd)
    assert (found.status, found.stances) == ("agreed", ())
    assert found.reason == f"assent in another mail of the thread; {BY}"


def test_a_status_without_anybodys_side_says_what_it_means():
    found = laid({"status": "agreed"})
    assert found.reason == f"stated as existing policy, or adopted later, and nobody contradicted; {BY}"


def test_dates_do_not_matter_to_an_annotation():
    early = claim("b@x", "Ben Marsh", "A control is needed, I agree.", YES, day=None, date=at(1, 1))
    assert laid({"status": "agreed", "assent": ["<b@x>"]}, early).status == "agreed"


def test_a_mail_that_annotators_name_without_a_sentence_stands_as_a_whole_with_its_link():
    rule = claim("a@x", "Ada Quill", RULE.text, REQ, by=BY, said={"status": "agreed", "assent": ["<b@x>", "<own@x>"]})
    assert named([rule]) == {"b@x 0-0", "own@x 0-0"}
    whole = {c.key: c for c in (claim("b@x", "Ben Marsh", "", day=3), claim("own@x", "Ada Quill", "", day=4))}
    [found] = lay_over(resolve([rule]), [rule], whole)
    assert [(s.person, s.claim) for s in found.stances] == [("ben marsh", "b@x 0-0")]
    assert found.reason == f"assent by Ben Marsh; {BY}"
    known = {rule.key: rule, **whole}
    [guideline] = merge([found], known)[0]
    shown = document([guideline], {rule.key: rule})
    shown = replace(shown, requirements={rule.key: found}, claims=known)
    [row] = entry(guideline, shown, ()).evidence
    assert (row.who, row.stance, row.words) == ("Ben Marsh", "agrees, in the mail as a whole", "")
    assert row.url == "https://lists.example.org/r/b@x"
