"""Objections after a commit, in plain words: what a sentence says, and what is known of the commit."""

from __future__ import annotations

import time

import pytest

from ingest.history.complaints import complains, denies
from nlp.labels import Label
from nlp.values import MailText, Passage, Statement
from stages.objecting import PLAIN, decided

OBJECTING = "Staging is broken since this morning."


@pytest.mark.parametrize(
    "sentence",
    [
        "The doorbell series needs reverting before the release.",
        "Depending on the answer I'm inclined to suggest a revert.",
        "Could you please revert the doorbell patch?",
        "I found that reverting these two patches helps.",
        "Why the rush?",
        "Why was this committed without my ack?",
        "How did this get in?",
        "Strictly speaking you are missing an Ack for the common part.",
        "I wasn't even CC'd on it.",
        "And nobody had bothered to compile test it?",
        "My comments on v2 have been ignored.",
        "I'm afraid this logic is fundamentally broken.",
        "The current form isn't acceptable to release with.",
        "That call was wrong in the first place.",
        "It should never have gone in.",
        "Commit 0123abc4 (\u201cport: ring\u201d) breaks every big-endian build.",
        "This patch causes a severe performance regression here.",
        "I can't boot my guest with your patch.",
        "This doesn't even compile.",
        "Bisection points to this patch.",
    ],
)
def test_plain_words_object(sentence: str) -> None:
    assert complains(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Committed, thank you!",
        "We run it in production and didn't notice any regression.",
        "I tested it, to make sure nothing breaks.",
        "The older kernel does not show any failures.",
        "This fixes the build that broke yesterday.",
        "If that were the case, the guest would break.",
        "Without this patch the kernel doesn't boot.",
        "Thanks for having bisected it to this commit.",
        "Somebody asked \u201cwhy is this broken\u201d on another list.",
        "Nobody gave a reason why the patch should not be reverted.",
        "The port is registered at boot.",
        "Looks good to me.",
    ],
)
def test_thanks_denials_hypotheses_and_fixes_do_not(sentence: str) -> None:
    assert not complains(sentence)


def test_a_denial_is_told_from_a_complaint() -> None:
    assert denies("This comes without any failure.")
    assert denies("I didn't see any regression.")
    assert not denies("Having no way to disable it is a problem.")


def test_a_hostile_sentence_is_read_in_little_time() -> None:
    begun = time.perf_counter()
    for text in ("needs " * 200, "this a " * 200, "not a " * 200, '"' * 1200, "if " * 400):
        complains(text)
    assert time.perf_counter() - begun < 1


def mail(*sentences: str) -> MailText:
    text = " ".join(sentences)
    return MailText("m@x", "a doorbell", (Passage(10, 10 + len(text), text),), is_reply=True)


def said(text: str, at: int, *labels: str, score: float = 0.9) -> Statement:
    return Statement(at, at + len(text), text, labels, dict.fromkeys(labels, score), by="model")


def test_plain_words_behind_a_commit_are_an_objection_and_before_it_are_none() -> None:
    (found,) = decided(mail("Hello there.", OBJECTING), (), True)
    assert found.text == OBJECTING
    assert (found.start, found.end) == (23, 23 + len(OBJECTING))
    assert found.scores[Label.POST_COMMIT_OBJECTION] == PLAIN
    assert decided(mail(OBJECTING), (), False) == ()


def test_the_taggers_other_labels_stay_and_its_objection_needs_the_commit() -> None:
    heard = said(OBJECTING, 10, Label.ABI_CONCERN, Label.POST_COMMIT_OBJECTION)
    (kept,) = decided(mail(OBJECTING), (heard,), False)
    assert kept.labels == (Label.ABI_CONCERN,)
    (more,) = decided(mail(OBJECTING), (said(OBJECTING, 10, Label.ABI_CONCERN),), True)
    assert set(more.labels) == {Label.ABI_CONCERN, Label.POST_COMMIT_OBJECTION}
    assert decided(mail(OBJECTING), (heard,), True) == (heard,)


def test_who_denies_that_anything_broke_does_not_object_whatever_the_tagger_heard() -> None:
    text = "I tested it, so that nothing breaks."
    assert decided(mail(text), (said(text, 10, Label.POST_COMMIT_OBJECTION),), True) == ()
