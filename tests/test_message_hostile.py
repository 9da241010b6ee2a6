"""Generated and hostile mails: each is read or rejected with a reason, soon, in little room, the same way each time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.batch import read_batch
from ingest.bounds import overruns, within
from ingest.cut import Thread, cut_batch
from ingest.mail import headers
from ingest.message import Message, Reject, parse
from ingest.quotes import Mail
from ingest.sources import Raw

HEAD = "From: Ada Quill <ada@example.org>\nSubject: s\nMessage-ID: <m@example.org>\n"


LIMITS = {
    "header of": HEAD + "Cc: " + ", ".join(f"u{i}@example.org" for i in range(100_000)) + "\n\nx\n",
    "header of a": HEAD + "X-Long: " + "a" * 1_000_000 + "\n\nx\n",
    "nested deeper": HEAD
    + "".join(f"Content-Type: multipart/mixed; boundary=b{i}\n\n--b{i}\n" for i in range(2000))
    + "\nx\n",
    "deeper": (HEAD + "Content-Type: message/rfc822\n\n") * 2000 + HEAD + "\nx\n",
    "parts": HEAD + "Content-Type: multipart/mixed; boundary=b\n\n" + "--b\n\nx\n" * 1500,
    "1000 parts": HEAD + "Content-Type: message/delivery-status\n\n" + "a: b\n\n" * 100_000,
    "recursion": HEAD
    + "".join(f"Content-Type: multipart/digest; boundary=b{i}\n\n--b{i}\n\n" for i in range(2000))
    + "\nx\n",
}


@pytest.mark.parametrize("reason", LIMITS)
@pytest.mark.timeout(2)
def test_mail_beyond_the_limits_is_rejected_at_once(reason: str) -> None:
    reject = parse(Raw(LIMITS[reason].encode(), "", ""))
    assert isinstance(reject, Reject)
    assert reason.split()[0] in reject.reason
    assert (reject.subject, reject.message_id) == ("s", "<m@example.org>")


HOSTILE = {
    "text of 30 MB": HEAD + "\n" + "lorem ipsum dolor sit amet\n" * 1_100_000,
    "attachment of 20 MB": HEAD + "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b\n"
    "Content-Type: image/png\nContent-Transfer-Encoding: base64\n\n" + ("A" * 76 + "\n") * 260_000 + "--b--\n",
    "boundaries that are none": HEAD + "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n" + "--bx\n" * 1_000_000,
    "open tags": HEAD + "Content-Type: text/html\n\n" + "<div>" * 200_000,
    "open scripts": HEAD + "Content-Type: text/html\n\n" + "<script" * 300_000,
    "nested tables": HEAD + "Content-Type: text/html\n\n" + "<table><tr><td>a</td><td>" * 2000,
    "nested quotes": HEAD + "Content-Type: text/html\n\n" + "<blockquote>a" * 20_000,
    "parentheses": HEAD + "Cc: " + "(" * 90_000 + "\n\nx\n",
    "quotes": HEAD + "Cc: " + '"' * 90_000 + "\n\nx\n",
    "angles": HEAD + "References: " + "<" * 90_000 + "\n\nx\n",
    "encoded words": HEAD + "X: y\nCc: " + "=?utf-8?q?a?= <a@example.org>,\n " * 2500 + "\n\nx\n",
    "parameters": HEAD + "Content-Type: text/plain" + "; a=b" * 15_000 + "\n\nx\n",
    "continued parameters": HEAD + "Content-Type: a/b" + "".join(f"; n*{i}*=a" for i in range(7000)) + "\n\nx\n",
    "received": HEAD + "Content-Type: multipart/mixed; boundary=b\nReceived: " + "from by (" * 9000 + "\n\n--b\n\nx\n",
    "cyclic references": HEAD + "References: " + "<m@example.org> <n@example.org>\n " * 2500 + "\n\nx\n",
    "undefined charset": HEAD + "Content-Type: text/plain; charset=undefined\n\nx\n",
    "codec that is no charset": HEAD + "Content-Type: text/plain; charset=base64\n\nx\n",
    "charset with a path": HEAD + "Content-Type: text/plain; charset=../../etc/passwd\n\nx\n",
    "UTF-16 that is ASCII": HEAD + "Content-Type: text/plain; charset=utf-16\n\nhello\n",
    "surrogates in UTF-7": HEAD + "Content-Type: text/plain; charset=utf-7\n\n+2AA-\n",
    "surrogate in a word": HEAD.replace("Subject: s", "Subject: =?utf-7?q?+2AA-?=") + "\nx\n",
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.timeout(4)
def test_hostile_mail_takes_no_time_and_no_room(name: str) -> None:
    message = parse(Raw(HOSTILE[name].encode(), "", ""))
    assert storable(message)
    if isinstance(message, Message):
        assert len(message.body) < 3_000_000


def storable(message: Message | Reject) -> bool:
    """UTF-8 without NUL: what every database takes."""
    text = repr(message) + (message.body + message.subject if isinstance(message, Message) else message.subject)
    return "\0" not in text and bool(text.encode("utf-8"))


NAMES = st.sampled_from(
    [
        *("From", "To", "Cc", "Date", "Subject", "Message-ID", "In-Reply-To", "References", "Received", "Sender"),
        *("Content-Type", "Content-Transfer-Encoding", "Content-Disposition", "MIME-Version", "List-Id", "headers"),
    ]
)
ODD_VALUES = r"""
multipart/mixed; boundary=b
multipart/alternative; boundary=b
message/rfc822
text/html
text
text/plain; charset=utf-16
text/plain; charset="utf-8
text/plain; charset*0*=utf-8''%ff
/
;
base64
quoted-printable
x-uuencode
8bit
7bit ;
=?utf-8?b?AAA?=
=?utf-8?q?=?=
=?x?q?a?=
<a@b>
<a@b
a@b>
<<a@b>>
<>
<a/b c@d>
Mon, 4 Mar 2019 10:00:00 -0-200
1 Jan 1970 0:0:0
attachment; filename="../../x"
inline
Ada <ada@example.org>, ben@example.org
x:;
""".strip().split("\n")
VALUES = st.one_of(
    st.text(max_size=60),
    st.binary(max_size=60).map(lambda b: b.decode("utf-8", "surrogateescape")),
    st.sampled_from([*ODD_VALUES, "\tfolded\n more"]),
)
BODIES = st.lists(
    st.one_of(
        st.sampled_from(
            ["--b\n", "--b--\n", "\n", "\r\n", "Content-Type: multipart/mixed; boundary=c\n\n", "--c\n", "From x\n",
             "Content-Type: text/html\n\n<p>a<blockquote>b", "begin 644 x\n#0V%T\n`\nend\n", "=\n=zz", "QUJD\n", "\0"]
        ),
        st.text(max_size=40),
        st.binary(max_size=40).map(lambda b: b.decode("utf-8", "surrogateescape")),
    ),
    max_size=12,
)  # fmt: skip


@settings(max_examples=400, deadline=2000, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(NAMES, VALUES), max_size=10), BODIES, st.sampled_from(["\n", "\r\n", ""]))
def test_any_mail_is_read_or_rejected_the_same_way_each_time(
    fields: list[tuple[str, str]], body: list[str], blank: str
) -> None:
    text = "".join(f"{name}: {value}\n" for name, value in fields) + blank + "".join(body)
    raw = Raw(text.encode("utf-8", "surrogateescape"), "", "")
    message = parse(raw)
    assert isinstance(message, Message | Reject)
    assert message == parse(raw)
    assert storable(message)
    if isinstance(message, Message):
        assert "\r" not in message.body
        assert message.mid == headers.normal_id(message.message_id)
        assert message.mid and not any(c.isspace() or c in "<>" for c in message.mid)
        assert message.date is None or message.date.utcoffset() == timedelta(0)
        assert (message.date is None) == (message.date_from == "none")


@settings(max_examples=200, deadline=2000)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_rejected(data: bytes) -> None:
    assert storable(parse(Raw(data, "", "")))


PATIENT = {
    "blank lines": "\n" * 500_000,
    "blanks": " \t" * 500_000,
    "openings": "[ " * 200_000,
    "a name without an address": "From: " + " " * 300_000 + "x",
    "attributions": "On 1.1.2020 10:00, A B wrote:\n> x\ny\n" * 20_000,
    "sign-offs": "Signed-off-by: " * 50_000,
    "one long line": "must " * 400_000,
}


@pytest.mark.parametrize("subject", ["[PATCH 1/2] a call", "Re: a call", "[GIT PULL] a call"])
@pytest.mark.parametrize("name", PATIENT)
def test_what_is_read_out_of_a_hostile_text_takes_no_time(name: str, subject: str) -> None:
    head = HEAD.replace("Subject: s", f"Subject: {subject}")
    (parsed,) = read_batch([Raw(f"{head}\n{PATIENT[name]}\n".encode(), "", "")])
    assert isinstance(parsed.result, Message), parsed.result
    mail = Mail("m@example.org", "", "Ada Quill", "ada@example.org", parsed.result.body, ())
    with overruns(), within(2.5):
        cut_batch([Thread((mail,), {mail.mid: subject}, set())])
