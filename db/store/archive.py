"""Parsed mails to rows: each is stored, already known, or recorded as a reject; nothing vanishes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from db.models import Blob, MailingList, Membership, Message, PageRow, RejectRow, Repository, Source
from db.store import full_text
from db.store.bulk import insert_rows, next_id
from db.store.removal import drop, withdraw
from ingest import message as mail
from ingest.batch import Parsed
from ingest.credit import Credit
from ingest.revisions.patches import PatchText
from tally import Tally

WITHDRAWN = "withdrawn by the archive"


def ensure_list(
    session: Session, name: str, links: tuple[str, str], product: str, configured: bool = True
) -> MailingList:
    """The list's row, made or brought up to date with the configuration (where there is any). ``links``: templates of
    the permalink, and of that in the list's own archive ("" for none)."""
    permalink, own = links
    row = session.scalar(select(MailingList).where(MailingList.name == name))
    if row is None:
        row = MailingList(id=next_id(session, MailingList), name=name)
        session.add(row)
    elif not configured:
        return row
    row.permalink, row.archive_permalink, row.product = permalink, own, product
    session.flush()
    return row


def ensure_source(session: Session, list_id: int, kind: str, location: str) -> Source:
    row = session.scalar(select(Source).where(Source.list_id == list_id, Source.location == location))
    if row is None:
        row = Source(id=next_id(session, Source), list_id=list_id, kind=kind, location=location, cursor=None)
        session.add(row)
    row.kind, row.forgotten = kind, False
    session.flush()
    return row


def forget_source(session: Session, location: str) -> bool:
    """Archives and code repositories of that location are read no more; False where there are none."""
    rows: list[Source | Repository] = list(session.scalars(select(Source).where(Source.location == location)))
    rows += session.scalars(select(Repository).where(Repository.location == location))
    for row in rows:
        row.forgotten = True
    return bool(rows)


@dataclass
class _Batch:
    """What is in the database already, and what is going to be."""

    known: dict[tuple[str, str], int]
    mids: set[str]
    members: set[int]
    blobs: set[str]
    rejected: set[tuple[str, str]]
    next_id: int
    next_reject: int
    rows: dict[str, list[dict[str, Any]]] = field(
        default_factory=lambda: {"blobs": [], "messages": [], "memberships": [], "rejects": []}
    )
    conflicts: set[str] = field(default_factory=set)


def store(session: Session, source: Source, parsed: Sequence[Parsed]) -> Tally:
    """Writes a batch and the source's cursor in one transaction (the caller's)."""
    _release(session, {item.result.mid for item in parsed if isinstance(item.result, mail.Message)})
    tally = write(session, source, parsed)
    if parsed:
        source.cursor = parsed[-1].cursor
    return tally


def _release(session: Session, mids: set[str]) -> None:
    """The archive's mail takes the place of one that was made from a web page; the page waits to be attached."""
    made = select(Message.id).join(PageRow, PageRow.message_id == Message.id).where(PageRow.own)
    drop(session, session.scalars(made.where(Message.mid.in_(mids))).all())


def write(session: Session, source: Source, parsed: Sequence[Parsed]) -> Tally:
    """Writes a batch, and leaves the cursor alone."""
    batch = _lookup(session, source, parsed)
    stored = known = rejected = withdrawn = 0
    for item in parsed:
        if item.deleted:
            withdrawn += _withdraw(session, source, batch, item)
            rejected += 1
        elif isinstance(item.result, mail.Reject):
            fresh = _reject(source, batch, item, item.result.reason)
            rejected, known = rejected + fresh, known + (not fresh)
        elif _message(source, batch, item, item.result):
            stored += 1
        else:
            known += 1
    _write(session, batch)
    return Tally(len(parsed), stored, known, rejected)


def _lookup(session: Session, source: Source, parsed: Sequence[Parsed]) -> _Batch:
    mids = {item.result.mid for item in parsed if isinstance(item.result, mail.Message)}
    hashes = {item.result.sha256 for item in parsed}
    found = session.execute(select(Message.mid, Message.content, Message.id).where(Message.mid.in_(mids))).all()
    ids = [row.id for row in found]
    members = select(Membership.message_id).where(Membership.message_id.in_(ids), Membership.list_id == source.list_id)
    rejects = select(RejectRow.sha256, RejectRow.reason).where(
        RejectRow.source_id == source.id, RejectRow.sha256.in_(hashes)
    )
    return _Batch(
        known={(row.mid, row.content): row.id for row in found},
        mids={row.mid for row in found},
        members=set(session.scalars(members)),
        blobs=set(session.scalars(select(Blob.sha256).where(Blob.sha256.in_(hashes)))),
        rejected={(row.sha256, row.reason) for row in session.execute(rejects)},
        next_id=next_id(session, Message),
        next_reject=next_id(session, RejectRow),
    )


