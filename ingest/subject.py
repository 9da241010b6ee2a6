"""Subject line to its parts: "[PATCH v3 02/17] x86: ..." to version, number, total, prefixes and title.

What stands in front of the title is peeled off one piece at a time: reply marks in the languages that mail programs
write them in, brackets, and a word with a colon before a patch's bracket ("Ping: [PATCH ...]"), which makes it a reply
too. The words in brackets are those of git format-patch and what people make of them: "PATCHv2", "PATCH1/8", "RFC V2",
"2 of 5" (Mercurial), "7.5/12", "PATCH,v2,1/3" (patchwork).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

_REPLY = re.compile(
    r"(?:re|aw|antw|antwort|sv|vs|odp|rif|res|ynt|r|wg|fwd|fw|tr|doorst|回复|回覆|答复|转发|轉寄)"
    r"(?:\s?[\[(^*]\s?\d{1,3}\s?[\])]?|\d{1,2})?\s?[:\uff1a]\s*",
    re.IGNORECASE,
)
_BRACKET = re.compile(r"\[([^\[\]]{0,120})\]\s*")
_REMARK = re.compile(r"[^\[\]:]{1,40}:\s*(?=(?:re:\s*)?\[[^\]]{0,80}patch[^\]]{0,80}\])", re.IGNORECASE)
_GLUED = re.compile(r"(?i)\b(patch(?:es|set)?|rfc|rft|resend|repost)[-_]?(?=v?\d)")
_HYPHENED = re.compile(r"(?i)\b(patch|rfc|resend)[-_](?=[a-z])|(?<=[a-z])[-_](?=(?:patch|rfc|resend)\b)")
_OF = re.compile(r"(?i)\b(\d{1,4}) of (\d{1,4})\b")
_COUNT = re.compile(r"(\d{1,4})(?:\.\d+|[a-z])?/(\d{1,4}|[nx?])", re.IGNORECASE)
_VERSION = re.compile(r"v\.?(\d{1,3}(?:\.\d{1,3})*)(?:[-_].*)?", re.IGNORECASE)
_TARGET = frozenset(("FOR", "STABLE", "LINUX", "KERNEL", "XEN", "QEMU"))
_PATCH = frozenset(("PATCH", "PATCHES", "PATCHSET"))
_WAS = re.compile(r"\s*\(\s*was\s*[:\uff1a].*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Subject:
    """``version`` as written without the "v" ("1" where none is written, "5.1" for a single re-roll); ``number`` and
    ``total`` of "02/17" (None where absent); ``prefixes`` the other words in brackets, upper-cased, in order;
    ``title`` what remains, white space folded; ``is_reply`` "Re:" or kin stood in front; ``is_patch`` a PATCH prefix,
    or the numbering or version of one ("[RFC 2/3]", "[v4]"), but no pull request."""

    version: str
    number: int | None
    total: int | None
    prefixes: tuple[str, ...]
    title: str
    is_reply: bool
    is_patch: bool


@lru_cache(maxsize=1 << 15)
def parse_subject(text: str) -> Subject:
    """The parts of a decoded subject line. Remembered: every stage asks, and a thread's mails ask alike."""
    rest = " ".join(text.split())
    is_reply, words = False, []
    while rest:
        if mark := _REPLY.match(rest):
            is_reply = True
        elif mark := _BRACKET.match(rest):
            words += list(_words(mark[1]))
        elif mark := _REMARK.match(rest):
            is_reply = True
        else:
            break
        rest = rest[mark.end() :]
    version, number, total, prefixes = _read(words)
    is_patch = bool(_PATCH.intersection(prefixes)) or number is not None or bool(version)
    return Subject(
        version=version or "1",
        number=number,
        total=total,
        prefixes=tuple(p for p in prefixes if p not in _PATCH),
        title=rest.lstrip(":- ").strip() or rest,
        is_reply=is_reply,
        is_patch=is_patch and "PULL" not in prefixes,
    )


def _words(bracket: str) -> Iterator[str]:
    spaced = _HYPHENED.sub(lambda m: f"{m[1] or ''} ", _GLUED.sub(r"\1 ", _OF.sub(r"\1/\2", bracket)))
    for word in re.split(r"[\s,;]+", spaced):
        if _COUNT.fullmatch(word):
            yield word
        else:
            yield from filter(None, re.split(r"/(?!\d)|(?<!\d)/", word))


def _read(words: list[str]) -> tuple[str, int | None, int | None, list[str]]:
    """(version or "", number, total, other words). Of several versions the last is the series'; others are targets."""
    version, number, total, others = "", None, None, []
    for at, word in enumerate(words):
        bare = word.strip("?!:()").upper()
        found = _VERSION.fullmatch(bare)
        if count := _COUNT.fullmatch(word.strip("()")):
            number, total = int(count[1]), int(count[2]) if count[2].isdecimal() else None
        elif found and not (at and _is_target(words[at - 1].upper(), found[1])):
            if version:
                others.append(f"V{version}")
            version = found[1]
        elif bare:
            others.append(bare)
    return version, number, total, others


def _is_target(word: str, version: str) -> bool:
    """ "for v5" and "xen v4.18" name a release; "xen v3" is a list's prefix and the series' third version."""
    return word == "FOR" or (word in _TARGET and "." in version)


def normal_title(text: str) -> str:
    """A title for comparison: compatibility forms and case folded, words alone, without "(was: ...)"."""
    folded = unicodedata.normalize("NFKC", _WAS.sub("", text)).casefold()
    return " ".join(re.findall(r"\w+", folded))
