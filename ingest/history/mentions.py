"""A text to what it names: commits by hash, mails by address, changes by title. All forms are those people really use.

Hashes are taken where they look like one (seven digits or more, letters and figures mixed) and are checked against a
history by the caller; titles only in the forms ``hash ("title")``, ``Revert "title"`` and ``(was: [PATCH] title)``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from ingest.history.alike import title_key
from ingest.history.commit_text import ids_in

_HASH = re.compile(r"(?<![\w/.:=<-])(?=[0-9]*[a-f])(?=[a-f]*[0-9])([0-9a-f]{7,40})(?![\w@-])")
_TITLED = re.compile(r"\b([0-9a-f]{7,40})\s*[:,]?\s*\(\s*[\"'“]([^\"“”\n]{6,160}(?:\n[^\"“”\n]{0,120})?)[\"'”]\s*\)")
_SHOWN = re.compile(
    r"(?m)^[ \t]*commit ([0-9a-f]{12,40})\n(?:[ \t]*[A-Z]\w+:[ \t].*\n){1,6}[ \t]*\n[ \t]+(\S.*)$"
)  # git show
_REVERT = re.compile(r"(?i)\brevert(?:s|ing|ed)?\b[^\"“]{0,40}[\"“]([^\"“”]{6,200})[\"”]")
_WAS = re.compile(r"(?i)\((?:was|re)\s*:?\s*(.+)\)\s*$")
_IN_USE = re.compile(
    r"(?i)\bbisect(?:ed|ion|ing|s)?\b(?:(?! (?:would|should|will|could|can|may)\b)[^.\n]){0,60}"
    r"\b(?:points?|pointed|shows?|leads?|blames?|results?) (?:to|at|in|me)?\b"
    r"|\bbisected (?:it|this|that|the)\b|\bbisected to\b"
    r"|\b(?:introduced|broken|regressed|caused) (?:by|in|since) (?:commit |v?\d+\.\d|[0-9a-f]{7,}|the commit)"
    r"|(?<!no )(?<!any )\bregression (?:in|since|from|between|introduced)\b|\bsince (?:commit |the merge\b)"
    r"|\b(?:after|when|since|before|that) (?:the|this|that|your) (?:patch|commit|series|change|code)"
    r" (?:was|were|got|went) (?:merged|in\b|applied|committed)"
    r"|\b(?:managed|decided) to merge\b|\b(?:we|you) (?:have )?(?:already )?merged (?:this|that|it|these)\b"
    r"|\b(?:upgrad|migrat|updat)\w*[^.\n]{0,60}\bfrom (?:\w+ ){0,2}v?\d+\.\d+[^.\n]{0,30} to (?:\w+ ){0,2}v?\d"
    r"|\b(?:crash\w*|fail\w*|break\w*|broke\w*|regress\w*)[^.\n]{0,60} (?:in|on|with|since) (?:linux-)?next-\d{8}"
    r"|\b(?:now|currently|already) (?:in|on) (?:mainline|staging|master|linux-next|-next|upstream)\b"
    r"|\b(?:staging|mainline|master|linux-next|-next|upstream) (?:is|has been|are)"
    r" (?:now |currently |totally )?(?:broken|failing|red)\b"
    r"|\brevert(?:ing|ed)? (?:the|this|that|your) (?:original |offending )?(?:lot|whole|series|commit|patch)\b"
)


@dataclass(frozen=True, slots=True)
class Mention:
    """``kind`` is "hash" (``value`` the hash, ``title`` where given), "title", "revert" (a title) or "mail" (a mid).
    ``start`` is its offset in the text, -1 in a subject line."""

    kind: str
    value: str
    title: str = ""
    start: int = -1


@lru_cache(maxsize=1 << 14)
def _in_subject(subject: str) -> tuple[Mention, ...]:
    found: list[Mention] = []
    if match := _REVERT.search(subject):
        found.append(Mention("revert", title_key(match[1])))
    if match := _WAS.search(subject):
        found.append(Mention("title", title_key(re.sub(r"(?i)^\s*(?:re|fwd?)\s*:\s*", "", match[1]))))
    found += [Mention("hash", match[1]) for match in _AFTER.finditer(subject)]
    return tuple(sorted(dict.fromkeys(found), key=_place))


def _place(mention: Mention) -> tuple[int, str, str]:
    return mention.start, mention.kind, mention.value


def mentions(subject: str, text: str) -> tuple[Mention, ...]:
    """Everything that a mail's own words and its subject name, in order."""
    found = [*_in_subject(subject)]
    if not text:
        return tuple(found)
    forms = (*_TITLED.finditer(text), *_SHOWN.finditer(text))
    titled = {match.start(1): " ".join(match[2].split()) for match in forms}
    for match in _HASH.finditer(text):
        found.append(Mention("hash", match[1], titled.get(match.start(1), ""), match.start(1)))
    found += [
        Mention("hash", text[at : at + 40].split()[0], title, at)
        for at, title in titled.items()
        if not _HASH.match(text, at)
    ]
    found += [Mention("revert", title_key(m[1]), start=m.start()) for m in _REVERT.finditer(text)]
    found += [Mention("mail", mid, start=text.find(mid)) for mid in ids_in(text)]
    return tuple(sorted(dict.fromkeys(found), key=_place))


