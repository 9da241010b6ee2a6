"""How much of a mail is read at all: a look at its bytes before any parser sees them.

MIME parsers recurse once a level and look for every open boundary in every line. The same structure is walked here with
a stack, without recursion, giving up at the limits, so that a hostile mail costs a moment and becomes a Reject.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

MAX_BYTES = 32 << 20
MAX_HEADER = 100_000
MAX_PARTS = 1000
MAX_DEPTH = 20
_BLANK = re.compile(rb"\r?\n\r?\n")
_TYPE = re.compile(rb"^content-type[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)", re.IGNORECASE | re.MULTILINE)
_BOUNDARY = re.compile(rb"boundary[ \t]*=[ \t]*(?:\"([^\"]*)\"|([^\s;]+))", re.IGNORECASE)
_DASHES = re.compile(rb"^--[^\n]*", re.MULTILINE)


def too_large(data: bytes) -> str:
    """Why a mail is beyond the limits of size or header, "" when it is not: what costs nothing to tell."""
    if len(data) > MAX_BYTES:
        return f"larger than {MAX_BYTES >> 20} MiB"
    header = _header_end(data, 0)
    return f"header of {header} bytes, more than {MAX_HEADER}" if header > MAX_HEADER else ""


def too_much(data: bytes) -> str:
    """Why a mail is beyond the limits of header, number of parts or depth; "" when it is not."""
    for parts, (depth, header) in enumerate(_headers(data), 1):
        if header > MAX_HEADER:
            return f"header of {header} bytes, more than {MAX_HEADER}"
        if parts > MAX_PARTS:
            return f"more than {MAX_PARTS} parts"
        if depth > MAX_DEPTH:
            return f"parts nested deeper than {MAX_DEPTH}"
    return ""


def _headers(data: bytes) -> Iterator[tuple[int, int]]:
    """(depth, size of its header) of every part, the mail itself first."""
    stack: list[bytes] = []  # boundaries of the open multiparts, "" for an attached message
    at = 0
    while True:
        end = _header_end(data, at)
        yield len(stack), end - at
        found = _TYPE.search(data, at, end)
        kind = found[1].strip().lower() if found else b""
        if kind.startswith(b"message/delivery-status"):
            # Its blocks are parts of their own to the standard library.
            for blank in _BLANK.finditer(data, end, _boundary_at(data, end, stack)[0]):
                yield len(stack) + 1, blank.end() - blank.start()
        elif kind.startswith(b"message/"):
            stack.append(b"")
            blank_line = _BLANK.match(data, end)
            at = blank_line.end() if blank_line else len(data)
            continue
        elif found and kind.startswith(b"multipart/") and (named := _BOUNDARY.search(found[1])):
            stack.append(b"--" + (named[1] if named[1] is not None else named[2]).rstrip())
        at = _boundary_at(data, end, stack)[1]
        if at < 0:
            return


def _header_end(data: bytes, at: int) -> int:
    ends = [end for end in (data.find(b"\n\n", at), data.find(b"\n\r\n", at)) if end >= 0]
    return min(ends, default=len(data))


def _boundary_at(data: bytes, at: int, stack: list[bytes]) -> tuple[int, int]:
    """(start, end) of the next line that begins a part of an open multipart; parts within it are closed by it."""
    if not any(stack):
        return len(data), -1
    for match in _DASHES.finditer(data, at):
        line = match[0].rstrip()
        if line in stack:
            del stack[len(stack) - stack[::-1].index(line) :]
            return match.start(), match.end()
    return len(data), -1
