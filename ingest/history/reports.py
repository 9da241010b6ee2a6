"""Mails of fixed form to commit events: lists under a thank-you, stable notes, bots, pull requests, push reports.

The forms: ``b4 ty`` and patchwork's bot (title, then ``commit:`` or an address that ends in the hash), ``git log
--oneline``, the stable tree's "I've just added the patch titled", the pull request tracker, tip's commit notices,
``git request-pull`` with its shortlog, the backports' "commit X upstream", and osstest's push reports.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.commits import Event

_HASH = r"[0-9a-f]{7,40}"
_BULLET = re.compile(
    r"^[ \t]*(?:[-*][ \t]+)?\[[^\]\n]*\d+/\d+[^\]\n]*\][ \t]+(?P<title>\S.*)$"
    r"|^[ \t]*-[ \t]+(?:\[[^\]\n]*\][ \t]+)?(?P<bare>\S.*)$"
)
_WHERE = re.compile(rf"^[ \t]+(?:commit:?[ \t]+|https?://\S+?(?:/c/|/commit/|[?;&](?:id|h)=|/))(?P<oid>{_HASH})\b")
_UNKNOWN = re.compile(r"^[ \t]+\(no commit info\)")
_ONELINE = re.compile(
    r"^[ \t]*(?:[-*][ \t]+)?(?:commit[ \t]+)?(?P<oid>(?=[0-9a-f]*\d)[0-9a-f]{7,40})"
    r"[ \t]+[(\"]*(?P<title>[A-Za-z\[].*?)[)\"]*$"
)
_STABLE = re.compile(
    r"I've just added the patch titled\s+(?P<title>\S[^\n]*(?:\n {4,}\S[^\n]*)*)\s+to the (?P<branch>[\w.-]+ tree)"
)
_TRACKER = re.compile(
    rf"The pull request you sent on [^\n]*:\s+>? ?(?P<url>[^\n]+)\s+has been merged into (?P<branch>\S+?):\s+https?://\S+/(?P<oid>{_HASH})"
)
_TIP = re.compile(
    rf"The following commit has been merged into the (?P<branch>\S+) branch of (?P<tree>\w+):"
    rf"\s+Commit-ID:\s+(?P<oid>{_HASH})"
)
_UPSTREAM = re.compile(
    rf"(?im)^[ \t]{{0,20}}\[?[ \t]{{0,20}}(?:upstream commit (?P<a>{_HASH})|commit (?P<b>{_HASH}) upstream)\b[^\n]*$"
)
_PULL = re.compile(r"(?m)^are available in the [Gg]it repository at:\s+(?P<where>\S[^\n]*)")
_TIP_OF_PULL = re.compile(
    rf"(?m)^for you to fetch changes up to (?P<oid>{_HASH}):\s+(?P<title>\S[^\n]*?)(?: \([\d-]+ [\d:]+ [+-]\d+\))?$"
)
_AUTHOR = re.compile(r"(?m)^(?P<who>\S[^\n:|]*) \(\d+\):\n(?P<titles>(?:[ ]{2,}\S[^\n]*\n?)+)")
_FLIGHT = re.compile(r"^\[(?P<what>[\w.-]+) test\] \d+: .*\bPUSHED\b")
_PUSH = re.compile(rf"(?m)^[ \t]*({_HASH})\.\.(?P<oid>{_HASH})[ \t]+\S+[ \t]+->[ \t]+(?P<branch>\S+)")
_PREFIX = re.compile(r"^(?:\s*\[[^\]]*\]\s*)+")


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a list of what went in; ``oid`` "" where the list does not say."""

    title: str
    oid: str


