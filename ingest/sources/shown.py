"""The text or HTML of a web archive's page to the messages that it shows.

Known forms: MHonArc (lists.xenproject.org and others; its comments carry subject, sender, date and Message-ID, see
MHonArc's "Message Format" reference), mail-archive.com's thread and message views, a message pasted with its header
or alone. A field that the page does not show is absent; nothing is made up.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import quote, urlsplit

from ingest.mail import markup

TAG = re.compile(r"<(?:!doctype|html|head|body|pre|div|p)(?=[\s>])|<!--", re.IGNORECASE)
NAVIGATION = re.compile(r"\A\s*(?:\[(?:Date|Thread|Author|Chronological)[^\[\]\n]{0,30}\]\s*){2,}")
THREAD = re.compile(r"^[ \t]*(\d{4}-\d\d-\d\d)[ \t]+Thread[ \t]+(\S[^\n]{0,100})$", re.MULTILINE)
WROTE = re.compile(r"\b(?:wrote|writes|schrieb|a écrit)\b[^\n]{0,60}:[ \t]*$", re.MULTILINE)
_COMMENT = re.compile(r"<!--X-([A-Za-z0-9-]{1,40}): ([^\n]{0,2000}?) -->")
_BODY = re.compile(r"<!--X-Body-of-Message-->(.*?)(?:<!--X-Body-of-Message-End-->|\Z)", re.DOTALL)
_HEAD = re.compile(r"<!--X-Head-of-Message-->(.*?)<!--X-Head-of-Message-End-->", re.DOTALL)
_SPAN = re.compile(r'<span class="(sender|date|subject)[^"]{0,40}"[^>]{0,200}>(.{1,600}?)</span>', re.DOTALL)
_INPUT = re.compile(r'<input\b[^>]{0,200}\bname="(msgid|relpath)"[^>]{0,200}\bvalue="([^"<>\s]{1,500})"', re.IGNORECASE)
_FIELDS = "From|To|Cc|Date|Subject|Message-ID|In-Reply-To|References|Delivery-date|List-ID|Reply-To|User-Agent"
_SHOWN = re.compile(rf"^[ \t*•-]*({_FIELDS})[ \t]*:[ \t]*([^\n]{{1,2000}})$", re.IGNORECASE)
_SENT = re.compile(
    r"^[ \t]*(\S[^\n|]{0,100}?)[ \t]*\|?[ \t]+((?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{1,2} [A-Z][a-z]{2} \d{4} [\d:]{5,8}"
    r"(?: [+-]\d{4})?)[ \t]*$",
    re.MULTILINE,
)
_FOOTER = re.compile(r"^_{3,}[ \t]*\n[^\n]{0,80}mailing list\n(?:[^\n]{0,120}[@:/][^\n]{0,120}\n?){1,3}", re.MULTILINE)
_REPLY_LINK = re.compile(r"^[ \t]*(?:Reply via email to\b|Previous message\n).*\Z", re.MULTILINE | re.DOTALL)
_SIGNATURE = re.compile(r"^--[ \t]*\n[ \t]*([^\n]{2,60})", re.MULTILINE)
_SIGN_OFF = re.compile(r"\n[ \t]*\n[ \t]*~?([A-Z][\w.'-]*(?: [A-Z][\w.'-]*){0,3})\s*\Z")
_NAME = re.compile(r"[^\W\d_][\w.'-]*(?: [^\W\d_][\w.'-]*){0,3}\s*\Z")
_CLOSING = re.compile(r"(?:(?:best|kind|warm|many)? ?(?:regards|wishes|thanks|greetings)|cheers|thank you)\b", re.I)
_SAVED = re.compile(r"<!-- saved from url=\(\d{1,5}\)(https?://[^\s<>\"']{1,500}) -->")
_CANONICAL = re.compile(r'<link\b[^>]{0,100}\brel="canonical"[^>]{0,100}\bhref="(https?://[^"<>\s]{1,500})"', re.I)
_FIRST_LINE = re.compile(r"\A\s*<?(https?://[^\s<>\"']{1,500})>?[ \t]*\n")
_ZONE = re.compile(r"[+-]\d{4}\b|\b(?:GMT|UTC|[A-Z]{1,2}[SD]T)\b")
# MHonArc's own rotation: "@" and "[" go round with the capital letters.
_ROUND = "@ABCDEFGHIJKLMNOPQRSTUVWXYZ["
_SMALL = "abcdefghijklmnopqrstuvwxyz"
_R13 = str.maketrans(_ROUND + _SMALL, _ROUND[14:] + _ROUND[:14] + _SMALL[13:] + _SMALL[:13])


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page shows of one message; "" for what it does not. ``precision`` of the date: "time", "local" (without
    a time zone), "day", "none"; ``signed``: the sender is who signed; ``address``: the page's own."""

    form: str
    body: str
    subject: str = ""
    sender: str = ""
    date: str = ""
    precision: str = "none"
    fields: tuple[tuple[str, str], ...] = ()
    signed: bool = False
    address: str = ""