_HINTS = (  # one of these is in every match; most mails have none, and looking for them is ten times as fast
    *("bisect", "regress", "introduced ", "broken ", "caused ", "since commit", "since the merge", "merge", "revert"),
    *("upgrad", "migrat", "updat", "next-2", "mainline", "staging", "master", "-next", "upstream"),
    *(" was in", " were in", " got in", " went in", "applied", "committed"),
)
_REVIEW = re.compile(r"\d+\.\d+\.\d+-rc\d+ review")  # a stable release is announced with its patches queued
_CURE = re.compile(  # "the fix for this is HASH": the one that mends, not the one that broke
    r"(?i)\b(?:fix(?:ed)?(?: for (?:this|that|it))?|addressed|resolved|solved|cured)"
    r"\s+(?:is|was|by|in|with|as)\b[^.]{0,30}$"
)
_THANKS = re.compile(r"(?i)\b(?:thanks|thank you) (?:a lot )?for (?:having )?$")
_MENDED = re.compile(r"(?i)(?:broken|regressed|regression|introduced) (?:in|since) ")
_AFTER = re.compile(  # in a subject line: what the patch mends
    r"(?i)\b(?:after|since|by|in|from|of|commit) (?:commit |c/s )?\W?(?=[0-9]*[a-f])(?=[a-f]*[0-9])([0-9a-f]{7,40})\b"
)
_BLAME = re.compile(
    r"(?i)\b(?:br(?:eak|oke)\w*|regress\w*|introduc\w*|bisect\w*|revert\w*|caus\w+|wrong\w*|bugs?\b|buggy|fail\w*"
    r"|problem\w*|crash\w*|bogus|mistake\w*|oops|incorrect\w*|because of|due to)"
)
_CULPRIT = re.compile(
    r"(?i)\b(?:fixes:|revert\w*|introduced (?:by|in|with)|broken? (?:by|in|since)|since|regress\w*|bisect\w*|caused by)"
    r"[^.]{0,50}$"
)
_DID = re.compile(
    r"[0-9a-f]{7,40}\s*(?:\([^)]{0,200}\))?\s*(?:has\s+)?(?:introduced|broke|regressed|removed|changed|caused)\b"
)
_MADE_BY_GIT = re.compile(r"^(?:cover\.\d+\.git\.|[0-9a-f]{40}\.\d+\.git\.|\d{14}\.\d+-\d+-)(.+@.+)$")


def blamed(text: str, start: int, patch: bool) -> bool:
    """Does the text around a mention speak of harm that the change did, and not merely refer to it? A ``patch``'s own
    message refers to much; there it takes ``Fixes:`` or the like right before."""
    if patch:
        return bool(_CULPRIT.search(text, max(0, start - 80), start) or _DID.match(text, start))
    if _CURE.search(text, max(0, start - 80), start):
        return False
    shown = text[start + 40 : start + 41] == "\n"  # as git shows it, with its header and title in between
    return bool(_BLAME.search(text, max(0, start - 120), start + (600 if shown else 120)))


def sender_in(mid: str) -> str:
    """git format-patch and git send-email write the sender's address into the Message-ID; "" for any other."""
    match = _MADE_BY_GIT.match(mid)
    return match[1] if match else ""


def in_use(subject: str, text: str, under_patch: bool = False) -> str:
    """The words that say that the change under discussion is in already ("" where there are none). In answer to a patch
    "broken since v5.2" tells what it mends."""
    match = _REVIEW.search(subject)
    if match is None:
        whole = " ".join(f"{subject} . {text}".split())
        low = whole.lower()
        found = _IN_USE.finditer(whole) if any(hint in low for hint in _HINTS) else ()
        fit = (m for m in found if not _THANKS.search(whole, max(0, m.start() - 40), m.start()))
        match = next((m for m in fit if not (under_patch and _MENDED.match(m[0]))), None)
    return " ".join(match[0].split()) if match else ""
