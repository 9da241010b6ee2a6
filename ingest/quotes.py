"""Quote segments to the ancestor message, and the offsets there, that they came from.

What a mail quotes at depth d stood in its parent at depth d - 1: there it is looked for first, white space aside, as a
whole and then line by line, so that new wrapping and elisions do no harm. What was quoted in the parent already is
known from there, so that every mail is compared with its parent alone; only what the parent does not show is looked
for in the text of mails further up. What is found nowhere, or is too short to be sure of, stays unknown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ingest.text.kinds import Kind, Segment
from ingest.text.layers import Layer, layers, squeeze
from ingest.text.marks import bare
from pickles import as_arguments

_LONG = 25  # characters that do not stand in two mails by chance
_SHORT = 16  # below this a find must be whole lines
_TINY = 6  # below this a line alone says nothing
_CLIMB = 12  # how many ancestors above the parent are asked
_REACH = 1 << 15
_PROSE = 8  # how much more a character of prose weighs than one of a diff where a quote is of two hands' words
_EFFORT = 200  # characters looked through for each character of the two mails before searches get short


@as_arguments
@dataclass(frozen=True, slots=True)
class Mail:
    """A mail of one thread as quote tracing needs it; ``parent`` is the mid it answers ("" for none)."""

    mid: str
    parent: str
    author_name: str
    author_address: str
    body: str
    segments: tuple[Segment, ...]


@as_arguments
@dataclass(frozen=True, slots=True)
class QuoteSource:
    """The quote segment at ``position`` of mail ``mid`` is text ``start:end`` of mail ``source``'s body."""

    mid: str
    position: int
    source: str
    start: int
    end: int


@dataclass(slots=True)
class _Find:
    """Where a quote's lines stand in one layer of a mail: (place, length) of each, and the share of the quote found."""

    mid: str
    layer: Layer
    places: list[tuple[int, int]]
    share: float


@dataclass(slots=True)
class _Search:
    """One mail's search in another: where the last find ended in each layer, and how much searching is left."""

    layers: dict[int, Layer]
    effort: int
    cursor: dict[int, int] = field(default_factory=dict)


def trace(mails: Sequence[Mail]) -> list[QuoteSource]:
    """The sources of all quotes of a thread, at most one for each quote segment, in order of mid and position.

    A missing message may be given as a mail without body, so that the chain of parents reaches past it.
    """
    known: dict[str, Mail] = {}
    for mail in sorted(mails, key=lambda mail: (mail.mid, mail.body)):
        known.setdefault(mail.mid, mail)
    desk = _Desk(known)
    for mail in parents_first(known):
        desk.trace(mail)
    return [found[position] for _, found in sorted(desk.sources.items()) for position in sorted(found)]


def parents_first(known: Mapping[str, Mail]) -> Iterator[Mail]:
    """All mails, each after the mail that it answers."""
    done: set[str] = set()
    for mid in known:
        path: list[str] = []
        while mid in known and mid not in done:
            done.add(mid)
            path.append(mid)
            mid = known[mid].parent
        for name in reversed(path):
            yield known[name]


def ancestors(mail: Mail, known: Mapping[str, Mail]) -> Iterator[str]:
    """The known mails that this one answers, nearest first, as far up as anybody quotes."""
    mid, seen = mail.parent, {mail.mid}
    while mid in known and mid not in seen and len(seen) <= _CLIMB:
        seen.add(mid)
        yield mid
        mid = known[mid].parent


