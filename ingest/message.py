"""Raw bytes to ``Message`` or ``Reject``: identifiers, people, UTC date, decoded text."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime

from ingest.mail import charset, dates, headers, limits, markup, mime, plain_mail
from ingest.sources import Raw
from pickles import as_arguments

QUOTING_LOST = "the page lost who is quoted"  # nobody can say whose words these are: no statement is drawn from them
DAY_ONLY = "the page shows the day alone"

_FIELDS = frozenset(("from", "to", "date", "subject", "message-id", "received", "sender", "references", "in-reply-to"))
_FOOTER = re.compile(
    r"^_{20,}\s*\n(?:[^\n]*\n){0,2}?[^\n]*(?:mailing list|https?://)[^\n]*(?:\n[^\n]*){0,6}\Z", re.MULTILINE
)
_SUBJECT = re.compile(r"^subject:([^\n]*(?:\n[ \t][^\n]*)*)", re.IGNORECASE | re.MULTILINE)
_MESSAGE_ID = re.compile(r"^message-id:([^\n]*(?:\n[ \t][^\n]*)*)", re.IGNORECASE | re.MULTILINE)


@as_arguments
@dataclass(frozen=True, slots=True)
class Address:
    """A mailbox of RFC 5322: display name (decoded) and addr-spec (lower-cased domain); either may be ""."""

    name: str
    address: str


@as_arguments
@dataclass(frozen=True, slots=True)
class Message:
    """One mail, decoded. ``message_id`` is the header's value as it stands (folding removed); ``mid`` its normal form
    for comparison (no angle brackets, white space or trailing junk). A mail without one gets
    ``<SHA256@no-message-id.invalid>``. ``date`` is UTC or None, ``date_from`` one of "date", "received", "from_line",
    "commit", "none". ``body`` is the first text/plain part, decoded, LF line ends (further inline text parts are
    appended after it); all offsets in the project point into it. ``content`` is a SHA-256 over the text with white
    space folded and list footers cut, equal for copies of one mail that came over different lists.
    ``in_reply_to`` and ``references`` hold normal forms, in header order.
    """

    message_id: str
    mid: str
    sha256: str
    content: str
    subject: str
    author: Address
    date: datetime | None
    date_from: str
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    list_ids: tuple[str, ...]
    body: str
    body_from: str  # "plain", "html", "none"
    flowed: bool
    agent: str  # User-Agent or X-Mailer, "" where absent
    defects: tuple[str, ...]
    page: str = ""  # of a web page's message: what the page shows and lacks (ingest.sources.pages); "" for a mail


@dataclass(frozen=True, slots=True)
class Reject:
    """A mail that cannot be read: the SHA-256 of its raw bytes, a reason in one line, what could be made out."""

    sha256: str
    reason: str
    subject: str = ""
    message_id: str = ""


def parse(raw: Raw) -> Message | Reject:
    """The mail as a ``Message``, or why it cannot be one. Never raises, whatever the bytes; pure."""
    sha256 = hashlib.sha256(raw.data).hexdigest()
    reason = limits.too_large(raw.data) if raw.data.strip() else "empty"
    if reason:
        return _reject(raw.data, sha256, reason)
    data, cut, large = raw.data, "", len(raw.data) > limits.LARGE
    try:
        parsed = None if large else plain_mail.read(data)
        if parsed is None and (reason := limits.too_much(data)):
            return _reject(raw.data, sha256, reason)
        if large:
            data, cut = limits.trimmed(data)
            parsed = plain_mail.read(data)
        parsed = parsed or mime.parse(data)
        if not _FIELDS.intersection(parsed.fields):
            return _reject(raw.data, sha256, "no mail: none of the usual header fields is there")
        return _message(raw, sha256, parsed, cut)
    except mime.FAULTS as fault:
        return _reject(raw.data, sha256, f"{type(fault).__name__}: {fault}")


def _message(raw: Raw, sha256: str, parsed: mime.Parsed, cut: str) -> Message:
    fields = parsed.fields
    given = [headers.plain(headers.unfold(value)) for value in fields.get("message-id", ())]
    named = [value for value in given if headers.normal_id(value)]
    message_id = named[0] if named else f"<{sha256}@{headers.NO_ID}>"
    date, date_from, odd_date = dates.message_date(
        parsed.written, fields.get("received", ()), raw.hint, raw.hint_from
    )  # fmt: skip
    body, body_from, flaws = _body(parsed.texts)
    subject, flaw = charset.clean(headers.text(fields.get("subject", [""])[0]))
    people = parsed.author or mime.mailboxes(fields, "sender")
    correspondents = frozenset(address for _, address in (*parsed.author, *parsed.to, *parsed.cc) if address)
    page = headers.unfold(fields.get("x-precedent-page", [""])[0]).strip() if raw.page else ""
    defects = (
        *parsed.defects,
        *((QUOTING_LOST,) if "quoting=lost" in page else ()),
        *((DAY_ONLY,) if "date=day" in page else ()),
        *(("no Message-ID",) if not named else ()),
        *(("several Message-ID fields",) if len(given) > 1 else ()),
        *filter(None, (odd_date, flaw, *flaws, cut)),
    )
    return Message(
        message_id=message_id,
        mid=headers.normal_id(message_id),
        sha256=sha256,
        content=content_hash(body),
        subject=subject,
        author=Address(*people[0]) if people else Address("", ""),
        date=date,
        date_from=date_from,
        to=tuple(Address(*box) for box in parsed.to),
        cc=tuple(Address(*box) for box in parsed.cc),
        in_reply_to=headers.ids(fields.get("in-reply-to", ()), correspondents),
        references=headers.ids(fields.get("references", ()), correspondents),
        list_ids=headers.list_ids(fields),
        body=body,
        body_from=body_from,
        flowed=bool(parsed.texts) and parsed.texts[0].flowed,
        agent=headers.text((fields.get("user-agent") or fields.get("x-mailer") or [""])[0]),
        defects=tuple(dict.fromkeys(defects)),
        page=page,
    )


def _body(texts: tuple[mime.Text, ...]) -> tuple[str, str, list[str]]:
    """(body, what it was made from, defects): the texts one after the other, each beginning on a line of its own."""
    body, flaws = "", []
    for text in texts:
        body += ("" if not body or body.endswith("\n") else "\n") + (
            markup.to_text(text.content) if text.html else text.content
        )
        flaws.append(text.defect)
    origin = "none" if not texts else "html" if texts[0].html else "plain"
    return charset.clean(body)[0], origin, flaws


def content_hash(body: str) -> str:
    """SHA-256 of the words of a body without the footer that list software appends."""
    cut = _FOOTER.search(body, max(0, len(body) - 2000))
    words = " ".join((body[: cut.start()] if cut else body).split())
    return hashlib.sha256(words.encode()).hexdigest()


def _reject(data: bytes, sha256: str, reason: str) -> Reject:
    """With subject and Message-ID as far as they can be read from the first header bytes."""
    head = data[: limits.MAX_HEADER].partition(b"\n\n")[0].decode("ascii", "surrogateescape")
    subject, message_id = _SUBJECT.search(head), _MESSAGE_ID.search(head)
    return Reject(
        sha256,
        " ".join(headers.plain(reason).split())[:300],
        charset.clean(headers.text(subject[1])[:1000])[0] if subject else "",
        headers.plain(headers.unfold(message_id[1]))[:1000] if message_id else "",
    )
