"""Guidelines, claims and incidents to the plain values that the templates show.

Nothing here is prose: an entry is made of quotes with their authors, dates and links, of fixed labels, and of words
that a named curator wrote.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from guidelines.adoption import ADOPTED
from guidelines.assemble import heard, stating
from guidelines.decisions import identifier
from guidelines.likeness import telling, words
from guidelines.reading import reading
from guidelines.stances import ASSENT, DISSENT, PASSAGE, TAKEN_BACK, later, position
from guidelines.values import Claim, Decision, Document, Guideline, Incident, Requirement, Revision
from guidelines.wording import headline, unbulleted
from nlp.labels import Label

QUOTE_WORDS = 40
TITLE_WORDS = 10
LINE_WORDS = 24
LESSON_ROWS = 6
# A sentence that is understood alone as likely as this is shown without the one before it; what one before it must be.
CLEAR, LEADS = 0.75, 0.25
BEFORE = "said before"
ANNOTATED = "annotated"  # how every annotation's provenance begins; the document says once what it means
_STANCES = {ASSENT: "agrees", DISSENT: "objects"}
AROUND = "agrees with the passage"


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a mail, whose and when, and where to read them. ``before``: what leads to them there; ``subject``:
    their mail's, where it is to be told."""

    who: str
    when: str
    words: str
    url: str
    stance: str = ""
    note: str = ""
    before: str = ""
    subject: str = ""


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
class Lesson:
    """An incident as the document shows it. ``others``: further commits, in words; ``rules``: identifiers of the rules
    that came out of it, with their anchors ("" for one that does not stand in the document's main part)."""

    title: str
    list_name: str
    committed: str
    commit: str
    evidence: str
    objections: tuple[Quote, ...]
    more: int
    outcome: str
    outcome_url: str
    others: tuple[str, ...]
    rules: tuple[tuple[str, str], ...]


def entry(guideline: Guideline, document: Document, history: Sequence[Revision]) -> Entry:
    """A guideline with its quotes; ``history`` are its own revisions."""
    claims = document.claims
    members = [document.requirements[k] for k in guideline.members if k in document.requirements and k in claims]
    text_claim = claims.get(guideline.text_claim)
    return Entry(
        id=identifier(guideline.number),
        anchor=identifier(guideline.number).lower(),
        title=headline(guideline.text, TITLE_WORDS),
        line=headline(guideline.text, LINE_WORDS),
        topic=guideline.topic,
        level=guideline.level,
        status=str(guideline.status),
        reason=guideline.reason,
        applies_to=guideline.applies_to,
        since=day(guideline.since),
        strength=guideline.strength,
        confidence=guideline.confidence,
        revision=guideline.revision,
        text=guideline.text,
        curator=guideline.text_by,
        source=_source(text_claim, document) if text_claim else None,
        rationale=_rationale(members, guideline, document),
        evidence=_evidence(members, guideline, document, ASSENT),
        dissent=_evidence(members, guideline, document, DISSENT),
        opposing=tuple(_quote(claims[k], "states", whole=True) for k in guideline.opposing if k in claims),
        against=tuple(_quote(claims[k], "") for k in guideline.against if k in claims),
        decisions=tuple(_decision(d) for d in document.decisions if d.id in guideline.decisions),
        history=tuple(_history(r) for r in history),
        retired=guideline.retired,
    )


def _evidence(members: Sequence[Requirement], guideline: Guideline, document: Document, way: str) -> tuple[Quote, ...]:
    """Who said it and who took which side, in the order in which they spoke; one row for each sentence."""
    found: dict[str, tuple[Claim, str, str]] = {}
    shown = guideline.text_claim if not guideline.text_by else ""
    counted = heard(members, guideline.text_claim, document.claims)
    saying = stating(members, guideline.text_claim, document.claims)
    for requirement in members:
        if way == ASSENT and requirement.claim != shown and requirement in saying:
            found.setdefault(requirement.claim, (document.claims[requirement.claim], "states", ""))
        for stance in requirement.stances if requirement in counted else ():
            if stance.stance == way and stance.claim in document.claims:
                said = document.claims[stance.claim]
                # Annotators may count what somebody had said already; it is not put down as an answer.
                word = BEFORE if later(document.claims[requirement.claim], said) else _STANCES[way]
                word = "adopts" if stance.why.startswith(ADOPTED) else word
                word = "gives the objection up" if stance.why == TAKEN_BACK else word
                word = AROUND if stance.why == PASSAGE and word != BEFORE else word
                note = ANNOTATED if stance.why.startswith(ANNOTATED) else stance.why
                found.setdefault(stance.claim, (said, word, note))
    ordered = sorted(found.values(), key=lambda row: position(row[0]))
    return tuple(_quote(claim, stance, note) for claim, stance, note in _once(ordered))


