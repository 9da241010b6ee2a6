"""What the changelogs of later versions say, for the patch mails of threads in which a rule is stated."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import accumulate

from sqlalchemy import Row, select
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
    chains = _chains(session, sorted({chain for _, chain in mids.values()}))
    told = {version.key: texts for mine in chains for version, texts in _new(mine)}
    places = _places(session, {key: texts for key, texts in told.items() if texts})
    said = passages(session.connection(), [key for mine in places.values() for key in mine])
    later: dict[str, tuple[Entry, ...]] = {}
    for mine in chains:
        entries_after: tuple[Entry, ...] = ()
        for version in reversed(mine):
            later[version.key] = entries_after
            here = (Entry(version.version, said[key]) for key in places.get(version.key, ()) if key in said)
            entries_after = (*here, *entries_after)
    return {mid: later[posting] for mid, (posting, _) in mids.items() if later.get(posting)}


def _chains(session: Session, names: Iterable[str]) -> list[list[Row[str, str, str, str]]]:
    """The versions of some chains, the oldest first."""
    found: dict[str, list[Row[str, str, str, str]]] = defaultdict(list)
    for some in chunks(names):
        query = select(PostingRow.chain, PostingRow.key, PostingRow.version, PostingRow.changelog)
        query = query.where(PostingRow.chain.in_(some), PostingRow.date.is_not(None))
        for row in session.execute(query.order_by(PostingRow.chain, PostingRow.date, PostingRow.key)):
            found[row.chain].append(row)
    return list(found.values())


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


def _new(postings: Sequence[Row[str, str, str, str]]) -> list[tuple[Row[str, str, str, str], list[str]]]:
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
        bodies: dict[str, list[Squeezed]] = defaultdict(list)
        query = (
            select(PatchRow.posting, Message.mid, Message.body)
            .join(Message, Message.mid == PatchRow.mid)
            .where(PatchRow.posting.in_(some), ~Message.conflict)
            .order_by(PatchRow.posting, PatchRow.number, Message.mid)
        )
        for posting, mid, body in session.execute(query):
            bodies[posting].append(Squeezed(mid, body))
        found |= {key: [k for text in told[key] if (k := _key(text, bodies[key]))] for key in some}
    return found


def _key(text: str, mails: Iterable[Squeezed]) -> str:
    words = " ".join(text.split())
    for mail in mails:
        place = mail.text.find(words)
        if place >= 0:
            return statement_key(mail.mid, mail.offset(place), mail.offset(place + len(words) - 1) + 1)
    return ""


class Squeezed:
    """A mail's text with one space for any run of white space: looking for words in it takes no expression, which
    would have to be compiled for every entry."""

    def __init__(self, mid: str, body: str) -> None:
        self.mid, self.body = mid, body

    @cached_property
    def text(self) -> str:
        return " ".join(self.body.split())

    @cached_property
    def _words(self) -> tuple[list[int], list[int]]:
        """Where each word begins in the text, and in the body."""
        pieces = re.split(r"(\s+)", self.body.lstrip())
        before = len(self.body) - len(self.body.lstrip())
        squeezed = accumulate((len(word) + 1 for word in pieces[::2]), initial=0)
        return list(squeezed), list(accumulate(map(len, pieces), initial=before))[::2]

    def offset(self, place: int) -> int:
        """Where in the body a letter of the text stands."""
        squeezed, spread = self._words
        word = bisect_right(squeezed, place) - 1
        return spread[word] + place - squeezed[word]
