"""A ``Document`` to what its templates show: entries, tables and lists of plain values, in their final order.

Nothing here is prose: an entry is made of quotes with their authors, dates and links, of fixed labels, and of words
that a named curator wrote. The order follows the way in which an author of a new interface meets the topics.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from guidelines.decisions import identifier
from guidelines.stances import ASSENT, DISSENT, position
from guidelines.values import Claim, Decision, Document, Guideline, Incident, Requirement, Revision, Stance
from guidelines.wording import standing_alone, unbulleted
from nlp.labels import Label, Status, Topic

ORDER = (
    ("alternatives", "Alternatives"),
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
QUOTE_WORDS = 40
TITLE_WORDS = 10
LINE_WORDS = 24
_STANCES = {ASSENT: "agrees", DISSENT: "objects"}
_READS_ALONE = 0.6


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a mail, whose and when, and where to read them."""

    who: str
    when: str
    words: str
    url: str
    stance: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A guideline as the document shows it."""

    id: str
    anchor: str
    title: str
    line: str
    topic: str
    level: str
    status: str
    reason: str
    applies_to: str
    since: str
    strength: str
    confidence: float
    revision: int
    text: str
    curator: str
    source: Quote | None
    rationale: tuple[Quote, ...]
    evidence: tuple[Quote, ...]
    dissent: tuple[Quote, ...]
    opposing: tuple[Quote, ...]
    against: tuple[Quote, ...]
    decisions: tuple[str, ...]
    history: tuple[str, ...]
    retired: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """A topic's entries."""

    topic: str
    heading: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Lesson:
    """An incident as the document shows it."""

    title: str
    list_name: str
    committed: str
    commit: str
    evidence: str
    objections: tuple[Quote, ...]
    outcome: str
    outcome_url: str


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
    entries = {g.number: _entry(g, document) for g in document.guidelines}
    agreed = [entries[g.number] for g in main if g.status != Status.CONTESTED]
    disputed = [entries[g.number] for g in main if g.status == Status.CONTESTED]
    return View(
        title=document.title,
        checklist=_chapters([*agreed, *disputed]),
        chapters=_chapters(agreed),
        open_questions=tuple(e for c in _chapters(disputed) for e in c.entries),
        lessons=tuple(_lesson(i, document) for i in sorted(document.incidents, key=_incident_order)),
        retired=tuple(entries[g.number] for g in document.guidelines if g.retired),
        appendix=_chapters([entries[g.number] for g in live if g.number not in shown]),
        lists=tuple((name, count, _day(first), _day(last)) for name, count, first, last in document.lists),
        counts=tuple(sorted(document.counts.items())),
        version=document.version,
    )


def holds_up(guideline: Guideline, document: Document) -> bool:
    """Whether a guideline belongs in the main part: a curator said so, or it is settled or openly disputed by named
    people, the tagger is at least fairly sure of it, and it can be read without its thread."""
    accepted = guideline.text_by or _accepted(guideline, document.decisions)
    if accepted:
        return True
    disputed = guideline.status == Status.CONTESTED and (guideline.opposing or _stances(guideline, document, DISSENT))
    settled = guideline.status == Status.AGREED
    sure = guideline.confidence >= MEDIUM and standing_alone(guideline.text) >= _READS_ALONE
    return bool(disputed or settled) and sure


def _accepted(guideline: Guideline, decisions: Iterable[Decision]) -> bool:
    return any(d.id in guideline.decisions and d.action == "accept" for d in decisions)


def _rank(guideline: Guideline, document: Document) -> tuple[object, ...]:
    """What stands when there is more than fits: what people accepted, then what most people stand behind."""
    people = {document.claims[k].person for k in guideline.members if k in document.claims}
    people |= {s.person for s in _stances(guideline, document, ASSENT)}
    accepted = guideline.text_by or _accepted(guideline, document.decisions)
    quality = guideline.confidence * standing_alone(guideline.text)
    return (not accepted, -min(len(people), 3), -round(quality, 6), guideline.number)


def _stances(guideline: Guideline, document: Document, way: str) -> list[Stance]:
    found = [document.requirements[k] for k in guideline.members if k in document.requirements]
    return [s for r in found for s in r.stances if s.stance == way and s.claim in document.claims]


def _chapters(entries: Sequence[Entry]) -> tuple[Chapter, ...]:
    chapters = []
    for topic, heading in ORDER:
        mine = sorted((e for e in entries if e.topic == topic), key=_in_chapter)
        if mine:
            chapters.append(Chapter(str(topic), heading, tuple(mine)))
    return tuple(chapters)


