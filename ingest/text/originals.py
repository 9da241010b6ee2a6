"""A message seen on a web page to the message of the archive that it is a copy of.

Pages change a mail: addresses are obfuscated, lines re-wrapped, quote marks or line breaks lost, the time is cut to
the day or left out. The order of words stays. Two texts are compared by their shingles (runs of four words; Broder
1997): by those of the author's own lines where the quote marks are left, so that a reply that quotes a whole mail is
not taken for it, else by all. What a page shows of author, date, subject and Message-ID must agree as well.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from ingest.people.hidden import visible
from ingest.people.names import folded, plain_name
from ingest.subject import normal_title, parse_subject

SAME = 0.8
SURE = 0.9  # where nothing but the text is known, and those quoted are in it
PARTLY = 0.95  # of the shorter text, where the rest agrees: the archive's copy, or the page, may be cut
NEAR = {"time": timedelta(hours=2), "local": timedelta(hours=26), "day": timedelta(hours=38)}
"""How far the mail's time may be from the page's: delivery; an unknown time zone; that and the time of day."""
_EXACT = timedelta(minutes=2)
_RUN = 4
_SHORT = 12  # shingles; fewer prove nothing by themselves
_LONG_LINE = 1000
_MORE = 4  # words that only one of two copies has at a place: what a page makes of a name or an address
_WORD = re.compile(r"[a-z0-9_]{2,}")
_ADDRESS = re.compile(r"<[^<>\n]{0,100}@[^<>\n]{0,100}>|\S{1,60}@\S{1,60}")
_FOOTER = re.compile(
    r"_{3,}\s{1,20}[\w -]{1,40} mailing list\s(?:[^\n]{0,200}\n?){0,12}\Z|^-- ?\n[\d.]{3,12}\s*\Z", re.MULTILINE
)
_QUOTED = re.compile(r"^[ \t]*[>|].*$|^.*\b(?:wrote|writes):[ \t]*$", re.MULTILINE)
_DIFF = re.compile(r"^diff --git .*\Z", re.MULTILINE | re.DOTALL)
_HIDDEN_ID = re.compile(r"@x{3}[x.]*\Z")


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of a message, by a page or by the archive. ``mid`` "" where a page shows none; ``precision`` of the
    date: "time", "local" (no time zone), "day", "none"; ``signed``: the author is only who signed; ``lost``: quotes
    cannot be told from the author's words."""

    mid: str
    name: str
    address: str
    date: datetime | None
    precision: str
    subject: str
    body: str
    lost: bool = False
    signed: bool = False


def words(body: str, lost: bool) -> list[str]:
    """The words that are compared: the author's own, or all of them where nobody can tell whose they are."""
    text = _FOOTER.sub("", body)
    text = _ADDRESS.sub(" ", text if lost else _QUOTED.sub("", _DIFF.sub("", text)))
    return _WORD.findall(text.lower())


def shingles(found: list[str]) -> frozenset[int]:
    """Hashes of all runs of four words."""
    runs = range(max(1, len(found) - _RUN + 1))
    return frozenset(zlib.crc32(" ".join(found[at : at + _RUN]).encode()) for at in runs) if found else frozenset()


def likeness(one: str, other: str, lost: bool) -> float:
    """How much two bodies have in common, 0 to 1 (Jaccard index of their shingles); ``lost``: see ``words``."""
    a, b = shingles(words(one, lost)), shingles(words(other, lost))
    return len(a & b) / len(a | b) if a and b else 0.0


def copied(page: Seen, other: Seen) -> float:
    """How surely ``page`` is a copy of ``other``: 0 for not, else the likeness of the texts, 0 to 1."""
    named = page.mid and other.mid and same_id(page.mid, other.mid)
    if page.mid and other.mid and not named:
        return 0.0
    lost = page.lost or other.lost or _flat(page.body) or _flat(other.body)
    mine, theirs = words(page.body, lost), words(other.body, lost)
    alike, part, size = _common(mine, theirs)
    if named:
        return alike if part >= SAME / 2 or mine == theirs else 0.0
    if (
        size < _SHORT and not lost and alike >= SAME
    ):  # few words of the author's own: those quoted must be the same, too
        mine, theirs = words(page.body, True), words(other.body, True)
        alike, part, size = _common(mine, theirs)
    if not may_be(page, other) or not _enough(page, other, alike, part, size):
        return 0.0
    if page.date is None or not page.subject:
        # The text alone has to say it, and a reply that quotes all of a mail, or the next version, is near to it.
        return _by_text(page, other, mine, theirs, lost)
    return alike


def _common(mine: list[str], theirs: list[str]) -> tuple[float, float, int]:
    """What two texts have in common: of both, of the shorter one, and how many shingles that has."""
    a, b = shingles(mine), shingles(theirs)
    both, size = len(a & b), min(len(a), len(b))
    return both / max(1, len(a | b)), both / max(1, size), size


def _flat(body: str) -> bool:
    """Whether the line breaks are gone."""
    return len(body) > _LONG_LINE and len(body) > _LONG_LINE * body.strip().count("\n")


