"""A commit message to what it says of other commits and of mails: trailers, reverts, fixes, backports, Message-IDs.

The forms are those that git itself writes (``git revert``, ``git cherry-pick -x``), those of the kernel's
submitting-patches document (``Fixes:``, ``Link:``), and those of stable trees ("commit X upstream").
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

_TRAILER = re.compile(
    r"^((?:[A-Z][A-Za-z]*(?:-[A-Za-z]+)*-[Bb]y)|Cc|CC|Fixes|Link|Closes|Message-I[dD]|Patchwork(?:-[A-Za-z]+)?|Archived-At"
    r"|Backport|Change-Id|From|References?|Requested|Ref|Bug|BugLink|(?:master|staging|upstream) (?:commit|date)"
    r"|In-Reply-To|Released?|Depends-on|See-[Aa]lso)[ \t]*:[ \t]+(\S.*(?:\n[ \t]+\S.*)*)",
    re.MULTILINE,
)
_OID = r"([0-9a-f]{7,40})\b"
_TITLE = r"(?:\s*\(\s*[\"'](?P<title>[^\n]*?(?:\n[ \t]*[^\n]+?)?)[\"']\s*\)|\s*\"(?P<bare>[^\"\n]+)\")?"
_PATTERNS: tuple[tuple[str, str, re.Pattern[str]], ...] = (  # kind, a word that must be there, form
    (
        "reverts",
        "reverts",
        re.compile(rf"(?i)\b(?:this|which) (?:partially |commit )?reverts\b[^.\n]{{0,60}}?\b{_OID}{_TITLE}"),
    ),
    ("fixes", "fixes", re.compile(rf"(?im)^\s*fixes:?\s+(?:commit\s+|c/s\s+|changeset\s+)?{_OID}{_TITLE}")),
    ("backport_of", "upstream", re.compile(rf"(?im)^[ \t]*\[?\s*upstream commit:?\s+{_OID}")),
    ("backport_of", "upstream", re.compile(rf"(?im)^[ \t]*\[?\s*commit\s+{_OID}\s+upstream\b")),
    ("backport_of", " commit", re.compile(rf"(?im)^[ \t]*(?:master|staging|upstream|mainline) commit:?\s+{_OID}")),
    (
        "backport_of",
        "backported",
        re.compile(rf"(?im)^[ \t]*\(?backported (?:from|of)(?: upstream)? commits?:?\s+{_OID}"),
    ),
    (
        "cherry_pick_of",
        "cherry",
        re.compile(rf"(?im)^[ \t]*\(?cherry[ -]picked from(?: upstream)?(?: commits?)?:?\s+{_OID}"),
    ),
)
_MORE = re.compile(rf"\s*(?:,|and|&)\s*(?:and\s+)?(?:commits?\s+)?{_OID}")
_REVERTED = re.compile(r"(?i)^(?:[^\"]{0,40}\s)?reverts?\b[^\"“]{0,60}[\"“](.+)[\"”]")
_URL = re.compile(
    r"https?://(?:lore\.kernel\.org|(?:[a-z]+\.)?msgid\.link|lkml\.kernel\.org|marc\.info|[a-z.-]*patchwork[a-z.-]*|[a-z.-]*lore[a-z.-]*)"
    r"/(?:[^\s<>\"'()\[\]/]*/)*([^\s<>\"'()\[\]/?#]*(?:@|%40)[^\s<>\"'()\[\]/?#]+)"
)
_BRACKETED = re.compile(r"<([^\s<>]+@[^\s<>]+)>")


@dataclass(frozen=True, slots=True)
class Relation:
    """A commit names another one: ``kind`` is "reverts", "fixes", "backport_of" or "cherry_pick_of"; ``oid`` as written
    (often abbreviated, "" where only the title is given), ``title`` ("" where not said)."""

    kind: str
    oid: str
    title: str = ""


def trailers_of(message: str) -> tuple[tuple[str, str], ...]:
    """(key, value) in order, continuation lines folded. Anywhere in the message: stable trees write below them."""
    return tuple((m[1], " ".join(m[2].split())) for m in _TRAILER.finditer(message))


def relations(subject: str, message: str) -> tuple[Relation, ...]:
    """What the commit says that it reverts, fixes, or was taken from, in the order of the kinds, then of the text."""
    found: list[Relation] = []
    low = message.lower()
    for kind, word, pattern in _PATTERNS:
        if word not in low:
            continue
        for match in pattern.finditer(message):
            names = match.groupdict()
            title = " ".join((names.get("title") or names.get("bare") or "").split())
            found.append(Relation(kind, match[1], title))
            end = match.end()
            while more := _MORE.match(message, end):
                found.append(Relation(kind, more[1]))
                end = more.end()
    reverted = _REVERTED.match(subject)
    if reverted and not any(r.kind == "reverts" for r in found):
        found.append(Relation("reverts", "", reverted[1]))
    return tuple(dict.fromkeys(found))


def mail_ids(trailers: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """(mid, key) of every mail that the trailers name, strongest first: Message-Id, then Link and Patchwork."""
    found: dict[str, str] = {}
    for strong in (True, False):
        for key, value in trailers:
            if (key.lower() == "message-id") == strong:
                for mid in ids_in(value, bare=strong):
                    found.setdefault(mid, key)
    return tuple(found.items())


def ids_in(text: str, bare: bool = False) -> tuple[str, ...]:
    """Message-IDs in archive addresses of a text; with ``bare`` also those in angle brackets or standing alone."""
    found = [unquote(match) for match in _URL.findall(text)]
    if bare:
        found += _BRACKETED.findall(text) or ([text.strip()] if "@" in text and " " not in text.strip() else [])
    return tuple(dict.fromkeys(found))
