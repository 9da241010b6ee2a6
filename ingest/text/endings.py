"""What stands under the text and is nobody's statement: signatures, list footers, legal notices."""

from __future__ import annotations

import re
from collections.abc import Sequence

_RULE = re.compile(r"[_=*-]{20,}\s*$")
_LIST = re.compile(
    r".{0,80}\bmailing list\b|\s*\S+@\S+\s*$|\s*(?:<?https?://\S+/(?:mailman|listinfo|mailman3|lists?)\S*>?)\s*$"
    r"|\S.{0,60} -- \S+@\S+\s*$|Groups\.io Links:|View/Reply Online|Mute This Topic:|Group Owner:|Unsubscribe: "
    r"|%\(web_page_url\)"
    r"|To unsubscribe\b|\s*https?://lists?\.\S+\s*$|List info:"
)
_NOTICE = re.compile(
    r"You received this message because you are subscribed to|To unsubscribe from this (?:list|group)|"
    r"To unsubscribe, |To view this discussion on the web|For more options, visit https?://groups|"
    r"An HTML attachment was scrubbed|A non-text attachment was scrubbed|More majordomo info at|Please read the FAQ at|"
    r"IMPORTANT NOTICE: The contents|This e-?mail (?:message )?(?:and any|is confidential|may contain|contains)|"
    r"External email: Use caution|\[?EXTERNAL(?: EMAIL)?\]?: |(?:CAUTION|WARNING): This (?:e-?mail|message) originated|"
    r"0-DAY (?:CI Kernel Test|kernel test)|CONFIDENTIALITY|The information (?:contained|transmitted) (?:in|is)|"
    r"Amazon (?:Web Services )?Development Cent(?:er|re) |Registered (?:office|[Aa]ddress|in England)|Registration No:|"
    r"Gesch(?:ä|ae)ftsf(?:ü|ue)hr|Sitz der Gesellschaft|Amtsgericht|Registergericht|HRB \d|"
    r"ARM Limited, Registered office"
)
_CONTACT = re.compile(r"(?:web(?:site)?|www|tel|phone|mobile|fax|e-?mail)\s?[:.]\s?\S", re.IGNORECASE)
_SENT_FROM = re.compile(
    r"(?:Sent (?:from|via|with) (?:my |Mail |Outlook|Yahoo|Proton|Samsung|BlackBerry|the )|Get Outlook for "
    r"|Von meinem \w+ gesendet"
    r"|Gesendet (?:von|mit) (?:meine|Mail|Outlook)|Envoyé (?:de|depuis) |Enviado (?:desde|do|de) |Inviato da"
    r"|Verzonden (?:vanaf|met) |Skickat från |Sendt fra |Отправлено |发自我的)"
)
_ARMOUR = 100  # lines of a PGP signature at most
_WIDE_SIGNATURE = 20  # lines of text under "-- "
_NARROW_SIGNATURE = 7  # the same under "--" without the space, which people also type as a divider


def footer_end(lines: Sequence[str], index: int) -> int:
    """The line after the list footer, notice or PGP armour that begins at ``index``, or ``index`` where none does.

    Mailman writes a rule, "NAME mailing list", the address and a link; Google Groups and majordomo a sentence.
    """
    line = lines[index]
    if line.startswith("-----BEGIN PGP SIGNATURE"):
        stop = min(len(lines), index + _ARMOUR)
        return next((end + 1 for end in range(index, stop) if lines[end].startswith("-----END PGP")), index)
    if line.startswith("-----BEGIN PGP SIGNED MESSAGE"):
        return index + 1 + (index + 1 < len(lines) and lines[index + 1].startswith("Hash: "))
    if line.startswith("-------------- next part ------"):
        return index + 1
    if line.strip() in ("--", "---") and index + 1 < len(lines) and _NOTICE.match(lines[index + 1]):
        return _paragraph_end(lines, index + 1)
    if line[0] not in "_=*-":
        return _paragraph_end(lines, index) if _NOTICE.match(line) else index
    if not _RULE.match(line):
        return index
    stop = index + 1
    while (
        stop < len(lines)
        and stop < index + 9
        and (_LIST.match(lines[stop]) or (stop > index + 1 and _RULE.match(lines[stop])))
    ):
        stop += 1
    return stop if stop > index + 1 else index


def contact_start(lines: Sequence[str]) -> int:
    """Where a business card without a mark begins at the end of the lines, or their number where there is none.

    Its last line names a web site, a telephone or the like; those above are names, titles and firms, no sentences.
    """
    index = len(lines)
    cards = 0
    while index and cards < 6:
        line = lines[index - 1].strip()
        if line:
            if not (_CONTACT.match(line) if not cards else _is_card(line)):
                break
            cards += 1
        index -= 1
    while index < len(lines) and not lines[index].strip():
        index += 1
    return index if cards > 1 else len(lines)


def _is_card(line: str) -> bool:
    words = [word for word in line.split() if word[0].isalpha()]
    titled = sum(word[0].isupper() for word in words)
    return bool(_CONTACT.match(line)) or (len(line) < 72 and 2 * titled > len(words) > 1 and line[-1] not in ".,:;?!")


def is_sent_from(line: str) -> bool:
    """ "Sent from my phone", in several languages."""
    return len(line) < 90 and bool(_SENT_FROM.match(line))


def is_signature_mark(line: str) -> bool:
    """ "-- ", as RFC 3676 has it, or "--" as clients that cut trailing space leave it."""
    return line[:2] == "--" and line.strip(" \t\xa0") == "--"


def is_signature(mark: str, below: Sequence[str]) -> bool:
    """Is what stands between the mark and the next quote, patch or footer short enough for a signature?"""
    count = sum(1 for line in below if line.strip())
    return count <= (_WIDE_SIGNATURE if len(mark) > 2 else _NARROW_SIGNATURE)


def _paragraph_end(lines: Sequence[str], index: int) -> int:
    while index < len(lines) and lines[index].strip():
        index += 1
    return index
