from __future__ import annotations

from dataclasses import replace

import pytest

from guidelines import markdown
from guidelines.document import holds_up
from guidelines.marks import marks
from guidelines.merge import merge
from guidelines.reading import SIDES, reading
from nlp.gold import Gold
from stages.reading import fit
from tests.speaking import NO, REQ, YES, claim, document, keyed, reply, resolved

RULES = (
    "A new hypercall should not be exposed to guests by default.",
    "Userspace needs to be able to hide a feature from its guests.",
    "Every new capability must be documented.",
    "In general, a guest must not be able to fill the host's log.",
    "Silent switches are harmful to guests and their hosts.",
)


@pytest.mark.parametrize("text", RULES)
def test_a_rule_reads_as_a_rule_and_alone(text: str) -> None:
    assert reading(text).rule >= 0.55
    assert reading(text).alone >= 0.5


@pytest.mark.parametrize(
    "text",
    [
        "This needs to be done differently.",
        "We could also add a flag here.",
        "It would be nice if somebody tried that.",
        "I'd like to see the numbers first.",
        "So we need to look at these bits again?",
    ],
)
def test_remarks_options_and_wishes_read_as_less(text: str) -> None:
    assert reading(text).sound < min(reading(rule).sound for rule in RULES) / 2


@pytest.mark.parametrize(
    "text, mark",
    [
        ("The limit must be told to the guest.", "the thing"),
        ("Its size must be told to the guest.", "it first"),
        ("That would be useful.", "wish"),
        ("A flag that is on by default is a bad idea.", "verdict"),
        ("Padding of any kind must be zero.", "thing ought"),
        ("We never expose such bits.", "policy"),
        ("We should never expose a bit.", "we ought not"),
        ("Then the guest must stop.", "bound"),
        ("Could the guest stop?", "question"),
    ],
)
def test_what_a_sentence_shows_is_marked(text: str, mark: str) -> None:
    plain = marks("A guest is told of the size of the page.")
    assert marks(text)[mark] > plain[mark] == 0


@pytest.mark.parametrize(
    "text",
    ["The guest must stop.", "The limit of a guest's pages must be kept.", "A limit stays if the limit fits."],
)
def test_a_thing_that_all_know_or_that_the_sentence_names_is_explained(text: str) -> None:
    assert marks(text)["the thing"] < 0.5


def test_a_thing_that_stands_for_something_named_before_is_no_early_it() -> None:
    assert marks("If guests have them, all is well.")["it first"] == 0.5
    assert marks("Guests of older hosts crash when they start.")["it first"] == 0


def test_the_mark_of_a_list_does_not_count() -> None:
    assert reading(f"- {RULES[0]}") == reading(RULES[0])


def _judged(text: str, *labels: str) -> Gold:
    return Gold("<a@example.org>", "", "", 0, len(text), text, frozenset(labels))


def test_weights_are_learnt_from_what_was_judged() -> None:
    yes = [_judged(f"Widget number {i} must be saved.", *SIDES) for i in range(9)]
    no = [_judged(f"This may be widget number {i}.") for i in range(9)]
    weights = fit([*yes, *no])
    assert all(weights[side]["must"] > 0 > weights[side]["this"] for side in SIDES)
    assert fit([*no, *yes]) == weights


LOOSE = "If so, every switch must also be visible to its guests."
SAID = claim("a@x", "Ada Quill", LOOSE, REQ)
YEA = reply(SAID, "b@x", "Ben Marsh", "Agreed.", YES)
BEFORE = {SAID.key: "A new *call* can come with a switch."}


def test_a_sentence_that_leans_on_the_one_before_it_is_shown_with_it_or_not_at_all() -> None:
    known = keyed(SAID, YEA)
    rules = merge(resolved(SAID, YEA), known)[0]
    alone, led_to = document(rules, known), document(rules, known, before=BEFORE)
    assert (holds_up(rules[0], alone), holds_up(rules[0], led_to)) == (False, True)
    assert f"\n> A new \\*call\\* can come with a switch. **{LOOSE}**\n>\n> — Ada Quill" in markdown.render(led_to)
    assert f"A new *call* can come with a switch. <strong>{LOOSE}</strong>" in markdown.render_html(led_to)


def test_a_sentence_that_is_clear_is_shown_by_itself() -> None:
    clear = replace(SAID, text="In general, please add a cover letter to every series, so that reviewers see its goal.")
    known = keyed(clear, replace(YEA, answers_text=clear.text))
    made = document(merge(resolved(*known.values()), known)[0], known, before=BEFORE)
    text = markdown.render(made)
    assert clear.text in text and "switch" not in text


def test_what_many_dispute_stands_though_it_is_put_as_an_opinion() -> None:
    said = claim("a@x", "Ada Quill", "From where I stand, every widget has two owners: a guest and its host.", REQ)
    others = [
        reply(said, f"n{i}@x", who, "I disagree.", NO, day=3 + i) for i, who in enumerate(("Ben Marsh", "Cy Orr"))
    ]
    shown = []
    for some in (others[:1], others):
        known = keyed(said, *some)
        rules = merge(resolved(said, *some), known)[0]
        shown.append(holds_up(rules[0], document(rules, known)))
    assert shown == [False, True]
