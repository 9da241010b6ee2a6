"""Decoded body to segments with offsets: whose words are these?

A body is cut at its lines. The passes of ``ingest.claims`` say what each line is; what none of them claims is quote where
it carries marks and the author's own text where it does not.
"""

from __future__ import annotations

from collections.abc import Sequence

from ingest import claims, patchtext
from ingest.kinds import COMMIT_MESSAGE, NOTES, Kind, Segment
from ingest.marks import Lines, read, unmark

__all__ = ["COMMIT_MESSAGE", "NOTES", "Kind", "Segment", "above", "notes", "paths", "plain", "segment"]


def segment(body: str, *, is_patch: bool = False, flowed: bool = False) -> tuple[Segment, ...]:
    """Cut a decoded body into segments. ``is_patch``: the mail posts a patch or a cover letter itself (a "[PATCH ...]"
    subject without "Re:"); ``flowed``: its text is format=flowed."""
    if not body:
        return ()
    lines = read(body, flowed)
    claims.diffs(lines)
    claims.headers(lines, is_patch)
    claims.attributions(lines)
    claims.footers(lines)
    claims.signatures(lines)
    claims.trailers(lines)
    claims.roles(lines, is_patch)
    return _fold(lines, len(body))


def _fold(lines: Lines, end: int) -> tuple[Segment, ...]:
    """Lines to segments. An empty line belongs to what stands above it."""
    found: list[Segment] = []
    start, current = 0, None
    for index, text in enumerate(lines.text):
        if not lines.kind[index] and (not text or text.isspace()) and not lines.depth[index]:
            continue
        depth = lines.depth[index]
        key = (Kind(lines.kind[index] or (Kind.QUOTE if depth else Kind.NEW)), depth, lines.role[index])
        if current is not None and key != current:
            found.append(Segment(current[0], current[1], start, lines.start[index], current[2]))
            start = lines.start[index]
        current = key
    kind, depth, role = current or (Kind.NEW, 0, "")
    found.append(Segment(kind, depth, start, end, role))
    return tuple(found)


def above(body: str, segments: Sequence[Segment], position: int) -> str:
    """The quoted text right above the segment at ``position``, without marks; "" where the author answers nothing.

    Attributions and blocks of other kinds between the two are skipped; another piece of new text ends the search.
    """
    for before in reversed(range(position)):
        kind = segments[before].kind
        if kind is Kind.QUOTE:
            return plain(body, segments[before])
        if kind is Kind.NEW and segments[before].role == segments[position].role:
            return ""
    return ""


def plain(body: str, part: Segment) -> str:
    """The text of a segment without quote marks."""
    return "\n".join(unmark(line)[1] if part.depth else line for line in body[part.start : part.end].split("\n")).strip(
        "\n"
    )


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
