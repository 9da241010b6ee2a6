"""A file, plain or compressed, to a stream of its decompressed bytes that cannot be blown up.

gzip, xz and zstd are told by their first bytes, never by a file name. Output stops with SourceError beyond an absolute
size, and beyond a ratio of output to input once enough was put out for the ratio to mean something: text archives
compress ten- to thirtyfold, bombs a thousandfold.
"""

from __future__ import annotations

import gzip
import io
import lzma
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Protocol

import zstandard

from errors import SourceError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MAX_BYTES = 64 << 30
MAX_RATIO = 200
_RATIO_COUNTS_FROM = 32 << 20
_XZ_MEMORY = 256 << 20
_PAGE = re.compile(rb"\s*<(?:!doctype|html|head|body|\?xml|!--)", re.IGNORECASE)
_FAULTS = (OSError, EOFError, lzma.LZMAError, zlib.error, zstandard.ZstdError)


class Readable(Protocol):
    """What is left of a file when all it has to do is to be read."""

    def read(self, size: int, /) -> bytes: ...


class _Xz:
    """xz streams, one after the other, under a memory limit (which ``lzma.LZMAFile`` does not take)."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source, self._input, self._decoder, self._begun = source, b"", self._fresh(), False

    @staticmethod
    def _fresh() -> lzma.LZMADecompressor:
        return lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)

    def read(self, size: int, /) -> bytes:
        while True:
            if self._decoder.eof:
                self._input, self._decoder, self._begun = self._decoder.unused_data, self._fresh(), False
            if not self._input and self._decoder.needs_input:
                self._input = self._source.read(1 << 16)
                if not self._input and not self._begun:
                    return b""
                if not self._input:
                    raise EOFError("the file ends inside a stream")
            if not self._begun:
                self._input = self._input.lstrip(b"\0")  # padding between streams
                self._begun = bool(self._input)
            data = self._decoder.decompress(self._input, size) if self._begun else b""
            self._input = b""
            if data:
                return data


class Capped(io.RawIOBase):
    """Reads ``inner``; refuses to put out more than the caps allow for what was taken from ``source``."""

    def __init__(self, inner: Readable, source: IO[bytes], path: Path) -> None:
        self._inner, self._source, self._path, self._out = inner, source, path, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        data = self._read(len(view))
        view[: len(data)] = data
        return len(data)

    def _read(self, size: int) -> bytes:
        try:
            data = self._inner.read(size)
        except _FAULTS as fault:
            raise SourceError(
                f"{self._path} is damaged after {self._out} bytes of output: {fault}", "Fetch the file again."
            ) from fault
        self._out += len(data)
        blown = self._out > _RATIO_COUNTS_FROM and self._out > MAX_RATIO * max(1, self._source.tell())
        if self._out > MAX_BYTES or (blown and self._inner is not self._source):
            raise SourceError(
                f"{self._path} decompresses to far more than a mail archive would ({self._out} bytes so far)",
                "Look at the file; if it is sound, decompress it and give the plain file.",
            )
        return data


@contextmanager
def open_stream(path: Path) -> Iterator[io.BufferedReader]:
    """The decompressed bytes of ``path``, buffered. SourceError where it cannot be opened or read, or blows up."""
    try:
        with path.open("rb") as source:
            yield io.BufferedReader(Capped(_decompressed(source), source, path), 1 << 20)
    except (PermissionError, IsADirectoryError, FileNotFoundError) as fault:
        raise SourceError(f"{path} cannot be read: {fault.strerror}", "Check the path and its permissions.") from fault


def _decompressed(source: io.BufferedReader) -> Readable:
    magic = source.peek(6)[:6]
    if magic.startswith(b"\x1f\x8b"):
        return gzip.GzipFile(fileobj=source)
    if magic == b"\xfd7zXZ\x00":
        return _Xz(source)
    if magic.startswith(b"\x28\xb5\x2f\xfd"):
        return zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(source, read_across_frames=True)
    return source


def refuse_page(path: Path) -> None:
    """SourceError where a web page stands in place of mail: what a server answers that wants a log-in or a click."""
    with open_stream(path) as stream:
        page = _PAGE.match(stream.peek(4096))
    if page:
        raise SourceError(
            f"{path} is a web page, no mail",
            "Was a log-in or challenge page saved in place of the archive? Fetch it again.",
        )
