"""Mails to statements by the shipped pipeline."""

from __future__ import annotations

from pathlib import Path

import pytest
import spacy

from errors import ModelError
from nlp import pipeline
from nlp.labels import Label, Topic
from nlp.values import MailText, Passage

ABOVE = "The new call is always visible to the guest."
TEXT = "Agreed.\n\nEvery new hypercall must be discoverable by the guest\nthrough a feature flag."


def mail(text: str = TEXT, key: str = "one", start: int = 100) -> MailText:
    passage = Passage(start, start + len(text), text, above=ABOVE)
    return MailText(key, "Re: [PATCH] xen: add a call", (passage,), is_reply=True)


def test_an_assent_is_tagged_with_scores_and_reasons() -> None:
    [(key, statements)] = pipeline.tag([mail()])
    assert key == "one"
    first = statements[0]
    assert first.text == "Agreed."
    assert Label.AGREE in first.labels
    assert set(first.scores) == {label.value for label in Label}
    assert all(0 <= score <= 1 for score in first.scores.values())
    assert first.why
    assert first.by == pipeline.version(None)


def test_offsets_point_into_the_stored_body() -> None:
    for statement in pipeline.tag([mail()])[0][1]:
        piece = TEXT[statement.start - 100 : statement.end - 100]
        assert " ".join(piece.split()) == statement.text


def test_a_concern_has_a_topic() -> None:
    text = "This breaks migration to older hosts, and existing guests cannot detect it."
    found = [s for s in pipeline.tag([mail(text)])[0][1] if Label.ABI_CONCERN in s.labels]
    assert found
    assert found[0].topic in {topic.value for topic in Topic}


def test_answers_come_in_the_order_of_the_mails_and_alike_alone_or_together() -> None:
    mails = [mail(key="b"), MailText("empty", "", ()), mail("I don't think so.", key="a")]
    together = pipeline.tag(mails)
    assert [key for key, _ in together] == ["b", "empty", "a"]
    assert together == [pipeline.tag([one])[0] for one in mails]


def test_plain_talk_carries_no_statement() -> None:
    assert pipeline.tag([mail("Hi Ada,\n\nThanks,\nBo")])[0][1] == ()


def test_a_name_below_a_mail_carries_no_statement() -> None:
    assert pipeline.tag([mail("I don't think so.\n\nB.")])[0][1][0].text == "I don't think so."
    assert len(pipeline.tag([mail("I don't think so.\n\nB.")])[0][1]) == 1


def test_a_denied_assent_is_no_assent() -> None:
    [(_, statements)] = pipeline.tag([mail("I do not agree with that.")])
    assert [s.labels for s in statements] == [("disagree",)]


def test_a_missing_model_is_named() -> None:
    with pytest.raises(ModelError, match="no-such-model"):
        pipeline.load("no-such-model")


def test_a_pipeline_that_knows_no_label_of_ours_is_refused(tmp_path: Path) -> None:
    spacy.blank("en").to_disk(tmp_path / "other")
    with pytest.raises(ModelError, match="none of the labels"):
        pipeline.load(str(tmp_path / "other"))


def test_identifiers_stay_whole() -> None:
    words = [
        token.text for token in pipeline.load(None).make_doc("HVMOP_op_mask, foo() in arch/x86/x.c since v5.1-rc2")
    ]
    assert words == ["HVMOP_op_mask", ",", "foo()", "in", "arch/x86/x.c", "since", "v5.1-rc2"]


def test_interfaces_are_marked() -> None:
    language = pipeline.blank()
    language.remove_pipe("statements")
    doc = language("KVM_CAP_EXAMPLE needs struct xen_example, see XSA-999 and commit 0123456789ab.")
    assert [(s.text, s.label_) for s in doc.spans["interfaces"]] == [
        ("KVM_CAP_EXAMPLE", "capability"),
        ("struct xen_example", "structure"),
        ("XSA-999", "xsa"),
        ("0123456789ab", "commit"),
    ]


def test_a_passage_longer_than_any_prose_is_tagged_as_far_as_it_is_read() -> None:
    text = TEXT + "\n\n" + "word " * 300_000
    (short,), (long,) = pipeline.tag([mail()]), pipeline.tag([mail(text)])
    assert [s.start for s in long[1]][:1] == [s.start for s in short[1]][:1]


@pytest.mark.timeout(60)
@pytest.mark.parametrize("run", [">" * 90_000, "(" * 90_000, "a_b." * 20_000])
def test_a_long_run_without_a_space_takes_no_long_time_and_moves_no_offset(run: str) -> None:
    text = f"{run}\n\nAgreed.\n"
    [(_, (statement, *_))] = pipeline.tag([mail(text)])
    assert (statement.text, text[statement.start - 100 :]) == ("Agreed.", "Agreed.\n")
