"""What stands below an attribution or a header block: quotes without marks, with odd ones, indented, or cut short."""

from __future__ import annotations

from ingest.text import attribution
from ingest.text.kinds import Kind
from ingest.text.marks import Lines, is_elision, unmark

_INDENT = "    "


def unmarked(lines: Lines, first: int) -> None:
    """All below is another's, one level deeper than it looks. Where it begins indented, as Outlook on a Mac quotes,
    only what is indented is."""
    below = [
        index
        for index in range(first, len(lines))
        if lines.kind[index] != Kind.FOOTER and lines.text[index] and not lines.text[index].isspace()
    ]
    if below and lines.text[below[0]].startswith(_INDENT):
        below = [index for index in below if lines.text[index].startswith(_INDENT)]
        for index in below:
            lines.depth[index], lines.text[index] = unmark(lines.text[index][len(_INDENT) :])
    for index in below:
        lines.claim(index, index + 1, "", lines.depth[index] + 1)


def is_cited(lines: Lines, attributed: int, first: int) -> bool:
    """An attribution and the marked quote below it were indented together, as one who cites an older mail does."""
    indent = _indent(lines.text[attributed])
    return first < len(lines) and 0 < indent == _indent(lines.text[first]) and unmark(lines.text[first][indent:])[0] > 0


def indented(lines: Lines, attributed: int, first: int) -> None:
    """The indented lines from ``first`` on, right below an attribution that has as many marks, are one level deeper:
    so text is made of HTML quotes. An author's own text may be indented too: there marks or another attribution must
    stand behind the indent. Lines indented as much as their attribution, with marks behind the indent, were cited
    together with it."""
    depth = lines.depth[first] if first < len(lines) else 0
    indent = _indent(lines.text[first]) if first < len(lines) else 0
    cited = is_cited(lines, attributed, first)
    if not cited and indent < _indent(lines.text[attributed]) + len(_INDENT):
        return
    stop = first
    while stop < len(lines) and not lines.kind[stop] and lines.depth[stop] == depth:
        text = lines.text[stop]
        if text.strip() and (_indent(text) < indent or (cited and not unmark(text[indent:])[0])):
            break
        stop += 1
    inner = [lines.text[index][indent:] for index in range(first, stop)]
    if cited or depth or any(unmark(text)[0] for text in inner) or (inner and attribution.opens(inner[0])):
        for index, text in zip(range(first, stop), inner, strict=True):
            if text.strip():
                marks, lines.text[index] = unmark(text)
                lines.depth[index] = depth + marks + (not cited)


def below(lines: Lines, index: int) -> int:
    """The next line with text, at most three empty ones below."""
    stop = min(index + 3, len(lines))
    return next((line for line in range(index, stop) if lines.text[line].strip()), stop)


def deepen_elision(lines: Lines, index: int) -> None:
    """An elision between an attribution and a deeper quote has the depth of the quote."""
    after = below(lines, index + 1)
    if after < len(lines) and is_elision(lines.text[index]) and not unmark(lines.raw[index])[0]:
        lines.depth[index] = max(lines.depth[index], lines.depth[after])


def heads_its_quote(lines: Lines, first: int) -> bool:
    """Apple's clients put an attribution within the quote that it is about, with the same marks."""
    above = first - 1
    while above >= 0 and not lines.text[above].strip():
        above -= 1
    if above >= 0 and lines.kind[above] == Kind.ATTRIBUTION:
        return lines.depth[first] > lines.depth[above] + 1
    return (above < 0 or lines.depth[above] < lines.depth[first]) and attribution.is_apple(lines.text[first])


def piped(lines: Lines, first: int) -> None:
    """Lines with a bar for a mark, from ``first`` on."""
    for index in range(first, len(lines)):
        text = lines.text[index]
        if text[:1] != "|" and text.strip():
            return
        if text[:1] == "|":
            lines.depth[index] += 1
            lines.text[index] = text[1:].removeprefix(" ")


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip(" "))
