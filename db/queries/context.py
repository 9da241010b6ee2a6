"""Tagged sentences to what their authors said right before them, for sentences that are understood only with that."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import Connection, select

from db.models import Message, SegmentRow
from db.queries.base import chunks
from guidelines.cues import BULLET
from guidelines.values import Claim
from ingest.body import Kind

LONGEST = 60  # words; what is longer explains more than one sentence needs
_PARAGRAPH = re.compile(r"\n[ \t]*\n")
_STOP = re.compile(r"(?<=[.!?])[\"')]*\s+(?=[\"'(]*[A-Z0-9])")


def before(connection: Connection, claims: Iterable[Claim]) -> dict[str, str]:
    """By key the sentence that stands right before a claim, in its own paragraph of its author's own words."""
    wanted: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        wanted[claim.mid].append(claim)
    found: dict[str, str] = {}
    for some in chunks(sorted(wanted)):
        query = (
            select(Message.mid, Message.body, SegmentRow.start, SegmentRow.end)
            .join(SegmentRow, SegmentRow.message_id == Message.id)
            .where(Message.mid.in_(some), ~Message.conflict, SegmentRow.kind == Kind.NEW)
        )
        for mid, body, start, end in connection.execute(query):
            for claim in wanted[mid]:
                if start < claim.start < end and (said := _last(body[start : claim.start], claim.text)):
                    found[claim.key] = said
    return found


def _last(text: str, sentence: str) -> str:
    """The last sentence of a text that goes on with ``sentence``; "" where it does not lead to it."""
    paragraph = _PARAGRAPH.split(text)[-1]
    if not paragraph.strip() or BULLET.match(sentence):
        return ""
    last = " ".join(_STOP.split(" ".join(paragraph.split()))[-1].split())
    return BULLET.sub("", last) if 3 <= len(last.split()) <= LONGEST else ""
