"""A ``Document`` to the view that its templates show: what goes into the main part, and in which order.

The order follows the way in which an author of a new interface meets the topics. Only what holds up is in the main
part; the rest goes to an appendix for curators.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from guidelines.adoption import ADOPTED
from guidelines.assemble import heard
from guidelines.entries import Entry, Lesson, day, entry, leading_to, lesson
from guidelines.reading import reading
from guidelines.requirements import policy
from guidelines.stances import ASSENT, DISSENT, FIRST, PASSAGE, TAKEN_BACK, position, weighty
from guidelines.values import Decision, Document, Guideline, Revision, Stance
from guidelines.wording import asks_for_less, reserved
from nlp.labels import Label, Status, Topic

ALTERNATIVES = "alternatives"  # no topic of the tagger: told from the words
ORDER = (
    (ALTERNATIVES, "Alternatives"),
    (Topic.DISCOVERY, "Discovery"),
    (Topic.CONTROL, "Control"),
    (Topic.LAYOUT, "Layout"),
    (Topic.SEMANTICS, "Semantics"),
    (Topic.SECURITY, "Security"),
    (Topic.MIGRATION, "Migration"),
    (Topic.STABILITY, "Stability"),
    (Topic.ARCHITECTURE, "Architecture"),
    (Topic.INTEGRATION, "Integration"),
    (Topic.DOCUMENTATION, "Documentation"),
    (Topic.TESTING, "Testing"),
    (Topic.PROCESS, "Process"),
)
MEDIUM = 0.6
LONGEST = 150
# "This is ABI, so we should ...": what is in force is the reason, not the rule.
_CONCLUSION = re.compile(r"\b(?:so|therefore|hence|thus),? (?:we|you|i|it|they|let'?s)\b", re.IGNORECASE)
# How a sentence must read: as a rule, and alone or after the sentence before it; and what three or more dispute.
BAR, BAR_LED_TO, BAR_DISPUTED = (0.55, 0.5), (0.55, 0.3), (0.35, 0.5)


@dataclass(frozen=True, slots=True)
class Chapter:
    """A topic's entries."""

    topic: str
    heading: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class View:
    """All that a template shows."""

    title: str
    checklist: tuple[Chapter, ...]
    chapters: tuple[Chapter, ...]
    open_questions: tuple[Entry, ...]
    lessons: tuple[Lesson, ...]
    retired: tuple[Entry, ...]
    appendix: tuple[Chapter, ...]
    lists: tuple[tuple[str, int, str, str], ...]
    counts: tuple[tuple[str, int], ...]
    version: str


def view(document: Document, longest: int = LONGEST) -> View:
    """Order and cut what a document holds; a pure function of it."""
    live = [g for g in document.guidelines if not g.retired]
    main = sorted((g for g in live if holds_up(g, document)), key=lambda g: _rank(g, document))[:longest]
    shown = {g.number for g in main}
    history: dict[int, list[Revision]] = {}
    for revision in sorted(document.revisions, key=lambda r: (r.number, r.revision)):
        history.setdefault(revision.number, []).append(revision)
    placed = [_placed(g, document.decisions) for g in document.guidelines]
    entries = {g.number: entry(g, document, history.get(g.number, [])) for g in placed}
    about = _about_interfaces(document)
    agreed = [entries[g.number] for g in main if g.status != Status.CONTESTED]
    disputed = [entries[g.number] for g in main if g.status == Status.CONTESTED]
    return View(
        title=document.title,
        checklist=_chapters([*agreed, *disputed]),
        chapters=_chapters(agreed),
        open_questions=tuple(e for c in _chapters(disputed) for e in c.entries),
        lessons=tuple(lesson(i, document, shown) for i in document.incidents if about.intersection(i.objections)),
        retired=tuple(entries[g.number] for g in document.guidelines if g.retired),
        appendix=_chapters([entries[g.number] for g in live if g.number not in shown]),
        lists=tuple((name, count, day(first), day(last)) for name, count, first, last in document.lists),
        counts=tuple(sorted(document.counts.items())),
        version=document.version,
    )


def _placed(guideline: Guideline, decisions: Iterable[Decision]) -> Guideline:
    """Rules on doing without a new interface come first, unless a curator gave the topic."""
    given = any(d.id in guideline.decisions and d.action == "retopic" for d in decisions)
    return guideline if given or not asks_for_less(guideline.text) else replace(guideline, topic=ALTERNATIVES)


def holds_up(guideline: Guideline, document: Document) -> bool:
    """Whether a guideline belongs in the main part: a curator said so, or it is settled or openly disputed by named
    people, the tagger is at least fairly sure of it, and it can be read without its thread."""
    accepted = guideline.text_by or _accepted(guideline, document.decisions)
    if accepted:
        return True
    said = document.requirements.get(guideline.text_claim)
    if said is not None and said.withdrawn:
        return False
    return guideline.confidence >= MEDIUM and _reads(guideline, document) and _argued(guideline, document)