def _blob(batch: _Batch, item: Parsed) -> None:
    sha256 = item.result.sha256
    if sha256 not in batch.blobs:
        batch.blobs.add(sha256)
        batch.rows["blobs"].append({"sha256": sha256, "size": item.size, "data": item.blob})


def _reject(source: Source, batch: _Batch, item: Parsed, reason: str) -> bool:
    """Records the reject; False where it was recorded before."""
    result = item.result
    if (result.sha256, reason) in batch.rejected:
        return False
    batch.rejected.add((result.sha256, reason))
    if reason != WITHDRAWN:
        _blob(batch, item)
    batch.rows["rejects"].append(
        {
            "id": batch.next_reject,
            "source_id": source.id,
            "origin": item.origin,
            "sha256": result.sha256,
            "reason": reason,
            "subject": result.subject if reason != WITHDRAWN else "",
            "message_id": result.message_id,
        }
    )
    batch.next_reject += 1
    return True


def _message(source: Source, batch: _Batch, item: Parsed, result: mail.Message) -> bool:
    """Adds the message, or only its membership of a further list; False where it was there."""
    key = (result.mid, result.content)
    fresh = key not in batch.known
    if fresh:
        batch.known[key] = batch.next_id
        batch.next_id += 1
        if result.mid in batch.mids:
            batch.conflicts.add(result.mid)
        batch.mids.add(result.mid)
        _blob(batch, item)
        batch.rows["messages"].append(_message_row(batch.known[key], item, result))
    message_id = batch.known[key]
    if message_id not in batch.members:
        batch.members.add(message_id)
        batch.rows["memberships"].append(
            {"message_id": message_id, "list_id": source.list_id, "source_id": source.id, "origin": item.origin}
        )
    return fresh


def _message_row(message_id: int, item: Parsed, result: mail.Message) -> dict[str, Any]:
    people = {
        "to": [[a.name, a.address] for a in result.to],
        "cc": [[a.name, a.address] for a in result.cc],
    }
    same = ("mid", "message_id", "content", "sha256", "subject", "date", "date_from", "body", "body_from", "flowed")
    return {name: getattr(result, name) for name in (*same, "agent")} | {
        "id": message_id,
        "author_name": result.author.name,
        "author_address": result.author.address,
        "recipients": people,
        "in_reply_to": list(result.in_reply_to),
        "references": list(result.references),
        "list_ids": list(result.list_ids),
        "defects": list(result.defects),
        "paths": list(item.patch.paths) if item.patch else [],
        "patch": _patch(item.patch, item.credit),
        "conflict": False,
    }


def _patch(text: PatchText | None, whose: Credit | None) -> dict[str, Any]:
    if text is None or whose is None:
        return {}
    return {
        "notes": text.notes,
        "listed": list(text.listed),
        "cited": [list(pair) for pair in text.cited],
        "copied": text.copied,
        "from": [whose.from_name, whose.from_address],
        "signed": list(whose.signed),
        "upstream": whose.upstream,
    }


def _withdraw(session: Session, source: Source, batch: _Batch, item: Parsed) -> int:
    """Honours a deletion: the message leaves this list, and the database when no other list holds it."""
    _reject(source, batch, item, WITHDRAWN)
    _write(session, batch)
    rows = session.scalars(select(Message).where(Message.sha256 == item.result.sha256)).all()
    for row in rows:
        here = (Membership.message_id == row.id, Membership.list_id == source.list_id)
        session.execute(delete(Membership).where(*here))
        if session.scalar(select(Membership.list_id).where(Membership.message_id == row.id)) is None:
            withdraw(session, row.id, row.sha256)
    return len(rows)


def _write(session: Session, batch: _Batch) -> None:
    here = session.connection()
    for model in (Blob, Message, Membership, RejectRow):
        insert_rows(here, model, batch.rows[model.__tablename__])
    full_text.index(here, batch.rows["messages"])
    batch.rows = {name: [] for name in batch.rows}
    if batch.conflicts:
        # Both copies are flagged, so that the flag does not tell which came first.
        session.execute(update(Message).where(Message.mid.in_(batch.conflicts)).values(conflict=True))
        batch.conflicts = set()