def messages(page: str) -> list[Shown]:
    """The messages that a page shows, in its order."""
    address, page = _address(page)
    if TAG.search(page[:2000]):
        bodies = _BODY.findall(page)
        if len(bodies) == 1:
            return [replace(_mhonarc(page, markup.to_text(bodies[0])), address=address or _relative(page))]
        page = markup.to_text(page)
    heads = list(THREAD.finditer(page))
    if heads:
        return [replace(_in_thread(page, heads, at), address=address) for at in range(len(heads))]
    navigation = NAVIGATION.match(page)
    if navigation:
        return [replace(_below_navigation(page[navigation.end() :]), address=address)]
    return [replace(_message_view(page) or _alone(page), address=address)]


def _address(page: str) -> tuple[str, str]:
    """(the page's address, the page): what a browser noted when it saved the page, the site's own word for it, or a
    first line that is nothing else. It is shown, never fetched."""
    if line := _FIRST_LINE.match(page):
        return _usable(line[1]), page[line.end() :]
    saved = _SAVED.search(page[:3000]) or _CANONICAL.search(page[:20_000])
    return _usable(next(filter(None, saved.groups()))) if saved else "", page


def _usable(address: str) -> str:
    address = html.unescape(address)
    return address if address.isascii() and address.isprintable() and _host(address) else ""


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _relative(page: str) -> str:
    """mail-archive.com's pages name their own path in the form for replies."""
    path = dict(_INPUT.findall(page)).get("relpath", "")
    known = path and "mail-archive.com" in page and not path.startswith("/")
    return f"https://www.mail-archive.com/{quote(html.unescape(path), safe='/@')}" if known else ""


def precision_of(date: str) -> str:
    """How exact a date's text is."""
    if not re.search(r"\d:\d\d", date):
        return "day" if re.search(r"\d{4}", date) else "none"
    return "time" if _ZONE.search(date) else "local"


def _mhonarc(page: str, body: str) -> Shown:
    """By the comments; by the header that is shown (as the sender wrote it) where it says more."""
    noted: dict[str, list[str]] = {}
    for name, value in _COMMENT.findall(page):
        noted.setdefault(name.lower(), []).append(html.unescape(value).strip())
    shown = _shown_fields(page)
    sender = shown.get("from") or noted.get("from", [""])[0] or noted.get("from-r13", [""])[0].translate(_R13)
    date = shown.get("date") or noted.get("date", [""])[0]
    own = noted.get("message-id", [])[:1] or [html.unescape(v) for n, v in _INPUT.findall(page) if n == "msgid"][:1]
    ids = [("Message-ID", own), ("References", noted.get("reference", []))]
    fields = [(name, " ".join(f"<{value.strip('<> ')}>" for value in values)) for name, values in ids]
    return Shown(
        form="mhonarc" if "MHonArc" in page[:2000] else "mail-archive-message",
        body=_trimmed(body),
        subject=noted.get("subject", [""])[0] or shown.get("subject", ""),
        sender=sender,
        date=date,
        precision=precision_of(date),
        fields=(*fields, ("In-Reply-To", shown.get("in-reply-to", ""))),
    )


def _shown_fields(page: str) -> dict[str, str]:
    """The header fields that a page shows: MHonArc's block, or mail-archive.com's spans."""
    head = _HEAD.search(page)
    fields = _listed(markup.to_text(head[1]).split("\n") if head else [])[0]
    for name, content in _SPAN.findall(page[:20_000]):
        fields.setdefault({"sender": "from"}.get(name, name), markup.to_text(content).strip())
    return fields


