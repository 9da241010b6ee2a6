"""One .eml file, or a folder of them at any depth, to ``Raw``, in the order of their paths."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from errors import SourceError
from ingest.sources import Raw
from ingest.sources.files import Entry, list_files, read_files, remaining


def is_eml(path: Path) -> bool:
    """Whether the name says .eml, whatever the case."""
    return path.suffix.lower() == ".eml"


class Eml:
    """A folder of .eml files, or one file under any name."""

    kind = "eml"

    def __init__(self, path: Path) -> None:
        self.location, self._path = str(path), path
        if not self._entries():
            raise SourceError(f"{path} holds no .eml file", "Give a folder with files whose names end in .eml.")

    def read(self, cursor: str | None = None) -> Iterator[Raw]:
        return read_files(self._entries(), cursor)

    def count(self, cursor: str | None = None) -> int | None:
        return remaining(self._entries(), cursor)

    def _entries(self) -> list[Entry]:
        if not self._path.is_dir():
            return [(self._path.name, self._path)]
        return [(p.relative_to(self._path).as_posix(), p) for p in list_files(self._path, is_eml)]
