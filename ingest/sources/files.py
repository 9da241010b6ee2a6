"""Folders with one mail a file to ``Raw``: what Maildir and .eml folders share.

Files are read in the order of their keys. The cursor counts the files read and holds a hash over their keys, sizes and
times of change: as long as the files up to there are the same, reading goes on behind them. A file that came between,
went away or was changed makes the folder be read again, so that no mail is missed because of its name.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from errors import SourceError
from ingest.sources import Raw
from ingest.sources.mbox import MAX_MAIL, from_line_date
from ingest.sources.streams import open_stream

Entry = tuple[str, Path]


def printable(name: str) -> str:
    """A file name as text that can be stored: bytes that are no UTF-8 are shown as escapes."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def read_files(entries: Sequence[Entry], cursor: str | None) -> Iterator[Raw]:
    """One ``Raw`` for each (key, path), behind the cursor. A file that has gone meanwhile is left to the next run."""
    done, digest = _position(entries, cursor)
    for number, (key, path) in enumerate(entries[done:], done + 1):
        try:
            _add(digest, key, path)
            data = _content(path)
        except FileNotFoundError:
            continue
        position = json.dumps({"files": number, "sha256": digest.hexdigest()}, separators=(",", ":"))
        line = b""
        if data.startswith(b"From "):
            line, _, data = data.partition(b"\n")
        hint = from_line_date(line)
        yield Raw(data, printable(key), position, hint, "from_line" if hint else "")


def remaining(entries: Sequence[Entry], cursor: str | None) -> int:
    """How many files ``read_files`` is going to read."""
    return len(entries) - _position(entries, cursor)[0]


def list_files(folder: Path, wanted: Callable[[Path], bool]) -> list[Path]:
    """Regular files below ``folder`` that are wanted, links not followed, sorted by path."""
    found: list[Path] = []

    def refuse(fault: OSError) -> None:
        raise SourceError(f"{fault.filename} cannot be read: {fault.strerror}", "Check its permissions.") from fault

    for top, _, names in os.walk(folder, onerror=refuse):
        paths = (Path(top, name) for name in names)
        found += [p for p in paths if wanted(p) and p.is_file() and not p.is_symlink()]
    return sorted(found)


def _content(path: Path) -> bytes:
    """A file's bytes, decompressed where it is compressed. What cannot be decompressed is taken as it stands: one odd
    file must not keep the others from being read, and is going to be rejected for what it is."""
    try:
        with open_stream(path) as stream:
            return stream.read(MAX_MAIL)
    except SourceError as fault:
        if not path.exists():
            raise FileNotFoundError(path) from None
        if not os.access(path, os.R_OK):
            raise fault
    with path.open("rb") as file:
        return file.read(MAX_MAIL)


def _add(digest: hashlib._Hash, key: str, path: Path) -> None:
    status = path.stat()
    digest.update(os.fsencode(f"{key}\0{status.st_size}\0{status.st_mtime_ns}\n"))


def _position(entries: Sequence[Entry], cursor: str | None) -> tuple[int, hashlib._Hash]:
    """(files to pass over, hash over them); (0, fresh hash) when the cursor does not fit the folder."""
    digest = hashlib.sha256()
    try:
        value = json.loads(cursor or "{}")
        done, expected = int(value["files"]), str(value["sha256"])
        for key, path in entries[:done]:
            _add(digest, key, path)
    except (ValueError, KeyError, TypeError, FileNotFoundError):
        return 0, hashlib.sha256()
    if len(entries) < done or digest.hexdigest() != expected:
        return 0, hashlib.sha256()
    return done, digest
