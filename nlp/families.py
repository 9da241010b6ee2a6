"""Thread families: what is learnt from one must not be measured on its kin.

Versions of one series repeat each other's text, so the threads whose titles differ in the version alone, or in few
words, are one family. Splits go by family, never by sentence.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from nlp.features import bare_title
from nlp.gold import Gold
from nlp.values import MailText

ALIKE = 0.75  # shared part of the shorter title's telling words from which two titles are one family
COMMON = frozenset(("kvm", "xen", "arm64", "arm", "x86", "add", "support", "for", "the", "of", "to", "and", "in", "a"))


def _telling(title: str) -> frozenset[str]:
    return frozenset(title.split()) - COMMON


def _alike(mine: frozenset[str], theirs: frozenset[str]) -> bool:
    shared = len(mine & theirs)
    return shared >= 2 and shared >= ALIKE * min(len(mine), len(theirs))


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
    telling = [_telling(name[2:]) for name in titles]
    for i, mine in enumerate(telling):
        for j in range(i):
            if _alike(mine, telling[j]):
                x, y = find(titles[i]), find(titles[j])
                parent[max(x, y)] = min(x, y)
    return {message: find("t " + name) for message, name in names.items()}


def kin(
    rows: Iterable[Gold], mails: Mapping[str, MailText], family: Mapping[str, str], others: Iterable[str]
) -> dict[str, frozenset[str]]:
    """For each of the ``others`` (mails that no row speaks of) the families of rows with such a title."""
    titled: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        titled[bare_title(row.thread) or row.thread].add(family[row.message_id])
        if row.message_id in mails:
            titled[bare_title(mails[row.message_id].subject)].add(family[row.message_id])
    told = [(_telling(title), names) for title, names in titled.items()]
    found: dict[str, frozenset[str]] = {}
    for title in {bare_title(mails[key].subject) for key in others}:
        mine = _telling(title)
        alike = [names for theirs, names in told if _alike(mine, theirs)]
        found[title] = frozenset(titled.get(title, set())).union(*alike)
    return {key: found[bare_title(mails[key].subject)] for key in others}


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
