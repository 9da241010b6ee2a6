"""Display names to forms for comparison: what a mailer added is cut, spelling variants fold to one.

Umlauts are written with and without their "e" (and the "e" sometimes without an umlaut), so both are folded away:
a form for comparison, never for display.
"""

from __future__ import annotations

import re
import unicodedata

_LETTERS = str.maketrans(
    {"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "\u0131": "i"}
)
_LONG = 300  # characters of a name that are looked at
_DIGRAPH = re.compile(r"([aou])e")
_VIA = re.compile(r"\s*[(\[]?\s*\bvia\s+[\w.@+ -]+[)\]]?\s*$", re.IGNORECASE)
_BRACKETS = re.compile(r"\s*[(\[{<][^)\]}>]*[)\]}>]")
_WORD = re.compile(r"[^\W_]+")

# The world's most common surnames and given names (romanised), and words that name a role: a name made of nothing
# but these tells nobody apart.
_COMMON = """
    ahmed ali anderson begum brown cao chang chen cheng choi cui da dai das deng devi ding do dong du duan fan fang
    feng fu gao garcia gong gonzalez gu guo gupta han hao he hernandez hong hou hu huang ivanov jia jiang jin johnson
    jung kang khan kim kumar lai lee lei lewis li liang liao lim lin liu long lopez lu luo lv ma mao martin martinez
    meng miller mohamed moore ng nguyen ni pak pan park patel peng pham prasad qian qin qiu ren rodriguez roy sahu
    santos sato shah shao sharma shen shi silva singh smith smirnov song su sun suzuki tan tanaka tang taylor thomas
    tian tran tsai van wan wang wei wen white williams wilson wong wu xia xiang xiao xie xiong xu xue yadav yan yang
    yao ye yi yin yu yuan zeng zhai zhang zhao zheng zhong zhou zhu zou
    adam alan albert alex alexander alice amy andrea andreas andrew andy anna anne anthony antonio arthur ben benjamin
    bill bob brian bruce carl carlos charles chris christian christoph christopher claire daniel dave david dennis
    dirk don donald doug eric erik eva felix florian frank frederic fred gary george greg hans harry helen henry ian
    ivan jack jacob james jan jane jason jean jeff jennifer jens jeremy jerry jim jimmy joe joel joerg johan johannes
    john jon jonas jonathan jordan jose joseph josh juan juergen julia julien julian justin karen karl kate keith ken
    kenneth kevin kyle larry laura leo leon lisa louis lucas luis luke marc marco maria mario mark markus martin mary
    matt matthew matthias max michael michel miguel mike nathan neil nicholas nick nicolas oliver oscar pablo pascal
    patrick paul pavel pedro peter phil philip philippe pierre rachel ralf ralph ray rebecca richard rick rob robert
    robin roger roland ron ruth ryan sam samuel sandra sarah scott sean sebastian sergey simon stefan stephan stephen
    steve steven stuart susan thomas tim timothy tobias tom tony victor vincent vladimir walter will william wolfgang
    admin administrator anonymous bot build ci daemon developer info kernel linux list mail mailer name no noreply
    none not notifications patch postmaster reply root support system team test the unknown user
"""
_FOLDED = frozenset(_DIGRAPH.sub(r"\1", word) for word in _COMMON.split())
# One syllable of Mandarin in pinyin: two of them are shared by thousands of people.
_PINYIN = re.compile(
    r"(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?(?:iang|iong|uang|ang|eng|ing|ong|ian|iao|uai|uan|van|ai|ei|ao|ou|an|en|in"
    r"|un|vn|ia|ie|iu|ua|ui|uo|ue|ve|er|a|o|e|i|u|v)"
)


def plain_name(name: str) -> tuple[str, bool]:
    """The name as its bearer would write it, and whether a list had put "via LIST" behind it."""
    text = " ".join(name[:_LONG].split()).strip("'\" ")
    bare = _VIA.sub("", text)
    via = bare != text
    bare = _BRACKETS.sub("", bare).strip("'\" ,")
    if "@" in bare:
        return "", via
    last, comma, first = bare.partition(", ")
    if comma and "," not in first and len(last.split()) <= 2 and len(first.split()) <= 2:
        bare = f"{first} {last}"
    return bare, via


def folded(name: str) -> tuple[str, ...]:
    """The words of a plain name for comparison: case, accents, umlauts and order do not count."""
    text = unicodedata.normalize("NFKD", name.casefold().translate(_LETTERS))
    text = "".join(letter for letter in text if not unicodedata.combining(letter))
    return tuple(sorted(_DIGRAPH.sub(r"\1", word) for word in _WORD.findall(text)))


def telling(words: tuple[str, ...]) -> bool:
    """Is this full name enough to know a person by: two words and more, one of them at least not a common one?"""
    full = [word for word in words if len(word) > 1]
    return len(full) > 1 and any(not (word in _FOLDED or _PINYIN.fullmatch(word)) for word in full)
