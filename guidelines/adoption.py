"""Changelogs of later versions to assent: which of their entries adopt what a reviewer required of an earlier one.

An entry adopts a rule where it says nearly the same, or names the reviewer and shares the telling words. Fewer words
bring wrong ones: most entries answer remarks on code.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from guidelines.likeness import alike, telling
from guidelines.stances import ASSENT, later
from guidelines.values import Claim, Entry, Stance

ADOPTED = "adopted in the changelog of "  # how the reason of such a stance begins
SAME, SAME_WORDS = 0.4, 3
NAMED, NAMED_WORDS = 0.2, 2
_BULLET = re.compile(r"^\s*(?:[-*+o\u2022]|\(?\d{1,2}[.)])\s+")
_HEADING = re.compile(r":\s*$|^\s*(?:from |changes |since )?v\d", re.IGNORECASE)
_CREDIT = re.compile(r"[\[(]((?:[A-Z][\w'-]+(?:[ ,/&]|$)*)+)[\])]\.?\s*$")


def entries(changelog: str) -> list[str]:
    """The entries of a changelog, each on one line: what a bullet or a paragraph holds."""
    found: list[list[str]] = [[]]
    for line in changelog.splitlines():
        if _BULLET.match(line):
            found.append([_BULLET.sub("", line)])
        elif not line.strip() or _HEADING.search(line):
            found.append([])
        else:
            found[-1].append(line)
    return [text for lines in found if len((text := " ".join(" ".join(lines).split())).split()) > 2]


def adoption(claim: Claim, versions: Mapping[str, Sequence[Entry]]) -> tuple[Stance, Claim] | None:
    """The entry that adopts a requirement, the most alike where several do. ``versions``: by the mid of a patch mail,
    the entries of its series' later versions."""
    under = next((mid for mid in (claim.mid, *claim.ancestors) if mid in versions), "")
    found = [(likeness, e) for e in versions.get(under, ()) if (likeness := _adopts(e.said, claim))]
    if not found:
        return None
    entry = max(found, key=lambda row: row[0])[1]
    said = entry.said
    return Stance(ASSENT, said.key, said.mid, said.person, said.author, f"{ADOPTED}v{entry.version}"), said


def _adopts(said: Claim, claim: Claim) -> float:
    """How alike the two are where the one adopts the other, else 0."""
    if said.person == claim.person or not later(said, claim):
        return 0.0
    words = NAMED_WORDS if (named := _names(said.text, claim.author)) else SAME_WORDS
    if len(telling(said.text) & telling(claim.text)) < words or (not named and _CREDIT.search(said.text)):
        return 0.0
    likeness = alike(said.text, claim.text)
    return likeness if likeness >= (NAMED if named else SAME) else 0.0


def _names(text: str, author: str) -> bool:
    """By first or last name, as entries give credit."""
    return any(re.search(rf"\b{re.escape(name)}\b", text) for name in author.split() if len(name) > 2)
