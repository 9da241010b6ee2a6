"""Mailman 2's monthly text archives (pipermail) to ``Raw``: ``2019-March.txt``, packed or not, or a folder of them.

They are almost mbox. Mailman (``Mailman/Archiver/HyperArch.py``, ``as_text``) writes addresses as "ada at example.org",
in the header and in the text; here they are restored where they are certain: in From, and between angle brackets. It
writes no charset and no MIME header, so each mail's charset is told from its own bytes. Two mails stand without a blank
line between them when the first ends without one.

The cursor holds, for each month, how far it was read and a hash of that, as for an mbox: only new and changed months
give mails.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from errors import SourceError
from ingest.sources import Raw
from ingest.sources.mbox import read_mails, to_raw
from ingest.sources.streams import refuse_page

_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
_NAME = re.compile(
    r"(?:(?P<year>\d{4})(?:-(?P<month>[a-z]{3,9})|q(?P<quarter>[1-4]))?|(?:week-of-mon-)?(?P<day>\d{8}))\.txt(?:\.(?:gz|xz|zst))?",
    re.IGNORECASE,
)
_SENDER = re.compile(
    rb"\A(From:[ \t]*)([^\s@<>()]{1,120}) at ((?:[\w-]{1,63}\.){1,9}[\w-]{1,63})(?=[ \t]*(?:\(|\r?\n))"
)
_BRACKETED = re.compile(rb"<([\w.+=~-]{1,120}) at ((?:[\w-]{1,63}\.){1,9}[A-Za-z]{2,20})>")
_START = re.compile(rb"\s*From [^\n]{0,200} at [^\n]{0,200}\d{4}\r?\nFrom: ")


def period(path: Path) -> tuple[int, int, int] | None:
    """The beginning of the time that a file covers, by its name; None for a name that pipermail does not write."""
    named = _NAME.fullmatch(path.name)
    if not named:
        return None
    if named["day"]:
        return int(named["day"][:4]), int(named["day"][4:6]), int(named["day"][6:])
    month = (named["month"] or "").lower()
    if month and month not in _MONTHS:
        return None
    number = _MONTHS.index(month) + 1 if month else int(named["quarter"] or 1) * 3 - 2
    return int(named["year"]), number, 1


def begins_like_pipermail(start: bytes) -> bool:
    """Whether a file's first bytes are those of a pipermail month: a From_ line with " at ", then From."""
    return bool(_START.match(start))


class Pipermail:
    """One month, or a folder of months in the order of time."""

    kind = "pipermail"

    def __init__(self, path: Path) -> None:
        self.location, self._path = str(path), path
        if not self._months():
            raise SourceError(f"{path} holds no month of pipermail", "Give files named like 2019-March.txt.gz.")

    def count(self, cursor: str | None = None) -> int | None:
        return None

    def read(self, cursor: str | None = None) -> Iterator[Raw]:
        seen = _parse_cursor(cursor)
        for name, path in self._months().items():
            refuse_page(path)
            offset, expected = seen.get(name, (0, ""))
            for piece, digest in read_mails(path, offset, expected, pipermail=True):
                seen[name] = (piece.end, digest)
                raw = to_raw(piece, f"{name}:{piece.start}", json.dumps(seen, separators=(",", ":")))
                yield Raw(restored(raw.data), raw.origin, raw.cursor, raw.hint, raw.hint_from)

    def _months(self) -> dict[str, Path]:
        """Name without suffixes to file, in the order of time; of a month in several forms the plain one counts."""
        if not self._path.is_dir():
            return {self._path.name.partition(".")[0]: self._path}
        files = [(when, p.name.count("."), p) for p in self._path.iterdir() if (when := period(p)) and p.stat().st_size]
        months: dict[str, Path] = {}
        for _, _, path in sorted(files):
            months.setdefault(path.name.partition(".")[0], path)
        return months


def restored(data: bytes) -> bytes:
    """A mail with "ada at example.org" made an address again, where it cannot be anything else."""
    return _BRACKETED.sub(rb"<\1@\2>", _SENDER.sub(rb"\1\2@\3", data))


def _parse_cursor(cursor: str | None) -> dict[str, tuple[int, str]]:
    try:
        value = json.loads(cursor or "{}")
        return {str(name): (int(offset), str(digest)) for name, (offset, digest) in value.items()}
    except (ValueError, TypeError, AttributeError):
        return {}
