"""Raw header fields to text and identifiers.

Fields come as the standard library's compat32 parser keeps them: str, folded, bytes beyond ASCII as surrogate escapes.
Encoded words follow RFC 2047, read as leniently as mail programs write it: inside quotes, with spaces, characters cut
between two words. Identifiers follow RFC 5322 section 3.6.4; what is taken for an id in In-Reply-To follows
public-inbox, which does not mistake a correspondent's address, or git send-email's "y", for one.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from functools import lru_cache

from ingest.mail import charset

NO_ID = "no-message-id.invalid"  # the host of the identifiers that we give to mails without one
_FOLD = re.compile(r"[ \t]*[\r\n]+[ \t]*")
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")
_GAP = re.compile(r"(\?=)[ \t]+(?==\?[^?\s]{1,60}\?[bBqQ]\?)")
_BRACKETED = re.compile(r"<([^<>]+)>")
_BLANK = re.compile(r"\s+")
_JUNK = re.compile(r"[\s<>]")
_LIST_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*[A-Za-z0-9]")
_LIST_FIELDS = ("list-id", "x-mailing-list", "x-beenthere", "list-post")
MAX_ID = 768  # bytes; RFC 5322 allows a line 998, and PostgreSQL indexes 2704, which up to three ids share


def unfold(value: str) -> str:
    """The field on one line; the white space of a fold becomes one space."""
    return _FOLD.sub(" ", value).strip() if "\n" in value or "\r" in value else value.strip()


def plain(value: str) -> str:
    """A raw value as text that can be stored: 8-bit bytes decoded, no control characters but tab."""
    if value.isascii() and value.isprintable():
        return value
    if not value.isascii() or "\x1b" in value:
        data = value.encode("utf-8", "surrogateescape") if _encodable(value) else value.encode("utf-8", "replace")
        value, _ = charset.decode(data, "")
    return "".join(c if c >= " " and c != "\x7f" else " " if c in "\t\n" else "\ufffd" for c in value)


def _encodable(value: str) -> bool:
    try:
        value.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False
    return True


def text(value: str) -> str:
    """A field to the text that a reader sees: unfolded, encoded words and 8-bit bytes decoded."""
    value = unfold(value)
    if "=?" not in value:
        return plain(value)
    joined = _GAP.sub(r"\1", value)
    parts: list[str] = []
    pending: tuple[str, bytes] | None = None
    at = 0
    for match in _WORD.finditer(joined):
        name, data = match[1], _unpack(match[2], match[3])
        between = joined[at : match.start()]
        at = match.end()
        if pending and not between and pending[0].lower() == name.lower() and data is not None:
            pending = (name, pending[1] + data)  # a character may be cut between two words
            continue
        parts.append(_decoded(pending))
        parts.append(plain(between))
        pending = (name, data) if data is not None else None
        if data is None:
            parts.append(plain(match[0]))
    parts.append(_decoded(pending))
    parts.append(plain(joined[at:]))
    return _FOLD.sub(" ", "".join(parts)).strip()


def _decoded(word: tuple[str, bytes] | None) -> str:
    return plain(_FOLD.sub(" ", charset.decode(word[1], word[0])[0])) if word else ""


def _unpack(encoding: str, content: str) -> bytes | None:
    data = content.encode("utf-8", "surrogateescape") if _encodable(content) else b""
    if encoding in "qQ":
        return binascii.a2b_qp(data, header=True)
    data = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    try:
        return base64.b64decode(data + b"=" * (-len(data) % 4))
    except binascii.Error:
        return None


def normal_id(value: str) -> str:
    """A Message-ID's normal form: no angle brackets, white space or junk around it; "" when there is none.

    An id of more than MAX_ID bytes is replaced by its hash.
    """
    value = plain(unfold(value))
    found = _BRACKETED.search(value)
    value = _BLANK.sub("", found[1]) if found else _JUNK.split(value.strip("<> "))[0]
    if len(value) > MAX_ID // 4 and len(value.encode()) > MAX_ID:
        return hashlib.sha256(value.encode()).hexdigest() + "@long-message-id.invalid"
    return value


def ids(values: Iterable[str], but: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Normal forms of the ids in reference fields, in order, each once, without those in ``but``.

    Only what stands in angle brackets is an id, as in public-inbox and notmuch, whose threads ours have to equal.
    """
    found: dict[str, None] = {}
    for value in values:
        for name in _BRACKETED.findall(unfold(value)):
            mid = normal_id(f"<{name}>")
            if mid and mid not in but and ("@" in mid or mid not in ("y", "n", "yes", "no")):
                found[mid] = None
    return tuple(found)


@lru_cache(maxsize=4096)
def list_id(name: str, value: str) -> str:
    """A list field's value to a list id in the dotted form of RFC 2919, lower case; "" when it names no list."""
    line = unfold(value)
    found = _BRACKETED.search(line)
    inner = (found[1] if found else line.partition(" ")[0]).strip()
    if name == "list-post" and not inner.lower().startswith("mailto:"):
        return ""
    inner = re.sub(r"(?i)^mailto:", "", inner).partition("?")[0].lower().replace("@", ".")
    return inner if _LIST_NAME.fullmatch(inner) and "." in inner else ""


def list_ids(fields: dict[str, list[str]]) -> tuple[str, ...]:
    """The lists that a message came over, each once, List-Id first."""
    found = (list_id(name, value) for name in _LIST_FIELDS for value in fields.get(name, ()))
    return tuple(dict.fromkeys(lid for lid in found if lid))
