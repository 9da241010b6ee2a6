from __future__ import annotations

import pytest

from guidelines.wording import (
    asks_for_less,
    headline,
    level_of,
    plain_assent,
    plain_topic,
    refuses,
    standing_alone,
    unbulleted,
)

WHOLE = (
    "Reserved fields must be checked to be zero.",
    "A new hypercall should not be exposed to guests by default.",
    "Userspace needs to be able to hide a feature from its guests.",
    "Tracepoints are ABI, and they cannot change.",
    "There is no need for a second interface that does the same.",
)
LOOSE = (
    "This needs to be done differently.",
    "And it should go away.",
    "Because of that, we must check it.",
    "These must be kept in sync with those.",
    "In that case they should fail.",
    "Otherwise, it has to be exposed.",
    "Which we should refuse with an error.",
)


@pytest.mark.parametrize("text", WHOLE)
def test_a_whole_rule_reads_alone(text):
    assert standing_alone(text) >= 0.7


@pytest.mark.parametrize("text", LOOSE)
def test_a_sentence_that_points_outside_itself_does_not(text):
    assert standing_alone(text) < 0.6


def test_fragments_and_lead_ins_read_worse_than_whole_rules():
    assert standing_alone("Must be zero.") < standing_alone(WHOLE[0])
    assert standing_alone("Reserved fields must be handled like so:") < standing_alone(WHOLE[0])
    assert standing_alone("Reserved fields, as I said, must, " + "and so on, " * 40) < standing_alone(WHOLE[0])


@pytest.mark.parametrize(
    "text", ["Agreed.", "Yes, will do.", "Indeed.", "Fair enough.", "Good point, fixed in v3.", "I agree."]
)
def test_plain_assent_is_known(text):
    assert plain_assent(text)


@pytest.mark.parametrize(
    "text",
    ["Yes, but not here.", "Right, what I meant is the other one.", "The bit is set.", "OK?", "I agree in principle."],
)
def test_assent_with_ifs_is_not_plain(text):
    assert not plain_assent(text)


def test_a_no_that_grants_and_a_sorry_that_promises_are_no_refusal():
    assert refuses("No, that is wrong.") and refuses("Sorry, but no.")
    assert plain_assent("No, that's fair.") and not refuses("No, that's fair.")
    assert not refuses("Sorry, I'll document the widget.")


def test_levels_follow_people_status_and_wording():
    must = "Padding must be zero."
    assert level_of(must, 2, "agreed") == "MUST"
    assert level_of(must, 1, "agreed") == "SHOULD"
    assert level_of(must, 2, "contested") == "SHOULD"
    assert level_of("I think padding must be zero.", 3, "agreed") == "SHOULD"
    assert level_of("Padding should be zero.", 3, "agreed") == "SHOULD"
    assert level_of("A VMM may hide the bit.", 3, "agreed") == "MAY"


def test_typographic_apostrophes_count_as_plain_ones():
    assert level_of("Guests can’t rely on padding.", 2, "agreed") == "MUST"


@pytest.mark.parametrize("mark", ["- ", "* ", "2) ", "1. ", "(a) ", "• "])
def test_the_mark_of_a_list_is_not_part_of_the_sentence(mark):
    assert unbulleted(f"{mark}Padding must\n be zero.") == "Padding must be zero."


def test_a_sentence_that_only_looks_like_a_list_keeps_its_words():
    assert unbulleted("-EINVAL must be returned.") == "-EINVAL must be returned."
    assert unbulleted("2 bits are reserved.") == "2 bits are reserved."


def test_a_headline_marks_what_it_leaves_out():
    assert headline("Padding must be zero.", 9) == "Padding must be zero."
    assert headline("So, padding must be zero.", 9) == "…padding must be zero."
    assert headline("But then padding must be zero in every structure.", 4) == "…padding must be zero…"
    assert headline("Both fields must be zero.", 9) == "Both fields must be zero."
    assert headline("Also padding, again.", 9) == "Also padding, again."


@pytest.mark.parametrize(
    "text",
    [
        "There is no need to invent a new hypercall.",
        "We don't need another capability for what a flag can do.",
        "Please reuse the existing interface.",
        "Xen already provides a hypercall for widgets.",
    ],
)
def test_doing_without_a_new_interface_is_told_from_the_words(text: str) -> None:
    assert asks_for_less(text)


@pytest.mark.parametrize(
    "text", ["A new hypercall must be discoverable.", "Another register must not change behind the guest's back."]
)
def test_a_rule_on_new_interfaces_is_no_plea_against_them(text: str) -> None:
    assert not asks_for_less(text)


@pytest.mark.parametrize(
    "text",
    [
        "My point is that userspace must know the mode it is in.",
        "If it is, then we should complain before this call is made.",
        "Instead, we should check for the architected behaviour of widgets.",
        "Widgets must be saved by a device that supports that.",
        "WIDGET_CTRL, WIDGET_STATUS and widget_map() must all be saved by the VMM.",
        "Should a guest see the widget register by default?",
        "There shouldn't be many widgets on a host in practice.",
        "Existing guests should be fine without the widget register.",
    ],
)
def test_what_leans_on_its_thread_or_on_one_thing_reads_worse_than_a_rule(text: str) -> None:
    rule = standing_alone("A guest must be able to discover the widget by a bit.")
    assert standing_alone(text) <= 0.75 < rule


@pytest.mark.parametrize(
    "text, topic",
    [
        ("Each patch of a series must build.", "process"),
        ("The commit message should document what breaks.", "process"),
        ("Every new call needs a self-test.", "testing"),
        ("The order of the two calls must be documented.", "documentation"),
        ("A guest must see the order of the two calls.", ""),
        ("A guest must see the order of the two calls (and this patch series hides it).", ""),
        ("Userspace must restore the state that it tested for.", ""),
    ],
)
def test_only_plain_words_tell_a_topic(text: str, topic: str) -> None:
    assert plain_topic(text) == topic


def test_a_rule_on_named_features_reads_worse_than_one_on_any() -> None:
    general = standing_alone("A guest must be able to discover every new feature.")
    assert standing_alone("A guest must be able to discover the QXF feature.") < general
    assert standing_alone("A guest must be able to discover qxf_mode with qxf_caps.") < general - 0.2


def test_a_conclusion_and_a_continuation_read_worse_than_a_rule() -> None:
    whole = "Every new feature must be off by default."
    assert standing_alone(f"So {whole.lower()}") <= standing_alone(whole) - 0.2
    assert standing_alone(f"... and {whole.lower()}") <= standing_alone(whole) - 0.3


def test_a_rule_without_its_subject_reads_worse() -> None:
    whole = standing_alone("New capabilities need to be documented with the rest of the interface.")
    assert standing_alone("Need to be documented with the rest of the interface.") <= whole - 0.2
    assert standing_alone("Anything else must be documented with the rest of the interface.") <= whole - 0.2


@pytest.mark.parametrize(
    "text", ["Perhaps a guest should see every new feature.", "We should consider showing guests every new feature."]
)
def test_an_option_that_is_turned_over_reads_worse_than_a_rule(text: str) -> None:
    assert standing_alone(text) <= standing_alone("A guest should see every new feature.") - 0.3
