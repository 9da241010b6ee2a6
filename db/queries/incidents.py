"""Objections after a commit, grouped into incidents: one matter each, with what went in and what became of it.

A matter is the commit that was objected to, with all others of its series: the chain of versions that became it. Where
no commit is known it is the chain that the objection stands under (its nearest ancestor that is a patch, else the mail
that the commit event speaks of); without one the thread.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, select

from db.models import (
    CommitLinkRow,
    CommitRow,
    CommittedRow,
    EventRow,
    GuidelineRow,
    Message,
    NodeRow,
    OutcomeRow,
    PatchRow,
    PostingRow,
    StatementLabel,
    StatementRow,
)
from db.queries.base import chunks, reading
from db.queries.claims import claims, first_lists
from db.queries.links import permalink
from guidelines.values import Claim, Incident
from nlp.labels import Label

# A label may hold at a score of .2; what is shown under somebody's name as an objection has to be likelier than not.
SURE = 0.5
_REPLY = re.compile(r"^\s*(?:(?:re|aw|fwd?)\s*:\s*)+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Shown:
    """An incident as a page shows it: with its objections, and when and by which mail the change was first posted."""

    incident: Incident
    claims: tuple[Claim, ...]
    posted: datetime | None
    cover: str


def incidents(connection: Connection) -> tuple[Incident, ...]:
    """Every incident, by the date of its first objection."""
    return tuple(incident for incident, _ in _found(connection))


def incident_views(bind: Engine | Connection) -> tuple[Shown, ...]:
    """Every incident with what a page shows of it."""
    with reading(bind) as connection:
        found = _found(connection)
        said = claims(connection, {key for incident, _ in found for key in incident.objections})
        first = _first_postings(connection, {posting.chain for _, posting in found if posting})
    views = []
    for incident, posting in found:
        posted = first.get(posting.chain) if posting else None
        mine = tuple(said[key] for key in incident.objections if key in said)
        views.append(Shown(incident, mine, posted.date if posted else None, posted.key if posted else ""))
    return tuple(views)


def _found(connection: Connection) -> list[tuple[Incident, Any]]:
    """Every incident with the posting that it speaks of, or None."""
    objections = _objections(connection)
    postings = _Postings(connection, objections)
    matters: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in objections:
        matters[postings.matter(row)].append(row)
    lists = first_lists(connection, {row.id for row in objections})
    subjects = _commit_subjects(connection, {row.oid for row in objections if row.oid})
    outcomes = outcomes_of(connection, [row.mid for row in objections])
    stated = rules_stated(connection)
    found = []
    for rows in matters.values():
        incident = _incident(rows, postings, lists, subjects, outcomes)
        rules = postings.came_out(stated, {row.mid for row in rows})
        found.append((replace(incident, rules=rules), postings.of(rows[0])))
    return found


def _first_postings(connection: Connection, chains: Iterable[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for some in chunks(sorted(chains)):
        query = select(PostingRow.key, PostingRow.chain, PostingRow.date).where(PostingRow.chain.in_(some))
        for row in connection.execute(query.order_by(PostingRow.date.is_(None), PostingRow.date, PostingRow.key)):
            found.setdefault(row.chain, row)
    return found


def _incident(
    rows: Sequence[Any],
    postings: _Postings,
    lists: Mapping[int, tuple[str, str]],
    subjects: Mapping[str, str],
    outcomes: Mapping[str, Sequence[tuple[str, str]]],
) -> Incident:
    known = next((row for row in rows if row.at), rows[0])
    posting = postings.of(known) or postings.of(rows[0])
    told = next((outcomes[row.mid] for row in rows if row.mid in outcomes), [])
    mail = next((source for _, source in told if "@" in source), "")
    name, template = lists.get(rows[0].id, ("", ""))
    title = posting.title if posting else subjects.get(known.oid or "", "") or _REPLY.sub("", rows[0].subject)
    return Incident(
        title=title,
        list_name=name,
        committed_at=known.at,
        commit=known.oid or "",
        evidence=known.evidence or "the mail itself says that it was in",
        objections=tuple(dict.fromkeys(row.key for row in rows)),
        outcome="; ".join(words for words, _ in told),
        outcome_permalink=permalink(template, mail) if mail else "",
        others=_others(rows, {known.oid, *(source for _, source in told)}),
    )


def _others(rows: Sequence[Any], without: Collection[str]) -> tuple[tuple[str, str, str], ...]:
    """The further commits by which the matter went in, as its objections know them."""
    named = [(row.oid, row.title, f"{row.at:%Y-%m-%d}" if row.at else "") for row in rows if row.oid]
    told = {oid: (oid, title, day) for oid, title, day in [*named, *(o for row in rows for o in row.others or ())]}
    return tuple(sorted((told[oid] for oid in told if oid not in without), key=lambda other: (other[2], other[0])))


def _objections(connection: Connection) -> Sequence[Any]:
    query = (
        select(StatementRow.key, Message.id, Message.mid, Message.subject, Message.date, NodeRow.thread)
        .add_columns(CommittedRow.at, CommittedRow.oid, CommittedRow.title, CommittedRow.event)
        .add_columns(CommittedRow.evidence, CommittedRow.others)
        .join(StatementLabel, StatementLabel.key == StatementRow.key)
        .join(Message, Message.id == StatementRow.message_id)
        .join(NodeRow, NodeRow.mid == Message.mid)
        .outerjoin(CommittedRow, CommittedRow.mid == Message.mid)
        .where(StatementLabel.label == Label.POST_COMMIT_OBJECTION, StatementLabel.score >= SURE)
        .order_by(Message.date.is_(None), Message.date, Message.mid, StatementRow.start)
    )
    return connection.execute(query).all()


class _Postings:
    """Which posted series an objection speaks of, and what became of that."""

    def __init__(self, connection: Connection, objections: Iterable[Any]) -> None:
        rows = list(objections)
        self._parents = _pairs(connection, NodeRow.mid, NodeRow.parent, NodeRow.thread, {row.thread for row in rows})
        oids = {row.oid for row in rows if row.oid}
        became = select(CommitRow.oid, CommitLinkRow.mid).join(CommitLinkRow, CommitLinkRow.commit_id == CommitRow.id)
        became = became.order_by(CommitLinkRow.kind != "became", CommitLinkRow.score, CommitLinkRow.mid.desc())
        self._carrier = {oid: mid for some in chunks(sorted(oids)) for oid, mid in _in(connection, became, some)}
        told = {row.event for row in rows if row.event}
        self._about = _pairs(connection, EventRow.mid, EventRow.about, EventRow.mid, told)
        mids = {*self._parents, *self._carrier.values(), *self._about.values()} - {""}
        self._posting = _pairs(connection, PatchRow.mid, PatchRow.posting, PatchRow.mid, mids)
        query = select(PostingRow.key, PostingRow.chain, PostingRow.title)
        self._postings = {row.key: row for row in connection.execute(query)}
        self._known = set(_commit_subjects(connection, oids))

    def matter(self, row: Any) -> tuple[str, str]:
        """What groups objections. A hash that no repository here knows may be one of several that a thread names."""
        posting = self.of(row)
        if posting:
            return ("chain", posting.chain)
        return ("commit", row.oid) if row.oid in self._known else ("thread", row.thread)

    def of(self, row: Any) -> Any | None:
        """The posting, or None where nothing tells, or where a commit is known but not the mail that became it: a
        thread may be about another change, such as its revert."""
        above = (*self._above(row.mid), self._about.get(row.event or "", ""))
        tried = (self._carrier.get(row.oid, ""),) if row.oid in self._known else above
        return next((self._postings.get(self._posting[mid]) for mid in tried if mid in self._posting), None)

    def came_out(self, stated: Mapping[str, Sequence[int]], objecting: set[str]) -> tuple[int, ...]:
        """The rules stated in the objecting mails and in what answers them."""
        mids = (mid for mid in stated if mid in self._parents and objecting.intersection(self._above(mid)))
        return tuple(sorted({number for mid in mids for number in stated[mid]}))

    def _above(self, mid: str) -> Iterator[str]:
        """A mail and its ancestors, nearest first."""
        seen = set[str]()
        while mid and mid not in seen:
            yield mid
            seen.add(mid)
            mid = self._parents.get(mid, "")


def outcomes_of(connection: Connection, mids: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
    """What became of the change after each mail of which that is known: (words, source) pairs, the weightiest first."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for some in chunks(sorted(set(mids))):
        query = select(OutcomeRow.mid, OutcomeRow.words, OutcomeRow.source).where(OutcomeRow.mid.in_(some))
        for row in connection.execute(query.order_by(OutcomeRow.mid, OutcomeRow.position)):
            found[row.mid].append((row.words, row.source))
    return found


def rules_stated(connection: Connection) -> dict[str, list[int]]:
    """Mid to the numbers of the rules in force that have a statement of that mail among their members."""
    found: dict[str, list[int]] = defaultdict(list)
    query = select(GuidelineRow.number, GuidelineRow.members).where(GuidelineRow.retired == "")
    for row in connection.execute(query.order_by(GuidelineRow.number)):
        for key in row.members:
            found[key.rpartition(" ")[0]].append(row.number)
    return found


def _in(connection: Connection, query: Any, oids: Sequence[str]) -> Iterable[tuple[str, str]]:
    return ((oid, mid) for oid, mid in connection.execute(query.where(CommitRow.oid.in_(oids))))


def _pairs(connection: Connection, key: Any, value: Any, where: Any, among: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for some in chunks(sorted(among)):
        found.update(connection.execute(select(key, value).where(where.in_(some)).order_by(key, value)).all())
    return found


def _commit_subjects(connection: Connection, oids: Iterable[str]) -> dict[str, str]:
    return _pairs(connection, CommitRow.oid, CommitRow.subject, CommitRow.oid, oids)
