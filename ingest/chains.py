"""Bundles to chains of versions: which earlier posting, if any, is this one the next version of?

Every posting looks at few candidates (found by links, thread, titles of the series and of its patches, rare words of
the title together with the author), so work grows with the number of mails and never with its square. A candidate
must be a possible predecessor by version, date and tree, and be tied to it by content; what ties it is said in words.
When in doubt there is no link: a wrong chain puts words about one interface under another.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ingest.bundles import Bundle
from ingest.likeness import View, compare, tie, view

_LATEST = 12  # candidates kept per key: a title that thousands of mails share must not make the work quadratic
_RARE = 3  # words of a title that are looked up


@dataclass(frozen=True, slots=True)
class Link:
    """Bundle number ``later`` is the next version of bundle number ``earlier``."""

    later: int
    earlier: int
    why: str


def chain(bundles: Sequence[Bundle]) -> list[Link]:
    """The links, at most one per later bundle. ``bundles`` in the order in which they began."""
    views = [view(bundle) for bundle in bundles]
    common = Counter(word for each in views for word in set(each.title.split()))
    index: dict[tuple[str, ...], list[int]] = defaultdict(list)
    links: list[Link] = []
    for place, each in enumerate(views):
        keys = list(dict.fromkeys(_keys(each, common)))
        near = {other for key in keys for other in index[key][-_LATEST:]}
        near.update(other for mid in each.cited for other in index.get(("mid", mid), ()))
        best = max(_ties(each, views, near), default=None)
        if best:
            _, _, _, earlier, why = best
            links.append(Link(place, earlier, why + _gap(each, views[earlier])))
        for key in (*keys, *(("mid", mail.mid) for _, mail in bundles[place].patches)):
            index[key].append(place)
    return links


def _ties(later: View, views: Sequence[View], near: set[int]) -> Iterator[tuple[bool, tuple[int, ...], int, int, str]]:
    """The possible links, best last: sure before unsure, then the highest version, the surest, the latest."""
    for other in near:
        likeness = compare(later, views[other])
        found = tie(likeness) if likeness else None
        if found:
            yield found[0] > 2, views[other].version, found[0], other, found[1]


def _keys(each: View, common: Mapping[str, int]) -> Iterator[tuple[str, ...]]:
    """Where candidates are looked up and later found."""
    yield "title", each.title
    yield "tail", each.tail
    yield "thread", each.bundle.lead.thread, each.bundle.author
    for title in sorted(each.titles):
        yield "patch", title
    words = sorted(set(each.title.split()), key=lambda word: (common[word], word))
    for word in words[:_RARE]:
        yield "word", word, each.bundle.author


def _gap(later: View, earlier: View) -> str:
    missing = later.version[0] - earlier.version[0]
    return f"; what lies between v{earlier.version[0]} and v{later.version[0]} was not found" if missing > 1 else ""
