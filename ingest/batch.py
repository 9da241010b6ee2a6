"""Raw mails to everything that a mail alone can tell: the unit of work that is handed to a worker process."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.bounds import ROOM, SECONDS, OverrunError, overruns, room, within
from ingest.credit import Credit, credit
from ingest.message import Message, Reject, parse
from ingest.packing import pack
from ingest.revisions.patches import PatchText, is_posting, read_patch
from ingest.sources import Raw
from ingest.subject import parse_subject
from pickles import as_arguments


@as_arguments
@dataclass(frozen=True, slots=True)
class Parsed:
    """A mail, with its raw bytes packed by its text. ``patch`` and ``credit``: what a patch mail says of its series
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
    """Picklable: one ``Parsed`` for each item, in order; a Reject for one that takes too much time or memory."""
    with overruns(), room():
        return [_read(raw) for raw in raws]


def given_up(raws: Sequence[Raw]) -> list[Parsed]:
    """What is recorded of mails whose reading ended the worker: they are not looked at again."""
    return [_rejected(raw, "reading it takes more time or memory than any mail may") for raw in raws]


def _read(raw: Raw) -> Parsed:
    try:
        with within():
            return _parsed(raw)
    except OverrunError:
        return _rejected(raw, f"reading it takes more than {SECONDS:.0f} s")
    except MemoryError:
        return _rejected(raw, f"reading it takes more than {ROOM >> 20} MB")


def _parsed(raw: Raw) -> Parsed:
    result = parse(raw)
    text: PatchText | None = None
    whose: Credit | None = None
    if isinstance(result, Message) and is_posting(parse_subject(result.subject)):
        text, whose = read_patch(result.body), credit(result.body)
    # A page's text is not stored where the archive has the mail, and then there is nothing to unpack it with.
    blob = pack(raw.data, result.body if isinstance(result, Message) and not raw.page else "")
    return Parsed(raw.origin, raw.cursor, raw.deleted, len(raw.data), blob, result, text, whose)


def _rejected(raw: Raw, reason: str) -> Parsed:
    result = Reject(hashlib.sha256(raw.data).hexdigest(), reason)
    return Parsed(raw.origin, raw.cursor, raw.deleted, len(raw.data), pack(raw.data, ""), result)
