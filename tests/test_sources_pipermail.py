"""pipermail's months: addresses restored, charsets that change, dividers that are odd, only what is new read."""

from __future__ import annotations

from pathlib import Path

import pytest

from errors import SourceError
from ingest.message import Address, Message, parse
from ingest.sources import Raw
from ingest.sources.recognise import open_source

FIRST = b"""From ada at example.org  Mon Mar  4 10:00:00 2019
From: ada at example.org (Ada Quill)
Date: Mon, 4 Mar 2019 10:00:00 +0100
Subject: [List] a plan
Message-ID: <1@example.org>

Look at example.org for it.
Acked-by: Ben <ben at lists.example.org>
> On Sunday Cleo <cleo@example.org> wrote:
From here on it is mine.
No blank line follows."""
SECOND = """From ben at lists.example.org  Mon Mar  4 11:00:00 2019
From: ben at lists.example.org (=?utf-8?q?Ben_Gr=C3=BCn?=)
Date: Mon, 4 Mar 2019 11:00:00 +0100
Subject: [List] a plan
In-Reply-To: <1@example.org>
References: <1@example.org>
Message-ID: <2@example.org>

Grüße
"""
MONTH = FIRST + b"\n" + SECOND.encode("latin-1") + b"\n" + SECOND.replace("<2@", "<3@").encode() + b"\n"


def read(path: Path, cursor: str | None = None) -> list[Raw]:
    return list(open_source(path).read(cursor))


def messages(path: Path) -> list[Message]:
    found = [parse(raw) for raw in read(path)]
    return [message for message in found if isinstance(message, Message)]


def test_a_month_is_recognised_and_its_addresses_are_restored(tmp_path: Path) -> None:
    (tmp_path / "2019-March.txt").write_bytes(MONTH)
    assert open_source(tmp_path / "2019-March.txt").kind == open_source(tmp_path).kind == "pipermail"
    first, second, third = messages(tmp_path)
    assert first.author == Address("Ada Quill", "ada@example.org")
    assert second.author == Address("Ben Grün", "ben@lists.example.org")
    assert "Acked-by: Ben <ben@lists.example.org>" in first.body
    assert "Look at example.org for it." in first.body
    assert third.in_reply_to == ("1@example.org",)


def test_the_charset_may_change_from_mail_to_mail(tmp_path: Path) -> None:
    (tmp_path / "2019-March.txt").write_bytes(MONTH)
    assert [message.body.strip() for message in messages(tmp_path)[1:]] == ["Grüße", "Grüße"]


def test_a_mail_that_ends_without_a_blank_line_ends(tmp_path: Path) -> None:
    (tmp_path / "2019-March.txt").write_bytes(MONTH)
    assert messages(tmp_path)[0].body.endswith("From here on it is mine.\nNo blank line follows.\n")


def test_months_come_in_the_order_of_time_whatever_their_names(tmp_path: Path) -> None:
    for at, name in enumerate(["2018-December.txt", "2019-January.txt", "2019-April.txt.gz", "2019-August.txt"]):
        (tmp_path / name).write_bytes(MONTH.replace(b"a plan", b"plan %d" % at))
    (tmp_path / "2019-January.txt.gz").write_bytes(b"the packed form of a month that is there already")
    (tmp_path / "index.html").write_bytes(b"<html>")
    (tmp_path / "2019-February.txt").write_bytes(b"")
    assert [m.subject for m in messages(tmp_path)[::3]] == [f"[List] plan {at}" for at in range(4)]


def test_only_new_and_changed_months_are_read(tmp_path: Path) -> None:
    (tmp_path / "2019-March.txt").write_bytes(MONTH)
    cursor = read(tmp_path)[-1].cursor
    assert read(tmp_path, cursor) == []
    (tmp_path / "2019-April.txt").write_bytes(MONTH)
    with (tmp_path / "2019-March.txt").open("ab") as month:
        month.write(SECOND.replace("<2@", "<4@").encode())
    assert [raw.origin.split(":")[0] for raw in read(tmp_path, cursor)] == ["2019-March"] + ["2019-April"] * 3
    (tmp_path / "2019-March.txt").write_bytes(MONTH.replace(b"a plan", b"another"))
    assert len(read(tmp_path, cursor)) == 6


def test_a_page_in_place_of_a_month_is_refused(tmp_path: Path) -> None:
    (tmp_path / "2019-March.txt").write_bytes(b"<!DOCTYPE html><title>Just a moment</title>")
    with pytest.raises(SourceError, match="web page"):
        read(tmp_path)
