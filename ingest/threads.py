"""Messages to a forest of threads by In-Reply-To and References; missing parents are kept as ghosts.

The parent rule is Jamie Zawinski's (https://www.jwz.org/doc/threading.html) without its merging by subject, with
In-Reply-To before References. Where his algorithm lets the first mention win, every decision here is a function of
the *set* of messages: a message in the archive obeys its own header alone; a ghost takes the parent that most
messages' References give it; a loop is cut at its least certain edge. A thread is what connects through any mention
of an identifier, as in public-inbox and notmuch, so one thread can have several roots.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

_NEVER = datetime.max.replace(tzinfo=UTC)  # sorts after every date; stands for "unknown" in comparisons only


@dataclass(frozen=True, slots=True)
class Ref:
    """What threading needs of a message, in normal forms."""

    mid: str
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    date: datetime | None


@dataclass(frozen=True, slots=True)
class Node:
    """A place in the forest. ``parent`` is "" for a root; ``thread`` is the mid of the thread's first root, the same
    for all its nodes; ``ghost``: the message is not in the archive; ``depth``: steps from its root."""

    mid: str
    parent: str
    thread: str
    depth: int
    ghost: bool


def forest(refs: Iterable[Ref]) -> dict[str, Node]:
    """Every identifier seen, message or ghost, sorted, at its place.

    A thread is named by its root of the earliest date, ties by mid; a root without a date (a ghost has none) counts
    with the earliest date below it. Refs that share a mid are one node: it stands under the parent that the earliest
    of them names, and all their mentions hold its thread together.
    """
    known = sorted(set(refs), key=_order)
    dates: dict[str, datetime] = {}
    for ref in known:
        dates.setdefault(ref.mid, ref.date or _NEVER)
    parents = _parents(known, dates)
    _cut_loops(parents, dates)
    order = _downwards(parents)
    depth: dict[str, int] = {}
    for mid in order:
        depth[mid] = depth[parents[mid]] + 1 if parents[mid] else 0
    group = _groups(known)
    names = _names(order, parents, dates, group)
    return {mid: Node(mid, parents[mid], names[group[mid]], depth[mid], mid not in dates) for mid in sorted(parents)}


def _order(ref: Ref) -> tuple[datetime, str, tuple[str, ...], tuple[str, ...]]:
    return ref.date or _NEVER, ref.mid, ref.in_reply_to, ref.references


def _path(ref: Ref, known: Mapping[str, object]) -> list[str]:
    """The ancestors that ``ref`` names, farthest first; the last one is its parent.

    Old clients wrote addresses and several identifiers into In-Reply-To: one that is in the archive goes before one
    that References confirms, and that before the first.
    """
    named = [mid for mid in ref.in_reply_to if mid and mid != ref.mid]
    path = list(dict.fromkeys(mid for mid in ref.references if mid and mid != ref.mid))
    if named:
        listed = set(path)
        answered = min(named, key=lambda mid: (mid not in known, mid not in listed))
        path = [mid for mid in path if mid != answered]
        path.append(answered)
    return path


def _parents(known: list[Ref], dates: Mapping[str, datetime]) -> dict[str, str]:
    """Each mid's parent before loops are cut. Messages obey their own header, ghosts the majority."""
    parents: dict[str, str] = {}
    votes: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for ref in known:
        path = _path(ref, dates)
        if path:
            parents[ref.mid] = parents.get(ref.mid) or path[-1]
        for mid in ref.in_reply_to:
            parents.setdefault(mid, "")
        for older, mid in zip(["", *path], path, strict=False):
            parents.setdefault(mid, "")
            if older and mid not in dates:
                votes[mid][older] += 1
        parents.setdefault(ref.mid, "")
    parents.pop("", None)
    for mid, counts in votes.items():
        parents[mid] = min(counts, key=lambda older: (-counts[older], older))
    return parents


def _cut_loops(parents: dict[str, str], dates: Mapping[str, datetime]) -> None:
    """Make a root of one node of each loop: a ghost, whose place is guessed, before a message; then the earliest."""
    done: set[str] = set()
    for start in parents:
        walk: dict[str, None] = {}
        mid = start
        while mid and mid not in done and mid not in walk:
            walk[mid] = None
            mid = parents[mid]
        if mid in walk:
            steps = list(walk)
            loop = steps[steps.index(mid) :]
            parents[min(loop, key=lambda each: (each in dates, dates.get(each, _NEVER), each))] = ""
        done.update(walk)


def _downwards(parents: Mapping[str, str]) -> list[str]:
    """All mids, every parent before its children, without recursion: threads can be thousands deep."""
    children: dict[str, list[str]] = defaultdict(list)
    for mid, parent in parents.items():
        children[parent].append(mid)
    order = children[""]
    for mid in order:  # grows while it is read
        order.extend(children.get(mid, ()))
    return order


def _groups(known: Iterable[Ref]) -> dict[str, str]:
    """Union-find over every mention: mid to a representative of its thread."""
    up: dict[str, str] = {}

    def find(mid: str) -> str:
        up.setdefault(mid, mid)
        while up[mid] != mid:
            up[mid] = up[up[mid]]
            mid = up[mid]
        return mid

    for ref in known:
        own = find(ref.mid)
        for mention in (*ref.in_reply_to, *ref.references):
            if mention:
                up[find(mention)] = own
    return {mid: find(mid) for mid in up}


def _names(
    order: list[str], parents: Mapping[str, str], dates: Mapping[str, datetime], group: Mapping[str, str]
) -> dict[str, str]:
    """Representative to the thread's name."""
    earliest = {mid: dates.get(mid, _NEVER) for mid in order}
    first: dict[str, tuple[datetime, str]] = {}
    for mid in reversed(order):
        parent = parents[mid]
        if parent:
            earliest[parent] = min(earliest[parent], earliest[mid])
        else:
            rank = (dates.get(mid, _NEVER), mid)
            if rank[0] == _NEVER:
                rank = (earliest[mid], mid)
            first[group[mid]] = min(rank, first.get(group[mid], rank))
    return {key: mid for key, (_, mid) in first.items()}
