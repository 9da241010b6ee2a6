"""Quotes without marks: all that stands below a header or an attribution, or what is indented there."""

from __future__ import annotations

from ingest.text import attribution
from ingest.text.kinds import Kind
from ingest.text.marks import Lines, unmark

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


def indented(lines: Lines, attributed: int, first: int) -> None:
    """The indented lines from ``first`` on, right below an attribution that has as many marks, are one level deeper:
    so text is made of HTML quotes. An author's own text may be indented too: there marks or another attribution must
    stand behind the indent."""
    depth = lines.depth[first] if first < len(lines) else 0
    indent = _indent(lines.text[first]) if first < len(lines) else 0
    if indent < _indent(lines.text[attributed]) + len(_INDENT):
        return
    stop = first
    while stop < len(lines) and not lines.kind[stop] and lines.depth[stop] == depth:
        if lines.text[stop].strip() and _indent(lines.text[stop]) < indent:
            break
        stop += 1
    inner = [lines.text[index][indent:] for index in range(first, stop)]
    if depth or any(unmark(text)[0] for text in inner) or attribution.opens(inner[0]):
        for index, text in zip(range(first, stop), inner, strict=True):
            if text.strip():
                marks, lines.text[index] = unmark(text)
                lines.depth[index] = depth + 1 + marks


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip(" "))
