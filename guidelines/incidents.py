"""Objections after a commit to incidents: what speaks of one matter, in time order.

Objections of one thread speak of one matter; so do threads whose change is the same commit. Titles are the first
words of the earliest objection, so that nothing is said that nobody wrote.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from guidelines.stances import position
from guidelines.values import Claim, Incident
from nlp.labels import Label

TITLE_WORDS = 12
Committed = tuple[datetime | None, str, str]  # when, which commit, how we know


def group(objections: Iterable[Claim], committed: Mapping[str, Committed]) -> list[Incident]:
    """One incident for each change objected to, the earliest commit first. ``committed`` is by thread."""
    matters: dict[tuple[str, str], list[Claim]] = {}
    for claim in sorted(objections, key=position):
        if Label.POST_COMMIT_OBJECTION in claim.labels:
            commit = committed.get(claim.thread, (None, "", ""))[1]
            matters.setdefault(("commit", commit) if commit else ("thread", claim.thread), []).append(claim)
    incidents = [_incident(claims, committed) for claims in matters.values()]
    return sorted(incidents, key=lambda i: (_day(i.committed_at), i.objections))


def _incident(claims: list[Claim], committed: Mapping[str, Committed]) -> Incident:
    first = claims[0]
    when, commit, evidence = committed.get(first.thread, (None, "", ""))
    words = first.text.split()
    title = " ".join(words[:TITLE_WORDS]) + ("…" if len(words) > TITLE_WORDS else "")
    return Incident(title, first.list_name, when, commit, evidence, tuple(c.key for c in claims))


def _day(when: datetime | None) -> str:
    return when.isoformat() if when else "9999"
