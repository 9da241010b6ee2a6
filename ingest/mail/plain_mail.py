"""The short cut for plain mail: one text/plain body, whole fields, no defect. Anything else is left to a MIME parser.

Nineteen mails of twenty on a patch list are so, and a MIME parser costs ten times what they need. What is read here
must equal, field by field, what ``mime.by_mail_parser`` reads: a test holds that over a whole archive. So every doubt
(a line that is no field, a stray carriage return, an unknown parameter, a charset that does not fit) means None.
"""

from __future__ import annotations

import base64
import binascii
import re

from ingest.mail import charset, dates
from ingest.mail.mime import WANTED, Parsed, Text, mailboxes

_FIELD = re.compile(r"([!-9;-~]+):([^\n]*(?:\n[ \t][^\n]*)*)\n")
_TYPE = re.compile(r'text/plain((?:\s*;\s*[a-z-]+\s*=\s*(?:"[^"\\;]*"|[^\s";]+))*)\s*;?', re.IGNORECASE)
_PARAMETER = re.compile(r'([a-z-]+)\s*=\s*"?([^"\s;]*)', re.IGNORECASE)
_KNOWN = frozenset(("charset", "format", "delsp", "reply-type"))
_AS_IT_IS = frozenset(("", "7bit", "8bit", "binary"))
_BASE64 = re.compile(rb"[A-Za-z0-9+/]*={0,2}")


def read(data: bytes) -> Parsed | None:
    """The mail, if it is plain; None where a MIME parser has to say what it is."""
    head, _, body = data.partition(b"\n\n")
    if b"\r" in head:
        head, _, body = data.partition(b"\r\n\r\n")
        head = head.replace(b"\r\n", b"\n")
        if b"\r" in head:
            return None
    fields = _fields(head.decode("ascii", "surrogateescape") + "\n")
    if fields is None or fields.get("content-disposition", ["inline"]) != ["inline"]:
        return None
    declared = _content_type(fields.get("content-type", []))
    content = _unpacked(fields.get("content-transfer-encoding", []), body)
    if declared is None or content is None:
        return None
    text, defect = charset.decode(content, declared[0])
    if defect or not text.strip():
        return None
    return Parsed(
        fields=fields,
        texts=(Text(text, html=False, flowed=declared[1], defect=""),),
        author=mailboxes(fields, "from"),
        to=mailboxes(fields, "to"),
        cc=mailboxes(fields, "cc"),
        written=dates.parse_date(fields["date"][0]) if "date" in fields else (None, False),
        defects=(),
    )


def _fields(head: str) -> dict[str, list[str]] | None:
    """Lower-cased names to raw values; None when anything in the header is no field."""
    fields: dict[str, list[str]] = {}
    length = 0
    for name, value in _FIELD.findall(head):
        length += len(name) + len(value) + 2
        key = name.lower()
        if key in WANTED:
            fields.setdefault(key, []).append(value.lstrip(" \t"))
    return fields if length == len(head) else None


def _content_type(values: list[str]) -> tuple[str, bool] | None:
    """(charset, whether flowed) of a text/plain without parameters that change what it is; None otherwise."""
    if not values:
        return "", False
    match = _TYPE.fullmatch(values[0].strip())
    parameters = _PARAMETER.findall(match[1]) if match else []
    names = [name.lower() for name, _ in parameters]
    if len(values) > 1 or not match or not _KNOWN.issuperset(names) or len(set(names)) < len(names):
        return None
    given = dict(zip(names, (value for _, value in parameters), strict=True))
    return given.get("charset", "").lower(), given.get("format", "").lower() == "flowed"


def _unpacked(encodings: list[str], body: bytes) -> bytes | None:
    """The body's bytes with the transfer encoding undone; None for an encoding that is odd or not kept to."""
    encoding = encodings[0].strip().lower() if encodings else ""
    if len(encodings) > 1:
        return None
    if encoding in _AS_IT_IS:
        return body
    if encoding == "quoted-printable":
        return binascii.a2b_qp(body)
    packed = b"".join(body.splitlines())
    if encoding != "base64" or len(packed) % 4 or not _BASE64.fullmatch(packed):
        return None
    return base64.b64decode(packed)
