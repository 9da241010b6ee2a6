"""Patches in plain text: where a diff, a diffstat or a trailer begins and how far it goes.

Hunks are measured by the counts in their ``@@`` line (as patch(1) reads them), with forgiveness for what mail clients
do to patches: trailing white space cut, long lines wrapped, parts elided.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_HG_HEADER = "# HG changeset patch"
_HUNK = re.compile(r"@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@")
_COMBINED = re.compile(r"@@@+ -")
_PATHS = re.compile(r"^--- (\S+).*\n\+\+\+ (\S+)", re.MULTILINE)
_EXTENDED = (
    "diff ", "index ", "old mode ", "new mode ", "deleted file mode ", "new file mode ", "copy from ", "copy to ",
    "rename from ", "rename to ", "similarity index ", "dissimilarity index ", "--- ", "+++ ", "Binary files ",
    "Only in ", "Index: ", "=" * 20, "\\ No newline", "RCS file: ", "retrieving revision ", "# ",
)  # fmt: skip
_STARTS = re.compile(
    r"diff (?:--git |--cc |--combined |-[a-zA-Z]|\S+ \S+$)|Index: \S+$|@@ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@"
)
_OLD_FILE = re.compile(r"--- (?:\S+/\S|/dev/null|\S+\.\w+(?:\s|$))")
_MAILBOX_LINE = re.compile(r"From [0-9a-f]{40} \w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}\s*$")
_SCISSORS = re.compile(
    r"(?=.*(?:8<|>8))[-=~*_ 8<>%|]*(?:cut here|snip|scissors|patch|start|begin|end|here)?[-=~*_ 8<>%|]*$", re.IGNORECASE
)
_STAT = re.compile(r" ?\s?(?:\.\.\.)?\S.{0,200}?\s\|\s+(?:\d+ ?[+-]*|Bin(?: .*)?|Unk)\s*$")
_STAT_SUM = re.compile(r"\s{0,3}\d+ files? changed(?:, \d+ (?:insertion|deletion)s?\([+-]\))*\s*$")
_STAT_MODE = re.compile(
    r"\s{1,3}(?:(?:create|delete) mode \d{6} \S|(?:rename|copy) \S.* \(\d+%\)|mode change \d{6} => )"
)
_BY = re.compile(r"\s{0,4}[A-Za-z][a-z]*(?:[- ][A-Za-z0-9]+){0,4}-(?:[Bb]y|[Oo]ff|AND-[Tt]ested-by)\s*:\s*\S")
_KEYED = re.compile(
    r"(?:Fixes:\s+(?:commit\s+)?(?:[0-9a-f]{7,40}\b|XSA|https?:)|"
    r"(?:Link|Closes|Bug[Ll]ink|Bugzilla|Patchwork|URL|Lore|References):\s+<?https?:"
    r"|C[cC]:\s.*(?:@|vger|stable|#\s*v?\d)|Message-I[dD]:\s+<?\S+@"
    r"|Change-Id:\s+I[0-9a-f]{8}"
    r"|\(cherry[- ]picked from commit [0-9a-f]"
    r"|\(backported from commit|Upstream-commit:|BUG=|TEST=|master commit: [0-9a-f]{12}|Depends-on:\s"
    r"|base-commit:\s[0-9a-f]{12}|change-id:\s\S+$|prerequisite-(?:patch-id|change-id|message-id):\s)"
)
_LOOSE = re.compile(r"[A-Z][A-Za-z]*(?:-[A-Za-z]+){0,4}(?: (?:ID|Id|id))?:\s+\S")
_NOTE = re.compile(r"\[[^\[\]]{1,40}:\s.*")
_SHORTLOG = re.compile(r"[^\W\d_][^:(]{1,60} \((\d+)\):\s*$")


def starts_diff(lines: Sequence[str], index: int) -> bool:
    """A diff begins here: a header of git, cvs, quilt or hg, a pair of ---/+++ lines, or a bare hunk."""
    line = lines[index]
    if _STARTS.match(line):
        return True
    return bool(_OLD_FILE.match(line)) and index + 1 < len(lines) and lines[index + 1].startswith("+++ ")


def diff_end(lines: Sequence[str], index: int) -> int:
    """The line after the diff that begins at ``index``."""
    last = index
    while index < len(lines):
        line = lines[index]
        hunk = _HUNK.match(line)
        if hunk:
            index = _hunk_end(lines, index + 1, int(hunk.group(1) or 1), int(hunk.group(2) or 1))
            last = index
        elif _COMBINED.match(line):
            index = _while_marked(lines, index + 1)
            last = index
        elif line.startswith("GIT binary patch"):
            index = _binary_end(lines, index + 1)
            last = index
        elif line.startswith(_EXTENDED):
            index = last = index + 1
        elif not line.strip() and index - last < 3:
            index += 1
        elif _resumes(lines, index, last):
            index = last = index + 1
        else:
            break
    return last


def _resumes(lines: Sequence[str], index: int, last: int) -> bool:
    """The tail of a wrapped header line, or an elision with more of the diff below."""
    line = lines[index]
    if line.startswith(("[...", "[ ...", "[…", "[snip", "...")):
        return True
    return index == last and any(
        lines[index - 1].startswith(head) and len(line) < 90 and follow.startswith((*_EXTENDED, "@@ -"))
        for head in ("diff --git ", "--- a/", "+++ b/", "index ")
        for follow in lines[index + 1 : index + 2]
    )


def _hunk_end(lines: Sequence[str], index: int, old: int, new: int) -> int:
    """The line after a hunk of so many old and new lines."""
    first = index
    while index < len(lines) and (old > 0 or new > 0):
        line = lines[index]
        mark = line[:1]
        if mark == "+":
            new -= 1
        elif mark == "-" and not (line.rstrip() == "--" and _only_signature(lines, index)):
            old -= 1
        elif mark == " " or mark == "\t" or mark == "\xa0" or not line.strip():
            old -= 1
            new -= 1
        elif mark == "\\":
            pass
        elif line.startswith(("[...", "[ ...", "[…", "[snip")):
            return index + 1
        elif line.startswith(("@@ -", "diff --git ")) or not _wrapped(lines, index):
            return _trim(lines, index)
        index += 1
    return _trim(lines, _hunk_rest(lines, index, first))


def _hunk_rest(lines: Sequence[str], index: int, first: int) -> int:
    """More lines than the counts say: the hunk was edited by hand, or the function's name in its header wrapped."""
    context = 3 if first and len(lines[first - 1]) >= 60 else 0
    while index < len(lines):
        line = lines[index]
        if line[:1] == " " and line.strip() and context:
            context -= 1
        elif line[:2] not in ("+\t", "-\t", "\\ ") and (line[:1] != "+" or line[:2] == "++"):
            break
        index += 1
    return index


