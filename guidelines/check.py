"""A patch series against the document: which rules it meets, which it seems to answer, and what happened before.

No verdict: "seems to answer" names the line that made it seem so, and what stays open is for the author to say.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from guidelines.document import view
from guidelines.entries import Entry, Lesson
from guidelines.likeness import nearest
from guidelines.touches import Patch, Touch, added, brings, interfaces
from guidelines.values import Document

NEAREST = 3
_XEN = ("xen/", "tools/libs", "tools/xl")


@dataclass(frozen=True, slots=True)
class Answered:
    """A rule and the line that seems to answer it."""

    rule: Entry
    by: Touch


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found. ``open`` are the rules that nothing in the series seems to answer."""

    title: str
    interfaces: tuple[Touch, ...]
    answered: tuple[Answered, ...]
    open: tuple[Entry, ...]
    precedents: tuple[Lesson, ...]

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
    lines = list(added(patches))
    touched = interfaces(lines)
    title = patches[0].title if patches else ""
    if not touched:
        return Report(title, (), (), (), ())
    shown = view(document)
    product = "Xen" if all(t.path.startswith(_XEN) for t in touched) else "KVM"
    rules = [e for chapter in shown.checklist for e in chapter.entries if _applies(e, product)]
    brought = brings(lines)
    answered = tuple(Answered(e, brought[e.topic]) for e in rules if e.topic in brought)
    left = tuple(e for e in rules if e.topic not in brought)
    words = " ".join(f"{p.title} {p.message}" for p in patches)
    told = [" ".join([x.title, *(q.words for q in x.objections)]) for x in shown.lessons]
    near = tuple(shown.lessons[i] for i in nearest(words, told, NEAREST))
    return Report(title, tuple(touched), answered, left, near)


def _applies(entry: Entry, product: str) -> bool:
    return entry.applies_to == "both" or product in entry.applies_to or entry.applies_to not in ("Xen", "KVM/arm64")


def as_json(report: Report) -> str:
    """The report for a bot."""
    data = {**asdict(report), "concerns": report.concerns, "open_musts": report.open_musts}
    text = json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True)
    return text.encode("utf-8", "replace").decode("utf-8") + "\n"
