"""A mail's text by quote depth, without white space: what quotes are compared with, whatever clients did to lines.

Layer 0 is the author's own, layer n the text with n quote marks. A place in a layer leads back to its offset in the
body.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ingest.text.kinds import Segment
from ingest.text.marks import bare


@dataclass(slots=True)
class Layer:
    """The squeezed lines of one depth in one string. For line ``i``: ``at`` is its place in ``text``, ``offset`` where
    its unmarked text begins in the body, ``line`` that text, ``owner`` the segment it stands in."""

    text: str = ""
    at: list[int] = field(default_factory=list)
    offset: list[int] = field(default_factory=list)
    line: list[str] = field(default_factory=list)
    owner: list[int] = field(default_factory=list)

    def find(self, needle: str, cursor: int, whole_lines: bool, reach: int | None) -> int:
        """Where the needle stands, at or after the cursor if possible, else anywhere; -1 if nowhere. ``reach`` limits
        how far to look (None: everywhere)."""
        stop = len(self.text) if reach is None else min(len(self.text), cursor + reach)
        place = self._search(needle, cursor, stop, whole_lines)
        if place < 0 and cursor and reach is None:
            place = self._search(needle, 0, min(cursor + len(needle), len(self.text)), whole_lines)
        return place

    def _search(self, needle: str, start: int, stop: int, whole_lines: bool) -> int:
        place = self.text.find(needle, start, stop)
        tries = 0
        while whole_lines and place >= 0 and not self._is_lines(place, place + len(needle)):
            tries += 1
            place = self.text.find(needle, place + 1, stop) if tries < 32 else -1
        return place

    def _is_lines(self, start: int, end: int) -> bool:
        index = bisect_right(self.at, start) - 1
        if self.at[index] != start:
            return False
        last = bisect_right(self.at, end - 1)
        return (self.at[last] if last < len(self.at) else len(self.text)) == end

    def segment(self, place: int) -> int:
        """The segment that a place belongs to."""
        return self.owner[bisect_right(self.at, place) - 1]

    def split(self, start: int, length: int) -> Iterator[tuple[int, int]]:
        """A find cut at the lines of the layer, (place, length) of each piece: it may span several segments."""
        end = start + length
        for index in range(bisect_right(self.at, start) - 1, len(self.at)):
            stop = min(self.at[index + 1] if index + 1 < len(self.at) else len(self.text), end)
            yield start, stop - start
            start = stop
            if start >= end:
                return

    def to_body(self, place: int) -> int:
        """The offset in the body of the character at a place."""
        index = bisect_right(self.at, place) - 1
        left = place - self.at[index]
        for step, letter in enumerate(self.line[index]):
            if not letter.isspace():
                if not left:
                    return self.offset[index] + step
                left -= 1
        return self.offset[index] + len(self.line[index])

    def from_body(self, offset: int) -> int:
        """The place of the line that stands at or before an offset in the body."""
        index = bisect_right(self.offset, offset) - 1
        return self.at[index] if index >= 0 else 0


def squeeze(line: str) -> str:
    return "".join(line.split())


def layers(body: str, segments: Sequence[Segment]) -> dict[int, Layer]:
    """All layers of a mail."""
    found: dict[int, Layer] = {}
    pieces: dict[int, list[str]] = {}
    length: dict[int, int] = {}
    for position, part in enumerate(segments):
        layer = found.setdefault(part.depth, Layer())
        piece = pieces.setdefault(part.depth, [])
        size = length.get(part.depth, 0)
        offset = part.start
        for raw in body[part.start : part.end].split("\n"):
            line = bare(raw) if part.depth else raw
            squeezed = "".join(line.split())
            if squeezed:
                layer.at.append(size)
                layer.offset.append(offset + len(raw) - len(line))
                layer.line.append(line)
                layer.owner.append(position)
                piece.append(squeezed)
                size += len(squeezed)
            offset += len(raw) + 1
        length[part.depth] = size
    for depth, layer in found.items():
        layer.text = "".join(pieces[depth])
    return found
