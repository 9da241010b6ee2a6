"""Raw bytes to header fields, the texts of the body, mailboxes and date: what a MIME parser has to say about a mail.

mail-parser is the parser of record: structure, mailboxes, date. It is asked with the traps in mind that were found in
it. It raises on some odd mails; then the standard library's compat32 parser, which it builds on, answers alone. It
drops mailboxes that it finds ambiguous; then ours are taken. It leaves folded headers, 7bit ISO-2022-JP and texts whose
charset lies undecoded; so the decoding of text is ours (``headers``, ``charset``). Before either parser sees a mail,
its structure is walked with bounded work (``limits``), since both recurse once a level.

Body: text/plain parts that are shown inline, in order; of multipart/alternative the plain one. HTML counts where it
comes first and has no plain alternative. An attached message is somebody else's text; it is read only when the mail
has no other (Mailman wraps mails so).
"""

from __future__ import annotations

import base64
import binascii
import email
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.errors import (
    InvalidBase64CharactersDefect,
    InvalidBase64LengthDefect,
    InvalidBase64PaddingDefect,
    MessageError,
)
from email.message import Message

from mailparser import MailParser
from mailparser.exceptions import MailParserError

from ingest.mail import addresses, charset, dates, limits

_LARGE = 2 << 20  # above this mail-parser, which copies every attachment several times, is not asked
_TEXTS = frozenset(("text/plain", "text/html", "text/x-patch", "text/x-diff"))
_BROKEN_BASE64 = (InvalidBase64CharactersDefect, InvalidBase64LengthDefect, InvalidBase64PaddingDefect)
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")

# The fields that are read; a mail has three times as many.
WANTED = frozenset(
    (
        *("from", "sender", "to", "cc", "subject", "date", "received", "message-id", "in-reply-to", "references"),
        *("content-type", "content-transfer-encoding", "content-disposition", "user-agent", "x-mailer"),
        *("list-id", "x-mailing-list", "x-beenthere", "list-post", "x-precedent-page"),
    )
)

# What MIME parsers were seen to raise on odd mails; anything else is a fault of ours and has to surface.
FAULTS: tuple[type[Exception], ...] = (
    *(ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError, TypeError, ValueError),
    *(MessageError, MailParserError),
)

logging.getLogger("mailparser").setLevel(logging.CRITICAL + 1)  # it logs header text at error level


@dataclass(frozen=True, slots=True)
class Text:
    """One text of the body, decoded; ``defect`` says what its charset lied about."""

    content: str
    html: bool
    flowed: bool
    defect: str


@dataclass(frozen=True, slots=True)
class Parsed:
    """A mail as a MIME parser gives it. ``fields``: lower-cased name to raw values, in order of appearance."""

    fields: dict[str, list[str]]
    texts: tuple[Text, ...]
    author: tuple[tuple[str, str], ...]
    to: tuple[tuple[str, str], ...]
    cc: tuple[tuple[str, str], ...]
    written: tuple[datetime | None, bool]
    defects: tuple[str, ...]


class LimitError(MessageError):
    """A mail has more parts, or deeper ones, than is read."""


def parse(data: bytes) -> Parsed:
    """By mail-parser where it can, by the standard library where it cannot. Raises one of FAULTS when neither can."""
    if len(data) <= _LARGE:
        try:
            return by_mail_parser(data)
        except LimitError:
            raise
        except FAULTS:
            pass
    return by_standard_library(data)


def by_standard_library(data: bytes) -> Parsed:
    message = email.message_from_bytes(data)
    fields = _fields(message)
    return Parsed(
        fields=fields,
        texts=tuple(_text(part) for part in shown_parts(message)),
        author=mailboxes(fields, "from"),
        to=mailboxes(fields, "to"),
        cc=mailboxes(fields, "cc"),
        written=dates.parse_date(fields["date"][0]) if "date" in fields else (None, False),
        defects=_defects(message),
    )


def by_mail_parser(data: bytes) -> Parsed:
    mail = MailParser.from_bytes(data)
    message = mail.message
    fields = _fields(message)
    return Parsed(
        fields=fields,
        texts=tuple(_text(part) for part in shown_parts(message)),
        author=_checked(fields, "from", mail.from_),
        to=_checked(fields, "to", mail.to),
        cc=_checked(fields, "cc", mail.cc),
        written=(mail.date, True) if mail.date else dates.parse_date(fields.get("date", [""])[0]),
        defects=_defects(message),
    )


