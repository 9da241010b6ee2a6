"""A patch series against the document: which rules it meets, which it seems to answer, and what happened before.

No verdict: "seems to answer" names the line that made it seem so, and what stays open is for the author to say.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from guidelines.answers import Answers
from guidelines.document import ORDER, view
from guidelines.entries import Entry, Lesson, Quote
from guidelines.likeness import nearest
from guidelines.reading import reading
from guidelines.relevance import met
from guidelines.touches import Patch, Touch, brings, changed, interfaces, named
from guidelines.values import Document

NEAREST = 2
ALIKE = 0.14  # an incident less like the series is another matter
IN_A_TOPIC = 3  # open rules shown in a topic; the rest is counted


@dataclass(frozen=True, slots=True)
class Answered:
    """A rule and the line that seems to answer it."""

    rule: Entry
    by: Touch


@dataclass(frozen=True, slots=True)
class Precedent:
    """An incident that is like the series, and what was said then in the words that read best alone."""

    lesson: Lesson
    said: Quote


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found. ``open`` are the rules that nothing in the series seems to answer, in the order of the
    checklist; ``more``: topics with the number of further rules that are left to the document."""

    title: str
    interfaces: tuple[Touch, ...]
    answered: tuple[Answered, ...]
    open: tuple[Entry, ...]
    precedents: tuple[Precedent, ...]
    more: tuple[tuple[str, int], ...] = ()

    @property
    def concerns(self) -> bool:
        """Whether the document has anything to say on the series; a check in CI fails on that and open MUSTs."""
        return bool(self.interfaces)

    @property
    def open_musts(self) -> int:
        """How many rules of level MUST are open."""
        return sum(rule.level == "MUST" for rule in self.open)


def check(patches: Sequence[Patch], document: Document) -> Report:
    """Read a series against a document; a pure function of both."""
    lines = list(changed(patches))
    touched = [*interfaces(lines), *named(patches, lines)]
    title = patches[0].title if patches else ""
    if not touched:
        return Report(title, (), (), (), ())
    known = view(document)
    words = " ".join(f"{p.title} {p.message}" for p in patches)
    text = " ".join([words, *(line.text for line in lines)])
    rules = met([e for chapter in known.checklist for e in chapter.entries], touched, text)
    answers = Answers(lines, brings(lines))
    by = {rule.id: answers.to(rule) for rule in rules}
    answered, left, more = [], [], []
    for topic, heading in ORDER:
        mine = [e for e in rules if e.topic == topic]
        told = [Answered(e, line) for e in mine if (line := by[e.id])][:IN_A_TOPIC]
        answered += told
        rest = [e for e in mine if not by[e.id]]
        must = [e for e in rest if e.level == "MUST"]
        shown = (must + [e for e in rest if e not in must])[: max(IN_A_TOPIC, len(must))]
        left += shown
        if besides := len(mine) - len(told) - len(shown):
            more.append((heading, besides))
    return Report(title, tuple(touched), tuple(answered), tuple(left), _nearest(words, known.lessons), tuple(more))


def _nearest(text: str, lessons: Sequence[Lesson]) -> tuple[Precedent, ...]:
    told = [x for x in lessons if x.objections]
    places = nearest(text, [" ".join([x.title, *(q.words for q in x.objections)]) for x in told], NEAREST, ALIKE)
    best = [max(told[i].objections, key=lambda q: reading(q.words).alone) for i in places]
    return tuple(Precedent(told[i], said) for i, said in zip(places, best, strict=True))


def as_json(report: Report) -> str:
    """The report for a bot."""
    data = {**asdict(report), "concerns": report.concerns, "open_musts": report.open_musts}
    text = json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True)
    return text.encode("utf-8", "replace").decode("utf-8") + "\n"