def _in_chapter(entry: Entry) -> tuple[object, ...]:
    return (("MUST", "SHOULD", "MAY").index(entry.level), entry.status == Status.CONTESTED, entry.id)


def _entry(guideline: Guideline, document: Document) -> Entry:
    claims = document.claims
    members = [document.requirements[k] for k in guideline.members if k in document.requirements and k in claims]
    text_claim = claims.get(guideline.text_claim)
    own = {guideline.text_claim} if not guideline.text_by else set()
    return Entry(
        id=identifier(guideline.number),
        anchor=identifier(guideline.number).lower(),
        title=first_words(guideline.text, TITLE_WORDS),
        line=first_words(guideline.text, LINE_WORDS),
        topic=guideline.topic,
        level=guideline.level,
        status=str(guideline.status),
        reason=guideline.reason,
        applies_to=guideline.applies_to,
        since=_day(guideline.since),
        strength=guideline.strength,
        confidence=guideline.confidence,
        revision=guideline.revision,
        text=guideline.text,
        curator=guideline.text_by,
        source=_quote(text_claim, "states", whole=True) if text_claim else None,
        rationale=_rationale(members, document),
        evidence=_evidence(members, document, ASSENT, own),
        dissent=_evidence(members, document, DISSENT, set(), stated=False),
        opposing=tuple(_quote(claims[k], "states", whole=True) for k in guideline.opposing if k in claims),
        against=tuple(_quote(claims[k], "") for k in guideline.against if k in claims),
        decisions=tuple(_decision(d) for d in document.decisions if d.id in guideline.decisions),
        history=tuple(_history(r) for r in document.revisions if r.number == guideline.number),
        retired=guideline.retired,
    )


def _evidence(
    members: Sequence[Requirement], document: Document, way: str, without: set[str], stated: bool = True
) -> tuple[Quote, ...]:
    """Who said it and who took which side, in the order in which they spoke; one row for each sentence."""
    found: dict[str, tuple[Claim, str, str]] = {}
    for requirement in members:
        if stated and requirement.claim not in without:
            found.setdefault(requirement.claim, (document.claims[requirement.claim], "states", ""))
        for stance in requirement.stances:
            if stance.stance == way and stance.claim in document.claims:
                found.setdefault(stance.claim, (document.claims[stance.claim], _STANCES[way], stance.why))
    ordered = sorted(found.values(), key=lambda row: position(row[0]))
    return tuple(_quote(claim, stance, note) for claim, stance, note in ordered)


def _rationale(members: Sequence[Requirement], document: Document, most: int = 2) -> tuple[Quote, ...]:
    """The concerns that it answers; those of the sentence that is shown come first."""
    keys = dict.fromkeys(k for r in members for k in r.concerns if k in document.claims and k != r.claim)
    mine = [k for k in keys if Label.ABI_CONCERN in document.claims[k].labels]
    return tuple(_quote(document.claims[k], "") for k in mine[:most])


def _quote(claim: Claim, stance: str, note: str = "", whole: bool = False) -> Quote:
    text = unbulleted(claim.text)
    return Quote(
        who=claim.author or claim.address,
        when=_day(claim.date),
        words=text if whole else first_words(text, QUOTE_WORDS),
        url=claim.permalink,
        stance=stance,
        note=note,
    )


def _lesson(incident: Incident, document: Document) -> Lesson:
    quotes = [_quote(document.claims[k], "objects") for k in incident.objections if k in document.claims]
    return Lesson(
        title=incident.title,
        list_name=incident.list_name,
        committed=_day(incident.committed_at),
        commit=incident.commit,
        evidence=incident.evidence,
        objections=tuple(quotes),
        outcome=incident.outcome,
        outcome_url=incident.outcome_permalink,
    )


def _incident_order(incident: Incident) -> tuple[object, ...]:
    when = incident.committed_at
    return (when is None, when.isoformat() if when else "", incident.title, incident.objections)


def _decision(decision: Decision) -> str:
    said = f"{decision.action} by {decision.by}, {_day(decision.at)}"
    return f"{said}: {decision.comment}" if decision.comment else said


def _history(revision: Revision) -> str:
    return f"revision {revision.revision} ({_day(revision.at)}): {revision.what}"


def first_words(text: str, count: int) -> str:
    """The first words of a text, with an ellipsis where some are left out."""
    words = text.split()
    if len(words) <= count:
        return " ".join(words)
    return " ".join(words[:count]).rstrip(" ,;:.-(") + "…"


def _day(when: datetime | None) -> str:
    return when.strftime("%Y-%m-%d") if when else "undated"
