"""Date fields and the archive's own date to the UTC time at which a message was written, and where that stands.

The sender's Date wins unless it is nonsense: before 1982 (RFC 822), beyond what any archive can hold, with a zone that
no place on earth has, later than the mail arrived, or years before it. Then the Received line of the last hop counts,
then the archive's date. Nothing is made up: without any of these the date is None. No clock is asked, so that the same
archive gives the same dates for ever.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_tz
from functools import lru_cache

from ingest.mail import headers

_MONTHS = {
    name: number
    for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)  # noqa: SIM905  reads better
}
_USUAL = re.compile(
    r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s*)?(\d{1,2})[ -]([a-z]{3})[a-z]*[ -](\d{4})\s+"
    r"(\d{1,2}):(\d\d)(?::(\d\d))?\s*([+-]\d{4}|[a-z]{1,5})?\s*(?:\([^()]*\)\s*)*",
    re.IGNORECASE,
)
_ZONES = {"est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7, "cet": 1, "cest": 2}
_FIRST = datetime(1982, 1, 1, tzinfo=UTC)
_LAST = datetime(2038, 1, 1, tzinfo=UTC)  # where nothing confirms a later date, it is a broken clock's
_AHEAD = timedelta(days=3)
_BEHIND = timedelta(days=730)


@lru_cache(maxsize=1024)
def parse_date(value: str) -> tuple[datetime | None, bool]:
    """(UTC date, whether its zone can be believed) of a date field; (None, False) where it cannot be read."""
    line = headers.unfold(value)[:200]
    match = _USUAL.fullmatch(line)
    if match:
        day, month, year, hour, minute, second, zone = match.groups()
        return _utc((year, _MONTHS.get(month.lower(), 0), day, hour, minute, second or 0), zone or "")
    try:
        parsed = parsedate_tz(line)
    except (ValueError, IndexError, TypeError, OverflowError):
        parsed = None
    if parsed is None:
        return None, False
    year, month_number, day_number = parsed[:3]
    offset = parsed[9] or 0
    zone = f"{'-' if offset < 0 else '+'}{abs(offset) // 3600:02}{abs(offset) % 3600 // 60:02}"
    odd = re.search(r"[+-]\S*$", line)
    if odd and not re.fullmatch(r"[+-]\d{4}", odd[0]):
        zone = "+9999"
    return _utc((year, month_number, day_number, *parsed[3:6]), zone)


def _utc(parts: tuple[str | int, ...], zone: str) -> tuple[datetime | None, bool]:
    year, month, day, hour, minute, second = (int(part) for part in parts)
    sure = True
    if zone[:1] in ("+", "-"):
        hours, minutes = int(zone[1:3]), int(zone[3:5])
        sure = hours <= 14 and minutes < 60
        offset = timedelta(hours=hours, minutes=minutes) * (1 if zone[0] == "+" else -1)
    else:
        offset = timedelta(hours=_ZONES.get(zone.lower(), 0))
    try:
        date = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
        return date - (offset if sure else timedelta()), sure
    except (ValueError, OverflowError):
        return None, False


def received_date(values: Sequence[str]) -> datetime | None:
    """The time at which the last hop that tells a plausible one received the mail."""
    for value in values[:10]:
        _, semicolon, tail = value.rpartition(";")
        date, sure = parse_date(tail) if semicolon else (None, False)
        if date and sure and _FIRST <= date < _LAST:
            return date
    return None


def message_date(
    written: tuple[datetime | None, bool], received: Sequence[str], hint: datetime | None, hint_from: str
) -> tuple[datetime | None, str, str]:
    """(UTC date or None, where it comes from, defect or "")."""
    date, sure = written
    arrival = received_date(received)
    filed = hint if hint and hint >= _FIRST else None
    latest = max((d for d in (arrival, filed) if d), default=None)
    if date and sure and _plausible(date, arrival, latest):
        return date, "date", ""
    defect = "the Date field cannot be believed" if date else ""
    if arrival:
        return arrival, "received", defect
    if filed:
        return filed, hint_from, defect
    if date and _FIRST <= date < _LAST:
        return date, "date", "the Date field's zone is unknown; read as UTC"
    return None, "none", defect


def _plausible(date: datetime, arrival: datetime | None, latest: datetime | None) -> bool:
    if date < _FIRST or date > (latest + _AHEAD if latest else _LAST):
        return False
    return arrival is None or date >= arrival - _BEHIND
