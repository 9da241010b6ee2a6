"""Patch mails' subjects to what the words in brackets say: number, version, project, stable tree, state.

Prefixes are written freely ("[XEN PATCH for-4.18]", "[PATCH stable-5.4]", "[Zed-devel] [RFC PATCH kvmtool]"). What
matters for series is which word names what a patch is for, and which only its state or its list.
"""

from __future__ import annotations

import re

from ingest.revisions.patches import PatchMail

_STATE = re.compile(
    r"RFC|RFT|WIP|PATCH(ES)?|RE-?SEND|RE-?POST|-?NEXT|FOR-?NEXT|DO|NOT|MERGE|DONOTMERGE|TRIVIAL|\W.*"
    r"|.*-(DEVEL|DEV|LISTS?|DISCUSS)"
)
_HOPED = re.compile(r"\bFOR[- ]\d[\w.-]*")
_BACKPORT = re.compile(r".*(STABLE|AUTOSEL|MANUALSEL|BACKPORT).*|V?\d+\.\d+([.-]\w+)*")
_RELEASE = re.compile(r"\d+\.\d+")


def number(mail: PatchMail) -> int:
    """The patch's number; a pull request stands where a cover would."""
    if mail.subject.number is None:
        return 0 if "PULL" in mail.subject.prefixes else 1
    return mail.subject.number


def version_key(text: str) -> tuple[int, ...]:
    """ "5.1" -> (5, 1); letters count as what follows a point: "3b" -> (3, 2)."""
    parts = re.findall(r"\d+|[a-z]", text.lower())
    return tuple(int(part) if part.isdigit() else ord(part) - 96 for part in parts) or (1,)


def trees(mail: PatchMail) -> frozenset[str]:
    """The projects and trees that the prefixes name: what is left without RFC, RESEND and other marks of state, the
    names of lists, and the release that it hopes for ("for 4.18")."""
    text = _HOPED.sub(" ", " ".join(mail.subject.prefixes).upper())
    return frozenset(part for part in re.split(r"[/,\s]+", text) if part and not _STATE.fullmatch(part))


def stable(mail: PatchMail) -> frozenset[str]:
    """Those of the trees that take backports only."""
    return frozenset(tree for tree in trees(mail) if _BACKPORT.fullmatch(tree))


def backport(mail: PatchMail) -> frozenset[str]:
    """The stable tree that the mail is for: a backport is no new version of what it copies. "stable-5.4", "5.4.y" and
    "stable 5.4" are one."""
    found = stable(mail) | ({"UPSTREAM"} if mail.copied else set())
    return frozenset(release for tree in found for release in _RELEASE.findall(tree)) or found


def marked(mail: PatchMail, *marks: str) -> bool:
    """Does a prefix carry one of these marks of state ("RFC", "RESEND")?"""
    return any(mark in prefix.upper().replace("-", "") for prefix in mail.subject.prefixes for mark in marks)
