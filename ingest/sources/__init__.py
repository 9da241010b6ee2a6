"""Kinds of archive, one file each. Every source yields ``Raw`` items in a stable order and can be resumed.

A source never parses a message beyond finding its bounds: that is ``ingest.message``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pickles import as_arguments


@as_arguments
@dataclass(frozen=True, slots=True)
class Raw:
    """One archived message.

    ``data``: RFC 5322 bytes, without From_ line, mboxrd quoting undone. ``origin``: where it lies inside the source
    (epoch and blob, byte offset, relative path), stable between runs. ``cursor``: the source's position after this
    item; handing it to ``read`` continues behind it. ``hint``/``hint_from``: the archive's own date for the message
    (UTC) and where it stands ("from_line" or "commit"), used when the message has none. ``deleted``: the archive has
    withdrawn this message (public-inbox ``d``); ``data`` is the withdrawn message. ``page``: ``data`` was made from a
    web page, and its X-Precedent-Page field is ours; in a mail it says nothing.
    """

    data: bytes
    origin: str
    cursor: str
    hint: datetime | None = None
    hint_from: str = ""
    deleted: bool = False
    page: bool = False


class Source(Protocol):
    """An archive that was recognised and opened."""

    kind: str
    location: str

    def read(self, cursor: str | None = None) -> Iterator[Raw]:
        """Items behind ``cursor`` (None: from the start), oldest first. Raises SourceError."""

    def count(self, cursor: str | None = None) -> int | None:
        """How many items ``read`` is going to yield, or None where counting costs as much as reading."""