class _Desk:
    """The mails of a thread, their layers as far as somebody asked for them, and the sources found so far."""

    def __init__(self, known: dict[str, Mail]) -> None:
        self.known = known
        self.shelf: dict[str, dict[int, Layer]] = {}
        self.sources: dict[str, dict[int, QuoteSource]] = {}

    def trace(self, mail: Mail) -> None:
        searches: dict[str, _Search] = {}
        found = self.sources.setdefault(mail.mid, {})
        for position, part in enumerate(mail.segments):
            if part.kind is Kind.QUOTE:
                lines = [squeeze(bare(line)) for line in mail.body[part.start : part.end].split("\n")]
                lines = [line for line in lines if line]
                find = self._best(mail, part, lines, searches) if lines else None
                source = self._resolve(mail, position, lines, find) if find else None
                if source:
                    found[position] = source

    def _best(self, mail: Mail, part: Segment, lines: list[str], searches: dict[str, _Search]) -> _Find | None:
        """The find that shows most of the quote, the nearest ancestor's where several show as much."""
        best: _Find | None = None
        for step, mid in enumerate(ancestors(mail, self.known)):
            search = searches.get(mid)
            if search is None:
                size = len(self.known[mid].body) + len(mail.body)
                search = searches[mid] = _Search(self._layers(mid), _EFFORT * size + 20_000_000)
            expected = part.depth - 1 - step
            order = sorted(search.layers, key=lambda depth: (abs(depth - expected), depth)) if not step else [0]
            for depth in order:
                find = _look(search, mid, depth, lines, depth == expected)
                if find and (best is None or find.share > best.share + 0.05):
                    best = find
                if best and best.share > 0.9:
                    return best
        return best

    def _layers(self, mid: str) -> dict[int, Layer]:
        if mid not in self.shelf:
            self.shelf[mid] = layers(self.known[mid].body, self.known[mid].segments)
        return self.shelf[mid]

    def _resolve(self, mail: Mail, position: int, lines: list[str], find: _Find) -> QuoteSource | None:
        """From the find in an ancestor to the source: the ancestor itself, or whom the ancestor quoted there."""
        find.places = [piece for place in find.places for piece in find.layer.split(*place)]
        weight: Counter[int] = Counter()
        for place, length in find.places:
            weight[find.layer.segment(place)] += length
        parts = self.known[find.mid].segments
        owned = Counter[str]()
        for index, size in weight.items():
            if parts[index].kind not in (Kind.NEW, Kind.QUOTE):
                size = size // _PROSE + 1
            if _is_own(parts[index]):
                owned[find.mid] += size
            elif index in self.sources.get(find.mid, {}):
                owned[self.sources[find.mid][index].source] += size
            else:
                owned[""] += size
        source, size = max(owned.items(), key=lambda item: (item[1], item[0]))
        if not source or 2 * size < sum(owned.values()):
            return None
        if source == find.mid:
            places = [item for item in find.places if _is_own(parts[find.layer.segment(item[0])])]
            return self._range(mail.mid, position, source, find.layer, places)
        return self._through(mail.mid, position, source, lines, find)

    def _through(self, mid: str, position: int, source: str, lines: list[str], find: _Find) -> QuoteSource:
        """The same words in the text of the one whom the ancestor quoted, else all that the ancestor quoted there."""
        there = [
            self.sources[find.mid][index]
            for index in sorted({find.layer.segment(place) for place, _ in find.places})
            if index in self.sources[find.mid] and self.sources[find.mid][index].source == source
        ]
        start, end = min(item.start for item in there), max(item.end for item in there)
        layer = self._layers(source).get(0)
        if layer:
            search = _Search({0: layer}, _EFFORT * len(layer.text) + 20_000_000, {0: layer.from_body(start)})
            again = _look(search, source, 0, lines, True)
            if again:
                return self._range(mid, position, source, layer, again.places)
        return QuoteSource(mid, position, source, start, end)

    @staticmethod
    def _range(mid: str, position: int, source: str, layer: Layer, places: list[tuple[int, int]]) -> QuoteSource:
        start = min(place for place, _ in places)
        end = max(place + length for place, length in places)
        return QuoteSource(mid, position, source, layer.to_body(start), layer.to_body(end - 1) + 1)


def _is_own(part: Segment) -> bool:
    """Said here first: a quote of depth 0 is what its author repeats (``ingest.text.repeats``)."""
    return part.depth == 0 and part.kind is not Kind.QUOTE


def _look(search: _Search, mid: str, depth: int, lines: list[str], expected: bool) -> _Find | None:
    """A quote in one layer: as a whole, else line by line. A short one counts only as whole lines where expected."""
    layer = search.layers.get(depth)
    if layer is None or not layer.text:
        return None
    whole = "".join(lines)
    if len(whole) < _SHORT and not expected:
        return None
    cursor = search.cursor.get(depth, 0)
    place = _find(search, layer, whole, cursor, len(whole) < _SHORT)
    if place >= 0:
        search.cursor[depth] = place + len(whole)
        return _Find(mid, layer, [(place, len(whole))], 1.0)
    if len(lines) < 2:
        return None
    places: list[tuple[int, int]] = []
    for line in lines:
        if len(line) < _TINY:
            continue
        place = _find(search, layer, line, cursor, len(line) < _SHORT)
        if place >= 0:
            places.append((place, len(line)))
            cursor = place + len(line)
    size = sum(length for _, length in places)
    share = size / len(whole)
    if share < 0.5 and max((length for _, length in places), default=0) < _LONG:
        return None
    if share < 0.2 or (not expected and size < _LONG):
        return None
    search.cursor[depth] = cursor
    return _Find(mid, layer, places, share)


def _find(search: _Search, layer: Layer, needle: str, cursor: int, whole_lines: bool) -> int:
    place = layer.find(needle, cursor, whole_lines, None if search.effort > 0 else _REACH)
    if place < cursor:
        search.effort -= len(layer.text)
    return place