def items(body: str, start: int) -> list[Item]:
    """The list that follows offset ``start``, with at most a line or two of text in between."""
    found: list[Item] = []
    title, other = "", 0
    for line in body[start : start + 60_000].split("\n"):
        if line.startswith(">") or line.rstrip() == "--" or other > 3:
            break
        if where := _WHERE.match(line):
            if title:
                found.append(Item(title, where["oid"].lower()))
            title, other = "", 0
        elif title and _UNKNOWN.match(line):
            found.append(Item(title, ""))
            title, other = "", 0
        elif entry := _BULLET.match(line):
            title, other = " ".join((entry["title"] or entry["bare"]).split()), 0
        elif entry := _ONELINE.match(line):
            found.append(Item(" ".join(entry["title"].split()), entry["oid"].lower()))
            title, other = "", 0
        elif line.strip():
            title = f"{title} {line.strip()}" if title and line.startswith("  ") else ""
            other += not title
    return found


def reports(mid: str, subject: str, body: str, new: Sequence[tuple[int, int]]) -> Iterator[Event]:
    """The events of a mail of fixed form; nothing for any other mail."""
    inside = [body[start:end] for start, end in new]
    if match := _within(_STABLE, body, new):
        yield _event(mid, "stable", match, " ".join(match["title"].split()), "", match["branch"])
    if match := _within(_TRACKER, body, new, loose=True):
        yield _event(mid, "pulled", match, _title(subject), match["oid"], match["branch"])
    if match := _within(_TIP, body, new, loose=True):
        yield _event(mid, "committed", match, _title(subject), match["oid"], f"{match['tree']} {match['branch']}")
    if re.match(r"(?i)\s*\[[^\]]*\bPATCH\b", subject) and (match := _within(_UPSTREAM, body, new)):
        yield _event(mid, "committed", match, _title(subject), (match["a"] or match["b"]).lower(), "upstream")
    if re.match(r"(?i)\s*\[[^\]]*PULL", subject) and any("available in the" in text for text in inside):
        yield from _request(mid, body, new)
    flight = _FLIGHT.match(subject)
    if flight and (match := _within(_PUSH, body, new, loose=True)):
        yield _event(mid, "tested_push", match, "", _whole(body, match["oid"]), f"{flight['what']} {match['branch']}")


def _request(mid: str, body: str, new: Sequence[tuple[int, int]]) -> Iterator[Event]:
    """A pull request says that its patches are committed on a branch of the sender's tree."""
    place = _within(_PULL, body, new, loose=True)
    branch = place["where"].split()[-1] if place else ""
    seen: set[str] = set()
    for part in _AUTHOR.finditer(body):
        at = part.start("titles")
        for line in part["titles"].splitlines(keepends=True):
            title = " ".join(line.split())
            if title and not title.startswith(("Merge ", "Revert ", "|")) and "|" not in title and title not in seen:
                seen.add(title)
                start = at + line.index(title.split()[0])
                yield Event(mid, "committed", start, at + len(line.rstrip()), title, "", branch, "")
            at += len(line)
    tip = _within(_TIP_OF_PULL, body, new, loose=True)
    if tip and tip["title"] not in seen:
        yield _event(mid, "committed", tip, tip["title"], tip["oid"], branch)


def _within(
    pattern: re.Pattern[str], body: str, new: Sequence[tuple[int, int]], loose: bool = False
) -> re.Match[str] | None:
    """The first match that starts in the author's own text; a ``loose`` one may run on beyond it."""
    match: re.Match[str] | None = None
    for start, end in new:
        if not loose:
            match = pattern.search(body, start, end)
        elif match is None or match.start() < start:  # else it is the first behind this place, too
            match = pattern.search(body, start)
            if match is None:
                return None
        if match and start <= match.start() < end:
            return match
    return None


def _event(mid: str, kind: str, match: re.Match[str], title: str, oid: str, branch: str) -> Event:
    text = match[0]
    start = match.start() + len(text) - len(text.lstrip())
    return Event(mid, kind, start, match.start() + len(text.rstrip()), title, oid.lower(), branch, "")


def _title(subject: str) -> str:
    plain = re.sub(r"(?i)^\s*(?:re|fwd?)\s*:\s*", "", subject)
    return " ".join(_PREFIX.sub("", plain).split())


def _whole(body: str, short: str) -> str:
    """The report names the tested revision in full elsewhere."""
    full = re.search(rf"\b{short}[0-9a-f]{{{40 - len(short)}}}\b", body)
    return full[0] if full else short
