"""Statement rows to ``Claim`` values: each tagged sentence with its speaker and with what it answers."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from db.models import Message, NodeRow, RequirementRow, SeenRow, StatementRow
from db.queries.base import bodies, chunks
from db.queries.claims import claims as plain_claims
from db.queries.claims import passages
from db.reads import segments
from guidelines.stances import ends_with
from guidelines.values import Claim, statement_key
from ingest.body import Kind, Segment, above
from ingest.subject import parse_subject

_BLANK = re.compile(r"\n[ \t]*\n")


@dataclass(frozen=True, slots=True)
class _Place:
    """Text and segments of one mail. ``quotes``: positions of its quote segments."""

    body: str
    segments: tuple[Segment, ...]
    sources: tuple[tuple[str, int, int] | None, ...]
    starts: tuple[int, ...]
    quotes: tuple[int, ...]


def claims(session: Session, threads: Iterable[str]) -> dict[str, list[Claim]]:
    """The claims of some threads, each thread's in order of date, mid and offset."""
    found: dict[str, list[Claim]] = {}
    for some in chunks(sorted(threads)):
        rows = session.execute(_statements().where(NodeRow.thread.in_(some))).all()
        found |= _claims(session, rows)
    return found


def claims_by_key(session: Session, keys: Iterable[str]) -> dict[str, Claim]:
    """Some claims by their keys, each with its place in the thread, requirements with what they answer as it was when
    they were weighed; where no sentence is tagged, what the mail says there."""
    here, wanted = session.connection(), set(keys)
    plain = plain_claims(here, wanted)
    parents = _parents(session, {claim.thread for claim in plain.values()})
    answers = answered(session)
    found = {
        key: replace(claim, answers=answers.get(key, ()), ancestors=_ancestors(parents, claim.mid))
        for key, claim in plain.items()
    }
    return found | passages(here, wanted - found.keys())


def below(session: Session, threads: Iterable[Sequence[Claim]]) -> dict[tuple[str, str], Claim]:
    """What the mails that annotators name say right below the annotated rule, up to the first blank line; by the rule's
    key and the mid. Most of it carries no label: an answer need not begin with "yes" or "no"."""
    rules = {(c.key, mid): c for mine in threads for c in mine for mid in _named(c)}
    query = select(Message.mid, Message.id, NodeRow.thread).join(NodeRow, NodeRow.mid == Message.mid)
    mails: dict[str, Any] = {}
    for some in chunks(sorted({mid for _, mid in rules})):
        mails |= {row.mid: row for row in session.execute(query.where(Message.mid.in_(some), ~Message.conflict))}
    places = _places(session, sorted(row.id for row in mails.values()))
    keys = {
        (key, mid): _below(rule, mid, places[row.id])
        for (key, mid), rule in rules.items()
        if (row := mails.get(mid)) and row.thread == rule.thread and row.id in places
    }
    told = passages(session.connection(), filter(None, keys.values()))
    return {pair: told[key] for pair, key in keys.items() if key in told}


def _named(claim: Claim) -> list[str]:
    return [mid.strip("<>") for side in ("assent", "dissent") for mid in claim.said.get(side, ())]


def _below(rule: Claim, mid: str, place: _Place) -> str:
    """The key of the first paragraph right below a quote of the rule; "" where there is none."""
    for segment in place.segments:
        quoted, text_above = _answered(segment.start, place) if segment.kind == Kind.NEW else ([], "")
        held = any(source == rule.mid and start < rule.end and rule.start < end for source, start, end in quoted)
        if held and ends_with(text_above, rule.text):
            text = place.body[segment.start : segment.end]
            start = len(text) - len(text.lstrip())
            blank = _BLANK.search(text, start)
            end = blank.start() if blank else len(text.rstrip())
            return statement_key(mid, segment.start + start, segment.start + end) if end > start else ""
    return ""


