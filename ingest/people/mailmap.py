"""A .mailmap file (gitmailmap(5)) to rules about names and addresses, with one form more for people kept apart.

The forms: ``Name <address>``; ``<address> <seen>``; ``Name <address> <seen>``; ``Name <address> Seen Name <seen>``;
and, for overrides, ``<one> != <other>``. Matching ignores case, as git does; later lines win.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_ENTRY = re.compile(
    r"\s*(?P<name>[^<>#]*?)\s*<(?P<address>[^<>]*)>(?:\s*(?P<seen>[^<>]*?)\s*<(?P<at>[^<>]*)>)?\s*(?:#.*)?"
)
_APART = re.compile(r"[^<>#]*<([^<>]+)>\s*!=\s*[^<>#]*<([^<>]+)>\s*(?:#.*)?")


@dataclass(frozen=True, slots=True)
class Entry:
    """Mails seen from ``seen_name`` ("" for any) at ``seen_address`` are by ``name`` ("" leaves it) at ``address``."""

    name: str
    address: str
    seen_name: str
    seen_address: str


@dataclass(frozen=True, slots=True)
class Mailmap:
    """Entries in order, and pairs of addresses of different people."""

    entries: tuple[Entry, ...]
    apart: tuple[tuple[str, str], ...]


def parse_mailmap(text: str) -> Mailmap:
    """Read a mailmap; lines that are none are ignored, as git ignores them."""
    entries: list[Entry] = []
    apart: list[tuple[str, str]] = []
    for line in text.splitlines():
        if line.lstrip().startswith("#"):
            continue
        if match := _APART.fullmatch(line.strip()):
            apart.append((match[1].strip().lower(), match[2].strip().lower()))
        elif match := _ENTRY.fullmatch(line):
            address = match["address"].strip().lower()
            seen = match["at"].strip().lower() if match["at"] is not None else address
            entries.append(Entry(match["name"], address, match["seen"] or "", seen))
    return Mailmap(tuple(entries), tuple(apart))
