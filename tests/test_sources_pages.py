"""Web archive pages and pasted messages: what they show, what they lost, and whose copy they are."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from errors import SourceError
from ingest.message import DAY_ONLY, QUOTING_LOST, Address, Message, parse
from ingest.sources.pages import to_bytes
from ingest.sources.recognise import open_source
from ingest.sources.shown import _R13, messages
from ingest.text.originals import Seen, copied, likeness, phrases

MHONARC = f"""<!-- MHonArc v2.6.19 -->
<!--X-Subject: Re: [List] a stable call &#45; &lt;how&gt; -->
<!--X-From-R13: {"Ada Quill <ada.qu...@example.org>".translate(_R13)} -->
<!--X-Date: Mon, 4 Mar 2019 10:00:00 +0100 -->
<!--X-Message-Id: 1@example.org -->
<!--X-Reference: 0@example.org -->
<!--X-Reference: 00@example.org -->
<!--X-Head-End-->
<html><body><ul><li><a href="msg0.html">Prev</a></ul>
<!--X-Body-of-Message-->
<pre>On Sunday, Ben wrote:
&gt; Shall it be &quot;stable&quot;?

It shall.
</pre>
<!--X-Body-of-Message-End-->
<p>footer of the page</p></body></html>
"""
THREAD = """Re: [PATCH v2 1/3] add a call

2019-03-04 Thread Ada Quill
> Shall it stay?

It shall, whatever the toolstack makes of it in the end.

Ada

___
List mailing list
list@example.org
http://example.org/list


Re: [PATCH v2 1/3] add a call

2019-03-03 Thread Ben Grün
Shall it stay?

___
List mailing list
list@example.org
http://example.org/list
"""
NAVIGATION = """[Date Prev][Date Next][Thread Prev][Thread Next][Date Index][Thread Index]

Re: [List] a call



>>> On 04.03.19 at 10:00, <ada@xxxxxxxxxxx> wrote:
> Shall it stay?

It shall.

Ben Grün


_______________________________________________
List mailing list
List@xxxxxxxxxxx
http://example.org/list

Some Hoster

