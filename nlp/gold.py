"""Labelled sentences (the annotation guide's JSON lines) set beside the pipeline's own, by shared words.

A gold sentence and one of ours match when they share 60 % of the shorter one's words, as the project's scorer counts:
the cutter behind the gold is another one, and need not agree with ours.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from nlp.values import MailText, Passage
from nlp.weights import LABELS

SHARE = 0.6


@dataclass(frozen=True, slots=True)
class Gold:
    message_id: str
    thread: str
    list: str
    start: int
    end: int
    text: str
    labels: frozenset[str]
    topic: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What people decided on a sentence: labels that it has and has not, and its topic where they gave one. ``row``
    is the sentence with the labels that it bore."""

    row: Gold
    has: frozenset[str]
    has_not: frozenset[str]
    topic: str | None = None

    def over(self, row: Gold) -> Gold:
        """``row`` with what people decided."""
        return replace(row, labels=(row.labels | self.has) - self.has_not, topic=self.topic or row.topic)


def read(lines: Iterable[str]) -> list[Gold]:
    """JSON lines to rows; an unknown label is a fault of the file."""
    rows = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        data = json.loads(line)
        labels = frozenset(data.get("labels", ()))
        if labels - set(LABELS):
            raise ValueError(f"line {number}: unknown label {', '.join(sorted(labels - set(LABELS)))}")
        where = (data.get("message_id", f"line-{number}"), data.get("thread", ""), data.get("list", ""))
        rows.append(Gold(*where, data.get("start", 0), data.get("end", 0), data["text"], labels, data.get("topic")))
    return rows


def words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9_]+", text.lower())


def matches(a: Counter[str], b: Counter[str]) -> bool:
    shared, short = (a & b).total(), min(a.total(), b.total())
    return short > 0 and shared >= SHARE * short and (shared >= 2 or shared == short)


def bare_mail(key: str, rows: Sequence[Gold]) -> MailText:
    """A mail made of its labelled sentences alone, for gold whose archive is not at hand."""
    passages, at = [], 0
    for row in sorted(rows, key=lambda row: row.start):
        passages.append(Passage(at, at + len(row.text), row.text))
        at += len(row.text) + 1
    return MailText(key=key, subject=rows[0].thread, passages=tuple(passages))


def by_message(rows: Iterable[Gold]) -> dict[str, list[Gold]]:
    grouped: dict[str, list[Gold]] = defaultdict(list)
    for row in rows:
        grouped[row.message_id].append(row)
    return dict(grouped)


def align(texts: Sequence[str], rows: Sequence[Gold]) -> list[list[Gold]]:
    """For each of one mail's sentences the gold sentences that it matches."""
    counted = [(Counter(words(row.text)), row) for row in rows]
    return [[row for theirs, row in counted if matches(Counter(words(text)), theirs)] for text in texts]


def overrule(rows: Sequence[Gold], verdicts: Iterable[Verdict]) -> list[Gold]:
    """Rows with people's decisions over those of the same words in the same mail, and a row for each other decision."""
    changed = list(rows)
    at: dict[str, list[int]] = defaultdict(list)
    for i, row in enumerate(rows):
        at[row.message_id].append(i)
    for verdict in verdicts:
        counted = Counter(words(verdict.row.text))
        same = [i for i in at[verdict.row.message_id] if matches(counted, Counter(words(changed[i].text)))]
        for i in same:
            changed[i] = verdict.over(changed[i])
        if not same:
            changed.append(verdict.over(verdict.row))
    return changed
