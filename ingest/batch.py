"""Raw mails to everything that a mail alone can tell: the unit of work that is handed to a worker process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import zstandard

from ingest.credit import Credit, credit
from ingest.message import Message, Reject, parse
from ingest.revisions.patches import PatchText, is_posting, read_patch
from ingest.sources import Raw
from ingest.subject import parse_subject

LEVEL = 3  # zstd's own default: half of the bytes at a few hundred MB/s


@dataclass(frozen=True, slots=True)
class Parsed:
    """A mail, with its raw bytes compressed (zstd). ``patch`` and ``credit``: what a patch mail says of its series
    and its author, None for other mails. Segments are not cut here: that takes the mails that it answers."""

    origin: str
    cursor: str
    deleted: bool
    size: int
    blob: bytes
    result: Message | Reject
    patch: PatchText | None = None
    credit: Credit | None = None


def read_batch(raws: Sequence[Raw]) -> list[Parsed]:
    """Pure and picklable: one ``Parsed`` for each item, in order."""
    compressor = zstandard.ZstdCompressor(level=LEVEL)
    return [_read(raw, compressor) for raw in raws]


def _read(raw: Raw, compressor: zstandard.ZstdCompressor) -> Parsed:
    result = parse(raw)
    text: PatchText | None = None
    whose: Credit | None = None
    if isinstance(result, Message) and is_posting(parse_subject(result.subject)):
        text, whose = read_patch(result.body), credit(result.body)
    blob = compressor.compress(raw.data)
    return Parsed(raw.origin, raw.cursor, raw.deleted, len(raw.data), blob, result, text, whose)