def _listed(lines: list[str]) -> tuple[dict[str, str], int]:
    """Header fields in the lines from the first, by lower-cased name, and the number of lines they take."""
    fields: dict[str, str] = {}
    for number, line in enumerate(lines):
        if field := _SHOWN.match(line):
            fields.setdefault(field[1].lower(), field[2].strip())
        elif line.strip() and not (fields and line[:1] in " \t"):
            return fields, number
        elif not line.strip() and fields:
            return fields, number + 1
    return fields, len(lines)


def _in_thread(page: str, heads: list[re.Match[str]], at: int) -> Shown:
    """mail-archive.com's thread view: the subject, then "2016-07-04 Thread Ada Quill", then the text."""
    head = heads[at]
    before = page[heads[at - 1].end() if at else 0 : head.start()].rstrip()
    text = page[head.end() : heads[at + 1].start() if at + 1 < len(heads) else len(page)]
    if at + 1 < len(heads):
        text = text.rstrip().rpartition("\n")[0]  # the last line is the next one's subject
    day = datetime.fromisoformat(head[1]).replace(tzinfo=UTC) if _is_day(head[1]) else None
    return Shown(
        form="mail-archive-thread",
        body=_trimmed(text),
        subject=before.rpartition("\n")[2].strip(),
        sender=head[2].strip(),
        date=format_datetime(day) if day else "",
        precision="day" if day else "none",
    )


def _is_day(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _message_view(page: str) -> Shown | None:
    """mail-archive.com's message view as text: the subject, then "Ada Quill | Mon, 04 Jul 2016 08:46:12 -0700"."""
    sent = _SENT.search(page, 0, 3000)
    before = [line.strip() for line in page[: sent.start()].split("\n") if line.strip()] if sent else []
    if not sent or not before or len(before) > 8 or sent[1].endswith(":") or WROTE.search(page, 0, sent.start()):
        return None
    body = _trimmed(page[sent.end() :])
    return Shown("mail-archive-message", body, before[-1], sent[1], sent[2], precision_of(sent[2]))


def _below_navigation(page: str) -> Shown:
    """A pasted MHonArc page: the subject, perhaps the fields that it lists, the text."""
    subject, _, rest = page.lstrip().partition("\n")
    fields, taken = _listed(rest.lstrip("\n").split("\n"))
    if len(fields) < 2:  # a patch's own "From:" line
        fields, taken = {}, 0
    text = "\n".join(rest.lstrip("\n").split("\n")[taken:])
    return _with_fields(_alone(text, headed=True), fields, "mhonarc-pasted", subject.strip())


def _with_fields(shown: Shown, fields: dict[str, str], form: str, subject: str = "") -> Shown:
    date = fields.get("date", "")
    ids = tuple((name, fields.get(name.lower(), "")) for name in ("Message-ID", "In-Reply-To", "References"))
    return replace(
        shown,
        form=form,
        subject=subject or fields.get("subject", ""),
        sender=fields.get("from") or shown.sender,
        signed=shown.signed and "from" not in fields,
        date=date,
        precision=precision_of(date),
        fields=tuple((name, value) for name, value in ids if "@" in value and "<" in value),
    )


def _alone(page: str, headed: bool = False) -> Shown:
    """A message pasted with its header, or without; then who signed it wrote it."""
    fields, taken = _listed(page.lstrip("\n").split("\n")) if not headed else ({}, 0)
    if len(fields) > 1:
        rest = "\n".join(page.lstrip("\n").split("\n")[taken:])
        return _with_fields(_alone(rest, headed=True), fields, "pasted")
    body = _trimmed(page)
    signed = _SIGNATURE.search(body) or _SIGN_OFF.search(_FOOTER.sub("", body).rstrip())
    name = signed[1].strip() if signed and _NAME.match(signed[1]) and not _CLOSING.match(signed[1]) else ""
    return Shown(form="pasted", body=body, sender=name, signed=bool(name))


def _trimmed(text: str) -> str:
    """The text without what the page puts around it: everything behind the list's footer or the link to reply."""
    text = _REPLY_LINK.sub("", text)
    for footer in _FOOTER.finditer(text):
        if text.count("\n", footer.end()) <= 25:
            text = text[: footer.end()]
            break
    return text.strip("\n") + "\n"
