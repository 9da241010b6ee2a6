"""Objections after a commit to incidents: what speaks of one matter, in time order.

Objections of one thread speak of one matter; so do threads whose change is the same commit. The title is the thread's
subject where the caller knows it, else the first words of the objection that says most: nothing that nobody wrote.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from guidelines.likeness import matter
from guidelines.stances import position
from guidelines.values import Claim, Incident
from guidelines.wording import standing_alone, unbulleted
from nlp.labels import Label

TITLE_WORDS = 12
SEARCHED = 8
Committed = tuple[datetime | None, str, str]  # when, which commit, how we know


def group(
    objections: Iterable[Claim], committed: Mapping[str, Committed], subjects: Mapping[str, str] | None = None
) -> list[Incident]:
    """One incident for each change objected to, in time order. ``committed`` and ``subjects`` are by thread."""
    matters: dict[tuple[str, str], list[Claim]] = {}
    for claim in sorted(objections, key=position):
        if Label.POST_COMMIT_OBJECTION in claim.labels:
            commit = committed.get(claim.thread, (None, "", ""))[1]
            matters.setdefault(("commit", commit) if commit else ("thread", claim.thread), []).append(claim)
    incidents = [_incident(claims, committed, subjects or {}) for claims in matters.values()]
    started = {c[0].key: c[0] for c in matters.values()}
    return sorted(incidents, key=lambda i: (_day(i.committed_at or started[i.objections[0]].date), i.objections))


def _incident(claims: list[Claim], committed: Mapping[str, Committed], subjects: Mapping[str, str]) -> Incident:
    first = claims[0]
    when, commit, evidence = committed.get(first.thread, (None, "", ""))
    words = unbulleted(max(claims[:SEARCHED], key=_says).text).split()
    title = subjects.get(first.thread) or " ".join(words[:TITLE_WORDS]) + ("…" if len(words) > TITLE_WORDS else "")
    return Incident(title, first.list_name, when, commit, evidence, tuple(c.key for c in claims))


def _says(claim: Claim) -> tuple[float, int]:
    """How much an objection tells a reader who has not read the thread; the first of equals wins."""
    return (round(standing_alone(claim.text), 1), min(len(matter(claim.text)), TITLE_WORDS))


def _day(when: datetime | None) -> str:
    return when.isoformat() if when else "9999"
