"""Subjects of patches, covers, replies and pings, in the forms that people write."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.subject import Subject, normal_title, parse_subject


@pytest.mark.parametrize(
    ("text", "version", "number", "total", "prefixes", "title"),
    [
        ("[PATCH v3 02/17] x86: add it", "3", 2, 17, (), "x86: add it"),
        ("[PATCH v5.1 10/12] x86: add it", "5.1", 10, 12, (), "x86: add it"),
        ("[RFC PATCH] x86: add it", "1", None, None, ("RFC",), "x86: add it"),
        ("[RFC PATCH v2 0/4] add it", "2", 0, 4, ("RFC",), "add it"),
        ("[PATCH RFCv3 1/4] add it", "3", 1, 4, ("RFC",), "add it"),
        ("[PATCHv2 1/4] add it", "2", 1, 4, (), "add it"),
        ("[XEN PATCH] add it", "1", None, None, ("XEN",), "add it"),
        ("[XEN PATCH v4 3/3] add it", "4", 3, 3, ("XEN",), "add it"),
        ("[kvm-unit-tests PATCH v2 1/3] arm: x", "2", 1, 3, ("KVM-UNIT-TESTS",), "arm: x"),
        ("[PATCH v2 kvmtool 01/10] x", "2", 1, 10, ("KVMTOOL",), "x"),
        ("[PATCH][kvmtool] x", "1", None, None, ("KVMTOOL",), "x"),
        ("[PATCH for-4.18] x", "1", None, None, ("FOR-4.18",), "x"),
        ("[for-4.19? PATCH v3] x", "3", None, None, ("FOR-4.19",), "x"),
        ("[PATCH1/8] x", "1", 1, 8, (), "x"),
        ("[PATCH V2] x", "2", None, None, (), "x"),
        ("[PATCH RESEND] x", "1", None, None, ("RESEND",), "x"),
        ("[PATCH-RESEND 2/2] x", "1", 2, 2, ("RESEND",), "x"),
        ("[Xen-devel] [PATCH v2 1/3] x: y", "2", 1, 3, ("XEN-DEVEL",), "x: y"),
        ("[PATCH 5.10 2/3] x", "1", 2, 3, ("5.10",), "x"),
        ("[PATCH stable v5.4 v2] x", "2", None, None, ("STABLE", "V5.4"), "x"),
        ("[PATCH AUTOSEL 5.4 05/10] x", "1", 5, 10, ("AUTOSEL", "5.4"), "x"),
        ("[RFC/RFT PATCH 1/2] x", "1", 1, 2, ("RFC", "RFT"), "x"),
        ("[PATCH,v2,3/7] x", "2", 3, 7, (), "x"),
        ("[PATCH 01 of 10 V2] x", "2", 1, 10, (), "x"),
        ("[PATCH v2 7.5/12] x", "2", 7, 12, (), "x"),
        ("[PATCH 3/n] x", "1", 3, None, (), "x"),
        ("[PATCH  v2  1/2]   x   y ", "2", 1, 2, (), "x y"),
        ("[PATCH v2]: x", "2", None, None, (), "x"),
        ("[v4 1/2] x", "4", 1, 2, (), "x"),
        ("[RFC 2/3] x", "1", 2, 3, ("RFC",), "x"),
        ("[PATCH -next] x", "1", None, None, ("-NEXT",), "x"),
    ],
)
def test_patch_prefix_is_read(
    text: str, version: str, number: int | None, total: int | None, prefixes: tuple[str, ...], title: str
) -> None:
    assert parse_subject(text) == Subject(version, number, total, prefixes, title, is_reply=False, is_patch=True)


@pytest.mark.parametrize(
    "mark",
    ["Re: ", "RE: ", "re:", "AW: ", "Aw: AW: ", "Fwd: ", "SV: ", "Re[2]: ", "Re: Re: ", "回复: ", "Re\uff1a", "Antw: "],
)
def test_reply_marks_are_peeled_off(mark: str) -> None:
    subject = parse_subject(f"{mark}[PATCH v2 1/2] x: y")
    assert (subject.is_reply, subject.version, subject.title) == (True, "2", "x: y")


@pytest.mark.parametrize(
    "text",
    [
        "Re: [Xen-devel] Ping: [PATCH v2 01/11] public / x86: introduce a call",
        "Ping²: Re: [PATCH v2 01/11] public / x86: introduce a call",
        "[External] Re: [PATCH v2 01/11] public / x86: introduce a call",
        "[CRITICAL for 4.18] Re: [PATCH v2 01/11] public / x86: introduce a call",
    ],
)
def test_remarks_before_a_patch_make_a_reply(text: str) -> None:
    subject = parse_subject(text)
    assert subject.is_reply
    assert subject.is_patch
    assert (subject.version, subject.number, subject.total) == ("2", 1, 11)
    assert subject.title == "public / x86: introduce a call"


@pytest.mark.parametrize("text", ["[GIT PULL] fixes for 6.1", "[PULL kvm-unit-tests 3/9] x", "[RFC] a plan", "x86: y"])
def test_pull_requests_and_plain_subjects_are_no_patches(text: str) -> None:
    assert not parse_subject(text).is_patch


def test_title_with_a_colon_is_no_remark() -> None:
    assert parse_subject("x86: handle [foo] better").title == "x86: handle [foo] better"
    assert parse_subject("Research: a plan").title == "Research: a plan"


def test_brackets_in_the_title_stay() -> None:
    assert parse_subject("[PATCH] fix [0..n] ranges").title == "fix [0..n] ranges"


def test_titles_compare_without_case_and_punctuation() -> None:
    assert normal_title("x86/HVM:  Add  KVM_CAP_x, too.") == normal_title("x86/hvm - add KVM_CAP_x too")
    assert normal_title("a plan (was: Re: b)") == "a plan"


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    subject = parse_subject(text)
    assert subject.title == " ".join(subject.title.split())
    assert parse_subject(text) == subject


def test_long_subjects_take_no_time() -> None:
    for text in ("[" * 50_000, "Re: " * 20_000, "[a]" * 20_000, "Ping: [" + "a" * 50_000, "a:" * 50_000):
        parse_subject(text)