is hosted with Some Hoster, monitoring servers.
"""
MARKS_LOST = "Hi Ada,\nOn 04/03/2019 10:00, Ada Quill wrote:\nShall it stay?\nIt shall.\n--\nBen Grün\n"
LINES_LOST = "On Mon, Ada <ada@xxxx> wrote: > > Shall it stay? " + "words that run on and on " * 60 + "\n"


def read(folder: Path, text: str, name: str = "page.txt") -> list[Message]:
    (folder / name).write_text(text, encoding="utf-8")
    found = [parse(raw) for raw in open_source(folder / name, "page").read()]
    assert all(isinstance(message, Message) for message in found)
    return [message for message in found if isinstance(message, Message)]


def test_a_saved_page_of_mhonarc_gives_what_its_comments_say(tmp_path: Path) -> None:
    (message,) = read(tmp_path, MHONARC, "msg1.html")
    assert open_source(tmp_path / "msg1.html").kind == "page"
    assert message.mid == "1@example.org"
    assert message.references == ("0@example.org", "00@example.org")
    assert message.subject == "Re: [List] a stable call - <how>"
    assert message.author == Address("Ada Quill", "ada.qu...@example.org")
    assert message.date == datetime(2019, 3, 4, 9, tzinfo=UTC)
    assert message.body == 'On Sunday, Ben wrote:\n> Shall it be "stable"?\n\nIt shall.\n'
    assert message.defects == ()


def test_the_header_that_a_page_shows_counts(tmp_path: Path) -> None:
    head = (
        "<!--X-Head-of-Message--><ul><li><em>From</em>: Ada Quill &lt;<a href='x'>ada@xxxxxxxxxxx</a>&gt;</li>"
        "<li><em>Date</em>: Sun, 3 Mar 2019 10:00:00 +0100</li></ul><!--X-Head-of-Message-End-->\n"
    )
    (message,) = read(
        tmp_path, MHONARC.replace("<!--X-Body-of-Message-->", head + "<!--X-Body-of-Message-->"), "a.html"
    )
    assert message.author == Address("Ada Quill", "ada@xxxxxxxxxxx")
    assert message.date == datetime(2019, 3, 3, 9, tzinfo=UTC)


def test_a_message_view_of_mail_archive_is_read(tmp_path: Path) -> None:
    page = (
        "<!DOCTYPE html><html><!--X-Head-End--><h1><span class=\"subject\"><a href='s'>Re: a call</a></span></h1>"
        "<span class=\"sender pipe\"><a href='a'>Ada Quill</a></span>"
        "<span class=\"date\"><a href='d'>Mon, 04 Mar 2019 10:00:00 +0100</a></span>"
        "<!--X-Body-of-Message--><pre>It shall.\n</pre><!--X-Body-of-Message-End--></html>"
    )
    (message,) = read(tmp_path, page, "b.html")
    assert (message.subject, message.author.name, message.body) == ("Re: a call", "Ada Quill", "It shall.\n")
    assert message.date == datetime(2019, 3, 4, 9, tzinfo=UTC)


def test_a_thread_view_gives_each_message_with_its_day(tmp_path: Path) -> None:
    first, second = read(tmp_path, THREAD)
    assert [m.author.name for m in (first, second)] == ["Ada Quill", "Ben Grün"]
    assert first.subject == second.subject == "Re: [PATCH v2 1/3] add a call"
    assert first.date == datetime(2019, 3, 4, tzinfo=UTC)
    assert DAY_ONLY in first.defects
    assert second.body.startswith("Shall it stay?\n")
    assert "2019-03-03" not in first.body


def test_a_pasted_page_loses_its_navigation_and_its_hoster(tmp_path: Path) -> None:
    (message,) = read(tmp_path, NAVIGATION)
    assert message.subject == "Re: [List] a call"
    assert message.author.name == "Ben Grün"
    assert message.body.startswith(">>> On 04.03.19")
    assert message.body.endswith("http://example.org/list\n")
    assert (message.date, message.date_from) == (None, "none")


@pytest.mark.parametrize(
    ("text", "lost"), [(MARKS_LOST, True), (LINES_LOST, True), (NAVIGATION, False), (THREAD, False)]
)
def test_lost_quoting_is_noticed(text: str, lost: bool, tmp_path: Path) -> None:
    assert [QUOTING_LOST in message.defects for message in read(tmp_path, text)] == [lost] * (
        2 if text == THREAD else 1
    )


def test_a_page_cannot_write_header_fields() -> None:
    (shown,) = messages("[Date Prev][Date Next]\n\nsubject\rBcc: x\n* From: Ada\x0bTo: y\n\ntext\n")
    header = to_bytes(shown).partition(b"\n\n")[0].decode()
    assert not [line for line in header.splitlines() if line.startswith(("Bcc", "To"))]


def test_reading_goes_on_in_the_middle_of_a_page(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(THREAD, encoding="utf-8")
    (tmp_path / "b.html").write_text(MHONARC, encoding="utf-8")
    source = open_source(tmp_path)
    everything = list(source.read())
    assert [raw.origin for raw in everything] == ["a.txt#1", "a.txt#2", "b.html#1"]
    for at, raw in enumerate(everything):
        assert list(source.read(raw.cursor)) == everything[at + 1 :]
    assert source.count(everything[-1].cursor) == 0


def test_pages_that_show_no_mail_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x.html").write_text("<html><title>Just a moment...</title></html>", encoding="utf-8")
    with pytest.raises(SourceError, match="web page"):
        open_source(tmp_path / "x.html")


def seen(body: str, **known: Any) -> Seen:
    facts = {"mid": "", "name": "", "address": "", "date": None, "precision": "time", "subject": ""} | known
    return Seen(body=body, **facts)


TEXT = "We have to decide how a guest finds out about the call before anything goes in.\nIt cannot be taken back.\n"


def test_a_copy_is_told_from_a_reply_that_quotes_it_all() -> None:
    reply = "".join(f"> {line}\n" for line in TEXT.splitlines()) + "\nIndeed, so let us do that first.\n"
    page = seen(TEXT.replace("call before", "call\nbefore") + "\nAda <ada@xxxxxxxxxx>\n")
    assert copied(page, seen(TEXT + "\nAda <ada@example.org>\n")) == 1
    assert copied(page, seen(reply)) == 0
    assert copied(page, seen("Something else.\n")) == 0
    assert likeness(reply.replace("\n", " "), reply, lost=True) > 0.9


def test_a_page_without_quote_marks_is_not_the_mail_that_it_quotes() -> None:
    page = seen("On Monday, Ada Quill wrote:\n" + TEXT * 3 + "Acked.\n", lost=True)
    assert copied(page, seen(TEXT * 3)) == 0
    assert copied(page, seen("On Monday, Ada Quill wrote:\n> " + TEXT * 3 + "Acked.\n")) > 0.9


@pytest.mark.parametrize(
    ("shows", "archive", "same"),
    [
        ({"name": "Ada Quill"}, {"name": "Quill, Ada"}, True),
        ({"name": "Ada Quill"}, {"name": "Ben Grün"}, False),
        ({"name": "Ada"}, {"name": "Ada Quill"}, True),
        ({"address": "ada.qu...@example.org"}, {"address": "ada.quill@example.org"}, True),
        ({"address": "ada.qu...@example.org"}, {"address": "ada.grün@example.org"}, False),
        ({"name": "Ada Quill", "address": "ben@xxxxxx"}, {"name": "Ada Quill", "address": "ada@example.org"}, False),
        ({"subject": "Re: [List] [PATCH v2 1/3] a call"}, {"subject": "Re: [PATCH v2 1/3] a  call"}, True),
        ({"subject": "[PATCH v2 1/3] a call"}, {"subject": "[PATCH v3 1/3] a call"}, False),
        ({"subject": "[PATCH] a call"}, {"subject": "Re: [PATCH] a call"}, False),
        (
            {"subject": "Re: a call that nobody can take ba..."},
            {"subject": "Re: a call that nobody can take back"},
            True,
        ),
        ({"date": "2019-03-04T10:00", "precision": "time"}, {"date": "2019-03-04T10:01"}, True),
        ({"date": "2019-03-04T10:00", "precision": "time"}, {"date": "2019-03-04T14:00"}, False),
        ({"date": "2019-03-04T10:00", "precision": "local"}, {"date": "2019-03-04T14:00"}, True),
        ({"date": "2019-03-04", "precision": "day"}, {"date": "2019-03-05T08:00"}, True),
        ({"date": "2019-03-04", "precision": "day"}, {"date": "2019-03-07T08:00"}, False),
        ({"mid": "1@example.org", "date": "2019-03-04"}, {"mid": "1@example.org", "date": "2020-01-01"}, True),
        ({"mid": "1@xxxxxxxx"}, {"mid": "1@example.org"}, True),
        ({"mid": "1@example.org"}, {"mid": "2@example.org"}, False),
    ],
)
def test_what_a_page_shows_besides_its_text_must_agree(
    shows: dict[str, Any], archive: dict[str, Any], same: bool
) -> None:
    for facts in (shows, archive):
        if "date" in facts:
            facts["date"] = datetime.fromisoformat(facts["date"]).replace(tzinfo=UTC)
    assert bool(copied(seen(TEXT, **shows), seen(TEXT, **archive))) == same


def test_few_words_prove_nothing_by_themselves() -> None:
    known = {"name": "Ada Quill", "subject": "Re: a call", "date": datetime(2019, 3, 4, 10, tzinfo=UTC)}
    assert not copied(seen("Applied, thanks.\n"), seen("Applied, thanks.\n", **known))
    assert copied(seen("Applied, thanks.\n", **known), seen("Applied, thanks.\n", **known))


def test_phrases_stand_in_the_text() -> None:
    found = phrases("I have 1 of a few more words, a line.\n> not these words of another\nToo short.\n", lost=False)
    assert found == (("I", "have", "1", "of", "a", "few", "more"),)
    assert phrases("", lost=False) == ()
