"""Segments corrected by the parent's text: quotes that lost their marks, and answers between them.

Some clients drop quote marks altogether, or wrap a long quoted line and leave its tail unmarked. One mail alone cannot
tell such lines from the author's own; the mail it answers can. What stands there word for word, in the same order and
from another's hand, is a quote; what does not, in a mail that was taken for one long quote, is an answer.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from ingest.body import fold, unfold
from ingest.quotes import Mail, parents_first
from ingest.text.kinds import Kind, Segment
from ingest.text.layers import squeeze
from ingest.text.marks import Lines, bare, unmark

_LONG = 25  # characters that do not stand in two mails by chance
_TAIL = 24  # characters compared on each side of the tail of a wrapped line
_WINDOW = 14  # characters in a row that are enough to doubt that a line is an answer
_EFFORT = 200  # characters looked through for each character of the two mails before searching stops
_QUOTED = (Kind.QUOTE, Kind.ATTRIBUTION, Kind.FORWARDED)
_OPEN = (Kind.NEW, Kind.CODE, Kind.DIFF, Kind.DIFFSTAT, Kind.TRAILER)


class _Flat:
    """A mail's lines in one string without white space and marks, with the depth and the hand of each."""

    def __init__(self, mail: Mail, segments: Sequence[Segment]) -> None:
        self.author = _author(mail)
        self.depth: list[int] = []
        self.at: list[int] = []
        pieces: list[str] = []
        size = 0
        for part in segments:
            for raw in mail.body[part.start : part.end].split("\n"):
                piece = squeeze(bare(raw) if part.depth else raw)
                if piece:
                    self.at.append(size)
                    self.depth.append(part.depth)
                    pieces.append(piece)
                    size += len(piece)
        self.text = "".join(pieces)
        self.effort = 0

    def find(self, needle: str, start: int = 0) -> int:
        """Where the needle stands; -1 if nowhere, or when too much has been looked for already."""
        if self.effort <= 0:
            return -1
        place = self.text.find(needle, start)
        self.effort -= (place if place >= 0 else len(self.text)) - start + 1
        return place

    def depth_at(self, place: int) -> int:
        return self.depth[bisect_right(self.at, place) - 1]

    def is_even(self, start: int, end: int) -> bool:
        """All text between two places is of one depth."""
        return len(set(self.depth[bisect_right(self.at, start) - 1 : bisect_right(self.at, end - 1)])) == 1


def mend(mails: Sequence[Mail]) -> dict[str, tuple[Segment, ...]]:
    """The corrected segments of those mails of a thread that needed it, by mid. Mending again changes nothing."""
    known = {mail.mid: mail for mail in sorted(mails, key=lambda mail: (mail.mid, mail.body), reverse=True)}
    mended: dict[str, tuple[Segment, ...]] = {}
    shelf: dict[str, _Flat] = {}
    for mail in parents_first(known):
        parent = known.get(mail.parent)
        if parent is None or not parent.body or not mail.body or any(part.role for part in mail.segments):
            continue
        if parent.mid not in shelf:
            shelf[parent.mid] = _Flat(parent, mended.get(parent.mid, parent.segments))
        flat = shelf[parent.mid]
        flat.effort = _EFFORT * (len(mail.body) + len(flat.text)) + 20_000_000
        if _suspicious(mail, flat):
            found = _mend_one(mail, flat)
            if found != mail.segments:
                mended[mail.mid] = found
    return mended


def _author(mail: Mail) -> str:
    return (mail.author_address or mail.author_name).casefold()


def _suspicious(mail: Mail, parent: _Flat) -> bool:
    """Cheap look at what most mails do not have: unmarked quotes, text right under a quote, lines of the parent."""
    if _unmarked_from(mail) < len(mail.body):
        return True
    for position, part in enumerate(mail.segments):
        if part.kind is Kind.QUOTE and _dips(mail, position):
            return True
        if part.kind in _OPEN:
            if position and mail.segments[position - 1].kind is Kind.QUOTE and mail.body[part.start - 2] != "\n":
                return True
            for raw in mail.body[part.start : part.end].split("\n"):
                if len(raw) >= _LONG and parent.find(squeeze(raw)) >= 0:
                    return True
    return False


def _dips(mail: Mail, position: int) -> bool:
    """Lines of a lower depth right under a deeper quote that goes on below: an answer, or a wrapped line's tail."""
    if not 0 < position < len(mail.segments) - 1:
        return False
    before, part, after = mail.segments[position - 1 : position + 2]
    first = mail.body[part.start : part.end].partition("\n")[0]
    return before.kind is Kind.QUOTE and after.depth > part.depth < before.depth and bool(bare(first).strip())


def _unmarked_from(mail: Mail) -> int:
    """Where the quote without marks begins that ``segment`` took from a forwarded header block on, or from the
    attribution on in a mail without a single mark; past the end where there is none."""
    marked = any(unmark(line)[0] for line in mail.body.split("\n")) if ">" in mail.body else False
    for part in mail.segments:
        if not part.depth and (part.kind is Kind.FORWARDED or (part.kind is Kind.ATTRIBUTION and not marked)):
            return part.end
    return len(mail.body)


