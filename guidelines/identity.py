"""Groups of evidence to the guidelines they were before: numbers that last, and the revisions between two runs.

A group takes the number of the earlier guideline with which it shares most evidence; a number is given once and never
to another rule. A guideline whose evidence is gone is retired with the reason, and comes back under its own number
if the very same evidence does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from guidelines.decisions import identifier, number_of
from guidelines.values import Decision, Guideline, Revision


def numbers(
    groups: Sequence[Sequence[str]],
    previous: Sequence[Guideline],
    merges: Sequence[Decision] = (),
    force: Sequence[Decision] = (),
) -> list[int]:
    """A number for each group; groups must come in the order in which new ones are to be counted.

    ``merges``: what people ever merged, and which of it is in ``force``: there the number that was merged gives way,
    and what a rule was lent is not its own evidence, so that it is given back where the merge is undone.
    """
    holders: dict[str, list[int]] = {}
    for place, group in enumerate(groups):
        for key in group:
            holders.setdefault(key, []).append(place)
    pairs: dict[tuple[int, int], int] = {}
    known = {g.number: g for g in previous}
    yielding = {number_of(d.target) for d in force if d.action == "merge"}
    lent: dict[int | None, set[str]] = {}
    for merge in merges:
        if (gave := known.get(number_of(merge.target) or 0)) is not None:
            lent.setdefault(number_of(merge.value), set()).update((*gave.members, *gave.opposing))
    for guideline in previous:
        for key in {*guideline.members, *guideline.opposing} - lent.get(guideline.number, set()):
            for place in holders.get(key, ()):
                pairs[guideline.number, place] = pairs.get((guideline.number, place), 0) + 1

    def rank(pair: tuple[int, int]) -> tuple[bool, bool, int, int, int]:
        number, place = pair
        was = known[number]
        gone = bool(was.retired) or number in yielding
        return (gone, was.text_claim not in groups[place], -pairs[pair], number, place)

    given: dict[int, int] = {}
    taken: set[int] = set()
    for number, place in sorted(pairs, key=rank):
        if place not in given and number not in taken:
            given[place] = number
            taken.add(number)
    following = max(known, default=0)
    for place in range(len(groups)):
        if place not in given:
            following += 1
            given[place] = following
    return [given[place] for place in range(len(groups))]


def retire(current: Sequence[Guideline], previous: Sequence[Guideline]) -> list[Guideline]:
    """The earlier guidelines that no group stands for any more, each with its reason."""
    here = {g.number for g in current}
    holder = {k: g.number for g in current for k in (*g.members, *g.opposing)}
    gone = []
    for was in previous:
        if was.number in here:
            continue
        if was.retired and not was.retired.startswith(("its evidence", "merged into")):
            gone.append(was)
            continue
        now = sorted({holder[k] for k in (*was.members, *was.opposing) if k in holder})
        if now:
            reason = "its evidence now stands under " + ", ".join(identifier(n) for n in now)
        else:
            reason = "its evidence is gone: no sentence of it counts as a requirement any more"
        gone.append(was if was.retired == reason else replace(was, retired=reason, revision=was.revision + 1))
    return gone


def revise(
    current: Sequence[Guideline],
    previous: Sequence[Guideline],
    newest: Mapping[int, datetime],
    decisions: Sequence[Decision],
) -> tuple[list[Guideline], list[Revision]]:
    """Count revisions up where text, topic, status, level, what it applies to, who stands behind it or retirement
    changed, and say what changed.

    ``newest`` is the date of each guideline's newest evidence; a revision bears it, or that of the decision behind it.
    """
    known = {g.number: g for g in previous}
    finished, revisions = [], []
    for guideline in sorted(current, key=lambda g: g.number):
        was = known.get(guideline.number)
        what = changes(was, guideline)
        revision = (was.revision if was else 0) + (1 if what else 0)
        g = replace(guideline, revision=revision)
        finished.append(g)
        if what:
            new = {*g.decisions} - {*(was.decisions if was else ())}
            decided = [d.at for d in decisions if d.id in new]
            at = max(decided, default=newest.get(g.number))
            revisions.append(Revision(g.number, g.revision, at, g.text, g.topic, g.status, g.level, what))
    return finished, revisions


def retired_since(
    gone: Sequence[Guideline], previous: Sequence[Guideline], decisions: Sequence[Decision]
) -> list[Revision]:
    """The revisions of guidelines that went. Evidence that is gone has no date; a decision that moved it has."""
    stood = {g.number: g.revision for g in previous}
    found = []
    for g in gone:
        if g.revision != stood[g.number]:
            at = max((d.at for d in decisions if number_of(d.target) == g.number), default=None)
            what = f"retired: {g.retired}"
            found.append(Revision(g.number, g.revision, at, g.text, g.topic, g.status, g.level, what))
    return found


def changes(was: Guideline | None, now: Guideline) -> str:
    """What differs, in fixed words; "" for nothing that counts as a revision."""
    if was is None:
        return "added"
    found = []
    if was.retired != now.retired:
        found.append(f"retired: {now.retired}" if now.retired else "restored: its evidence is back")
    if was.text != now.text:
        found.append("text")
    for name in ("topic", "status", "level", "applies_to"):
        before, after = str(getattr(was, name)), str(getattr(now, name))
        if before != after:
            found.append(f"{name.replace('_', ' ')}: {before} → {after}")
    people, more = _people(was), _people(now)
    if people != more and min(people, more) == 1:
        found.append(f"people behind it: {people} → {more}")
    return "; ".join(found)


def _people(guideline: Guideline) -> int:
    """How many its strength counts. Whether one person or several stand behind a rule is news, one more is not."""
    return int(match[0]) if (match := re.match(r"\d+", guideline.strength)) else 0
