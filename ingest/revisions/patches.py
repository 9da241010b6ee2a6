"""A patch mail's body to what series building needs of it: files, notes, the cover's list of patches, cited mails.

The layout is that of git-format-patch(1): message, ``---``, notes and diffstat, diff; a cover letter has text, a
shortlog and a diffstat. Changelogs stand under ``---``, in the cover, or (against custom, but often) in the message.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote

from ingest.subject import Subject


@dataclass(frozen=True, slots=True)
class PatchMail:
    """A mail as series building needs it: every message of which ``is_posting`` holds. ``paths`` are the files its
    diff touches (a cover: its diffstat), ``notes`` the text under ``---``, else its changelog; ``listed`` the titles
    in a cover's shortlog; ``cited`` (version or "", mid) for each mail that it gives a link to, with the version that
    the link is said to be; ``copied``: it says that it is a commit's backport. ``read_patch`` makes the last five."""

    mid: str
    subject: Subject
    author_name: str
    author_address: str
    date: datetime | None
    parent: str
    thread: str
    paths: tuple[str, ...]
    notes: str
    listed: tuple[str, ...] = ()
    cited: tuple[tuple[str, str], ...] = ()
    copied: bool = False


@dataclass(frozen=True, slots=True)
class Posting:
    """One posted version of a series. ``key``: mid of the cover letter, else of the lowest-numbered patch. ``chain``:
    key of the first version of the same series; ``previous``: key of the version before ("" for none). ``patches``:
    (number, mid) in order, the cover as number 0. ``why``: what the chaining rests on, in words."""

    key: str
    chain: str
    previous: str
    version: str
    title: str
    author_name: str
    author_address: str
    date: datetime | None
    total: int
    patches: tuple[tuple[int, str], ...]
    changelog: str
    why: str


@dataclass(frozen=True, slots=True)
class PatchText:
    """What ``read_patch`` finds; the fields are those of ``PatchMail``."""

    paths: tuple[str, ...]
    notes: str
    listed: tuple[str, ...]
    cited: tuple[tuple[str, str], ...]
    copied: bool = False


