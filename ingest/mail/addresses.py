"""Address fields to mailboxes, leniently: what a person can read as a name and an address comes out as one.

A field of well-formed mailboxes is matched by one pattern. Anything else is scanned once, character by character, for
the commas that divide (RFC 5322 section 3.4, with groups and comments), and each piece is taken apart on its own, so
that one broken mailbox spoils no other. Obfuscated addresses ("user@xxxxxx", "some...@host") are kept as they stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from ingest.mail import headers

_MAILBOX = re.compile(
    r'[ \t]*(?:(?:"((?:[^"\\]|\\.){0,300})"|([^"<>()@,:;\\\[\]]{0,300}))[ \t]*<([^<>()"\s,;:@]+@[^<>()"\s,;:@]+)>'
    r'|([^<>()"\s,;:@\[\]]+@[^<>()"\s,;:@\[\]]+))[ \t]*(?:,|$)'
)
_PAIR = re.compile(r"\\(.)")
MAX_NAME, MAX_ADDRESS = 250, 320  # characters; longer ones are cut: databases limit what they index


@lru_cache(maxsize=8192)
def mailboxes(value: str) -> tuple[tuple[str, str], ...]:
    """(name, address) of each mailbox of a raw field, the names decoded, the domains in lower case."""
    line = headers.unfold(value)
    found, at = [], 0
    while at < len(line):
        match = _MAILBOX.match(line, at)
        if not match:
            return tuple(filter(any, (_mailbox(piece) for piece in _pieces(line))))
        quoted, words, angle, bare = match.groups()
        found.append(finish(_PAIR.sub(r"\1", quoted) if quoted else words or "", angle or bare))
        at = match.end()
    return tuple(found)


def finish(name: str, address: str) -> tuple[str, str]:
    """A mailbox in its final form: encoded words decoded, white space folded, the domain in lower case."""
    name = " ".join(headers.text(name).split())
    local, at, domain = headers.plain(address).rpartition("@")
    address = f"{local}{at}{domain.lower()}" if at else domain
    return "" if name.lower() == address.lower() else name[:MAX_NAME].rstrip(), address[:MAX_ADDRESS]


def _pieces(line: str) -> Iterator[str]:
    """The field cut at the commas and semicolons outside quotes, comments and angle brackets; group names dropped."""
    start, quoted, angle, depth, escaped = 0, False, False, 0, False
    for at, char in enumerate(line):
        if escaped:
            escaped = False
        elif char == "\\":
            escaped = True
        elif char == '"' and not depth:
            quoted = not quoted
        elif quoted:
            continue
        elif char in "()":
            depth = max(0, depth + (1 if char == "(" else -1))
        elif depth:
            continue
        elif char in "<>":
            angle = char == "<"
        elif char == "," or (not angle and char in ";:"):  # no "<" reaches over a comma, closed or not
            if char != ":":
                yield line[start:at]
            start, angle = at + 1, False
    yield line[start:]


def _mailbox(piece: str) -> tuple[str, str]:
    """One piece to (name, address); either may be ""."""
    left, angle, right = piece.rpartition("<")
    if angle:
        address = (
            "".join(right.partition(">")[0].split()) if "@" in right else " ".join(right.partition(">")[0].split())
        )
        return finish(_unquote(left), address)
    before, _, after = piece.partition("(")
    comment, _, after = after.rpartition(")")
    rest = f"{before} {after}".split()
    address = next((word for word in rest if "@" in word), "")
    if address:
        name = comment.replace("(", "").replace(")", "") or _unquote(" ".join(w for w in rest if w != address))
        return finish(name, address.strip('"'))
    if comment:
        return finish(comment, " ".join(rest))  # "user at host (Name)", as pipermail writes it
    return finish(_unquote(piece), "")


def _unquote(name: str) -> str:
    name = name.strip()
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = name[1:-1]
    return _PAIR.sub(r"\1", name)
