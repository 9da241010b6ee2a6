"""Decoded body to segments with offsets: whose words are these?

A body is cut at its lines. The passes of ``ingest.text.claims`` say what each line is; what none of them claims is
quote where it carries marks and the author's own text where it does not.
"""

from __future__ import annotations

from collections.abc import Sequence

from ingest.text import claims, patchtext
from ingest.text.kinds import COMMIT_MESSAGE, NOTES, Kind, Segment
from ingest.text.marks import Lines, bare, read

__all__ = [
    "COMMIT_MESSAGE",
    "NOTES",
    "Kind",
    "Segment",
    "above",
    "fold",
    "notes",
    "paths",
    "plain",
    "segment",
    "unfold",
]


def segment(body: str, *, is_patch: bool = False, flowed: bool = False) -> tuple[Segment, ...]:
    """Cut a decoded body into segments. ``is_patch``: the mail posts a patch or a cover letter itself (a "[PATCH ...]"
    subject without "Re:"); ``flowed``: its text is format=flowed."""
    if not body:
        return ()
    lines = read(body, flowed)
    claims.diffs(lines)
    claims.footers(lines)
    claims.headers(lines, is_patch)
    claims.attributions(lines, is_patch)
    claims.signatures(lines)
    claims.trailers(lines)
    claims.roles(lines, is_patch)
    claims.code(lines)
    return fold(lines, len(body))


def fold(lines: Lines, end: int) -> tuple[Segment, ...]:
    """Lines to segments that cover a body of that length. An empty line belongs to what stands above it, a line of
    quote marks alone to the quote beside it."""
    found: list[Segment] = []
    start = 0
    kind, depth, role = "", -1, ""  # of the segment under way; depth -1: none yet
    bare_marks, bare_depth = -1, 0  # where marks without text began that are not of the segment under way
    rows = zip(lines.kind, lines.depth, lines.role, lines.text, lines.start, strict=True)
    for this_kind, this_depth, this_role, text, offset in rows:
        same = this_kind == kind and this_depth == depth and this_role == role
        if (not this_kind or this_kind == Kind.QUOTE) and (not text or text.isspace()):
            if this_depth and not same and bare_marks < 0:
                bare_marks, bare_depth = offset, this_depth
            continue
        if same and (depth or bare_marks < 0):
            bare_marks = -1
            continue
        if bare_marks >= 0 and (this_depth or depth <= 0):
            if depth >= 0:
                found.append(_part(kind, depth, start, bare_marks, role))
                start = bare_marks
            kind, depth, role = ("", -1, "") if this_depth else ("", bare_depth, "")
        if depth >= 0:
            found.append(_part(kind, depth, start, offset, role))
            start = offset
        kind, depth, role, bare_marks = this_kind, this_depth, this_role, -1
    if bare_marks >= 0 and depth <= 0:
        if depth >= 0:
            found.append(_part(kind, depth, start, bare_marks, role))
            start = bare_marks
        kind, depth, role = "", bare_depth, ""
    found.append(_part(kind, max(depth, 0), start, end, role))
    return tuple(found)


def _part(kind: str, depth: int, start: int, end: int, role: str) -> Segment:
    return Segment(Kind(kind) if kind else Kind.QUOTE if depth else Kind.NEW, depth, start, end, role)


def unfold(body: str, segments: Sequence[Segment]) -> Lines:
    """Segments to lines, for those who know more than one mail and correct them."""
    lines = read(body)
    position = 0
    for index, offset in enumerate(lines.start):
        if not lines.raw[index].strip():
            continue
        while segments[position].end <= offset and position + 1 < len(segments):
            position += 1
        part = segments[position]
        lines.kind[index], lines.depth[index], lines.role[index] = str(part.kind), part.depth, part.role
        lines.text[index] = bare(lines.raw[index]) if part.depth else lines.raw[index]
    return lines


def above(body: str, segments: Sequence[Segment], position: int) -> str:
    """The quoted text right above the segment at ``position``, without marks; "" where the author answers nothing.

    Attributions and blocks of other kinds between the two are skipped; another piece of new text ends the search.
    """
    for before in reversed(range(position)):
        kind = segments[before].kind
        if kind is Kind.QUOTE and segments[before].depth:
            return plain(body, segments[before])
        if kind is Kind.NEW and segments[before].role == segments[position].role:
            return ""
    return ""


def plain(body: str, part: Segment) -> str:
    """The text of a segment without quote marks."""
    return "\n".join(bare(line) if part.depth else line for line in body[part.start : part.end].split("\n")).strip("\n")


def paths(body: str, segments: Sequence[Segment]) -> tuple[str, ...]:
    """The files that the mail's own diffs touch, in order, each once."""
    found: dict[str, None] = {}
    for part in segments:
        if part.kind is Kind.DIFF:
            for path in patchtext.paths(body[part.start : part.end]):
                found.setdefault(path)
    return tuple(found)


def notes(body: str, segments: Sequence[Segment]) -> str:
    """The author's text between "---" and the diff of a patch mail: remarks and changelog."""
    return "\n".join(body[part.start : part.end].strip("\n") for part in segments if part.role == NOTES)
