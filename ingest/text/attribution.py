"""Lines that say whose words follow: "On DATE, NAME wrote:" as the clients write it, and forwarded header blocks.

The forms were collected from the clients that technical lists use (Thunderbird, mutt, Gnus, Wanderlust, GroupWise,
Outlook, web mailers) and their translations. A form counts as *sure* when it carries a date or an address; the rest
is believed only where a deeper quote follows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.text.marks import GAP

LONGEST = 4  # lines of one attribution
_WIDEST = 420  # characters of one attribution

_VERB = re.compile(
    r"(?:\bwrote|\bwrites|\bwr\s?ote|\bsaid|\bsays|\bschrieb(?:\s.{0,80})?|\ba\s+écrit|\ba\s+ecrit|\bécrivait|\bescribió"
    r"|\bha\s+scritto|\bescreveu|\bschreef(?:\s.{0,80})?|\bskrev(?:\s.{0,80})?|\bnapsal(?:\(a\)|a)?|\bpisze|\bnapisał\(?a?\)?"
    r"|\bпишет|\bписал\(?а?\)?|\bнаписал\(?а?\)?|\bkirjoitti|\bírta|\byazdı|\bírta\s\(.{4,60}\)|\ba\s+scris|\bпише|\bнапис[ао]|έγραψε|\bva\s+escriure|\bescribiu|\bnapísal\(?a?\)?"
    r"|\b(?:je\s+)?napisa(?:o|la|l)(?:/la|\(la\))?|\brašė|\brakstīja|\bkirjutas|\bskrifaði|\bđã\s+viết|\bmenulis|كتب|نوشت|ने\s+लिखा|写道|寫道|写到|のメール|さんは書きました|작성"
    r"|\bwrote\s+on\s.{4,60}|\bmessage\s+of\s.{4,60}|\bwrites\s+\(\".*\"\)|\bwrote\s+\(.{2,80}\)|\bthus\s+spake)"
    r"\s*[:：]?\s*$"
)
_LAST_WORDS = (":", "：", "wrote", "writes", "写道", "ote")
_BIDI = dict.fromkeys([0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])  # marks of right-to-left mails
LAST = (
    frozenset(":：es道") | frozenset(GAP) | frozenset(map(chr, _BIDI))
)  # what the last letter of an attribution can be
# One of these stands near its end; asked first because most lines that end in a colon are something else.
_STEMS = re.compile(
    r"wr(?:ote|ites|\s?ote)|sa(?:id|ys)|schr|crit|crivai|escri|scritto|escrev|skrev|naps|napis|pisz|пис|пиш|kirj|írta|yaz"
    r"|[写寫]|メール|書|작성"
    r"|scris|напис|έγρα|escriure|napí|rašė|rakst|kirjut|skrifa|viết|menulis|كتب|نوشت|लिखा|>\W*$"
    r"|message of|spake|[*] |Quot|Citando|Zitat"
)
# What the first of its lines begins with.
_OPENING = re.compile(
    r"[\s(*>\ufeff-]{0,6}(?:On|At|The(?= \d)|Am|Le|El|Il|Em|Op|Den|Dne|W dniu|В|In|Quoting|Excerpts from|Date:|"
    r"在|于|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,?|(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sep|Oct|Nov|Dec)[a-z]* \d"
    r"|\d{1,4}[-./年년])[\s,(\d]"
)
_NAMED = re.compile(r"[\s*-]{0,7}[\"'(]?[^\W\d_]")
_DATE = re.compile(
    r"\d{1,4}[-./年]\s?\d{1,2}[-./月]\s?\d{1,4}|\d{1,2}[:.]\d{2}|\b\d{1,2}\.?\s+[^\W\d_]{3,10}\.?,?\s+(?:at\s)?(?:\d{4}|\d{1,2}:)"
    r"|\b[^\W\d_]{3,10}\.?\s+\d{1,2}(?:st|nd|rd|th)?,?\s+(?:at\s)?(?:\d{4}|\d{1,2}:)"
)
_ADDRESS = re.compile(r"<[^<>\s]+(?:@|\sat\s)[^<>]+>|\b[\w.+-]+@[\w-]+\.[\w.-]+|<[^<>]{3,60}>")
_STARRED = re.compile(r"\*\s[^\W\d_][\w.'-]*(?:\s[\w.'-]+){0,4}(?:\s[<(][^<>()]+[>)])?(?:\s\[[^\]]*\])?:\s*$")
_VERBLESS = re.compile(r"<[^<>\s]+@[^<>\s]+>\s?[:：]\s*$")
_TITLE = re.compile(r"\(\".*\"\)")  # the subject that some clients add: JANE DOE writes ("Re: [PATCH] ..."):
_QUOTING = re.compile(r"(?:Quoting|Citando|Zitat von|Quoth)\s\S.{1,100}:\s*$")
_APPLE = re.compile(
    r"[\s\ufeff]{0,3}(?:On|Le|Am|El|Il|Em|Op|Den)\s[^:]{4,40}?"
    r"(?:, at|\s(?:à|um|a las|alle(?: ore)?|às|om|kl\.?))\s\d{1,2}[:.]\d\d\b"
)
_GROUPWISE = re.compile(r"On \d\d?[./-]\d\d?[./-]\d\d(?:\d\d)? at \d\d:\d\d, .{0,120}wrote:\s*$")

_FIELDS = {
    "from": "from von de da od från fra van 发件人 寄件者 差出人 от 보낸사람",
    "date": "date sent gesendet datum envoyé inviato data enviado fecha skickat sendt verzonden"
    " 发送时间 日期 寄件日期 送信日時",
    "to": "to an à a para till til aan 收件人 宛先",
    "cc": "cc kopie kopia copia 抄送 副本",
    "subject": "subject betreff objet oggetto asunto assunto ämne emne onderwerp 主题 主旨 件名",
    "other": "importance attachments reply-to organization message-id bcc sender newsgroups",
}
_FIELD = {word: field for field, words in _FIELDS.items() for word in words.split()}
_HEADER = re.compile(r"[\s*_]{0,3}([^\W\d_][\w-]{0,12})\s?\*?[:：]\*?(?:\s|$|\[|<|\S{6})")
_RULE = re.compile(
    r"\s*(?:[-_=\u2010-\u2015]{2,}\s?)?(?:Original|Forwarded|Weitergeleitete|Ursprüngliche|Mensaje|Message|邮件原件|原始邮件|"
    r"Begin forwarded)[\w\s'éè]{0,30}[\s:]*(?:[-_=\u2010-\u2015]{2,})?\s*$|_{20,}\s*$|-{5,}.{3,30}-{5,}\s*$",
    re.IGNORECASE,
)


def ends(line: str) -> bool:
    """Cheap gate: may an attribution end with this line?"""
    tail = line.translate(_BIDI).rstrip()
    return tail.endswith(_LAST_WORDS) and len(tail) < _WIDEST and bool(_STEMS.search(tail))


def is_sure(text: str) -> bool:
    """An attribution by its own looks, whatever follows: the words of one, and a date or an address."""
    text = text.translate(_BIDI)
    if len(text) > _WIDEST or not _VERB.search(text):
        return False
    if _OPENING.match(text):
        return bool(_DATE.search(text))
    return bool(_ADDRESS.search(text) and _NAMED.match(text) and len(text.split()) <= 14 and text.rstrip()[-1] in ":：")


def is_likely(text: str) -> bool:
    """An attribution if a deeper quote follows it: a short line with the verb, one with a date that ends in an address,
    "* NAME:" or "Quoting NAME:"."""
    text = text.translate(_BIDI)
    if len(text) > _WIDEST:
        return False
    if _STARRED.match(text) or _QUOTING.match(text) or (_VERBLESS.search(text) and _DATE.search(text)):
        return True
    if not _VERB.search(text):
        return False
    if _OPENING.match(text) and (_DATE.search(text) or _ADDRESS.search(text)):
        return True
    words = _TITLE.sub("", text).split()
    return len(words) <= 9 and words[0][:1].isupper() and text.rstrip()[-1] in ":："


def is_groupwise(text: str) -> bool:
    """GroupWise puts ">>> " before its attribution, which says nothing about its depth."""
    return bool(_GROUPWISE.match(text))


def opens(line: str) -> bool:
    """The first line of an attribution, by its looks."""
    return bool(_OPENING.match(line) and _DATE.search(line))


def is_apple(line: str) -> bool:
    """ "On 2 Jan 2020, at 10:00, NAME wrote:", as the clients of phones and Macs write it, in several languages."""
    return bool(_APPLE.match(line))


def begin(above: Sequence[str], quoted: bool) -> int:
    """How many lines the attribution takes that ends with the last of ``above``; 0 where it is none.

    ``quoted``: a deeper quote follows. The shortest run of lines that opens like an attribution is taken, so that text
    right above it stays text.
    """
    for count in range(1, min(LONGEST, len(above)) + 1):
        lines = above[-count:]
        if not lines[0].strip():
            return 0
        text = " ".join(line.strip() for line in lines)
        good = is_sure(text) or (quoted and is_likely(text))
        opened = _OPENING.match(lines[0])
        if good and (opened or not _opens_above(above, count, quoted)):
            return count
        if opened and not good and count > 1:
            return 0
    return 0


def _opens_above(above: Sequence[str], count: int, quoted: bool) -> bool:
    """The name stands on a line of its own and "On DATE," on the one or two above it."""
    for more in (count + 1, count + 2):
        if more > len(above) or not above[-more].strip():
            return False
        text = " ".join(line.strip() for line in above[-more:])
        if _OPENING.match(above[-more]) and (is_sure(text) or (quoted and is_likely(text))):
            return True
    return False


def header_field(line: str) -> str:
    """What field a line of a header block is, in any of the languages: "from", "date", "to", "cc", "subject", "other",
    or "" for any other line."""
    match = _HEADER.match(line)
    return _FIELD.get(match.group(1).lower(), "") if match else ""


def header_block(lines: Sequence[str], quoted: bool = False) -> int:
    """How many of ``lines`` form a header block as Outlook and kin put above what they forward or answer; 0 for none.

    Needs From and two more fields, one of them a date or a subject; where the block itself is ``quoted``, From and a
    date will do. A line without a field continues the one above.
    """
    seen: set[str] = set()
    last = loose = 0
    field = ""
    for index, line in enumerate(lines):
        found = header_field(line)
        if found:
            field = found
            seen.add(field)
            last, loose = index + 1, 0
            continue
        if not seen:
            return 0
        if not line.strip():
            if loose == 1:  # the rest of a long subject
                last = index
            break
        loose += 1
        if loose > (1 if field == "subject" else 4):
            break
        if "@" in line or line[:1].isspace():
            last, loose = index + 1, 0
    if "from" in seen and len(seen - {"other"}) >= 3 and {"date", "subject"} & seen:
        return last
    return fields(lines) if quoted and {"from", "date"} <= seen else 0


def fields(lines: Sequence[str]) -> int:
    """How many lines from the first on are header fields."""
    return next((index for index, line in enumerate(lines) if not header_field(line)), len(lines))


def is_rule(line: str) -> bool:
    """What stands above forwarded headers: "-----Original Message-----" and kin, or Outlook's bare line."""
    return bool(_RULE.match(line))
