"""A path to the ``Source`` that reads it: the kind is told from the content, never trusted to a name alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from errors import SourceError, UsageError
from ingest.sources import Source
from ingest.sources.eml import Eml, is_eml
from ingest.sources.files import list_files
from ingest.sources.maildir import Maildir, is_maildir
from ingest.sources.mbox import Mbox
from ingest.sources.pages import Pages, is_page, is_pasted, is_saved
from ingest.sources.pipermail import Pipermail, begins_like_pipermail, period
from ingest.sources.public_inbox import PublicInbox, epochs, is_repository
from ingest.sources.streams import open_stream, refuse_page

KINDS: Mapping[str, Callable[[Path], Source]] = MappingProxyType(
    {
        "public-inbox": PublicInbox,
        "mbox": Mbox,
        "mboxo": lambda path: Mbox(path, "mboxo"),
        "maildir": Maildir,
        "eml": Eml,
        "pipermail": Pipermail,
        "page": Pages,
    }
)
_FOLDERS = ("public-inbox", "maildir", "eml", "pipermail", "page")
_FILES = ("mbox", "mboxo", "eml", "pipermail", "page")
_FIELD = re.compile(
    rb"^(?:from|to|date|subject|message-id|received|return-path|delivered-to|mime-version|list-id)[ \t]*:",
    re.IGNORECASE | re.MULTILINE,
)
_GIVE = "Give a public-inbox repository, an mbox, a Maildir, or a folder of .eml files; --kind names the kind."
_FOREIGN = (
    (b"# v2 git bundle", "a git bundle", "Clone it first: git clone --mirror FILE 0.git, and give 0.git."),
    (b"# v3 git bundle", "a git bundle", "Clone it first: git clone --mirror FILE 0.git, and give 0.git."),
    (b"PK\x03\x04", "a zip archive", "Unpack it and give what is inside."),
    (b"BZh", "a bzip2 file", "Decompress it with bunzip2; gzip, xz and zstd are read as they are."),
    (b"SQLite format 3\0", "an SQLite database", _GIVE),
    (b"%PDF", "a PDF", _GIVE),
)


def open_source(path: Path, kind: str | None = None) -> Source:
    """The archive at ``path``, opened. ``kind`` (one of KINDS) overrides what the content says.

    SourceError for what is missing, unreadable, empty or of another kind; UsageError for a kind that does not exist.
    """
    if kind is not None and kind not in KINDS:
        raise UsageError(f"there is no kind of archive called {kind}", f"Choose one of: {', '.join(KINDS)}.")
    try:
        if not path.exists():
            raise SourceError(f"{path} does not exist", "Check the path.")
        found = _folder_kind(path, kind) if path.is_dir() else _file_kind(path, kind)
        return KINDS[kind or found](path)
    except OSError as fault:
        raise SourceError(f"{path} cannot be read: {fault.strerror}", "Check the path and its permissions.") from fault


def _folder_kind(path: Path, kind: str | None) -> str:
    if kind is not None:
        if kind not in _FOLDERS:
            raise SourceError(
                f"{path} is a folder, and {kind} is a kind of file", "Give the file, or leave out --kind."
            )
        return kind
    if epochs(path):
        return "public-inbox"
    if is_repository(path / ".git"):
        raise SourceError(
            f"{path} is a working copy of a git repository, no mail archive",
            "For a public-inbox, give the bare repository; code repositories belong in the configuration.",
        )
    if is_maildir(path):
        return "maildir"
    names = list(path.iterdir())
    if any(period(p) for p in names):
        return "pipermail"
    if not names:
        raise SourceError(f"{path} is an empty folder", _GIVE)
    if list_files(path, is_eml):
        return "eml"
    starts = [_start(p) for p in list_files(path, is_saved)[:20]]
    if any(is_page(start) or is_pasted(start) for start in starts):
        return "page"
    raise SourceError(f"{path} holds no mail that can be recognised", _GIVE)


def _file_kind(path: Path, kind: str | None) -> str:
    if not path.is_file():
        raise SourceError(f"{path} is neither a file nor a folder", _GIVE)
    if kind is not None and kind not in _FILES:
        raise SourceError(f"{path} is a file, and {kind} is a kind of folder", "Give the folder, or leave out --kind.")
    text = _start(path).removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    if not text.strip():
        raise SourceError(f"{path} is empty: it holds no mail", "Check that it was fetched completely.")
    for magic, what, advice in _FOREIGN:
        if text.startswith(magic):
            raise SourceError(f"{path} is {what}, no mail archive", advice)
    if text[257:262] == b"ustar":
        raise SourceError(f"{path} is a tar archive, no mail archive", "Unpack it and give what is inside.")
    if kind == "page" or is_page(text):
        return "page"
    refuse_page(path)
    if text.startswith(b"From "):
        return "pipermail" if begins_like_pipermail(text) else "mbox"
    if kind is None and not _FIELD.search(text) and is_saved(path) and is_pasted(text):
        return "page"
    if not _FIELD.search(text) and kind is None:
        raise SourceError(f"{path} does not begin like a mail", _GIVE)
    return "mbox" if path.name.lower().split(".")[-1] == "mbox" or ".mbox." in path.name.lower() else "eml"


def _start(path: Path) -> bytes:
    with open_stream(path) as stream:
        return stream.peek(4096)[:4096]