def _mend_one(mail: Mail, parent: _Flat) -> tuple[Segment, ...]:
    lines = unfold(mail.body, mail.segments)
    texts = [squeeze(text) for text in lines.text]
    own_hand = parent.author == _author(mail)
    _answers(mail, lines, texts, parent)
    before: list[str] = []
    while before != lines.kind:  # a line found may be the neighbour that the next one lacked; each round claims more
        before = lines.kind.copy()
        _tails(lines, texts, parent)
        _unmarked(lines, texts, parent, own_hand)
    return fold(lines, len(mail.body))


def _tails(lines: Lines, texts: Sequence[str], parent: _Flat) -> None:
    """Up to three lines with too few marks, or none, that go on in the middle of a quoted line above them."""
    index = 1
    while index < len(lines):
        depth = lines.depth[index - 1]
        if (
            lines.kind[index - 1] != Kind.QUOTE
            or len(texts[index - 1]) < _TAIL
            or not _may_be_tail(lines, index, depth)
        ):
            index += 1
            continue
        stop = index
        while stop < len(lines) and stop < index + 3 and texts[stop] and _may_be_tail(lines, stop, depth):
            stop += 1
        below = texts[stop][:_TAIL] if stop < len(lines) and lines.kind[stop] == Kind.QUOTE else ""
        if stop < len(lines) and texts[stop] and _may_be_tail(lines, stop, depth):
            below = ""
        text = texts[index - 1][-_TAIL:] + "".join(texts[index:stop])
        place = parent.find(text + below) if stop > index else -1
        if place >= 0 and parent.is_even(place, place + len(text)):
            lines.claim(index, stop, Kind.QUOTE, depth)
        index = max(stop, index + 1)


def _may_be_tail(lines: Lines, index: int, depth: int) -> bool:
    return lines.kind[index] in (Kind.NEW, Kind.QUOTE) and lines.depth[index] < depth


def _unmarked(lines: Lines, texts: Sequence[str], parent: _Flat, own_hand: bool) -> None:
    """Paragraphs that stand in the parent line by line. A diff that only resembles the parent's is a proposal."""
    index = 0
    while index < len(lines):
        if lines.depth[index] or lines.kind[index] not in _OPEN or len(texts[index]) < _LONG:
            index += 1
            continue
        place = parent.find(texts[index])
        if place < 0 or (own_hand and not parent.depth_at(place)):
            index += 1
            continue
        first, stop, count = _grow(lines, texts, parent, index, place)
        new = any(lines.kind[line] == Kind.NEW for line in range(first, stop))
        if new and _alone(lines, texts, first, stop, count):
            lines.claim(first, stop, Kind.QUOTE, parent.depth_at(place) + 1)
        index = stop


def _grow(lines: Lines, texts: Sequence[str], parent: _Flat, index: int, place: int) -> tuple[int, int, int]:
    """The run of lines round ``index`` that follow each other in the parent too, and how many have text."""
    first, start, count = index, place, 1
    for line in range(index - 1, -1, -1):
        if lines.depth[line] or lines.kind[line] not in _OPEN:
            break
        if texts[line]:
            if not parent.text.endswith(texts[line], 0, start):
                break
            first, start, count = line, start - len(texts[line]), count + 1
    stop, end = index + 1, place + len(texts[index])
    for line in range(index + 1, len(lines)):
        if lines.depth[line] or lines.kind[line] not in _OPEN:
            break
        if texts[line]:
            if not parent.text.startswith(texts[line], end):
                break
            stop, end, count = line + 1, end + len(texts[line]), count + 1
    return first, stop, count


def _alone(lines: Lines, texts: Sequence[str], first: int, stop: int, count: int) -> bool:
    """The run stands as paragraphs of its own: quoting, not new words round old ones. One link alone is an answer."""
    if count == 1 and any("://" in lines.raw[line] for line in range(first, stop)):
        return False
    above = first == 0 or not texts[first - 1] or lines.kind[first - 1] != Kind.NEW
    below = stop >= len(lines) or not texts[stop] or lines.kind[stop] != Kind.NEW
    return above and below


def _answers(mail: Mail, lines: Lines, texts: Sequence[str], parent: _Flat) -> None:
    """Lines of an unmarked quote that the parent does not have, where it has most of the quote."""
    start = _unmarked_from(mail)
    where = [
        index
        for index, offset in enumerate(lines.start)
        if offset >= start and texts[index] and lines.kind[index] in _QUOTED and not unmark(lines.raw[index])[0]
    ]
    if not where:
        return
    cursor = size = 0
    depth: dict[int, int] = {}
    for index in where:
        place = parent.find(texts[index], cursor)
        if place < 0 and len(texts[index]) >= _LONG:
            place = parent.find(texts[index])
        if place >= 0 and (len(texts[index]) >= _LONG or place - cursor < 200):
            cursor = place + len(texts[index])
            depth[index] = parent.depth_at(place) + 1
            size += len(texts[index])
    if 2 * size < sum(len(texts[index]) for index in where):
        return
    level = 0
    for index in where:
        if lines.kind[index] != Kind.QUOTE:
            continue
        if index in depth:
            level = lines.depth[index] = depth[index]
        elif _rings(texts[index], parent):
            lines.depth[index] = level or lines.depth[index]
        else:
            lines.claim(index, index + 1, Kind.NEW)


def _rings(text: str, parent: _Flat) -> bool:
    """A piece of the line stands in the parent: it was changed on its way rather than written anew."""
    steps = range(0, max(len(text) - _WINDOW, 1), _WINDOW // 2)
    return len(text) >= _WINDOW and any(parent.find(text[at : at + _WINDOW]) >= 0 for at in steps)
