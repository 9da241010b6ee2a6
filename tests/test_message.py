"""The mails of tests/mails and small ones made here: what is read from each."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.message import Address, Message, Reject, content_hash, parse
from ingest.sources import Raw

MAILS = Path(__file__).parent / "mails"
HINT = datetime(2019, 3, 5, 12, tzinfo=UTC)
HEAD = "From: Ada Quill <ada@example.org>\nSubject: s\nMessage-ID: <m@example.org>\n"


def mail(name: str) -> Message:
    message = parse(Raw((MAILS / f"{name}.eml").read_bytes(), name, ""))
    assert isinstance(message, Message), message
    return message


def made(text: str, hint: datetime | None = None) -> Message:
    message = parse(Raw(text.encode("utf-8", "surrogateescape"), "", "", hint, "commit" if hint else ""))
    assert isinstance(message, Message), message
    return message


def test_plain_mail_is_read_whole() -> None:
    message = mail("plain")
    assert message == Message(
        message_id="<plain@example.org>",
        mid="plain@example.org",
        sha256=hashlib.sha256((MAILS / "plain.eml").read_bytes()).hexdigest(),
        content=content_hash("Hello, world."),
        subject="a subject",
        author=Address("Ada Quill", "ada@example.org"),
        date=datetime(2019, 3, 4, 9, tzinfo=UTC),
        date_from="date",
        to=(Address("", "list@example.org"),),
        cc=(Address("Quill, Ben", "ben@example.org"), Address("Cleo", "cleo@example.org")),
        in_reply_to=("p@example.org",),
        references=("r@example.org", "p@example.org"),
        list_ids=("list.example.org",),
        body="Hello,\n\nworld.\n",
        body_from="plain",
        flowed=False,
        agent="Mutt/1.10",
        defects=(),
    )


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("iso_2022_jp", "これは試験です。\n"),
        ("quoted_printable", "café = one line\n"),
        ("base64", "grün\nund blau\n"),
        (
            "base64_with_plain_footer",
            "Grüße. The text goes on over more than one line of code, so that there are two of them.\n\n\n"
            "_______________________________________________\nList mailing list\nlist@example.org",
        ),
        ("lying_charset", "Grüße, Žofie, naïve café\n"),
        ("unknown_charset", "Grüße\n"),
        ("eight_bit_without_charset", "Grüße\n"),
        ("nul_in_text", "a\ufffdb\n"),
        ("html_only", "I agree.\n\n> Shall it stay?\n\nIt shall.\n"),
        ("alternative", "plain"),
        ("html_with_list_footer", "my words\n_______________________________________________\nList mailing list"),
        ("inline_patch_and_attachment", "See below.\n+new"),
        ("attached_message", "For your information."),
        ("wrapped_by_the_list", "His words."),
        ("without_boundary", "Text anyway.\n"),
        ("crlf", "one\ntwo\n"),
    ],
)
def test_body_is_the_text_that_a_reader_sees(name: str, body: str) -> None:
    assert mail(name).body == body


@pytest.mark.parametrize(
    ("name", "defect"),
    [
        ("lying_charset", "charset gb2312 is not what the text is in"),
        ("unknown_charset", "unknown charset x-martian"),
        ("eight_bit_without_charset", "8-bit text without a charset"),
        ("nul_in_text", "NUL characters replaced"),
        ("without_boundary", "NoBoundaryInMultipartDefect"),
        ("no_message_id", "no Message-ID"),
        ("two_message_ids", "several Message-ID fields"),
    ],
)
def test_what_is_odd_is_noted(name: str, defect: str) -> None:
    assert defect in mail(name).defects


def test_what_html_sets_off_by_a_line_is_a_quote() -> None:
    page = "<p>Mine.</p><div style='border:none; border-left:solid blue 1.5pt'><p>Theirs.</p></div>"
    page += "<div style='border-left:0'>Mine.</div>"
    assert made(f"{HEAD}Content-Type: text/html\n\n{page}").body == "Mine.\n\n> Theirs.\n\nMine.\n"


def test_folded_and_encoded_subjects_keep_their_spaces() -> None:
    assert mail("folded_subject").subject == "Grüße an alle and Jürgen"
    assert mail("character_cut_between_words").subject == "Grüße"


def test_flowed_text_is_known_as_such() -> None:
    assert mail("quoted_printable").flowed
    assert not mail("plain").flowed


def test_message_without_id_is_named_by_its_hash() -> None:
    message = mail("no_message_id")
    assert message.message_id == f"<{message.sha256}@no-message-id.invalid>"
    assert message.mid == f"{message.sha256}@no-message-id.invalid"


def test_ids_are_cut_to_what_compares() -> None:
    assert mail("junk_after_message_id").mid == "junk@example.org"
    assert mail("junk_after_message_id").message_id == "<junk@example.org> (added by a gateway)"
    assert mail("id_with_odd_characters").mid == "a/bc?d#%e@example.org"
    assert mail("two_message_ids").mid == "one@example.org"


def test_long_ids_stay_within_what_a_database_indexes() -> None:
    kept = "a" * 750 + "@example.org"
    cut = "a" * 3000 + "@example.org"
    assert made(f"From: a@example.org\nMessage-ID: <{kept}>\n\nx\n").mid == kept
    message = made(f"From: a@example.org\nMessage-ID: <{cut}>\nReferences: <{cut}>\n\nx\n")
    assert message.message_id == f"<{cut}>"
    assert len(message.mid) < 100
    assert message.references == (message.mid,)


def test_addresses_are_no_ids_of_messages() -> None:
    assert mail("in_reply_to_with_phrase").in_reply_to == ("p@example.org",)


def test_headers_named_like_a_parser_s_own_fields_do_no_harm() -> None:
    assert mail("header_named_headers").subject == "a subject"


def test_odd_addresses_keep_name_and_address() -> None:
    assert mail("user_at_host").author == Address("Ada Quill", "ada at example.org")
    assert mail("obfuscated_sender").author == Address("Ada Quill", "ada.qu...@example.org")
    group = mail("group_and_broken_addresses")
    assert group.to == ()
    assert Address("", "cleo@example.org") in group.cc


@pytest.mark.parametrize("name", ["empty", "no_headers"])
def test_what_is_no_mail_is_rejected_with_hash_and_reason(name: str) -> None:
    data = (MAILS / f"{name}.eml").read_bytes()
    reject = parse(Raw(data, name, ""))
    assert isinstance(reject, Reject)
    assert reject.sha256 == hashlib.sha256(data).hexdigest()
    assert reject.reason


@pytest.mark.parametrize(
    ("written", "hint", "date", "origin"),
    [
        ("Mon, 4 Mar 2019 10:00:00 +0100", None, datetime(2019, 3, 4, 9, tzinfo=UTC), "date"),
        ("4 Mar 19 10:00 EST", None, datetime(2019, 3, 4, 15, tzinfo=UTC), "date"),
        ("Mon, 4 Mar 2019 10:00:00 +0100 (CET)", None, datetime(2019, 3, 4, 9, tzinfo=UTC), "date"),
        ("Thu, 1 Jan 1970 00:00:00 +0000", HINT, HINT, "commit"),
        ("Thu, 1 Jan 1970 00:00:00 +0000", None, None, "none"),
        ("Sun, 4 Mar 2040 10:00:00 +0000", HINT, HINT, "commit"),
        ("Sun, 4 Mar 2040 10:00:00 +0000", None, None, "none"),
        ("Mon, 4 Mar 0000 10:00:00 +0000", HINT, HINT, "commit"),
        ("Mon, 4 Mar 99999 10:00:00 +0000", None, None, "none"),
        ("Mon, 4 Mar 2019 10:00:00 -0-200", HINT, HINT, "commit"),
        ("Mon, 4 Mar 2019 10:00:00 -0-200", None, datetime(2019, 3, 4, 10, tzinfo=UTC), "date"),
        ("Mon, 4 Mar 2019 10:00:00 +9900", HINT, HINT, "commit"),
        ("Mon, 31 Feb 2019 10:00:00 +0000", HINT, HINT, "commit"),
        ("yesterday", HINT, HINT, "commit"),
        ("", None, None, "none"),
    ],
)
def test_nonsense_does_not_win_over_the_archive_s_date(
    written: str, hint: datetime | None, date: datetime | None, origin: str
) -> None:
    message = made(f"{HEAD}Date: {written}\n\nx\n", hint)
    assert (message.date, message.date_from) == (date, origin)


def test_received_stands_in_for_a_broken_date() -> None:
    message = made(f"{HEAD}Received: from a by b; Mon, 4 Mar 2019 12:00:00 +0100\nDate: 1 Jan 1970 00:00 +0000\n\nx\n")
    assert (message.date, message.date_from) == (datetime(2019, 3, 4, 11, tzinfo=UTC), "received")


def test_a_clock_that_is_years_behind_is_not_believed_over_the_mail_server() -> None:
    text = f"{HEAD}Received: from a by b; Mon, 4 Mar 2019 12:00:00 +0100\nDate: 1 Jan 2010 00:00:00 +0000\n\nx\n"
    assert made(text).date_from == "received"
    assert made(text.replace("2010", "2019")).date_from == "date"


def test_an_archive_made_years_later_does_not_change_the_date() -> None:
    message = made(f"{HEAD}Date: 1 Jan 2010 00:00:00 +0000\n\nx\n", HINT)
    assert (message.date, message.date_from) == (datetime(2010, 1, 1, tzinfo=UTC), "date")


def test_copies_over_two_lists_have_equal_content() -> None:
    footer = (
        "_______________________________________________\nkvm mailing list\nkvm@example.org\nhttps://example.org/l\n"
    )
    assert content_hash("Some words.\n\n  More.\n") == content_hash(f"Some words. More.\n{footer}")
    assert content_hash("Some words.") != content_hash("Other words.")


def test_lists_are_named_once_in_dotted_form() -> None:
    fields = (
        "List-Id: <xen.example.org>\nX-Mailing-List: kvm@Example.org\nList-Post: <mailto:kvm@example.org>\n"
        "List-Id: <bad id>\nX-BeenThere: xen@example.org\n"
    )
    assert made(f"{HEAD}{fields}\nx\n").list_ids == ("xen.example.org", "kvm.example.org")
