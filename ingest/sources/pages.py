"""Web archive pages, saved as HTML or pasted as text, to ``Raw``: what is left of a mail, made into RFC 5322 bytes.

What a page lost is said, not made up. The header of the bytes is synthetic and says so:

    X-Precedent-Page: form=FORM; quoting=kept|lost; date=time|local|day|none; sender=shown|signed; address=URL

``quoting=lost``: the marks or the line breaks that tell the author's words from those quoted are gone. Obfuscated
addresses ("ada@xxxxxx", "ada.qu...@example.org") are kept as they stand. A field that the page does not show is absent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from errors import SourceError
from ingest.mail import charset
from ingest.sources import Raw
from ingest.sources.files import Entry, list_files, read_files, remaining
from ingest.sources.shown import NAVIGATION, THREAD, WROTE, Shown, messages

_SUFFIXES = (".html", ".htm", ".txt")
_WROTE_INSIDE = re.compile(r"\bwrote:[ \t]*>")
_INSIDE = re.compile(r"\bwrote:[ \t]*>|(?: > \S.{20,400}){2}| diff --git a/")
_WIDE = 200  # no mail program's line of prose
_MARKED = re.compile(r"^[ \t]*[>|]", re.MULTILINE)


def is_page(start: bytes) -> bool:
    """Whether a file's first bytes are those of a page that shows mails, not of any page."""
    text = start.decode("utf-8", "replace")
    return bool(re.search(r"<!--X-(?:Subject|Head-End|Body-of-Message)|<!-- MHonArc", text)) or bool(
        NAVIGATION.match(text) or THREAD.search(text[:600])
    )


def is_pasted(start: bytes) -> bool:
    """Whether a text begins like a message that was pasted without its header: it says soon whom it answers."""
    text = start.decode("utf-8", "replace")[:1500]
    return bool(WROTE.search(text) or _WROTE_INSIDE.search(text))


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
                yield Raw(to_bytes(shown), f"{raw.origin}#{number}", position, page=True)
            before, done = raw.cursor, 0

    def count(self, cursor: str | None = None) -> int | None:
        return None if remaining(self._entries(), _parse_cursor(cursor)[0]) else 0

    def _entries(self) -> list[Entry]:
        if not self._path.is_dir():
            return [(self._path.name, self._path)]
        files = list_files(self._path, is_saved)
        return [(path.relative_to(self._path).as_posix(), path) for path in files]


def quoting_lost(body: str) -> bool:
    """Whether somebody is quoted, or code stands, without a mark that tells it, or with the line breaks gone."""
    if any(len(line) > _WIDE and _INSIDE.search(line) for line in body.split("\n")):
        return True
    wrote = WROTE.search(body)
    return bool(wrote) and not _MARKED.search(body)


def to_bytes(shown: Shown) -> bytes:
    """The message as RFC 5322 bytes under a synthetic header; see the module's docstring."""
    facts = {
        "form": shown.form,
        "quoting": "lost" if quoting_lost(shown.body) else "kept",
        "date": shown.precision,
        "sender": "signed" if shown.signed else "shown",
        "address": shown.address,
    }
    fields = (
        ("From", shown.sender),
        ("Date", shown.date),
        *shown.fields,
        ("X-Precedent-Page", "; ".join(f"{name}={value}" for name, value in facts.items() if value)),
        ("MIME-Version", "1.0"),
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Transfer-Encoding", "8bit"),
    )
    head = "".join(f"{name}: {' '.join(value.split())}\n" for name, value in fields if value)
    return f"Subject: {' '.join(shown.subject.split())}\n{head}\n{shown.body}".encode()


def facts(field: str) -> dict[str, str]:
    """What an X-Precedent-Page field says."""
    return dict(fact.split("=", 1) for fact in field.split("; ") if "=" in fact)


def _parse_cursor(cursor: str | None) -> tuple[str, int]:
    try:
        value = json.loads(cursor or "{}")
        return str(value["before"]), int(value["done"])
    except (ValueError, KeyError, TypeError):
        return "", 0
