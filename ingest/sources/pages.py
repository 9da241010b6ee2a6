"""Web archive pages, saved as HTML or pasted as text, to ``Raw``: what is left of a mail, made into RFC 5322 bytes.

Known forms: MHonArc (lists.xenproject.org and others; its comments carry subject, sender, date and Message-ID, see
MHonArc's "Message Format" reference), mail-archive.com's thread and message views, a message pasted alone. What such a
page lost is said, not made up. The header of the bytes is synthetic and says so:

    X-Precedent-Page: form=FORM; quoting=kept|lost; date=time|day|none

``quoting=lost``: the marks or the line breaks that tell the author's words from those quoted are gone. Obfuscated
addresses ("ada@xxxxxx", "ada.qu...@example.org") are kept as they stand. A field that the page does not show is absent.
"""

from __future__ import annotations

import codecs
import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

from errors import SourceError
from ingest.mail import charset, markup
from ingest.sources import Raw
from ingest.sources.files import Entry, list_files, read_files, remaining

_SUFFIXES = (".html", ".htm", ".txt")
_COMMENT = re.compile(r"<!--X-([A-Za-z0-9-]{1,40}): ([^\n]{0,2000}?) -->")
_BODY = re.compile(r"<!--X-Body-of-Message-->(.*?)(?:<!--X-Body-of-Message-End-->|\Z)", re.DOTALL)
_TAG = re.compile(r"<(?:!doctype|html|head|body|pre|div|p|!--)", re.IGNORECASE)
_THREAD = re.compile(r"^[ \t]*(\d{4}-\d\d-\d\d)[ \t]+Thread[ \t]+(\S[^\n]{0,100})$", re.MULTILINE)
_NAVIGATION = re.compile(r"\A\s*(?:\[(?:Date|Thread|Author|Chronological)[^\[\]\n]{0,30}\]\s*){2,}")
_HEAD = re.compile(r"<!--X-Head-of-Message-->(.*?)<!--X-Head-of-Message-End-->", re.DOTALL)
_SPAN = re.compile(r'<span class="(sender|date|subject)[^"]{0,40}"[^>]{0,200}>(.{1,600}?)</span>', re.DOTALL)
_SHOWN = re.compile(r"^[ \t*]*(From|To|Cc|Date|Subject)[ \t]*:[ \t]*([^\n]{1,500})$", re.IGNORECASE)
_FOOTER = re.compile(r"^_{3,}[ \t]*\n[^\n]{0,80}mailing list\n(?:[^\n]{0,120}[@:/][^\n]{0,120}\n?){1,3}", re.MULTILINE)
_REPLY_LINK = re.compile(r"^[ \t]*Reply via email to\b.*\Z", re.MULTILINE | re.DOTALL)
_WROTE = re.compile(r"\b(?:wrote|writes|schrieb|a écrit)\b[^\n]{0,60}:[ \t]*$", re.MULTILINE)
_WROTE_INSIDE = re.compile(r"\bwrote:[ \t]*>")
_MARKED = re.compile(r"^[ \t]*[>|]", re.MULTILINE)
_SIGNATURE = re.compile(r"^--[ \t]*\n[ \t]*([^\n]{2,60})", re.MULTILINE)
_SIGN_OFF = re.compile(r"\n[ \t]*\n[ \t]*~?([A-Z][\w.'-]*(?: [A-Z][\w.'-]*){0,3})\s*\Z")


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page shows of one message; "" for what it does not."""

    form: str
    body: str
    subject: str = ""
    sender: str = ""
    date: str = ""
    precision: str = "none"
    fields: tuple[tuple[str, str], ...] = ()


def is_page(start: bytes) -> bool:
    """Whether a file's first bytes are those of a page that shows mails, not of any page."""
    text = start.decode("utf-8", "replace")
    return bool(re.search(r"<!--X-(?:Subject|Head-End|Body-of-Message)|<!-- MHonArc", text)) or bool(
        _NAVIGATION.match(text) or _THREAD.search(text[:600])
    )


def is_saved(path: Path) -> bool:
    """Whether the name is one that a saved or pasted page has."""
    return path.suffix.lower() in _SUFFIXES


class Pages:
    """One saved or pasted page, or a folder of them."""

    kind = "page"

    def __init__(self, path: Path) -> None:
        self.location, self._path = str(path), path
        if not self._entries():
            raise SourceError(f"{path} holds no saved page", "Give files whose names end in .html, .htm or .txt.")

    def read(self, cursor: str | None = None) -> Iterator[Raw]:
        before, done = _parse_cursor(cursor)
        for raw in read_files(self._entries(), before):
            found = messages(charset.decode(raw.data, "")[0])
            for number, shown in enumerate(found[done:], done + 1):
                last = number == len(found)
                position = json.dumps({"before": raw.cursor if last else before, "done": 0 if last else number})
                yield Raw(to_bytes(shown), f"{raw.origin}#{number}", position)
            before, done = raw.cursor, 0

    def count(self, cursor: str | None = None) -> int | None:
        return None if remaining(self._entries(), _parse_cursor(cursor)[0]) else 0

    def _entries(self) -> list[Entry]:
        if not self._path.is_dir():
            return [(self._path.name, self._path)]
        files = list_files(self._path, is_saved)
        return [(path.relative_to(self._path).as_posix(), path) for path in files]


