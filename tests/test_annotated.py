from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from db.queries.document import load
from db.store import structure
from guidelines.annotated import lay_over
from guidelines.document import holds_up
from guidelines.entries import entry
from guidelines.merge import merge
from guidelines.requirements import resolve
from stages import silent
from stages.distil import distil
from tests.speaking import NO, REQ, YES, at, claim, document, reply
from tests.test_went_in import HEAD, PATCH, status

BY = "annotated with the guide"
RULE = claim("a@x", "Ada Quill", "Every new hypercall must come with a control.", REQ, by=BY)
YEA = claim("b@x", "Ben Marsh", "I will add a control in v3.", YES, day=3, answers_text="another matter")
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


def test_of_a_named_mail_only_what_speaks_to_the_rule_is_shown():
    said = {"status": "agreed", "assent": ["<b@x>"]}
    elsewhere = claim(
        "b@x", "Ben Marsh", "Sure.", YES, day=3, answers_text="Please sign it off.", answers_mids=("a@x",)
    )
    assert laid(said, elsewhere).stances == ()
    its_matter = replace(elsewhere, text="Sure, each will get a control.", key="b@x 90-120")
    assert [s.claim for s in laid(said, elsewhere, its_matter).stances] == ["b@x 90-120"]


def test_where_no_labelled_sentence_speaks_to_the_rule_what_stands_right_below_it_does():
    rule = claim("a@x", "Ada Quill", RULE.text, REQ, by=BY, said={"status": "contested", "dissent": ["<b@x>", "<a@x>"]})
    told = {
        (rule.key, "b@x"): claim("b@x", "Ben Marsh", "My plan is one switch for all.", day=3),
        (rule.key, "a@x"): claim("a@x", "Ada Quill", "Of course one may ask for more.", start=200),
    }
    [found] = lay_over(resolve([rule]), [rule], told)
    assert [(s.person, s.stance) for s in found.stances] == [("ben marsh", "dissent")]
    assert found.reason == f"objection by Ben Marsh; {BY}"


def test_whom_annotators_put_on_one_side_is_not_computed_on_the_other():
    fine = reply(RULE, "e@x", "Cleo Vane", "That is fine with me.", YES, day=6)
    found = laid({"status": "contested", "dissent": ["<c@x>"]}, NAY, fine)
    assert [(s.person, s.stance) for s in found.stances] == [("cleo vane", "dissent")]


def test_only_an_assent_in_words_carries_a_rule():
    shown = {}
    for labels in ((YES,), ()):
        rule = claim("a@x", "Ada Quill", RULE.text, REQ, by=BY, said={"status": "agreed", "assent": ["<b@x>"]})
        yes = reply(rule, "b@x", "Ben Marsh", "Agreed.", *labels, day=3)
        [found] = lay_over(resolve([rule]), [rule, yes], {(rule.key, "b@x"): yes})
        known = {rule.key: rule, yes.key: yes}
        [guideline] = merge([found], known)[0]
        made = replace(document([guideline], {rule.key: rule}), requirements={rule.key: found}, claims=known)
        shown[labels] = holds_up(replace(guideline, confidence=1.0), made)
    assert shown == {(YES,): True, (): False}


def test_the_words_right_below_a_rule_are_shown_for_whom_annotators_name(
    tmp_path: Path, new_engine: Callable[[], Engine]
) -> None:
    answer = (
        "From: Ben Marsh <ben@example.org>\nSubject: Re: [PATCH] widget: check the padding\n"
        "In-Reply-To: <patch@example.org>\n" + HEAD.format(second=9, mid="answer") + "\nHello,\n\n"
        "> The padding of a widget must be checked.\n\nMy plan was to leave\nthis to the caller.\n\nMore later.\n"
    )
    engine = new_engine()
    assert status(engine, tmp_path, PATCH, answer)[0] == "proposed"
    said = json.dumps({"status": "contested", "dissent": ["<answer@example.org>"]})
    with Session(engine) as session, session.begin():
        session.execute(text("UPDATE statements SET said = :said"), {"said": said})
        structure.forget(session, "distilled")
    distil(engine, silent)
    found = load(engine)
    [rule] = found.guidelines
    [row] = entry(rule, found, ()).dissent
    assert (row.who, row.stance, row.words) == ("Ben Marsh", "objects", "My plan was to leave this to the caller.")
    assert holds_up(replace(rule, confidence=1.0), found)
