"""Bytes and a declared charset to text that can be stored: no NUL, no lone surrogate, LF line ends.

What is declared is believed where the bytes bear it out, and where the text is not UTF-8 beyond chance. Otherwise, in
this order: UTF-8 if it fits, the declared charset or UTF-8 with replacement characters if all but a few bytes fit,
Windows-1252 where the strange bytes stand alone between ASCII letters (a western name, a typographic quote),
charset-normalizer's guess, Latin-1. Aliases that mail programs write for a subset are read as the superset, as
browsers do (the labels of the WHATWG Encoding Standard).
"""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

_ALIASES = {
    "ansi_x3.4-1968": "ascii",
    "big5": "big5hkscs",
    "euc-kr": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso-8859-8-i": "iso-8859-8",
    "ks_c_5601-1987": "cp949",
    "shift_jis": "cp932",
    "tis-620": "cp874",
    "unicode-1-1-utf-7": "utf-7",
    "utf8mb4": "utf-8",
    "x-gbk": "gb18030",
    "x-sjis": "cp932",
}
_NOT_FOR_MAIL = frozenset(("idna", "mbcs", "oem", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"))
_NAME = re.compile(r"[\s\"']*([A-Za-z0-9][A-Za-z0-9._:+-]{0,39})")
_GUESSES = ["cp1250", "cp1251", "koi8_r", "cp1253", "cp932", "euc_jp", "gb18030", "big5", "cp949", "cp1252"]
_SAMPLE = b"From: a letter (to) <someone> at 0123456789, ~half_past=nine!\n"
_STRANGE_RUN = re.compile(rb"[\x80-\xff]+")
_C1 = re.compile("[\x80-\x9f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_BEYOND_CHANCE = 4
_ISO_2022 = (b"\x1b$", b"\x1b(J")


@lru_cache(maxsize=512)
def codec(declared: str) -> str | None:
    """Python's name for a declared charset; None where it is unknown or nothing that mail is written in."""
    match = _NAME.match(declared)
    if not match:
        return None
    label = match[1].lower()
    try:
        name = codecs.lookup(_ALIASES.get(label, label)).name
        b"".decode(name)  # LookupError for codecs that are no charsets, such as base64
    except (LookupError, UnicodeError, ValueError):
        return None
    return None if name in _NOT_FOR_MAIL else name


@lru_cache(maxsize=512)
def _reads_ascii(name: str) -> bool:
    try:
        return _SAMPLE.decode(name).encode("ascii") == _SAMPLE
    except UnicodeError:
        return False


def decode(data: bytes, declared: str) -> tuple[str, str]:
    """(text, defect): the bytes as text; the defect says what is not as declared, "" when all is well."""
    if data.isascii() and declared.lower() in ("", "us-ascii", "utf-8", "iso-8859-1") and b"\x1b" not in data:
        return clean(data.decode("ascii"))
    text, defect = _decode(data, declared)
    text, flaw = clean(text)
    return text, defect or flaw


def clean(text: str) -> tuple[str, str]:
    """The text with LF line ends and U+FFFD for NULs and lone surrogates; the defect, if there were any."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    defect = ""
    if "\0" in text:
        text, defect = text.replace("\0", "\ufffd"), "NUL characters replaced"
    if not text.isascii() and _SURROGATE.search(text):
        text, defect = _SURROGATE.sub("\ufffd", text), "lone surrogates replaced"
    return text, defect


def _decode(data: bytes, declared: str) -> tuple[str, str]:
    name = codec(declared) if declared else "ascii"
    said = " ".join(declared[:40].encode("ascii", "replace").decode("ascii").split())
    if name is None:
        return _undeclared(data), f"unknown charset {said}"
    if data.isascii() and b"\0" not in data and not _reads_ascii(name):
        return data.decode("ascii"), f"charset {said} is not what the text is in"
    if name == "ascii":
        return _undeclared(data), "" if data.isascii() else "8-bit text without a charset"
    if not name.startswith("utf") and (text := _in_utf8(data)):
        return text, f"charset {said} is not what the text is in"
    try:
        text = data.decode(name)
    except (UnicodeError, ValueError):
        return _mostly(data, name) or _undeclared(data), f"text is not valid {said}"
    if name == "iso8859-1" and _C1.search(text):
        text = _western(data)
    return text, ""


def _in_utf8(data: bytes) -> str:
    """The text, if it is UTF-8 beyond chance: several characters outside ASCII, and every one of them fits; else ""."""
    try:
        text = "" if data.isascii() else data.decode("utf-8")
    except UnicodeError:
        return ""
    return text if len(text) - len(text.encode("ascii", "ignore")) >= _BEYOND_CHANCE else ""


def _undeclared(data: bytes) -> str:
    if any(mark in data for mark in _ISO_2022):
        try:
            return data.decode("iso2022_jp_2")
        except UnicodeError:
            pass
    try:
        return data.decode("utf-8")
    except UnicodeError:
        return _mostly(data, "utf-8") or _guess(data)


def _mostly(data: bytes, name: str) -> str:
    """``data`` in charset ``name`` with replacement characters, if these are few beside what did fit; else ""."""
    try:
        text = data.decode(name, "replace")
    except (UnicodeError, ValueError):
        return ""
    bad = text.count("\ufffd")
    good = len(text) - len(text.encode("ascii", "ignore")) - bad
    return text if bad * 4 <= good else ""


def _guess(data: bytes) -> str:
    runs = _STRANGE_RUN.findall(data, 0, 1 << 16)
    if sum(len(run) == 1 for run in runs) * 10 >= len(runs) * 9:
        return _western(data)
    lines = [line for line in data[: 1 << 18].splitlines() if not line.isascii()]
    from charset_normalizer import from_bytes  # few mails need it, and every process would load it

    best = from_bytes(b"\n".join(lines)[:2048], cp_isolation=_GUESSES).best()
    return _western(data) if best is None else data.decode(best.encoding, "replace")


def _western(data: bytes) -> str:
    try:
        return data.decode("cp1252")
    except UnicodeError:
        return data.decode("latin-1")
