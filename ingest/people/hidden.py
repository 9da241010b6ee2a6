"""Addresses that an archive's pages made unreadable in part: "ada@xxxxxx", "ada.qu...@example.org"."""

from __future__ import annotations

import re
from dataclasses import dataclass

_LONG = 320  # characters of an address, by RFC 5321; longer ones are none
_HIDDEN = re.compile(r"(?P<user>[^@]+)@(?:x{3}[x.]*|hidden)|(?P<start>[^@]*?)\.{2,}(?:@(?P<host>[^@.][^@]*))?")


@dataclass(frozen=True, slots=True)
class Visible:
    """What is left of an address: the beginning of its local part (the ``whole`` of it), its host or ""."""

    start: str
    host: str
    whole: bool

    def fits(self, address: str) -> bool:
        """Whether it can have been made from ``address``, in lower case."""
        user, _, host = address.partition("@")
        return (user == self.start if self.whole else user.startswith(self.start)) and self.host in ("", host)


def visible(address: str) -> Visible | None:
    """What an obfuscated address shows; None for one that is not obfuscated."""
    match = _HIDDEN.fullmatch(address.strip().lower()[:_LONG])
    if match is None:
        return None
    return Visible(match["user"] or match["start"], match["host"] or "", bool(match["user"]))
