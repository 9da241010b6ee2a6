"""The encoder's windows: every sentence in one, with what it answers, within the length."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.features import Sentence, sentences
from nlp.pipeline import blank
from nlp.values import MailText, Passage
from nlp.windows import LENGTH, MARKS, Window, pieces_of, seats, windows
from nlp.wordpiece import WordPieces, split

WORDS = ("yes", "no", "why", "x", "y", "z", "reply", "reviewer", "a", "call", ".", "?")


@pytest.fixture
def pieces() -> WordPieces:
    return WordPieces(["[PAD]", *MARKS, "[UNK]", "[CLS]", "[SEP]", *WORDS])


def _made(*texts: str, above: str = "") -> tuple[MailText, list[Sentence]]:
    starts = [sum(len(text) + 9 for text in texts[:i]) for i in range(len(texts))]
    passages = tuple(Passage(s, s + len(t), t, above=above) for s, t in zip(starts, texts, strict=True))
    mail = MailText("m", "Re: [PATCH v2] A call", passages, is_reply=True, speaker="reviewer")
    language = blank()
    language.remove_pipe("statements")
    return mail, sentences([language(text) for text in texts], passages)


def test_every_sentence_has_one_seat_in_order() -> None:
    mail, made = _made("Yes. " * 60, "No. Why? " * 40)
    found = [seat.window.texts[seat.number] for seat in seats(mail, made)]
    assert found == [sentence.text for sentence in made]
    assert len(windows(mail, made)) > 2


def test_sentences_of_two_passages_share_no_window() -> None:
    mail, made = _made("Yes.", "No.")
    assert [window.texts for window in windows(mail, made)] == [("Yes.",), ("No.",)]


def test_a_window_knows_what_it_answers_and_who_speaks() -> None:
    [window] = windows(*_made("Yes.", above="Is this\nwanted?"))
    assert (window.above, window.subject, window.place) == ("Is this wanted?", "a call", "reply reviewer")


def test_a_later_window_of_a_passage_reads_its_neighbours_and_the_question() -> None:
    first, *_, last = windows(*_made("Yes it is so and I do think so. " * 60, above="Why?"))
    assert first.before == "" and first.after.startswith("Yes it is")
    assert last.after == "" and last.before.endswith("think so.") and last.above == "Why?"


def test_pieces_are_context_then_sentences_with_their_marks(pieces: WordPieces) -> None:
    made = pieces_of(Window(("Yes.", "No why?"), "reply", "a call", "Why?", "X.", "Y."), pieces)
    names = {number: piece for piece, number in pieces.known.items()}
    told = [names[number] for number in made.ids]
    assert told[:7] == ["[CLS]", MARKS[0], "reply", "a", "call", "[SEP]", "why"]
    assert [told[a:b] for a, b in made.spans] == [["yes", ".", "[SEP]"], ["no", "why", "?", "[SEP]"]]
    assert told[-3:] == ["y", ".", "[SEP]"]
    assert pieces_of(Window(("Yes.",), "", "", "", "", ""), pieces, lesser=True).ids[1] == pieces.known[MARKS[1]]


@pytest.mark.parametrize("texts", [("x " * 400,), ("x y z " * 30,) * 3, ("x",) * 25, ("x " * 60,) * 25])
def test_whatever_its_sentences_a_window_fits(pieces: WordPieces, texts: tuple[str, ...]) -> None:
    made = pieces_of(Window(texts, "reply reviewer", "a call " * 9, "z " * 250, "y " * 120, "x " * 70), pieces)
    assert len(made.ids) <= LENGTH
    assert len(made.spans) == len(texts)
    assert all(a < b for a, b in made.spans)
    assert [a for a, _ in made.spans[1:]] == [b for _, b in made.spans[:-1]]


@given(st.text(st.characters(max_codepoint=127)))
def test_plain_letters_are_split_as_all_others_are(text: str) -> None:
    assert split(text) == split(f"{text}\u0301")  # an accent, which is dropped, makes them be looked at one by one