def _by_text(page: Seen, other: Seen, mine: list[str], theirs: list[str], lost: bool) -> float:
    more = max(_longest(mine, shingles(theirs)), _longest(theirs, shingles(mine)))
    alike, _, _ = _common(mine, theirs)
    if alike < (SURE if lost else SAME) or more > _MORE:
        return 0.0
    if _DIFF.search(page.body) and _DIFF.search(other.body):  # versions of a patch often differ in the code alone
        alike, part, _ = _common(words(page.body, True), words(other.body, True))
        return alike if part >= PARTLY else 0.0
    return alike


def _enough(page: Seen, other: Seen, alike: float, part: float, size: int) -> bool:
    """Whether the texts say it, together with what else is known: the less of one, the more of the other."""
    exact = bool(page.precision == "time" and page.date and other.date and abs(page.date - other.date) <= _EXACT)
    author = not page.signed and bool(page.name or page.address)
    known = exact or (author and bool(page.subject) and page.date is not None)
    if size < _SHORT:
        return alike >= SAME and known
    return alike >= SAME or (known and author and part >= PARTLY)


def _longest(found: list[str], other: frozenset[int]) -> int:
    """The longest run of words, roughly, that the other text has not: of shingles, less what one word spoils."""
    longest = now = 0
    for at in range(max(1, len(found) - _RUN + 1)):
        now = 0 if zlib.crc32(" ".join(found[at : at + _RUN]).encode()) in other else now + 1
        longest = max(longest, now)
    return max(0, longest - _RUN + 1)


def may_be(page: Seen, other: Seen) -> bool:
    """Whether author, date and subject agree, as far as they are known."""
    return dates_fit(page, other) and subjects_fit(page.subject, other.subject) and authors_fit(page, other)


def same_id(one: str, other: str) -> bool:
    """The same Message-ID, either perhaps with its host hidden."""
    left, right = hidden_id(one), hidden_id(other)
    return one == other or ((left, right) != (one, other) and left.partition("@")[0] == right.partition("@")[0])


def hidden_id(mid: str) -> str:
    """What stands before the "@" of a Message-ID whose host a page hid; any other as it is."""
    return mid.rpartition("@")[0] if _HIDDEN_ID.search(mid) else mid


def dates_fit(page: Seen, other: Seen) -> bool:
    """Whether the dates agree as far as they are shown."""
    if page.date is None or other.date is None:
        return True
    near = max(NEAR.get(seen.precision, NEAR["day"]) for seen in (page, other))
    return abs(page.date - other.date) <= near


def subjects_fit(one: str, other: str) -> bool:
    """The same subject; lists' tags in brackets, and where a page cut it short, do not count."""
    if not one.strip() or not other.strip():
        return True
    a, b = parse_subject(one.rstrip(".… ")), parse_subject(other.rstrip(".… "))
    if (a.is_reply, a.number, a.version) != (b.is_reply, b.number, b.version):
        return False
    mine, theirs = normal_title(a.title), normal_title(b.title)
    cut = one.rstrip().endswith(("...", "…")) or other.rstrip().endswith(("...", "…"))
    return mine == theirs or (cut and len(mine) > 20 and (mine.startswith(theirs) or theirs.startswith(mine)))


def authors_fit(page: Seen, other: Seen) -> bool:
    """The same author, as far as name and visible address tell. The name under a text whose quotes are lost tells
    nothing: it may be the one quoted who signed there."""
    if page.address and page.address.lower() == other.address.lower():
        return True
    if page.signed and page.lost:
        return True
    mine, theirs = _name(page.name), _name(other.name) or _name(other.address.partition("@")[0].replace(".", " "))
    if mine and theirs and not (mine <= theirs or theirs <= mine):
        return False
    seen = visible(page.address)
    if seen is None or not other.address or visible(other.address) or plain_name(other.name)[1]:
        return bool(mine and theirs) or not page.address or not other.address
    return seen.fits(other.address.lower())


def _name(text: str) -> frozenset[str]:
    return frozenset(word for word in folded(plain_name(text)[0]) if len(word) > 1)


def phrases(page: str, lost: bool, count: int = 6, length: int = 7) -> tuple[tuple[str, ...], ...]:
    """A few runs of words as they stand in the text, spread over it, to find candidates by full-text search."""
    text = _FOOTER.sub("", page)
    pieces = re.split(r"\n", _ADDRESS.sub("\n", text if lost else _QUOTED.sub("", _DIFF.sub("", text))))
    runs = [run for piece in pieces for run in _runs(re.findall(r"\w+", piece), length)]
    step = max(1, len(runs) // count)
    return tuple(dict.fromkeys(runs[::step][:count]))


def _runs(found: list[str], length: int) -> list[tuple[str, ...]]:
    """Runs of a line's words; of a short line the whole, of a long one every few words."""
    if len(found) <= length:
        return [tuple(found)] if len(found) >= _RUN else []
    return [tuple(found[at : at + length]) for at in range(0, len(found) - length + 1, length)]