_WIDE = 1_000  # characters of a line that are looked at: nobody writes longer ones, but programs do
_DIFF = re.compile(r"diff --git a/(\S+) b/(\S+)|(?:---|\+\+\+) (?:[abiw]/)?(\S+)(?:\s.*)?$|Index: \S|diff -\S")
_STAT = re.compile(
    r" (\S.{0,200}?)\s+\|\s+(?:\d+ ?[+-]*|Bin\b.*|Unk\b.*)$| (?:\d+ files? changed|create|delete|rename|mode)\b"
)
_SHORTLOG = re.compile(r"\S.{0,80} \(\d+\):$")
_END = re.compile(r"-- ?$|_{20,}$|base-commit: |prerequisite-")
_TRAILER = re.compile(r"[A-Z][A-Za-z-]+-by: ")
_HEADING = re.compile(
    r"""[\s*\#=_\[(-]*(?:
        (?:(?:main|major|notable)\s+)?change(?:s|\s?log)\b .{0,60} (?:v\d|:|version|rfc|history) |
        (?:changes|change\s?log|(?:(?:revision|version|patch|change)\s+)?history)\s*:?\s*$ |
        (?:since|from|in|diff\w*\s+(?:from|since)) \s+ (?:the\s+)? (?:rfc[\s-]*)?
            v(?:er(?:sion)?)? \s* \d[\d.]* (?: [^.]{0,30} : | \s*\[\w+\] )? \s* $ |
        [^.:]{0,60} \b(?:previous|last|prior|earlier)\s+(?:version|posting|revision|series)\b [^.:]{0,20} : \s* $ |
        v\d+ \s+ (?:change(?:s|log)?|updates?|notes?) \s* :? \s* $ |
        (?:rfc\s*)? v?\d[\d.]* \s* (?:->|=>|-->|→|to|\.\.+) \s* (?:rfc\s*)?v\d |
        rfc \s* (?:->|=>|-->|→|to) \s* (?:v\d|patch) |
        (?:rfc[\s-]*)? v(?:er(?:sion)?)? \s?\d+(?:\.\d+)? \s? [\])]? \s* (?::|$|-\s)
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_BULLET = re.compile(r"\s+\S|[-*+o•]\s|\(?\d+[.)]\s")
_LINK = re.compile(
    r"(?:https?://[^\s<>]{,200}?/|\bmessage-id:\s?<?|\bid:)([^\s/<>]{1,250}@[^\s/<>)\],;]{1,250})", re.IGNORECASE
)
_SAID = re.compile(r"\b(?:v|version\s*)(\d+(?:\.\d+)?)\b", re.IGNORECASE)
_APPLIED = re.compile(r"\s*(?:link|closes|message-id)\s*:", re.IGNORECASE)
_COPIED = re.compile(
    r"\s*(?:\[?\s*(?:upstream )?commit:? [0-9a-f]{12,40}\b.{0,40}upstream|\[?\s*upstream commit:? [0-9a-f]{12,40}\b"
    r"|\(cherry picked from commit [0-9a-f]{7,40}\b|backported from )",
    re.IGNORECASE,
)
_FOOTNOTE = re.compile(r"\s*(\[\w{1,3}\])")


def is_posting(subject: Subject) -> bool:
    """Is this a patch or a cover letter, and no reply? Pull requests count: the patches under one are no new version
    of the series that they come from, and only the request tells."""
    return not subject.is_reply and (subject.is_patch or "PULL" in subject.prefixes)


def read_patch(body: str) -> PatchText:
    """Read a patch mail's or cover letter's decoded body."""
    lines = body.split("\n")
    diff = next((i for i, line in enumerate(lines) if _starts_diff(lines, i, line)), len(lines))
    head = [line[:_WIDE] for line in lines[:diff]]
    rule = next((i for i, line in enumerate(head) if line.rstrip() == "---"), len(head)) if diff < len(lines) else diff
    under = [line for line in head[rule + 1 :] if not (_STAT.match(line) or _END.match(line) or line.rstrip() == "---")]
    # In the message of a patch "Link:" is a trailer that a committer added: it names what was applied.
    linking = [line for line in head if not _APPLIED.match(line)] if diff < len(lines) else head
    return PatchText(
        paths=_paths(lines, diff),
        notes="\n".join(under).strip() or "\n".join(_changelog(head[:rule])).strip(),
        listed=tuple(_listed(head)),
        cited=tuple(_cited(linking)),
        copied=any(_COPIED.match(line) for line in head),
    )


def _starts_diff(lines: list[str], index: int, line: str) -> bool:
    if line.startswith("--- "):
        return index + 1 < len(lines) and lines[index + 1].startswith("+++ ")
    return line.startswith(("diff --git ", "Index: ", "diff -"))


def _paths(lines: list[str], diff: int) -> tuple[str, ...]:
    """Files that the diff touches; without a diff, those of the diffstat (without those cut to ``.../x``)."""
    found: set[str] = set()
    for line in lines[diff:]:
        if line.startswith(("diff ", "--- ", "+++ ")) and (match := _DIFF.match(line)):
            found.update(part for part in match.groups() if part and part != "/dev/null")
    if diff == len(lines):
        stats = (_STAT.match(line) for line in lines)
        found = {match[1] for match in stats if match and match[1] and "..." not in match[1]}
    return tuple(sorted(found))


def _changelog(head: list[str]) -> Iterator[str]:
    """The parts of a message that stand under a heading such as "Changes since v2:"."""
    inside, blank, fresh = False, False, False
    for line in head:
        if _SHORTLOG.match(line) or _END.match(line) or _STAT.match(line) or _TRAILER.match(line):
            inside = False
        elif _HEADING.match(line):
            inside, fresh = True, True
        elif inside and line.strip():
            # After an empty line only lists go on, or the one paragraph that follows the heading itself.
            inside = not blank or fresh or bool(_BULLET.match(line))
            fresh = False
        if inside:
            yield line
        blank = not line.strip()


def _listed(head: list[str]) -> Iterator[str]:
    """Patch titles of the shortlog: indented lines under "Name (3):"; a wrapped title is put together again."""
    title, indent = "", -1
    for line in head:
        text = line.strip()
        if _SHORTLOG.match(line):
            if title:
                yield title
            title, indent = "", 0
        elif indent < 0:
            continue
        elif text and line[0] in " \t" and not _STAT.match(line):
            margin = len(line) - len(line.lstrip())
            if title and margin <= indent:
                yield title
                title = ""
            indent = indent if title else margin
            title = f"{title} {text}".strip()
        else:
            if title:
                yield title
            title, indent = "", 0 if not text else -1
    if title:
        yield title


def _cited(head: list[str]) -> Iterator[tuple[str, str]]:
    """(version, mid) of linked mails; the version is said on the line, on the one above, or where "[1]" is used."""
    if not _LINK.search("\n".join(head)):
        return
    labels: dict[str, str] = {}
    for line in head:
        for match in _SAID.finditer(line):
            note = re.match(r"[\s,:(]{0,3}(\[\w{1,3}\])", line[match.end() :])
            if note:
                labels.setdefault(note[1], match[1])
    above = ""
    for line in head:
        for match in _LINK.finditer(line):
            note = _FOOTNOTE.match(line)
            said = _SAID.findall(line[: match.start()]) or [labels.get(note[1], "") if note else above]
            for version in said:  # of "v1 -> v2: LINK" either can be meant
                yield version, unquote(match[1]).rstrip(".")
        heading = _SAID.search(line) if len(line) < 40 or "PATCH" in line or "RFC" in line else None
        above = heading[1] if heading else ""
