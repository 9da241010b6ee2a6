"""What the changelogs of later versions say, for the patch mails of threads in which a rule is stated."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Message, NodeRow, PatchRow, PostingRow, StatementLabel, StatementRow
from db.queries.base import chunks
from db.queries.claims import passages
from guidelines.adoption import entries
from guidelines.values import Entry, statement_key
from nlp.labels import Label

_FEW = 20  # postings whose texts are held at a time: a series may be dozens of long mails


def versions(session: Session) -> dict[str, tuple[Entry, ...]]:
    """By mid of a patch mail, the changelog entries of its series' later versions, oldest version first. Only threads
    in which a rule is stated; an entry that an earlier version has already is not told again."""
    mids = _patch_mails(session)
    chains: dict[str, list[PostingRow]] = defaultdict(list)
    for some in chunks(sorted({chain for _, chain in mids.values()})):
        query = select(PostingRow).where(PostingRow.chain.in_(some), PostingRow.date.is_not(None))
        for row in session.scalars(query.order_by(PostingRow.chain, PostingRow.date, PostingRow.key)):
            chains[row.chain].append(row)
    told = {version.key: texts for mine in chains.values() for version, texts in _new(mine)}
    places = _places(session, {key: texts for key, texts in told.items() if texts})
    said = passages(session.connection(), [key for mine in places.values() for key in mine])
    found: dict[str, tuple[Entry, ...]] = {}
    for mid, (posting, chain) in mids.items():
        order = [version.key for version in chains[chain]]
        after = chains[chain][order.index(posting) + 1 :] if posting in order else []
        if told_later := [Entry(v.version, said[key]) for v in after for key in places.get(v.key, ()) if key in said]:
            found[mid] = tuple(told_later)
    return found


def _patch_mails(session: Session) -> dict[str, tuple[str, str]]:
    """mid -> posting and chain of every patch mail in a thread that states a rule."""
    stated = (
        select(NodeRow.thread)
        .join(Message, Message.mid == NodeRow.mid)
        .join(StatementRow, StatementRow.message_id == Message.id)
        .join(StatementLabel, StatementLabel.key == StatementRow.key)
        .where(StatementLabel.label == Label.REQUIREMENT)
    )
    query = (
        select(PatchRow.mid, PatchRow.posting, PostingRow.chain)
        .join(PostingRow, PostingRow.key == PatchRow.posting)
        .join(NodeRow, NodeRow.mid == PatchRow.mid)
        .where(NodeRow.thread.in_(stated))
        .order_by(PatchRow.mid)
    )
    return {row.mid: (row.posting, row.chain) for row in session.execute(query)}


def _new(postings: Sequence[PostingRow]) -> list[tuple[PostingRow, list[str]]]:
    """Each version of a chain with what its changelog says for the first time; the first has nothing to adopt."""
    known: set[str] = set()
    found = []
    for at, posting in enumerate(postings):
        texts = dict.fromkeys(entries(posting.changelog))
        found.append((posting, [text for text in texts if at and text not in known]))
        known.update(texts)
    return found


def _places(session: Session, told: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Posting to the keys of its entries: the first mail of the posting that holds the words tells."""
    found: dict[str, list[str]] = {}
    for some in chunks(sorted(told), _FEW):
        bodies: dict[str, list[tuple[str, str]]] = defaultdict(list)
        query = (
            select(PatchRow.posting, Message.mid, Message.body)
            .join(Message, Message.mid == PatchRow.mid)
            .where(PatchRow.posting.in_(some), ~Message.conflict)
            .order_by(PatchRow.posting, PatchRow.number, Message.mid)
        )
        for posting, mid, body in session.execute(query):
            bodies[posting].append((mid, body))
        found |= {key: [k for text in told[key] if (k := _key(text, bodies[key]))] for key in some}
    return found


def _key(text: str, mails: Iterable[tuple[str, str]]) -> str:
    words = re.compile(r"\s+".join(map(re.escape, text.split())))
    for mid, body in mails:
        if match := words.search(body):
            return statement_key(mid, *match.span())
    return ""
