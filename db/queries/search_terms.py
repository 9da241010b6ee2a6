"""A search line to its parts: words, "phrases", prefixes*, -words without, and filters (from:, list:, label:, ...)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

FILTERS = ("from", "list", "label", "topic", "status", "after", "before", "file", "id")
_TOKEN = re.compile(r'(-?)(?:([a-z]+):)?(?:"([^"]*)"?|(\S+))', re.IGNORECASE)
_DATE = re.compile(r"^(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?$")
_MID = re.compile(r"^<?[^\s<>@]+@[^\s<>@]+>?$")


@dataclass(frozen=True, slots=True)
class Term:
    """``words`` in order; ``phrase`` or a single word; ``prefix``: the last word may go on."""

    words: tuple[str, ...]
    prefix: bool = False
    without: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """``filters``: name to values, any of which will do. ``faults``: what could not be understood, in words."""

    terms: tuple[Term, ...] = ()
    filters: dict[str, tuple[str, ...]] = field(default_factory=dict)
    after: datetime | None = None
    before: datetime | None = None
    mid: str = ""
    faults: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        return not (self.terms or self.filters or self.after or self.before or self.mid)


def parse(line: str) -> Terms:
    """Never fails: what is no filter is a word to look for."""
    terms: list[Term] = []
    filters: dict[str, list[str]] = {}
    faults: list[str] = []
    moments: dict[str, datetime] = {}
    mid = ""
    for minus, name, quoted, bare in _TOKEN.findall(line[:2000]):
        key, value = name.lower(), quoted or bare
        if key in ("after", "before") and not minus:
            if (moment := _moment(value)) is None:
                faults.append(f"{key}: wants a date such as 2021, 2021-03 or 2021-03-15")
            else:
                moments[key] = moment
        elif key == "id" and not minus and value:
            mid = value.strip("<>")
        elif key in FILTERS and not minus and value:
            filters.setdefault(key, []).append(value)
        elif not key and not quoted and not minus and _MID.match(bare):
            mid = bare.strip("<>")
        else:
            terms += _term(f"{name}:{value}" if name else value, bool(quoted), bool(minus))
    kept = {key: tuple(values) for key, values in filters.items()}
    return Terms(tuple(terms), kept, moments.get("after"), moments.get("before"), mid, tuple(faults))


def _term(value: str, phrase: bool, without: bool) -> list[Term]:
    """What has no letter, digit or underscore in it cannot be looked for."""
    words = tuple(re.findall(r"\w+", value))
    return [Term(words, not phrase and value.endswith("*"), without)] if words else []


def _moment(value: str) -> datetime | None:
    """The first moment of a year, month or day, in UTC."""
    match = _DATE.match(value)
    if not match:
        return None
    year, month, day = (int(part) if part else 1 for part in match.groups())
    if not (1 <= year <= 9998 and 1 <= month <= 12 and 1 <= day <= 31):
        return None
    return datetime(year, month, 1, tzinfo=UTC) + timedelta(days=day - 1)
