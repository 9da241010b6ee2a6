"""Labelled sentences (the annotation guide's JSON lines) set beside the pipeline's own, by shared words.

A gold sentence and one of ours match when they share 60 % of the shorter one's words, as the project's scorer counts:
the cutter behind the gold is another one, and need not agree with ours. Splits go by thread family: versions of one
series repeat each other's text, so the threads whose titles differ in the version alone stay together.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from nlp.features import bare_title
from nlp.values import MailText, Passage
from nlp.weights import LABELS

SHARE = 0.6
ALIKE = 0.75  # shared part of the shorter title's telling words from which two titles are one family
COMMON = frozenset(("kvm", "xen", "arm64", "arm", "x86", "add", "support", "for", "the", "of", "to", "and", "in", "a"))


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


def _collections(names: Mapping[str, str], titled: Mapping[str, str]) -> set[str]:
    """Gold "threads" that are picks from many threads: no mail bears the name, and no title a fifth of the mails."""
    subjects: dict[str, Counter[str]] = defaultdict(Counter)
    for message, name in names.items():
        subjects[name][titled.get(message, name)] += 1
    return {n for n, c in subjects.items() if n not in c and max(c.values()) < 0.2 * c.total()}


def families(rows: Sequence[Gold], mails: Mapping[str, MailText]) -> dict[str, str]:
    """Message -> name of its thread family: threads joined over like titles, and over mails with the same subject."""
    parent: dict[str, str] = {}

    def find(name: str) -> str:
        while parent.setdefault(name, name) != name:
            name = parent[name]
        return name

    names: dict[str, str] = {}
    for row in rows:
        names.setdefault(row.message_id, bare_title(row.thread) or row.thread)
    titled = {message: bare_title(mails[message].subject) for message in names if message in mails}
    loose = _collections(names, titled)
    for message, thread in sorted(names.items()):
        own = titled.get(message) or thread
        if thread in loose:
            names[message] = own
        a, b = find("t " + names[message]), find("t " + own)
        parent[max(a, b)] = min(a, b)
    titles = sorted(parent)
    telling = [frozenset(name.split()[1:]) - COMMON for name in titles]
    for i, mine in enumerate(telling):
        for j in range(i):
            shared = len(mine & telling[j])
            if shared >= 2 and shared >= ALIKE * min(len(mine), len(telling[j])):
                x, y = find(titles[i]), find(titles[j])
                parent[max(x, y)] = min(x, y)
    return {message: find("t " + name) for message, name in names.items()}


def folds(family: Mapping[str, str], rows: Sequence[Gold], count: int, seed: int) -> dict[str, int]:
    """Family -> fold, each label spread evenly: the families with most of a label are dealt first."""
    size: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        size[family[row.message_id]].update([*row.labels, "sentences"])
    total = sum(size.values(), Counter())
    weight = {name: max(size[name][key] / total[key] for key in size[name]) for name in size}
    order = sorted(size)
    random.Random(seed).shuffle(order)
    order.sort(key=lambda name: -weight[name])
    filled = [Counter[str]() for _ in range(count)]
    dealt = {}
    for name in order:

        def load(fold: int, mine: Counter[str] = size[name]) -> float:
            return sum(mine[k] * (2 * filled[fold][k] + mine[k]) / total[k] ** 2 for k in total)

        dealt[name] = min(range(count), key=load)
        filled[dealt[name]] += size[name]
    return dealt
