"""Lines to kinds, one pass a kind. Each claims lines that none before it has claimed, the surest evidence first.

When in doubt a line stays the author's: a sentence lost is worse than a line too many.
"""

from __future__ import annotations

from ingest.text import attribution, endings, excerpts, insets, patchtext
from ingest.text.kinds import COMMIT_MESSAGE, NOTES, Kind
from ingest.text.marks import Lines, unmark

_DEEPEST = 30  # header blocks below each other without marks


def diffs(lines: Lines) -> None:
    """Unquoted diffs, diffstats, and the lists of titles that go with them."""
    raw, stop = lines.raw, 0
    for index, line in enumerate(raw):
        if index < stop or not line or lines.depth[index]:
            continue
        first = line[0]
        if first in "dI@-" and patchtext.starts_diff(raw, index):
            stop = max(patchtext.diff_end(raw, index), index + 1)
            lines.claim(index, stop, Kind.DIFF)
        elif (first == " " or first.isdigit() or "|" in line) and patchtext.is_stat(line):
            lines.kind[index] = Kind.DIFFSTAT
        elif line[-1] == ":" and (stop := patchtext.shortlog_end(raw, index)) > index:
            lines.claim(index, stop, Kind.DIFFSTAT)
        elif first == "#" and (stop := patchtext.hg_header_end(raw, index)) > index:
            lines.claim(index, stop, Kind.FORWARDED)


def headers(lines: Lines, is_patch: bool) -> None:
    """Forwarded header blocks, git's in-body headers, and the unmarked quote under a forwarded block."""
    done = 0
    for index in lines.unclaimed():
        text = lines.text[index]
        if index < done or ":" not in text[:24] or lines.kind[index]:
            continue
        if attribution.header_field(text) not in ("from", "date", "subject"):
            continue
        depth = lines.depth[index]
        stop = index
        while stop < len(lines) and stop < index + 120 and lines.depth[stop] == depth and not lines.kind[stop]:
            stop += 1
        count = attribution.header_block(lines.text[index:stop], depth > 0)
        if not count:
            count = _inbody_header(lines, index) if not depth else 0
            lines.claim(index, index + count, Kind.FORWARDED)
            done = index + max(count, attribution.fields(lines.text[index:stop]))
        else:
            _claim_forwarded(lines, index, index + count, is_patch)
            done = index + count


def _inbody_header(lines: Lines, index: int) -> int:
    """How many lines of "From: A", "Subject: B" as git-send-email and git-format-patch put at the top of a message."""
    above = index - 1
    while above >= 0 and above > index - 9 and not lines.raw[above].strip():
        above -= 1
    if above >= 0 and not _opens_patch(lines.raw[above]):
        return 0
    stop = index
    while stop < len(lines) and attribution.header_field(lines.raw[stop]) in ("from", "date", "subject", "cc", "to"):
        stop += 1
    fields = {attribution.header_field(line) for line in lines.raw[index:stop]}
    blank = stop >= len(lines) or not lines.raw[stop].strip()
    return stop - index if blank and (("from" in fields and "@" in lines.raw[index]) or "subject" in fields) else 0


def _opens_patch(line: str) -> bool:
    return patchtext.is_scissors(line) or patchtext.is_mailbox_line(line)


def _claim_forwarded(lines: Lines, first: int, stop: int, is_patch: bool) -> None:
    """A header block. Without marks it says that all below is another's, unless marked quotes follow or it is a
    patch's own header."""
    depth = lines.depth[first]
    above = first - 1
    while above >= 0 and not lines.text[above].strip() and lines.depth[above] <= depth:
        above -= 1
    own_patch = not depth and ((above < 0 and is_patch) or (above >= 0 and _opens_patch(lines.raw[above])))
    if above >= 0 and lines.depth[above] == depth:
        text = lines.text[above]
        if attribution.is_rule(text) or patchtext.is_mailbox_line(text.lstrip() if depth else text):
            first = above
    lines.claim(first, stop, Kind.FORWARDED, depth)
    if own_patch or depth > _DEEPEST or (depth and unmark(lines.raw[stop - 1])[0] >= depth):
        return
    below = stop
    while below < len(lines) and not lines.text[below].strip():
        below += 1
    if below < len(lines) and lines.depth[below] > depth:
        return
    insets.unmarked(lines, stop)