def mailboxes(fields: dict[str, list[str]], name: str) -> tuple[tuple[str, str], ...]:
    """The mailboxes of all fields of that name."""
    return tuple(box for value in fields.get(name, ()) for box in addresses.mailboxes(value))


def _checked(fields: dict[str, list[str]], name: str, found: list[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """mail-parser's mailboxes; ours where it leaves out some (it drops what is ambiguous, and repeated fields)."""
    ours = mailboxes(fields, name)
    theirs = tuple(addresses.finish(shown, address) for shown, address in found)
    return theirs if len(theirs) == len(ours) else ours


def _children(part: Message) -> list[Message]:
    payload = part.get_payload() if part.is_multipart() else []
    return [child for child in payload if isinstance(child, Message)] if isinstance(payload, list) else []


def _fields(message: Message) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for name, value in message.raw_items():
        if name.lower() in WANTED:
            fields.setdefault(name.lower(), []).append(str(value))
    return fields


def _defects(message: Message) -> tuple[str, ...]:
    """Names of the structural defects that the standard library saw, each once."""
    return tuple(sorted({type(defect).__name__ for part in _walk(message) for defect in part.defects}))


def _walk(message: Message) -> Iterator[Message]:
    """All parts, without recursion; LimitError beyond the limits."""
    waiting, parts = [(message, 1)], 0
    while waiting:
        part, depth = waiting.pop()
        parts += 1
        if depth > limits.MAX_DEPTH + 1 or parts > limits.MAX_PARTS:
            raise LimitError(f"more than {limits.MAX_PARTS} parts, or parts nested deeper than {limits.MAX_DEPTH}")
        yield part
        waiting += [(child, depth + 1) for child in reversed(_children(part))]


def shown_parts(message: Message) -> list[Message]:
    """The text parts that make up the body, in order; see the module's docstring."""
    everything = list(_walk(message))
    inline = list(_inline(message))
    if not inline:
        inline = [p for p in everything if p.get_content_maintype() == "text" and not p.is_multipart()][:1]
    plain = [part for part in inline if part.get_content_subtype() != "html"]
    return plain if plain[:1] == inline[:1] else [inline[0], *plain]


def _inline(part: Message) -> Iterator[Message]:
    if part.get_content_disposition() == "attachment" or part.get_content_maintype() == "message":
        return
    if part.is_multipart():
        options = [list(_inline(child)) for child in _children(part)]
        if part.get_content_subtype() == "alternative":
            plain = [found for found in options if any(p.get_content_subtype() != "html" for p in found)]
            options = [*plain, *filter(None, options)][:1]
        for found in options:
            yield from found
    elif _is_text(part) and _content(part).strip():
        yield part


def _is_text(part: Message) -> bool:
    kind = part.get_content_type()
    return kind in _TEXTS or kind.startswith("multipart/")  # a multipart without its boundary is read as text


def _content(part: Message) -> bytes:
    """The bytes of a part, transfer encoding undone. Without ``decode`` the library applies the charset, or raises."""
    encoding = part.get("content-transfer-encoding")
    if isinstance(encoding, str) and encoding != encoding.strip():
        part.replace_header("content-transfer-encoding", encoding.strip())  # the library compares it as it stands
    payload = part.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    broken = any(isinstance(defect, _BROKEN_BASE64) for defect in part.defects)
    return (_before_footer(part) or data) if broken else data


def _before_footer(part: Message) -> bytes:
    """A base64 text behind which list software put its footer as it is; b"" where the coding is broken otherwise."""
    try:
        lines = [line.strip() for line in str(part.get_payload()).strip().split("\n")]
    except FAULTS:
        return b""
    end = next((at for at, line in enumerate(lines) if len(line) != len(lines[0]) or not _BASE64.fullmatch(line)), 0)
    end += bool(end) and bool(_BASE64.fullmatch(lines[end]))
    try:
        decoded = base64.b64decode("".join(lines[:end]))
    except binascii.Error:
        return b""
    return decoded and decoded + b"\n" + "\n".join(lines[end:]).encode("utf-8", "replace")


def _text(part: Message) -> Text:
    content, defect = charset.decode(_content(part), _charset(part))
    return Text(content, part.get_content_subtype() == "html", _is_flowed(part), defect)


def _is_flowed(part: Message) -> bool:
    try:
        return str(part.get_param("format", "")).lower() == "flowed"
    except FAULTS:
        return False


def _charset(part: Message) -> str:
    try:
        return part.get_content_charset("")
    except FAULTS:
        return "unreadable"
