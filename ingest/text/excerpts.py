"""Unquoted code, logs and tables in a mail: lines that nobody would read out as a sentence.

Lines are scored by their looks and taken in runs: a run is an excerpt when enough of it can be nothing else. One line
alone counts only when it is indented or is plainly a log line. Lists, indented prose and single identifiers stay text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.text.patchtext import is_scissors

SURE, LIKELY, POSSIBLE, TEXT = 3, 2, 1, 0

_SOURCE = r"[\w./+-]+\.(?:c|h|S|cc|cpp|py|sh|dts|dtsi|rst|o|ko|a|ld|lds|rs)"  # a file of a source tree
_LOG = re.compile(
    r"\s*(?:"
    r"(?:<\d>)?\[\s*\d+\.\d{4,6}\]"  # kernel time stamps
    r"|\((?:XEN|d\d+|PV)\)(?:\s|$)"
    r"|[(\[]?\d\d:\d\d:\d\d(?:[.,]\d+)?[)\]]?\s+\S+[:\[]"
    r"|In file included from \S+:\d+"
    r"|from \S+:\d+[,:]$"
    rf"|(?:>>\s*)?{_SOURCE}(?::\d+)?(?::\d+)?: (?:error|warning|note|fatal|undefined|multiple|[Ii]n function)"
    r"|\S+: In function "
    r"|\d* \| {2,}|\|\s+[\^~]"  # gcc's source lines
    r"|(?:# )?CONFIG_[A-Z0-9_]+(?:=(?:[ymn]|\d\w*|\".*\")| is not set)\s*$"
    r"|make(?:\[\d+\])?: |(?:CC|LD|AR|AS|HOSTCC|GEN|LINK|MODPOST|UPD|CHK|INSTALL)(?: \[M\])?\s{2,}\S"
    r"|(?:x\d+\s*|pc|lr|sp|pstate|[re][a-ds][xip]|r\d+)\s?: [0-9a-f]{8}"  # registers
    r"|[\w.]+\+0x[0-9a-f]+/0x|\[<[0-9a-f]{8,16}>\]"  # call traces
    r"|[0-9a-f]{4,16}:\s+[0-9a-f]{2,8}\b"  # dumps, disassembly
    r"|[0-9a-f]{10,16} .{2,40} \d{4}-\d\d-\d\d\s+\d+ "  # git blame
    r"|(?:Call [Tt]race:?|Modules linked in:|CPU: \d+ PID: |Hardware name: |Code: [0-9a-f(]|---\[ (?:end|cut))"
    r"|BUG: (?:sleeping|scheduling|unable|using|soft|spinlock|bad|K[A-Z]SAN|kernel|workqueue) \w"
    r"|WARNING: (?:CPU: \d|possible |suspicious |inconsistent |modpost: |at \S+:\d)"
    r"|INFO: (?:task |rcu_\w+ |possible )\w"
    r"|(?:PASS|FAIL|SKIP|INFO|XFAIL|ok \d+|not ok \d+)(?:: |\s+-\s)\S"
    r")"
)
_PROMPT = re.compile(
    r"\s*(?:[\w.-]+@[\w.-]+[:~ ][^#$]{0,40}[#$]|[$%]|\(?(?:qemu|gdb|crash)\)?>)\s+\S"
    r"|\s*#\s+(?:\./|[a-z]+ -|cat |echo |ls |modprobe |mount |perf |qemu|make |git )"
)
_DECLARES = re.compile(
    r"\s*(?:static|extern|inline|const|unsigned|volatile|typedef|struct|union|enum|int|long|char|void|bool|__u\d+|[us]\d\d?"
    r"|u?int\d+_t|size_t|__always_inline|noinline|asmlinkage|paddr_t|mfn_t|gfn_t|domid_t)\b\s*\**\s*[A-Za-z_*(]"
    r"|\s*#\s?(?:define|include|if|ifdef|ifndef|elif|else|endif|undef|pragma)\b"
)
_FLOW = re.compile(
    r"\s*(?:\}?\s*else\b\s*(?:if\s*\(.*)?\{?|(?:if|for|while|switch|do)\s*\(.*|return\b[^.]*;|goto \w+;|break;"
    r"|continue;|case [\w ]+:|default:|\w+:)\s*(?:/\*.*)?$"
)
_STATEMENT = re.compile(
    r"[^;]*(?:\)|->\w+|\w\+\+|--|\]|\.\w+);\s*(?:/[*/].*|\\)?$|[^=]*=.*;$|\s*[\w.>\[\]-]+(?:->|\.)\w+.*[,{]$"
)
_BRACE = re.compile(r"\s*(?:[{}]\s*[;,]?|\}\s*(?:else|while)\b.*|\}\s*\w*;|.*[)=]\s*\{|struct \w+ \{)\s*\\?\s*$")
_COMMENT = re.compile(r"\s*(?:/\*|\*/|//\s?\w|\*\s|\*$)")
_RULED = re.compile(r"\s*[-+|=_*#.~^ \t]{5,}$")
_ASM = re.compile(
    r"\s+(?:mov|ldr|str|ldp|stp|mrs|msr|add|sub|cmp|cbn?z|tbn?z|b(?:\.[a-z]{2})?|blr?|hvc|smc|svc|push|pop|call|jmp|lea)[a-z]?\s+"
    r"(?:[xwrqvsde]\w{1,2}\b|sp\b|lr\b|pc\b|[{\[#%$]|\d+[fb]\s*$)|\s+(?:ret|isb|nop|eret)$"
)
_TORN = re.compile(r".*[\w)\]]\s*(?:\|\||&&)$|.*->\w+.*,$|\s*\.\w+\s*=\s*\S.*,$|.*\);?\s*\\$")  # half a C statement
_NUMBERS = re.compile(r".*\b0x[0-9a-f]{4,}\b.*\b0x[0-9a-f]{4,}\b")
_BARE = re.compile(
    r"\s*(?:[\w*&\s.>\[\]-]+\s[|&+-]?=\s.*;|(?:static|extern)\s\w.*\)|[-=_+*#~]{10,}|(?:[+-]{2})?[\w.>\[\]-]+(?:\(.*\)|->\w.*);|#define\s\w.*)$"
)
_LISTED = re.compile(r"\s*>?\s*\d+\s*\t")  # a source listing with line numbers
_TABLED = re.compile(r"\S.*\s\|\s.*\d.*|.*\S\s{2,}[\d.,]+%?\s{2,}[\d.,]+%?(?:\s|$)")
_ASIDE = re.compile(r"\"[^\"]*\"|/\*.*|//.*")  # strings and comments in code are prose
_PIPED = re.compile(r"\s{0,3}\|(?:\s|$)")
_MARKED = re.compile(r"[+-](?:\t|\s{2,}|#|[a-z_]+\(|\}|\{|(?:static|extern|struct|int|void|bool)\s\w|$)")
_LONGEST = 400  # a longer line is a paragraph on one line
_ARGUMENTS = r"\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)"
_CALL = re.compile(  # a call on an indented line of its own, which is more than a function's name
    rf"(?: {{4}}|\s?\t)\s*[A-Za-z_][\w.>-]*(?:(?!\(\)){_ARGUMENTS}\s*;?|\(\)\s*;|\(\)\s*/[/*].*)\s*(?:/[/*].*)?$"
)
_KERNEL = re.compile(
    r"[a-z][\w-]{1,15} ?\[\d+\]: (?!<?http)|\w+\(\): \d+, \w+.*: \d+"
    r"|\w[\w ]+: \d+, expected: \d+$|\d+ locks? held by |\s*#\d+: [0-9a-f]{8,16} "
)
# Side by side, as in a diagram or a table; but a name in brackets at the right says to whom a change is owed.
_COLUMNS = re.compile(r"(?: {24,}|\s*\S.{0,60}?\S {10,})(?!\([^()]*\)\s*$)\S")
_LOOKS = (_COLUMNS, _BRACE, _MARKED, _FLOW, _PROMPT, _ASM, _RULED, _KERNEL)
_LOOSER = (_STATEMENT, _TORN, _NUMBERS, _TABLED)  # these also match the odd line of prose
_PHRASE = re.compile(r"\b[a-z]{2,} [a-z]{2,} [a-z]{2,}\b")
_WORDS = re.compile(
    r"\b(?:the|an|are|was|were|of|that|we|you|it|be|been|with|have|has|should|would|will|but|don't|doesn't|isn't|can|could|"
    r"to|and|not|is|this|in|or|on|as|for(?! ?\()|if(?! ?\()|all|any|only|also|instead|into|per|"
    r"because|which|there|these|those|my|your|our|so|than|when|what|how|think|I'm|I'd|it's|from|by|at)\b"
)


def runs(lines: Sequence[str]) -> list[tuple[int, int]]:
    """The (first, after-last) of each excerpt among the lines of one stretch of text."""
    scores = [_score(line) if line and not line.isspace() else -1 for line in lines]
    _comments(lines, scores)
    found: list[tuple[int, int]] = []
    index = 0
    while index < len(scores):
        if scores[index] < POSSIBLE:
            index += 1
            continue
        stop = index
        while stop < len(scores) and scores[stop] >= POSSIBLE:
            stop += 1
        if _is_excerpt(lines[index:stop], scores[index:stop]):
            if found and _bridged(lines[found[-1][1] : index], scores[found[-1][1] : index]):
                index = found.pop()[0]
            found.append((index, stop))
        index = stop
    return _cut_out(lines, scores, found)


def _cut_out(lines: Sequence[str], scores: Sequence[int], found: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """What stands between two scissors lines is one excerpt, these included, if a third of it is one anyway."""
    cuts = [index for index, line in enumerate(lines) if is_scissors(line)]
    joined: list[tuple[int, int]] = []
    at = 0
    for first, last in zip(cuts[::2], cuts[1::2], strict=False):
        while at < len(found) and found[at][0] < first:
            joined.append(found[at])
            at += 1
        begin = at
        while at < len(found) and found[at][1] <= last + 1:
            at += 1
        size = sum(stop - start for start, stop in found[begin:at])
        text = sum(score >= 0 for score in scores[first : last + 1])
        joined += [(first, last + 1)] if size and 3 * size >= text else found[begin:at]
    return joined + found[at:]


def _comments(lines: Sequence[str], scores: list[int]) -> None:
    """The starred lines between "/*" and "*/" are as sure as these are."""
    within = False
    for index, line in enumerate(lines):
        text = line.lstrip()
        if text[:2] == "/*":
            within = "*/" not in text
        elif within and text[:1] == "*":
            scores[index] = max(scores[index], LIKELY)
            within = "*/" not in text
        else:
            within = False


def _bridged(lines: Sequence[str], scores: Sequence[int]) -> bool:
    """A few lines between two excerpts, without an empty line or a sentence: they belong to them."""
    return len(lines) <= 3 and min(scores, default=0) >= 0 and all(len(_WORDS.findall(line)) < 2 for line in lines)


def _is_excerpt(lines: Sequence[str], scores: Sequence[int]) -> bool:
    if all(line.lstrip()[:2] == "/*" or line.lstrip()[:1] == "*" for line in lines):
        return False  # a comment alone is text that somebody proposes
    sure = scores.count(SURE)
    likely = scores.count(LIKELY)
    if len(lines) == 1:
        indented = lines[0][:1] == "\t" or lines[0][:4] == "    "
        alone = indented and (not _COLUMNS.match(lines[0]) or bool(_RULED.match(lines[0])))
        declared = lines[0][:2] == "  " and lines[0].rstrip()[-1] == ";" and bool(_DECLARES.match(lines[0]))
        return bool(sure) or (bool(likely) and (alone or declared or bool(_BARE.match(lines[0]))))
    return (sure + likely >= 2 and 5 * (sure + likely) >= 2 * len(lines)) or (
        sure >= 1 and 3 * (sure + likely) >= len(lines)
    )


def _score(line: str) -> int:
    """How surely a line is no prose: SURE and LIKELY make an excerpt, POSSIBLE may stand in one."""
    if _LOG.match(line[:_LONGEST]):
        return SURE
    if len(line) > _LONGEST:
        return TEXT
    if _LISTED.match(line):
        return LIKELY
    said = _ASIDE.sub("", line) if '"' in line or "/" in line else line
    prose = len(_WORDS.findall(said))
    if _PIPED.match(line):
        return SURE if line.count("|") > 1 or prose < 3 else LIKELY
    if _COMMENT.match(line):
        return LIKELY if line.lstrip()[:2] in ("/*", "*/") else POSSIBLE
    if prose > 1:
        return TEXT
    if (
        any(looks.match(line) for looks in _LOOKS)
        or _CALL.match(line)
        or line.endswith(" \\")
        or (not prose and _DECLARES.match(line))
    ):
        return LIKELY
    if any(looks.match(line) for looks in _LOOSER) and not _PHRASE.search(said):
        return LIKELY
    if prose:
        return POSSIBLE if line[:1] == "\t" or line[:5] == "     " else TEXT
    return POSSIBLE if line[:1] in "\t\xa0" or line[:2] == "  " or _odd(line) else TEXT


def _odd(line: str) -> bool:
    """More signs and digits than letters."""
    return 2 * sum(map(str.isalpha, line)) < len(line) - line.count(" ")
