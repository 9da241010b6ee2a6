"""mbox files (mboxrd, mboxo; plain or compressed) to ``Raw``, streamed.

A ``From `` line divides two mails only where it stands after a blank line (or at the start), ends in a date like
asctime(3)'s, and is followed by a header field: bodies with an unescaped "From " stay whole, whatever wrote the file.
The first line of a ``git format-patch`` patch looks just like that, so it divides only in files that begin with one.
RFC 4155 takes the date as UTC. mboxrd quotes every ``>*From `` line once more, mboxo only ``From ``; the kind "mboxo"
is for those who know that they have it, since the file does not tell.

The cursor is the offset behind the last mail and a hash of all before it: a grown file goes on, any other is re-read.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BufferedReader
from pathlib import Path

from ingest.sources import Raw
from ingest.sources.streams import Readable, open_stream

MAX_MAIL = 64 << 20
_CHUNK = 1 << 20
_LOOK_AHEAD = 4096
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FROM_LINE = re.compile(
    rb"From (?P<who>[^\n]{0,900}?) {0,4}(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? {1,3}"
    rb"(?:(?P<month>[A-Z][a-z]{2}) {1,3}(?P<day>\d{1,2})"
    rb"|(?P<day2>\d{1,2}) (?P<month2>[A-Z][a-z]{2}) (?P<year2>\d{4})) +"
    rb"(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d))?"
    rb"(?: (?:[A-Z]{1,5}|(?P<zone>[+-]\d{4})))?(?: (?P<year>\d{4}))?(?: (?:[A-Z]{1,5}|(?P<zone2>[+-]\d{4})))? *\r?\n",
    re.IGNORECASE,
)
_FIELD = re.compile(rb"(?:>?From [^\n]*\n)?[!-9;-~]{1,200}[ \t]*:|$")
_PATCH = re.compile(rb"From [0-9a-f]{40,64} Mon Sep 17 00:00:00 2001\r?\n")
_PIPERMAIL = re.compile(rb"From [^\n]{1,900}\nFrom: ")
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)
_QUOTED_ONCE = re.compile(rb"^>(From )", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Piece:
    """One mail as it stands in the file, its From_ line included; ``start`` and ``end`` are decompressed offsets."""

    raw: bytes
    start: int
    end: int


def is_divider(text: bytes, patches: bool = False) -> bool:
    """Whether ``text`` (a From_ line and what follows) begins a mail; ``patches``: in a file of format-patch output."""
    line = _FROM_LINE.match(text)
    if not line or not (line["year"] or line["year2"]) or not _FIELD.match(text, line.end()):
        return False
    return patches or not _PATCH.match(text)


def from_line_date(line: bytes) -> datetime | None:
    """The UTC date of a From_ line; None without one, and for the fixed dates that lore and git write."""
    m = _FROM_LINE.match(line.rstrip(b"\r\n") + b"\n")
    year = m and (m["year"] or m["year2"])
    if not m or not year or _PATCH.match(line):
        return None
    month = (m["month"] or m["month2"]).decode().lower()
    zone = m["zone"] or m["zone2"] or b"+0000"
    try:
        date = datetime(
            int(year), _MONTHS.index(month) + 1, int(m["day"] or m["day2"]),
            int(m["hour"]), int(m["minute"]), min(int(m["second"] or 0), 59), tzinfo=UTC,
        )  # fmt: skip
        date -= timedelta(hours=int(zone[:3]), minutes=int(zone[:1] + zone[3:]))
    except (ValueError, OverflowError):
        return None
    return date if date.year >= 1980 else None


def pieces(stream: Readable, start: int = 0, pipermail: bool = False) -> Iterator[Piece]:
    """The mails of a stream that stands at offset ``start``, which is the beginning of a mail. Memory is bounded.

    ``pipermail`` writes no blank line after a body that does not end in one.
    """
    buffer, scan, skipped, ended = bytearray(), 1, 0, False
    patches = False
    while True:
        if not ended and len(buffer) - scan < _LOOK_AHEAD:
            chunk = stream.read(_CHUNK)
            ended = not chunk
            if start == 0 and scan == 1 and not patches:
                patches = bool(_PATCH.match(chunk))
            buffer += chunk
        found = _next_divider(buffer, scan, ended, patches, pipermail)
        if found is not None:
            end = start + skipped + found
            yield Piece(bytes(buffer[: min(found, MAX_MAIL)]), start, end)
            del buffer[:found]
            start, scan, skipped = end, 1, 0
        elif ended:
            break
        else:
            scan = max(1, len(buffer) - _LOOK_AHEAD + 1)
            if len(buffer) > MAX_MAIL + 2 * _CHUNK:
                # A mail beyond the limit keeps its beginning, by which it is going to be rejected; the rest goes by.
                drop = len(buffer) - MAX_MAIL - 2 * _LOOK_AHEAD
                del buffer[MAX_MAIL : MAX_MAIL + drop]
                skipped, scan = skipped + drop, scan - drop
    if buffer.strip():
        yield Piece(bytes(buffer[:MAX_MAIL]), start, start + skipped + len(buffer))


def _next_divider(buffer: bytearray, scan: int, ended: bool, patches: bool, pipermail: bool) -> int | None:
    """Index of the next From_ line that divides; None when there is none among what can be judged yet."""
    limit = len(buffer) if ended else len(buffer) - _LOOK_AHEAD + len(b"\nFrom ")
    while (at := buffer.find(b"\nFrom ", scan - 1, max(limit, 0))) >= 0:
        ahead = bytes(buffer[at + 1 : at + 1 + _LOOK_AHEAD])
        after_blank = buffer[at - 1 : at] == b"\n" or buffer[at - 2 : at] == b"\n\r"
        if (after_blank or (pipermail and _PIPERMAIL.match(ahead))) and is_divider(ahead, patches):
            return at + 1
        scan = at + 2
    return None


def read_mails(path: Path, offset: int, expected: str, pipermail: bool = False) -> Iterator[tuple[Piece, str]]:
    """The mails behind ``offset`` if what stands before it has the expected hash, else all; each with the hash up to
    its end."""
    with open_stream(path) as stream:
        digest = resume(stream, offset, expected)
        if digest is not None:
            yield from _hashed(pieces(stream, offset, pipermail), digest)
            return
    with open_stream(path) as stream:
        yield from _hashed(pieces(stream, 0, pipermail), hashlib.sha256())


def _hashed(found: Iterable[Piece], digest: hashlib._Hash) -> Iterator[tuple[Piece, str]]:
    for piece in found:
        digest.update(piece.raw)
        yield piece, digest.hexdigest()


def to_raw(piece: Piece, origin: str, cursor: str, quoted: re.Pattern[bytes] = _QUOTED) -> Raw:
    """A piece without its From_ line, whose date becomes the hint, and with the quoting of "From " undone."""
    line, data = b"", piece.raw.lstrip(b"\r\n")
    if data.startswith(b"From "):
        line, _, data = data.partition(b"\n")
    hint = from_line_date(line)
    if b">From " in data:
        data = quoted.sub(rb"\1", data)
    return Raw(_without_divider(data), origin, cursor, hint, "from_line" if hint else "")


def _without_divider(data: bytes) -> bytes:
    """A mail without the blank line that the format puts before the next From_ line."""
    if data.endswith(b"\r\n\r\n"):
        return data[:-2]
    return data[:-1] if data.endswith(b"\n\n") else data


class Mbox:
    """One mbox file."""

    def __init__(self, path: Path, kind: str = "mbox") -> None:
        self.kind, self.location, self._path = kind, str(path), path
        self._quoted = _QUOTED_ONCE if kind == "mboxo" else _QUOTED

    def count(self, cursor: str | None = None) -> int | None:
        return None

    def read(self, cursor: str | None = None) -> Iterator[Raw]:
        offset, expected = parse_cursor(cursor)
        for piece, digest in read_mails(self._path, offset, expected):
            position = json.dumps({"offset": piece.end, "sha256": digest}, separators=(",", ":"))
            yield to_raw(piece, f"offset:{piece.start}", position, self._quoted)


def parse_cursor(cursor: str | None) -> tuple[int, str]:
    """(offset, hash) of a cursor; (0, "") for none or one that is not ours."""
    try:
        value = json.loads(cursor or "{}")
        return int(value["offset"]), str(value["sha256"])
    except (ValueError, KeyError, TypeError):
        return 0, ""


def resume(stream: BufferedReader, offset: int, expected: str) -> hashlib._Hash | None:
    """Reads ``offset`` bytes: their hash state if it is the expected one and a mail or the end follows, else None."""
    digest, left = hashlib.sha256(), offset
    while left > 0 and (chunk := stream.read(min(left, _CHUNK))):
        digest.update(chunk)
        left -= len(chunk)
    if left or (offset and digest.hexdigest() != expected):
        return None
    follows = stream.peek(_LOOK_AHEAD).lstrip(b"\r\n") if offset else b""
    return digest if not follows or is_divider(follows, patches=True) else None
