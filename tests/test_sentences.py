"""How mail text is cut into sentences."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.sentences import cut


def texts(text: str) -> list[str]:
    return [" ".join(text[start:end].split()) for start, end in cut(text)]


def test_a_wrapped_line_goes_on() -> None:
    assert texts("The guest cannot tell\nwhether the call exists.  It has to\nprobe.") == [
        "The guest cannot tell whether the call exists.",
        "It has to probe.",
    ]


def test_a_blank_line_ends_a_sentence() -> None:
    assert texts("No full stop here\n\nNew paragraph") == ["No full stop here", "New paragraph"]


@pytest.mark.parametrize("mark", ["-", "*", "+", "1.", "2)", "(a)", "b)", "(iii)"])
def test_a_list_mark_starts_a_sentence(mark: str) -> None:
    assert texts(f"Two things:\n {mark} the flag\n {mark} the size") == [
        "Two things:",
        f"{mark} the flag",
        f"{mark} the size",
    ]


@pytest.mark.parametrize("word", ["e.g.", "i.e.", "vs.", "cf.", "approx."])
def test_an_abbreviation_does_not_end_a_sentence(word: str) -> None:
    text = f"Some registers {word} HCR_EL2 are hidden."
    assert texts(text) == [text]


def test_etc_ends_a_sentence_before_a_capital() -> None:
    assert texts("Flags, sizes, etc. They all count.") == ["Flags, sizes, etc.", "They all count."]


def test_a_version_number_does_not_end_a_sentence() -> None:
    assert len(texts("This went into v5.1 and 4.18. Then it broke.")) == 2


def test_a_code_line_stands_alone() -> None:
    cuts = texts("Please check it:\n\n    if (op->pad) {\n        return -EINVAL;\n\nOtherwise we cannot use it.")
    assert cuts[0] == "Please check it:"
    assert cuts[-1] == "Otherwise we cannot use it."
    assert "return -EINVAL;" in cuts


def test_what_hangs_on_a_colon_is_cut_off() -> None:
    assert texts("The call is:\n  HVMOP_example takes a domid")[0] == "The call is:"


def test_a_salutation_and_a_closing_stand_alone() -> None:
    assert texts("Hi Ada,\nthis breaks the guest.\nThanks,\nBo") == [
        "Hi Ada,",
        "this breaks the guest.",
        "Thanks,",
        "Bo",
    ]


def test_a_smiley_ends_a_sentence() -> None:
    assert texts("That is a problem indeed :-) We need a flag.") == ["That is a problem indeed :-)", "We need a flag."]


def test_questions_are_cut() -> None:
    assert texts("Why? What happens to old guests? nobody knows.") == [
        "Why?",
        "What happens to old guests?",
        "nobody knows.",
    ]


def test_marks_alone_are_no_sentence() -> None:
    assert texts("---\n\n...\n***\n") == []


@given(st.text(alphabet="aB .!?\n\t-:(1)e;g\u00e9", max_size=200))
def test_sentences_are_ordered_and_trimmed_and_lose_no_letter(text: str) -> None:
    spans = cut(text)
    assert all(a < b for a, b in spans)
    assert all(b <= c for (_, b), (c, _) in pairwise(spans))
    assert all(text[a:b] == text[a:b].strip() for a, b in spans)
    inside = {i for a, b in spans for i in range(a, b)}
    outside = [c for i, c in enumerate(text) if i not in inside and c.isalnum()]
    assert outside == []
