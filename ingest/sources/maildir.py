"""A Maildir to ``Raw``: the files of ``cur`` and ``new``, by their unique names; ``tmp`` holds unfinished deliveries.

The name in front of ":2,FLAGS" stays when a mail is read or moved from ``new`` to ``cur``, so it is the mail's origin.
Subfolders of Maildir++ (".Name") are Maildirs of their own and are given as such.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from errors import SourceError
from ingest.sources import Raw
from ingest.sources.files import Entry, list_files, read_files, remaining


def is_maildir(path: Path) -> bool:
    """Whether ``path`` is the folder above ``cur`` and ``new``."""
    return (path / "cur").is_dir() and (path / "new").is_dir()


class Maildir:
    """One Maildir."""

    kind = "maildir"

    def __init__(self, path: Path) -> None:
        self.location, self._path = str(path), path
        if not is_maildir(path):
            raise SourceError(f"{path} is no Maildir: it has no folders cur and new", "Give the folder above them.")
        if not self._entries():
            raise SourceError(f"the Maildir {path} is empty", "Check that it is the folder that mail is delivered to.")

    def read(self, cursor: str | None = None) -> Iterator[Raw]:
        return read_files(self._entries(), cursor)

    def count(self, cursor: str | None = None) -> int | None:
        return remaining(self._entries(), cursor)

    def _entries(self) -> list[Entry]:
        files = [p for part in ("cur", "new") for p in list_files(self._path / part, _is_mail)]
        return sorted((p.name.partition(":2,")[0], p) for p in files)


def _is_mail(path: Path) -> bool:
    return not path.name.startswith((".", "dovecot"))
