"""Bundles to chains of versions: which earlier posting, if any, is this one the next version of?

Every posting looks at few candidates (found by links, thread, titles of the series and of its patches, rare words of
the title together with the author), so work grows with the number of mails and never with its square. A candidate
must be a possible predecessor by version, date and tree, and be tied to it by content; what ties it is said in words,
by rules that are ordered by how sure they are.
When in doubt there is no link: a wrong chain puts words about one interface under another.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ingest.revisions.likeness import Likeness, View, compare

_LATEST = 12  # candidates kept per key: a title that thousands of mails share must not make the work quadratic
_RARE = 3  # words of a title that are looked up


@dataclass(frozen=True, slots=True)
class Link:
    """Bundle number ``later`` is the next version of bundle number ``earlier``."""

    later: int
    earlier: int
    why: str


def chain(views: Sequence[View]) -> list[Link]:
    """The links, at most one per later bundle. ``views`` of all bundles, in the order in which they began."""
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
        for key in (*keys, *(("mid", mid) for mid in each.mids)):
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
    yield "thread", each.thread, each.author
    for title in sorted(each.titles):
        yield "patch", title
    words = sorted(set(each.title.split()), key=lambda word: (common[word], word))
    for word in words[:_RARE]:
        yield "word", word, each.author


def _gap(later: View, earlier: View) -> str:
    missing = later.version[0] - earlier.version[0]
    return f"; what lies between v{earlier.version[0]} and v{later.version[0]} was not found" if missing > 1 else ""


def tie(it: Likeness) -> tuple[int, str] | None:
    """(strength 1 to 5, why) where the likeness makes them versions of one series."""
    found = _linked(it)
    if found or it.contrary:
        return found
    if it.step in ("next", "promoted"):
        return (_titled(it) or _partly(it)) if it.author else _taken_over(it)
    if not it.author:
        taken = it.mostly and it.shared >= 3 and it.alike >= 80 and it.step == "again" and not it.backport
        return (2, f"nearly the same title, {_patches(it)}; sent by another") if taken else None
    if it.step == "resend" and (it.same_title or 5 * it.shared >= 4 * it.most > 0):
        return 4, "same author and content, marked as sent again"
    if it.step == "again" and it.same_title and it.near and not it.backport and it.mostly:
        return 3, f"same author and title, {_patches(it)}; posted again without a new version number"
    if it.step == "restart" and it.shared >= 3 and it.mostly and it.alike >= 80:
        return 2, f"same author, {_patches(it)}; the numbering began anew"
    return None


def _linked(it: Likeness) -> tuple[int, str] | None:
    """It says so itself, by a link; a link alone may be to what it depends on."""
    if it.cites is None or it.step == "again" or not (it.author or it.same_title or it.mostly):
        return None
    same = it.alike >= 80 or it.mostly
    if it.cites and it.step != "restart" and it.related and (it.trees == "same" or not it.contrary):
        return 5 if same else 3, f"it gives a link to that mail as v{it.cites}"
    if it.contrary:
        return None
    if same or 2 * it.shared >= max(it.new, 3):
        return 4, f"it gives a link to that mail, and {_patches(it) if it.shared else 'the titles are alike'}"
    if it.step == "next" and it.consecutive and it.near and it.alike >= 50 and (it.files or 0) >= 0.5:
        return 3, "it gives a link to that mail, has the next number and touches the same files"
    return None


def _titled(it: Likeness) -> tuple[int, str] | None:
    """The author's title of the series, or most of its patches, came again under a higher version."""
    if it.same_title and (it.words >= 3 or it.shared or it.thread):
        return 4, "same author and title" + (f", {_patches(it)}" if it.shared else "")
    if it.mostly and (it.consecutive or 5 * it.shared >= 4 * it.most):
        return 4, f"same author, retitled: {_patches(it)}"
    return None


def _partly(it: Likeness) -> tuple[int, str] | None:
    """The same author's weaker signs; each needs two of a kind."""
    if it.thread and it.related:
        return 3, "posted by the same author in the same thread"
    if it.alike >= 80 and (it.files is None or it.files >= 0.3):
        return 3, "same author, a title that is nearly the same" + ("" if it.files is None else ", the same files")
    if not it.whole and it.shared and 2 * it.shared >= min(it.new, it.old):
        return 2, f"same author, {_patches(it)} of those that the archive has"
    if it.shared >= 2 and it.consecutive and (2 * it.shared >= it.new or it.grown):
        return 2, f"same author, split anew: {_patches(it)}"
    if it.shared and min(it.new, it.old) == 1 and it.consecutive and it.step == "next":
        return 2, "same author; a patch grew into a series, or was taken out of one"
    if it.alike >= 65 and (it.files or 0) >= 0.5 and it.near and it.consecutive:
        return 2, "same author, a like title, the same files"
    return None


def _taken_over(it: Likeness) -> tuple[int, str] | None:
    """Another sender goes on with the next number: the title must tell, and patches must come again."""
    if it.words < 3:
        return None
    if not it.consecutive:
        known = it.shared or not (it.new and it.old)
        return (2, "the same title; another sender took it over") if it.same_title and it.words >= 5 and known else None
    if it.alike >= 90 and (it.mostly or it.shared > 1 or (it.shared and (it.files or 0) >= 0.3)):
        return 3, f"the same title, {_patches(it)}; another sender took it over"
    if it.alike >= 90 and it.high and (it.files or 0) >= 0.5:
        return 3, "nearly the same title, the same files, the next number; another sender took it over"
    if it.shared >= 3 and (it.mostly or it.high):
        return 3, f"{_patches(it)}, the next number; retitled, and another sender took it over"
    return None


def _patches(it: Likeness) -> str:
    return f"{it.shared} of {it.most} patch titles are the same"
