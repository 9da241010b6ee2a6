"""A mail to the commit events that it tells: what went in, where, and the sentence that says so.

Two kinds of mail are read. People answer a patch in a sentence, often with a list of titles and hashes below it (the
form of ``b4 ty`` and ``git log --oneline``); ``told`` judges the sentence. Programs and pull requests have fixed forms,
which ``reports`` knows. Only the author's own words count: quoted text never reaches either.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from ingest.commits import Event
from ingest.history.reports import Item, items, reports
from ingest.history.told import Told, told

_REPLY = re.compile(r"(?i)^\s*(?:(?:re|aw|sv|antw|vs|fwd?)\s*(?:\[\d+\])?\s*:|\(?subset\)?|applied\s*[:\"])")
_PREFIX = re.compile(
    r"(?i)^\s*(?:(?:re|aw|sv|antw|vs|fwd?)\s*(?:\[\d+\])?\s*:\s*|\(subset\)\s*|applied\s*:\s*|\[[^\]]*\]\s*)+"
)
_MORE = re.compile(r"\s*\[and \d+ more messages?\]\s*$|\s*\(was:? .*\)\s*$", re.IGNORECASE)
_PATCH = re.compile(r"(?i)\[[^\]]*\b(?:PATCH|RFC|PULL)\b[^\]]*\]")
_PARAGRAPH = re.compile(r"\n[ \t]*\n|\n(?=[ \t]*(?:[-*•]|\d+[.)])[ \t])|\n(?=\[\d+/\d+\])")
_SENTENCE = re.compile(r"(?<=[.!?])[\"')]*\s+(?=[A-Z\[(\"'0-9:])|(?<=[!?]) +(?=\S)")
_OID = re.compile(r"(?i)\b(?:as|commit|c/s|changeset|id)[ :]+(?:commit )?<?([0-9a-f]{7,40})\b")


def events(mid: str, subject: str, body: str, new: Sequence[tuple[int, int]], parent: str = "") -> list[Event]:
    """Events of one mail, in the order of their sentences.

    ``new``: offsets of the author's own text in ``body``; ``parent``: the mail that it answers ("" for none). The
    title is that of the list item, else that of the subject line; ``about`` is ``parent`` where the words do not point
    elsewhere.
    """
    found = list(reports(mid, subject, body, new))
    if not found and (_REPLY.match(subject) or (parent and not _PATCH.search(subject))):
        for start, end in new:
            for at, stop in sentences(body, start, end):
                if event := told(body[at:stop]):
                    found += _of_sentence(mid, subject, body, (at, stop), event, parent)
    kept = {(event.start, event.title, event.oid): event for event in reversed(found)}
    return sorted(kept.values(), key=lambda e: (e.start, e.end, e.title, e.oid))


def sentences(body: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Offsets of sentences: cut at empty lines, list items, and final punctuation before a capital."""
    for first, last in _pieces(_PARAGRAPH, body, start, end):
        for at, stop in _pieces(_SENTENCE, body, first, last):
            text = body[at:stop]
            at += len(text) - len(text.lstrip())
            stop = at + len(text.strip())
            if at < stop:
                yield at, stop


def _pieces(cut: re.Pattern[str], body: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    at = start
    for match in cut.finditer(body, start, end):
        yield at, match.start()
        at = match.end()
    yield at, end


@lru_cache(maxsize=1 << 14)
def title_of(subject: str) -> str:
    """The subject line without "Re:" and brackets."""
    return " ".join(_MORE.sub("", _PREFIX.sub("", subject)).split())


def _of_sentence(
    mid: str, subject: str, body: str, where: tuple[int, int], event: Told, parent: str
) -> Iterator[Event]:
    start, end = where
    listed: list[Item] = items(body, end)
    about = "" if event.other else parent
    if listed:
        for item in listed:
            yield Event(mid, event.kind, start, end, item.title, item.oid, event.branch, about)
        return
    oid = _OID.search(body, start, end)
    title = "" if event.other else title_of(subject)
    yield Event(mid, event.kind, start, end, title, oid[1].lower() if oid else "", event.branch, about)