def _only_signature(lines: Sequence[str], index: int) -> bool:
    """A "-- " in a hunk whose counts are off: a signature if no line of a diff follows within the next few."""
    return not any(line.startswith(("+", "-", " ", "@@", "diff ")) for line in lines[index + 1 : index + 4])


def _wrapped(lines: Sequence[str], index: int) -> bool:
    """A line without a mark inside a hunk: the tail of one that a client wrapped, if the hunk goes on below."""
    if len(lines[index - 1]) < 50 or len(lines[index]) > 90:
        return False
    return any(
        line[:1] in ("+", "-", " ", "@") and line.strip() and line[:2] != "--" for line in lines[index + 1 : index + 3]
    )


def _trim(lines: Sequence[str], index: int) -> int:
    while index > 0 and not lines[index - 1]:
        index -= 1
    return index


def _while_marked(lines: Sequence[str], index: int) -> int:
    while index < len(lines) and lines[index][:1] in ("+", "-", " ") and lines[index].rstrip() != "--":
        index += 1
    return index


def _binary_end(lines: Sequence[str], index: int) -> int:
    blanks = 0
    while index < len(lines) and blanks < 2 and not lines[index].startswith("diff "):
        blanks += not lines[index].strip()
        index += 1
    return index


def paths(diff: str) -> list[str]:
    """The files that a diff names, without git's a/ and b/; a deleted file by its old name."""
    found = []
    for match in _PATHS.finditer(diff):
        old, new = match.group(1), match.group(2)
        path = old if new == "/dev/null" else new
        found.append(path[2:] if path[:2] in ("a/", "b/") else path)
    return found


def is_mailbox_line(line: str) -> bool:
    """The first line of git format-patch's output: a whole patch follows, with its own header and message."""
    return bool(_MAILBOX_LINE.match(line))


def is_scissors(line: str) -> bool:
    """git-am's scissors, on a line of their own."""
    return ("8<" in line or ">8" in line) and len(line) < 100 and bool(_SCISSORS.match(line))


def is_stat(line: str) -> bool:
    """A line of a diffstat, its sum, or git's summary of created, deleted and renamed files."""
    if "|" in line:
        return len(line) < 300 and bool(_STAT.match(line))
    return bool(_STAT_SUM.match(line) or _STAT_MODE.match(line))


def is_trailer(line: str) -> bool:
    """A trailer by its looks: Signed-off-by and kin with somebody named, Fixes with a commit, Cc with an address."""
    if ":" not in line[:60]:
        return line.startswith("(cherry") and bool(_KEYED.match(line))
    return len(line) < 400 and bool(_BY.match(line) or _KEYED.match(line))


def may_be_trailer(line: str) -> bool:
    """A trailer only in the company of others: any "Key: value", or a maintainer's bracketed note between them."""
    return bool(_LOOSE.match(line) or _NOTE.match(line))


def shortlog_end(lines: Sequence[str], index: int) -> int:
    """The line after "NAME (2):" and the titles under it, which git shortlog makes for a cover letter, or ``index``."""
    match = _SHORTLOG.match(lines[index]) if lines[index].rstrip().endswith("):") else None
    stop = index + 1
    while match and stop < len(lines) and lines[stop][:2] == "  " and lines[stop].strip():
        stop += 1
    return stop if match and stop - index - 1 >= int(match.group(1)) else index


def hg_header_end(lines: Sequence[str], index: int) -> int:
    """The line after the header that Mercurial's export puts above a patch, or ``index``."""
    if not lines[index].startswith(_HG_HEADER):
        return index
    while index < len(lines) and lines[index].startswith("# "):
        index += 1
    return index


def split_patch(text: str) -> tuple[str, str]:
    """A patch mail's text above its first diff, and from there on; LF line ends. "" for what is not there."""
    lines = text.split("\n")
    for index in range(len(lines)):
        if starts_diff(lines, index):
            return "\n".join(lines[:index]), "\n".join(lines[index:])
    return text, ""