def attributions(lines: Lines, is_patch: bool) -> None:
    """Attribution lines at every depth: the sure ones wherever they stand, the likely ones above a deeper quote.

    In a reply without a single quote mark all that follows one is taken for another's words; with the parent at hand
    ``ingest.text.mend`` finds the answers between them.
    """
    markless = not is_patch and not any(lines.depth)
    for index in lines.unclaimed():
        text = lines.text[index]
        if not text or text[-1] not in attribution.LAST or not attribution.ends(text):
            continue
        depth = lines.depth[index]
        below = insets.below(lines, index + 1)
        insets.deepen_elision(lines, below)
        follow = lines.depth[below] if below < len(lines) else 0
        if depth == follow + 2 and attribution.is_groupwise(text) and follow:
            depth = follow - 1
            lines.claim(index, index + 1, Kind.ATTRIBUTION, depth)
            continue
        first = index
        while first > 0 and index - first < 5 and lines.depth[first - 1] == depth and not lines.kind[first - 1]:
            first -= 1
        piped = below < len(lines) and lines.raw[below][:1] == "|"
        count = attribution.begin(lines.text[first : index + 1], follow > depth or piped)
        if not count:
            continue
        first = index + 1 - count
        if depth and follow == depth and insets.heads_its_quote(lines, first):
            depth -= 1
        if text[0] == '"' and '" == ' in text:
            depth = max(follow - 1, 0)  # Supercite puts marks before its attribution as GroupWise does
        if first and attribution.is_rule(lines.text[first - 1]) and "riginal" in lines.text[first - 1]:
            first -= 1
        lines.claim(first, index + 1, Kind.ATTRIBUTION, depth)
        if piped:
            insets.piped(lines, below)
            markless = False
        if markless and not insets.is_cited(lines, first, below):
            insets.unmarked(lines, index + 1)
            return
        if follow == depth:
            insets.indented(lines, first, below)


def footers(lines: Lines) -> None:
    for index in lines.own():
        if lines.kind[index]:
            continue
        stop = endings.footer_end(lines.raw, index)
        if stop > index:
            lines.claim(index, stop, Kind.FOOTER)


def signatures(lines: Lines) -> None:
    """From the mark to the next quote, attribution, patch, footer, or the end."""
    for index in lines.own():
        line = lines.raw[index]
        if line[:2] != "--" or not lines.free(index) or not endings.is_signature_mark(line):
            continue
        stop = index + 1
        while stop < len(lines) and lines.free(stop) and not _opens_patch(lines.raw[stop]):
            if stop > index + 1 and endings.is_signature_mark(lines.raw[stop]):
                break
            stop += 1
        if endings.is_signature(line, lines.raw[index + 1 : stop]):
            lines.claim(index, stop, Kind.SIGNATURE)
    for index in lines.own():
        if lines.free(index) and endings.is_sent_from(lines.raw[index]):
            lines.kind[index] = Kind.SIGNATURE
    own = lines.own()
    if own:
        first = own[-min(len(own), 8)]
        start = first + endings.contact_start(lines.raw[first : own[-1] + 1])
        if all(lines.free(index) for index in range(start, own[-1] + 1)):
            lines.claim(start, own[-1] + 1, Kind.SIGNATURE)


def trailers(lines: Lines) -> None:
    """Trailers, their continuation lines, and what stands in one block with them."""
    before = False
    for index, line in enumerate(lines.raw):
        if not lines.free(index) or not line:
            before = False
            continue
        if patchtext.is_trailer(line) or (before and (line[0] in " 	" or patchtext.may_be_trailer(line))):
            lines.kind[index] = Kind.TRAILER
            before = True
        else:
            before = False


def code(lines: Lines) -> None:
    """Excerpts in what is left as the author's text."""
    own = lines.own()
    first = 0
    for place, index in enumerate(own):
        below = own[place + 1] if place + 1 < len(own) else -1
        if below < 0 or any(lines.kind[gap] or lines.depth[gap] for gap in range(index + 1, below)):
            start = own[first]
            for begin, after in excerpts.runs(lines.raw[start : index + 1]):
                lines.claim(start + begin, start + after, Kind.CODE)
            first = place + 1


def roles(lines: Lines, is_patch: bool) -> None:
    """Commit message and notes of each patch that stands unquoted in the mail."""
    kinds = lines.kind
    if not is_patch and Kind.DIFF not in kinds:
        return
    opened = 0 if is_patch else -1
    rule = -1
    if Kind.DIFF not in kinds and any(
        kind == Kind.DIFFSTAT and line.rstrip().endswith("):") for kind, line in zip(kinds, lines.raw, strict=True)
    ):
        return  # titles and no diff: a cover letter
    for index, kind in enumerate(kinds):
        if kind in (Kind.DIFF, Kind.DIFFSTAT):
            if opened >= 0 and (rule >= 0 or kind == Kind.DIFF):
                _mark(lines, opened, rule if rule >= 0 else index, COMMIT_MESSAGE)
                _mark(lines, rule if rule >= 0 else index, index, NOTES)
                opened = rule = -1
        elif kind or lines.depth[index]:
            if kind == Kind.FORWARDED and opened < 0 and index and patchtext.is_mailbox_line(lines.raw[index]):
                opened, rule = index, -1
        elif _opens_patch(lines.raw[index]):
            lines.kind[index] = Kind.DIFF
            opened, rule = index, -1
        elif lines.raw[index][:3] == "---" and lines.raw[index].rstrip() == "---" and opened >= 0 and rule < 0:
            rule = index


def _mark(lines: Lines, first: int, stop: int, role: str) -> None:
    for index in range(first, stop):
        if lines.free(index):
            if lines.raw[index].rstrip() == "---":
                lines.kind[index] = Kind.DIFF  # the rule between message and notes
            else:
                lines.role[index] = role
