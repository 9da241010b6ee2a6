"""How much of a mail is read at all: a look at its bytes before any parser sees them.

MIME parsers recurse once a level and look for every open boundary in every line. The same structure is walked here with
a stack, without recursion, giving up at the limits, so that a hostile mail costs a moment and becomes a Reject. Of a
large mail only what may be text is handed on, up to a limit: nobody reads more, and attachments are not read at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_BYTES = 64 << 20
MAX_HEADER = 100_000
MAX_PARTS = 1000
MAX_DEPTH = 20
MAX_TEXT = 2 << 20
LARGE = 1 << 20
_MAX_DECOYS = 20_000
_BLANK = re.compile(rb"\n\r?\n")
_TYPE = re.compile(rb"^content-type[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)", re.IGNORECASE | re.MULTILINE)
_BOUNDARY = re.compile(rb"boundary[ \t]*=[ \t]*(?:\"([^\"]*)\"|([^\s;]+))", re.IGNORECASE)
_LINE_END = re.compile(rb"(--)?[ \t]*(?:\r?\n|\Z)")


@dataclass(frozen=True, slots=True)
class Part:
    """A part's place in the mail: its header up to ``header_end``, its body from there up to ``end``."""

    kind: bytes  # content type, lower case; b"" where none is named
    depth: int
    start: int
    header_end: int
    end: int


@dataclass(slots=True)
class _Open:
    """An open multipart's boundary and where it comes next; an attached message has the empty boundary."""

    mark: bytes
    next: int = -1


def too_large(data: bytes) -> str:
    """Why a mail is beyond the limits of size or header, "" when it is not: what costs nothing to tell."""
    if len(data) > MAX_BYTES:
        return f"larger than {MAX_BYTES >> 20} MiB"
    header = _header_end(data, 0)
    return f"header of {header} bytes, more than {MAX_HEADER}" if header > MAX_HEADER else ""


def too_much(data: bytes) -> str:
    """Why a mail is beyond the limits of header, number of parts or depth; "" when it is not."""
    for number, part in enumerate(parts(data), 1):
        if part.header_end - part.start > MAX_HEADER:
            return f"header of {part.header_end - part.start} bytes, more than {MAX_HEADER}"
        if number > MAX_PARTS:
            return f"more than {MAX_PARTS} parts"
        if part.depth > MAX_DEPTH:
            return f"parts nested deeper than {MAX_DEPTH}"
    return ""


def trimmed(data: bytes) -> tuple[bytes, str]:
    """(the mail without what is not read, defect or ""): a large mail loses attachments, and text beyond MAX_TEXT."""
    kept, at, left, defect = [], 0, MAX_TEXT, ""
    for part in parts(data):
        room = left if not part.kind or part.kind.startswith((b"text/", b"multipart/", b"message/")) else 0
        size = part.end - part.header_end
        if size > max(room, 100):
            room_end = part.header_end + room
            cut = data.rfind(b"\n", part.header_end + room // 2, room_end) + 1 or room_end
            kept.append(data[at : max(cut, part.header_end + 2)])
            at = max(part.end, part.header_end + 2)
            defect = f"only the first {MAX_TEXT >> 20} MiB of text are kept" if room else defect
            size = room
        left -= size if room else 0
    return b"".join((*kept, data[at:])), defect


def parts(data: bytes) -> Iterator[Part]:
    """Every part, the mail itself first, in order; what follows a closed multipart counts as a part, too."""
    stack: list[_Open] = []
    decoys = [0]
    at = 0
    while True:
        bound = _boundary(data, max(at - 1, 0), stack, decoys)
        header_end = min(max(at, _header_end(data, max(at - 1, 0))), bound[0])
        found = _TYPE.search(data, at, header_end)
        kind = found[1].strip().lower() if found else b""
        depth = len(stack)
        if kind.startswith(b"message/") and not kind.startswith(b"message/delivery-status"):
            yield Part(kind, depth, at, header_end, header_end)
            stack.append(_Open(b""))
            blank = _BLANK.match(data, header_end)
            at = blank.end() if blank else len(data)
            continue
        if found and kind.startswith(b"multipart/") and (named := _BOUNDARY.search(found[1])):
            stack.append(_Open(b"\n--" + (named[1] if named[1] is not None else named[2]).rstrip()))
            bound = _boundary(data, header_end, stack, decoys)
        yield Part(kind, depth, at, header_end, bound[0])
        if kind.startswith(b"message/delivery-status"):
            # The standard library makes every block of it a part.
            for block in _BLANK.finditer(data, header_end, bound[0]):
                yield Part(b"", depth + 1, block.start(), block.end(), block.end())
        while bound[2]:
            closed = bound[1]
            bound = _boundary(data, closed, stack, decoys)
            yield Part(b"epilogue", len(stack), closed, closed, bound[0])
        if bound[1] >= len(data):
            return
        at = bound[1]


def _header_end(data: bytes, at: int) -> int:
    found = _BLANK.search(data, at)
    return found.start() if found else len(data)


def _boundary(data: bytes, at: int, stack: list[_Open], decoys: list[int]) -> tuple[int, int, bool]:
    """(start, end, whether it closes) of the next boundary line of an open multipart; the multiparts that it ends
    leave the stack. Lines that only begin like a boundary are passed over, but not without end."""
    while decoys[0] <= _MAX_DECOYS:
        for entry in stack:
            if entry.mark and entry.next < at:
                hit = data.find(entry.mark, at)
                entry.next = hit if hit >= 0 else len(data)
        named = [(entry.next, -depth) for depth, entry in enumerate(stack) if entry.mark]
        start, depth = min(named, default=(len(data), 0))
        if start >= len(data):
            break
        tail = _LINE_END.match(data, start + len(stack[-depth].mark))
        if tail:
            del stack[-depth + (0 if tail[1] else 1) :]
            return start + 1, tail.end(), bool(tail[1])
        decoys[0], at = decoys[0] + 1, start + 1
    return len(data), len(data), False