def seen(session: Session, messages: Iterable[int]) -> dict[int, str]:
    """A checksum of what the tagger saw of some messages, by row id, of those that it tagged."""
    found: dict[int, str] = {}
    for some in chunks(messages):
        query = select(SeenRow.message_id, SeenRow.what).where(SeenRow.message_id.in_(some))
        found |= {row.message_id: row.what for row in session.execute(query)}
    return found


def answered(session: Session) -> dict[str, tuple[str, ...]]:
    """What each requirement answers, by key, of those that answer anything."""
    rows = session.execute(select(RequirementRow.key, RequirementRow.answers).order_by(RequirementRow.key))
    return {row.key: tuple(row.answers) for row in rows if row.answers}


def _statements() -> Select[Any]:
    return (
        select(StatementRow.key, StatementRow.message_id, StatementRow.start, StatementRow.end, StatementRow.said)
        .add_columns(Message.mid, Message.subject, NodeRow.thread)
        .join(Message, Message.id == StatementRow.message_id)
        .join(NodeRow, NodeRow.mid == Message.mid)
        .order_by(NodeRow.thread, Message.date.nulls_first(), Message.mid, StatementRow.start)
    )


def _claims(session: Session, rows: Sequence[Row[Any]]) -> dict[str, list[Claim]]:
    plain = plain_claims(session.connection(), [row.key for row in rows])
    places = _places(session, sorted({row.message_id for row in rows}))
    parents = _parents(session, {row.thread for row in rows})
    spans: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
    for row in rows:
        spans[row.mid].append((row.start, row.end, row.key))
    found: dict[str, list[Claim]] = defaultdict(list)
    for row in rows:
        quoted, text = _answered(row.start, places[row.message_id])
        subject = parse_subject(row.subject)
        found[row.thread].append(
            replace(
                plain[row.key],
                answers=tuple(_inside(spans, quoted)),
                answers_mids=tuple(source[0] for source in quoted),
                answers_text=text,
                ancestors=_ancestors(parents, row.mid),
                is_patch=subject.is_patch and not subject.is_reply,
                said=dict(row.said),
            )
        )
    return found


def _answered(offset: int, place: _Place) -> tuple[list[tuple[str, int, int]], str]:
    """What is quoted right above the sentence: (mid, start, end) where known, nearest first, and the text.

    That is every quote since the author's last words; where there is none (an excerpt of code stands between), the
    words go on from what stood above those, and the nearest quote counts.
    """
    position = bisect_right(place.starts, offset) - 1
    before = place.quotes[: bisect_right(place.quotes, position)]
    if not before:
        return [], ""
    last = max((i for i in range(position) if place.segments[i].kind == Kind.NEW), default=-1)
    since = [quote for quote in before if quote > last] or [before[-1]]
    found = [source for quote in reversed(since) if (source := place.sources[quote])]
    return found, above(place.body, place.segments, position)


def _inside(spans: Mapping[str, Sequence[tuple[int, int, str]]], quoted: Iterable[tuple[str, int, int]]) -> list[str]:
    return [
        key
        for mid, start, end in quoted
        for claim_start, claim_end, key in spans.get(mid, ())
        if claim_start < end and start < claim_end
    ]


def _places(session: Session, ids: Sequence[int]) -> dict[int, _Place]:
    texts = {row: text for some in chunks(ids) for row, text in bodies(session.connection(), some).items()}
    return {
        number: _Place(
            texts[number],
            cut,
            sources,
            tuple(segment.start for segment in cut),
            tuple(position for position, segment in enumerate(cut) if segment.kind == Kind.QUOTE),
        )
        for number, (cut, sources) in segments(session, ids).items()
    }


def _parents(session: Session, threads: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for some in chunks(sorted(threads)):
        rows = session.execute(select(NodeRow.mid, NodeRow.parent).where(NodeRow.thread.in_(some)))
        found |= {row.mid: row.parent for row in rows}
    return found


def _ancestors(parents: Mapping[str, str], mid: str) -> tuple[str, ...]:
    chain = []
    while mid := parents.get(mid, ""):
        chain.append(mid)
    return tuple(chain)