def _once(rows: Sequence[tuple[Claim, str, str]]) -> list[tuple[Claim, str, str]]:
    """Each person's like words once, the first time, with how often they came: patches are posted again."""
    found: dict[tuple[str, str, tuple[str, ...]], list[tuple[Claim, str, str]]] = {}
    for claim, stance, note in rows:
        found.setdefault((claim.person, stance, tuple(words(claim.text))), []).append((claim, stance, note))
    told = []
    for (claim, stance, note), *again in found.values():
        times = f", {len(again) + 1} times until {day(again[-1][0].date)}" if again else ""
        told.append((claim, stance + times, note))
    return told


def _rationale(
    members: Sequence[Requirement], guideline: Guideline, document: Document, most: int = 2
) -> tuple[Quote, ...]:
    """The concerns that it answers and shares a matter with; those of the sentence that is shown come first."""
    own = {r.claim for r in members}
    keys = dict.fromkeys(k for r in members for k in r.concerns if k in document.claims and k not in own)
    matter = telling(f"{document.before.get(guideline.text_claim, '')} {guideline.text}")
    mine = [k for k in keys if _tells(document.claims[k], matter)]
    return tuple(_quote(document.claims[k], "") for k in mine[:most])


def _tells(concern: Claim, matter: frozenset[str]) -> bool:
    """Whether a concern says something by itself, and on the matter, and does not only lead up to it."""
    text = concern.text.rstrip()
    beside = matter and telling(text) and not matter & telling(text)
    return not beside and Label.ABI_CONCERN in concern.labels and len(text.split()) >= 6 and not text.endswith(":")


def _quote(claim: Claim, stance: str, note: str = "", whole: bool = False) -> Quote:
    text = unbulleted(claim.text)
    return Quote(
        who=claim.author or claim.address,
        when=day(claim.date),
        words=text if whole else first_words(text, QUOTE_WORDS),
        url=claim.permalink,
        stance=stance,
        note=note,
    )


def _source(claim: Claim, document: Document) -> Quote:
    """The sentence that a rule is, after the one that leads to it unless it is clear without, and its mail's subject:
    what a sentence leaves unnamed mostly stands there."""
    before = "" if reading(claim.text).alone >= CLEAR else leading_to(claim.key, document)
    return replace(_quote(claim, "states", whole=True), before=before, subject=claim.subject)


def leading_to(key: str, document: Document) -> str:
    """What the author said right before a sentence; "" where that explains nothing, for it leans on others itself."""
    before = document.before.get(key, "")
    return before if before and reading(before).alone >= LEADS else ""


def lesson(incident: Incident, document: Document, shown: Collection[int]) -> Lesson:
    """An incident with its first objections; ``shown``: the numbers of the main part."""
    found = [document.claims[k] for k in incident.objections if k in document.claims]
    quotes = [_quote(claim, "objects") for claim in found[:LESSON_ROWS]]
    return Lesson(
        title=incident.title,
        list_name=incident.list_name,
        committed=day(incident.committed_at) if incident.committed_at else "",
        commit=incident.commit,
        evidence=incident.evidence,
        objections=tuple(quotes),
        more=max(0, len(found) - LESSON_ROWS),
        outcome=incident.outcome,
        outcome_url=incident.outcome_permalink,
        others=tuple(
            " ".join(filter(None, (oid[:12], title, day and f"({day})"))) for oid, title, day in incident.others
        ),
        rules=tuple((identifier(n), identifier(n).lower() if n in shown else "") for n in incident.rules),
    )


def _decision(decision: Decision) -> str:
    said = f"{decision.action} by {decision.by}, {day(decision.at)}"
    return f"{said}: {decision.comment}" if decision.comment else said


def _history(revision: Revision) -> str:
    return f"revision {revision.revision} ({day(revision.at)}): {revision.what}"


def first_words(text: str, count: int) -> str:
    """The first words of a text, with an ellipsis where some are left out."""
    words = text.split()
    if len(words) <= count:
        return " ".join(words)
    return " ".join(words[:count]).rstrip(" ,;:.-(") + "…"


def day(when: datetime | None) -> str:
    """A date as the document shows it."""
    return when.strftime("%Y-%m-%d") if when else "undated"
