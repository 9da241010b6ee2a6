"""Body to lines with quote depth: the first look at a mail, before anything is known about its structure.

Quote marks are those of the mail clients of technical lists: ``>``, ``> >``, ``>>``, their full-width and HTML-escaped
forms, odd spaces between them, and initials before the mark ("AC>", as Emacs' supercite writes them). RFC 3676 says
how format=flowed stuffs spaces.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

# White space of one column that clients put before, between and after quote marks.
GAP = " \t\xa0\u2002\u2003\u2009\u200a\u200b\u202f\u3000\ufeff"
# ``>=`` and ``>>=`` are operators at the start of a wrapped line, not marks.
_MARKS = re.compile(rf"[{GAP}]?(?:(?:>(?!=)|＞|&gt;)[{GAP}]?)+")
_INITIALS = re.compile(rf"[{GAP}]{{0,8}}([A-Za-z]{{1,4}}|[A-Z][a-z]{{1,11}})(>+)(?=[{GAP}]|$)[{GAP}]?")
# Build robots mark new warnings in their logs, and the line of the source that they are about, like quotes.
_ROBOT = "(new ones prefixed by >>"
_ROBOT_MARK = re.compile(r">> \S+:|\s*>\s*\d+\s")
_FIRST = frozenset(">＞&") | frozenset(GAP)
_ELISION = re.compile(
    r"\[\s*(?:\.{2,}|…|snip|cut|trim)[^\]]*\]$|[\[<(]?\s*(?:\.{2,}|…+)?\s*(?:snip\w*)?\s*(?:\.{2,}|…+)?\s*[\])>]?$",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Lines:
    """The lines of a body while it is being cut. ``raw`` is the line without its line end, ``text`` without its quote
    marks, ``start`` its offset; ``depth`` counts the marks; ``kind`` is "" as long as nobody has claimed the line."""

    raw: list[str]
    text: list[str]
    start: list[int]
    depth: list[int]
    kind: list[str]
    role: list[str]

    def __len__(self) -> int:
        return len(self.raw)

    def free(self, index: int) -> bool:
        """An unquoted line that nobody has claimed yet."""
        return not self.kind[index] and not self.depth[index]

    def unclaimed(self) -> list[int]:
        """Lines with text that nobody has claimed yet, quoted or not."""
        return [index for index, (kind, text) in enumerate(zip(self.kind, self.text, strict=True)) if not kind and text]

    def own(self) -> list[int]:
        """Unquoted lines with text that nobody has claimed yet."""
        rows = zip(self.kind, self.depth, self.text, strict=True)
        return [index for index, (kind, depth, text) in enumerate(rows) if not kind and not depth and text]

    def claim(self, first: int, stop: int, kind: str, depth: int = 0) -> None:
        for index in range(first, stop):
            self.kind[index] = kind
            self.depth[index] = depth


def unmark(line: str, flowed: bool = False) -> tuple[int, str]:
    """Depth and text of one line. In format=flowed a leading space is stuffing: what follows it is no mark."""
    if line[:1] not in _FIRST or (flowed and line[0] == " "):
        return 0, line
    match = _MARKS.match(line)
    if match is None:
        return 0, line
    marks = match.group()
    depth = marks.count(">")
    if not marks.isascii() or "&" in marks:
        depth += marks.count("＞") + marks.count("&gt;")
    return depth, line[match.end() :]


def bare(line: str) -> str:
    """The text of a line that is known to be quoted, also where the client indented it together with its marks, or
    some of them."""
    depth, text = unmark(line)
    if (not depth and line[:1] in GAP) or text[:4] == "    ":
        return unmark(text.lstrip(GAP))[1] if text.lstrip(GAP)[:1] == ">" else text
    return text


def read(body: str, flowed: bool = False) -> Lines:
    """Split a body at its line feeds and count the quote marks of each line."""
    robot = _ROBOT in body
    raw = body.split("\n")
    if not raw[-1]:
        raw.pop()
    text, start, depth = raw.copy(), [0] * len(raw), [0] * len(raw)
    offset = 0
    named = False
    for index, line in enumerate(raw):
        start[index] = offset
        offset += len(line) + 1
        if not line:
            continue
        if line[0] in _FIRST and (not robot or not _ROBOT_MARK.match(line)):
            depth[index], text[index] = unmark(line, flowed)
        if not depth[index] and ">" in line[1:21]:
            named = True
    lines = Lines(raw, text, start, depth, [""] * len(raw), [""] * len(raw))
    if named:
        _initials(lines)
    if ">From " in body:
        _unescape(lines)
    _even_out(lines)
    return lines


def _unescape(lines: Lines) -> None:
    """Take back the mark that mbox files put before a line that begins with "From ": such a line stands in a paragraph
    of one mark less, and has that paragraph's marks and one more without the space that these have after them."""
    for index, line in enumerate(lines.raw):
        depth, text = lines.depth[index], lines.text[index]
        if not depth or not text.startswith("From ") or line[-len(text) - 1] != ">":
            continue
        stem = line[: -len(text) - 1]
        beside = [
            lines.depth[near]
            for near in (index - 1, index + 1)
            if 0 <= near < len(lines) and lines.text[near].strip() and (not stem or lines.raw[near].startswith(stem))
        ]
        if set(beside) == {depth - 1} and (stem[-1:] == " " or (not stem and len(beside) == 2)):
            lines.depth[index] = depth - 1


def _initials(lines: Lines) -> None:
    """Take "AC> text" as a quote where the same initials stand before at least two lines: one alone may be a prompt."""
    found = [(index, _INITIALS.match(line)) for index, line in enumerate(lines.raw) if ">" in line[1:21]]
    counts = Counter(match.group(1) for _, match in found if match)
    for index, match in found:
        if match and not lines.depth[index] and counts[match.group(1)] > 1:
            lines.depth[index] = len(match.group(2))
            lines.text[index] = lines.raw[index][match.end() :]


def _even_out(lines: Lines) -> None:
    """Give empty quote lines the depth of the deeper quote they stand in, and elisions that of the quote they shorten.

    Clients drop marks on empty lines; without this one quoted mail falls into a segment per paragraph.
    """
    depth, text = lines.depth, lines.text
    before = 0  # depth of the last line with text, 0 outside quotes
    waiting: list[int] = []  # empty quote lines
    cut = -1  # an elision under new text, which may belong to a quote below
    for index, line in enumerate(text):
        if not line or line.isspace():
            if depth[index]:
                waiting.append(index)
            continue
        if not depth[index] and line[0] in "[<(.…" and is_elision(line):
            if not before:
                cut = index
                continue
            depth[index] = before
        if cut >= 0:
            depth[cut] = depth[index]
            cut = -1
        if waiting:
            level = min(before, depth[index])
            for blank in waiting:
                depth[blank] = max(level, 1)
            waiting.clear()
        before = depth[index]


def is_elision(line: str) -> bool:
    """ "[...]", "<snip>" and kin: text left out of a quote."""
    return 1 < len(line) < 60 and bool(_ELISION.match(line.strip()))