def messages(page: str) -> list[Shown]:
    """The messages that a page shows, in its order."""
    if _TAG.search(page[:2000]):
        body = _BODY.search(page)
        if body:
            return [_mhonarc(page, markup.to_text(body[1]))]
        page = markup.to_text(page)
    heads = list(_THREAD.finditer(page))
    if heads:
        return [_in_thread(page, heads, at) for at in range(len(heads))]
    navigation = _NAVIGATION.match(page)
    if navigation:
        return [_below_navigation(page[navigation.end() :])]
    return [_alone(page)]


def _mhonarc(page: str, body: str) -> Shown:
    """By the comments; by the header that is shown (as the sender wrote it) where it says more."""
    noted: dict[str, list[str]] = {}
    for name, value in _COMMENT.findall(page):
        noted.setdefault(name.lower(), []).append(html.unescape(value.replace("&#45;", "-")).strip())
    shown = _shown_fields(page)
    sender = shown.get("from") or noted.get("from", [""])[0] or codecs.decode(noted.get("from-r13", [""])[0], "rot13")
    date = shown.get("date") or noted.get("date", [""])[0]
    fields = [("Message-ID", noted.get("message-id", [])[:1]), ("References", noted.get("reference", []))]
    return Shown(
        form="mhonarc",
        body=_trimmed(body),
        subject=noted.get("subject", [""])[0] or shown.get("subject", ""),
        sender=sender,
        date=date,
        precision="time" if date else "none",
        fields=tuple((name, " ".join(f"<{value.strip('<> ')}>" for value in values)) for name, values in fields),
    )


def _shown_fields(page: str) -> dict[str, str]:
    """The header fields that a page shows: MHonArc's block, or mail-archive.com's spans."""
    head = _HEAD.search(page)
    lines = markup.to_text(head[1]).split("\n") if head else []
    fields = {field[1].lower(): field[2].strip() for line in lines if (field := _SHOWN.match(line))}
    for name, content in _SPAN.findall(page[:20_000]):
        fields.setdefault({"sender": "from"}.get(name, name), markup.to_text(content).strip())
    return fields


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


def _below_navigation(page: str) -> Shown:
    """A pasted MHonArc page: the subject, perhaps the fields that it lists, the text."""
    subject, _, rest = page.lstrip().partition("\n")
    lines = rest.lstrip("\n").split("\n")
    fields: dict[str, str] = {}
    while lines and (field := _SHOWN.match(lines[0])):
        fields[field[1].lower()] = field[2].strip()
        lines = lines[1:]
    shown = _alone("\n".join(lines))
    date = fields.get("date", "")
    sender = fields.get("from") or shown.sender
    return replace(
        shown,
        form="mhonarc-pasted",
        subject=subject.strip(),
        sender=sender,
        date=date,
        precision="time" if date else "none",
    )


def _alone(page: str) -> Shown:
    """A message pasted without its header; who signed it wrote it."""
    body = _trimmed(page)
    signed = _SIGNATURE.search(body) or _SIGN_OFF.search(_FOOTER.sub("", body).rstrip())
    return Shown(form="pasted", body=body, sender=signed[1].strip() if signed else "")


def _trimmed(text: str) -> str:
    """The text without what the page puts around it: everything behind the list's footer or the link to reply."""
    text = _REPLY_LINK.sub("", text)
    for footer in _FOOTER.finditer(text):
        if text.count("\n", footer.end()) <= 25:
            text = text[: footer.end()]
            break
    return text.strip("\n") + "\n"


def quoting_lost(body: str) -> bool:
    """Whether somebody is quoted without a mark that tells it, or with the line breaks gone."""
    if any(len(line) > 1000 and _WROTE_INSIDE.search(line) for line in body.split("\n")):
        return True
    wrote = _WROTE.search(body)
    return bool(wrote) and not _MARKED.search(body)


def to_bytes(shown: Shown) -> bytes:
    """The message as RFC 5322 bytes under a synthetic header; see the module's docstring."""
    quoting = "lost" if quoting_lost(shown.body) else "kept"
    fields = (
        ("From", shown.sender),
        ("Date", shown.date),
        *shown.fields,
        ("X-Precedent-Page", f"form={shown.form}; quoting={quoting}; date={shown.precision}"),
        ("MIME-Version", "1.0"),
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Transfer-Encoding", "8bit"),
    )
    head = "".join(f"{name}: {' '.join(value.split())}\n" for name, value in fields if value)
    return f"Subject: {' '.join(shown.subject.split())}\n{head}\n{shown.body}".encode()


def _parse_cursor(cursor: str | None) -> tuple[str, int]:
    try:
        value = json.loads(cursor or "{}")
        return str(value["before"]), int(value["done"])
    except (ValueError, KeyError, TypeError):
        return "", 0