def _reads(guideline: Guideline, document: Document) -> bool:
    """Whether a sentence reads as a rule, alone or after the one before it. What many dispute matters even where it is
    put as an opinion."""
    arguing = {document.claims[k].person for k in guideline.members if k in document.claims}
    arguing |= {s.person for way in (ASSENT, DISSENT) for s in _stances(guideline, document, way)}
    bars = [BAR_LED_TO if leading_to(guideline.text_claim, document) else BAR]
    bars += [BAR_DISPUTED] if guideline.status == Status.CONTESTED and len(arguing) > 2 else []
    found = reading(guideline.text)
    return any(found.rule >= rule and found.alone >= alone for rule, alone in bars)


def _argued(guideline: Guideline, document: Document) -> bool:
    """Whether people took sides on the very sentence, each person one. What is policy needs nobody's assent."""
    if not _one_side_each(guideline, document):
        return False
    if guideline.status == Status.CONTESTED:
        return bool(_stances(guideline, document, DISSENT))
    assents = _stances(guideline, document, ASSENT)
    in_force = policy(guideline.text) and not _CONCLUSION.search(guideline.text)
    carried = any(_shown(s, document) for s in assents) if assents else in_force
    return guideline.status == Status.AGREED and carried


def _one_side_each(guideline: Guideline, document: Document) -> bool:
    """Whether nobody's last words stand on both sides, whatever the wording: who said it or assents, and who objects or
    says the contrary."""
    known = [document.requirements[k] for k in guideline.members if k in document.requirements]
    found = [s for r in known for s in weighty(r.stances) if s.claim in document.claims]
    last: dict[str, tuple[str, set[str]]] = {}
    for stance in sorted(found, key=lambda s: position(document.claims[s.claim])):
        mid, ways = last.get(stance.person, ("", set()))
        last[stance.person] = (stance.mid, {*(ways if mid == stance.mid else ()), stance.stance})
    sides = {person: ways for person, (_, ways) in last.items()}
    for keys, way in ((guideline.members, ASSENT), (guideline.opposing, DISSENT)):
        for key in keys:
            if key in document.claims:
                sides.setdefault(document.claims[key].person, set()).add(way)
    return all(len(ways) == 1 for ways in sides.values())


def _shown(assent: Stance, document: Document) -> bool:
    """Whether an assent may carry a rule in the main part: in words, to the sentence itself and without reservations,
    or by a later version."""
    said = document.claims[assent.claim]
    direct = assent.why not in (PASSAGE, FIRST, TAKEN_BACK) and Label.AGREE in said.labels
    return (direct or assent.why.startswith(ADOPTED)) and not reserved(said.text)


def _accepted(guideline: Guideline, decisions: Iterable[Decision]) -> bool:
    return any(d.id in guideline.decisions and d.action == "accept" for d in decisions)


def _rank(guideline: Guideline, document: Document) -> tuple[object, ...]:
    """What stands when there is more than fits: what people accepted, then what most people stand behind."""
    people = {document.claims[k].person for k in guideline.members if k in document.claims}
    people |= {s.person for s in _stances(guideline, document, ASSENT)}
    accepted = guideline.text_by or _accepted(guideline, document.decisions)
    quality = guideline.confidence * reading(guideline.text).sound
    return (not accepted, -min(len(people), 3), -round(quality, 6), guideline.number)


def _stances(guideline: Guideline, document: Document, way: str) -> list[Stance]:
    known = [k for k in guideline.members if k in document.requirements and k in document.claims]
    counted = heard([document.requirements[k] for k in known], guideline.text_claim, document.claims)
    return [s for r in counted for s in r.stances if s.stance == way and s.claim in document.claims]


def _chapters(entries: Sequence[Entry]) -> tuple[Chapter, ...]:
    chapters = []
    for topic, heading in ORDER:
        mine = sorted((e for e in entries if e.topic == topic), key=_in_chapter)
        if mine:
            chapters.append(Chapter(str(topic), heading, tuple(mine)))
    return tuple(chapters)


def _in_chapter(entry: Entry) -> tuple[object, ...]:
    return (("MUST", "SHOULD", "MAY").index(entry.level), entry.status == Status.CONTESTED, entry.id)


def _about_interfaces(document: Document) -> set[str]:
    """The objections whose mail also speaks of an interface; a build failure is not for this document."""
    about = (Label.ABI_CONCERN, Label.REQUIREMENT)
    mids = {c.mid for c in document.claims.values() if any(label in c.labels for label in about)}
    return {
        k for i in document.incidents for k in i.objections if k in document.claims and document.claims[k].mid in mids
    }
