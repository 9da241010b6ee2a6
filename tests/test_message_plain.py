"""The short cut for plain mail against mail-parser, field by field, on a real archive and on generated mails.

Every fiftieth mail by default; all of them with PRECEDENT_WHOLE_ARCHIVE=1 (a minute).
"""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import git
from ingest.mail import limits, plain_mail
from ingest.message import Message, parse
from ingest.sources import Raw
from ingest.sources.recognise import open_source

STEP = 1 if os.environ.get("PRECEDENT_WHOLE_ARCHIVE") else 50


@pytest.fixture(scope="module")
def raws(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Raw]:
    repo = tmp_path_factory.mktemp("kvmarm") / "0.git"
    git.run(None, "clone", ("--mirror", "--quiet"), (str(corpus / "kvmarm-0.bundle"), str(repo)), protocols=("file",))
    return list(islice(open_source(repo).read(), 0, None, STEP))


def test_the_short_cut_reads_what_mail_parser_reads(raws: list[Raw]) -> None:
    taken = [raw for raw in raws if plain_mail.read(raw.data)]
    short = [parse(raw) for raw in taken]
    assert len(taken) > 0.95 * len(raws)
    with mock.patch.object(plain_mail, "read", lambda data: None):
        assert [m for m, raw in zip(short, taken, strict=True) if m != parse(raw)] == []


def test_no_mail_of_the_archive_is_rejected(raws: list[Raw]) -> None:
    assert all(isinstance(parse(raw), Message) for raw in raws)


TYPES = st.sampled_from(
    [
        "",
        "Content-Type: text/plain\n",
        "Content-Type: text/plain; charset=utf-8\n",
        'Content-Type: TEXT/PLAIN;\n\tcharset="ISO-8859-1"; format=flowed; delsp=yes\n',
        "Content-Type: text/plain; charset=us-ascii; format=FLOWED;\n",
        "Content-Type: text/plain; charset=windows-1252\n",
        "Content-Type: text/plain; name=a.txt\n",
        "Content-Type: text/html\n",
        "Content-Type: text/plain; charset=utf-8\nContent-Disposition: inline\n",
        "Content-Type: text/plain; charset=utf-8\nContent-Disposition: attachment\n",
    ]
)
ENCODINGS = st.sampled_from(
    ["", *(f"Content-Transfer-Encoding: {e}\n" for e in ("7bit", "8bit", "quoted-printable", "base64", "Base64 ", "x"))]
)
PEOPLE = st.sampled_from(
    [
        "Ada Quill <ada@example.org>",
        '"Quill, Ada" <ada@Example.ORG>, ben@example.org',
        "=?utf-8?q?J=C3=BCrgen?= <j@example.org>,\n Cleo (the third) <cleo@example.org>",
        "ada@example.org (Ada (of Quill))",
        "ada at example.org",
        "undisclosed-recipients:;",
        "Ada <ada@example.org",
    ]
)
TEXTS = st.one_of(
    st.text(max_size=80).map(lambda text: text.encode("utf-8", "replace")),
    st.binary(max_size=80),
    st.sampled_from([b"SGVsbG8=\n", b"SGVsbG8\n", b"a=\nb =3D =zz\n", b"a\r\nb\r\n", b"> q\n\nx\n", b"\x1b$B$3\x1b(B"]),
)


@settings(max_examples=300, deadline=None)
@given(TYPES, ENCODINGS, PEOPLE, TEXTS, st.sampled_from([b"\n", b"\r\n"]))
def test_generated_mails_are_read_alike(kind: str, encoding: str, people: str, text: bytes, newline: bytes) -> None:
    head = f"From: {people}\nTo: {people}\nDate: Mon, 4 Mar 2019 10:00:00 +0100\nSubject: s\n{kind}{encoding}\n"
    data = head.encode().replace(b"\n", newline) + text
    if plain_mail.read(data) and not limits.too_much(data):
        raw = Raw(data, "", "")
        short = parse(raw)
        with mock.patch.object(plain_mail, "read", lambda data: None):
            assert short == parse(raw)
