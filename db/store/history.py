"""Commits, their links to mails, and the events told on the list, to rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from db.models import (
    CitingRow,
    CommitLinkRow,
    CommitRow,
    CommittedRow,
    EventRow,
    OutcomeRow,
    Repository,
    ThreadRow,
)
from db.queries.base import chunks
from db.store.bulk import insert_rows, next_id
from db.store.reconcile import reconcile
from ingest.commits import Commit, CommitLink, Event, Reach
from ingest.history.evidence import Before
from ingest.history.outcomes import Outcome

OUTCOMES = 3  # kept for a mail: what a reader takes in
TITLE = 400  # characters of a title told in a mail: it is part of a key
OTHERS = 20  # commits beside the first; longer series are named by it well enough


def ensure_repository(session: Session, list_id: int, name: str, location: str) -> Repository:
    query = select(Repository).where(Repository.list_id == list_id, Repository.location == location)
    row = session.scalar(query)
    if row is None:
        row = Repository(id=next_id(session, Repository), list_id=list_id, name=name, location=location, cursor=None)
        session.add(row)
        session.flush()
    row.forgotten = False
    return row


def store_commits(session: Session, repository: int, commits: Sequence[Commit]) -> int:
    """Adds the commits that are not there; returns how many those were."""
    known: set[str] = set()
    for some in chunks([commit.oid for commit in commits]):
        query = select(CommitRow.oid).where(CommitRow.repository_id == repository, CommitRow.oid.in_(some))
        known |= set(session.scalars(query))
    fresh = {commit.oid: commit for commit in commits if commit.oid not in known}
    rows = [_commit_row(number, repository, c) for number, c in enumerate(fresh.values(), next_id(session, CommitRow))]
    insert_rows(session.connection(), CommitRow, rows)
    return len(fresh)


def _commit_row(number: int, repository: int, commit: Commit) -> dict[str, Any]:
    same = ("oid", "subject", "author_name", "author_email", "authored", "committed", "message", "release")
    return {name: getattr(commit, name) for name in same} | {
        "id": number,
        "repository_id": repository,
        "trailers": [list(pair) for pair in commit.trailers],
        "refs": list(commit.refs),
    }


def store_reach(session: Session, repository: int, reached: Sequence[Reach]) -> int:
    """Brings branches and first release of commits up to date; a commit that no branch reaches any more keeps its row
    without branches."""
    now = {reach.oid: (list(reach.refs), reach.release) for reach in reached}
    query = select(CommitRow.id, CommitRow.oid, CommitRow.refs, CommitRow.release)
    changes = []
    for row in session.execute(query.where(CommitRow.repository_id == repository)):
        refs, release = now.get(row.oid, ([], row.release))
        if (list(row.refs), row.release) != (refs, release):
            changes.append({"row": row.id, "new_refs": refs, "new_release": release})
    if changes:
        statement = (
            update(CommitRow.__table__)  # type: ignore[arg-type]  # the class's table, as SQLAlchemy types it
            .where(CommitRow.__table__.c.id == bindparam("row"))
            .values(refs=bindparam("new_refs"), release=bindparam("new_release"))
        )
        session.connection().execute(statement, changes)
    return len(changes)


def store_links(
    session: Session, repository: int, links: Sequence[CommitLink], ids: Mapping[str, int]
) -> set[tuple[str, str]]:
    """Makes the links to one repository's commits (``ids``: oid to row) those given; returns (mid, oid) of those that
    changed."""
    rows = [
        {
            "mid": link.mid,
            "commit_id": ids[link.oid],
            "evidence": link.evidence,
            "score": link.score,
            "kind": link.kind,
        }
        for link in links
    ]
    columns = (CommitLinkRow.mid, CommitRow.oid, CommitLinkRow.evidence, CommitLinkRow.score, CommitLinkRow.kind)
    query = select(*columns).join(CommitRow, CommitRow.id == CommitLinkRow.commit_id)
    known = session.execute(query.where(CommitRow.repository_id == repository))
    old = {(row.mid, row.oid, row.evidence, row.score, row.kind) for row in known}
    mine = select(CommitRow.id).where(CommitRow.repository_id == repository)
    reconcile(session, CommitLinkRow, rows, CommitLinkRow.commit_id.in_(mine))
    new = {(link.mid, link.oid, link.evidence, link.score, link.kind) for link in links}
    return {(mid, oid) for mid, oid, *_ in old ^ new}


def store_events(session: Session, mids: Sequence[str], events: Sequence[Event]) -> int:
    """Makes the events told by the mails ``mids`` those given."""
    touched = 0
    for some in chunks(sorted(set(mids))):
        here = set(some)
        rows = [
            {
                "mid": event.mid,
                "start": event.start,
                "title": event.title[:TITLE],
                "kind": event.kind,
                "end": event.end,
                "oid": event.oid,
                "branch": event.branch,
                "about": event.about,
            }
            for event in events
            if event.mid in here
        ]
        touched += reconcile(session, EventRow, rows, EventRow.mid.in_(some))
    return touched


def store_citing(session: Session, mids: Sequence[str], citing: Collection[str]) -> int:
    """Makes ``citing`` those of the mails ``mids`` whose words the timeline reads."""
    touched = 0
    for some in chunks(sorted(set(mids))):
        rows = [{"mid": mid} for mid in some if mid in citing]
        touched += reconcile(session, CitingRow, rows, CitingRow.mid.in_(some))
    return touched


Lines = tuple[list[dict[str, Any]], list[dict[str, Any]]]  # of "committed" and of "outcomes"


def timed(session: Session, mids: Sequence[str]) -> Lines:
    """What ``store_timeline`` has stored of some mails."""
    found: Lines = ([], [])
    for some in chunks(sorted(set(mids))):
        for lines, table in zip(found, (CommittedRow.__table__, OutcomeRow.__table__), strict=True):
            lines += [dict(row) for row in session.execute(select(table).where(table.c.mid.in_(some))).mappings()]
    return found


def timeline_rows(before: Mapping[str, Sequence[Before]], outcomes: Mapping[str, Sequence[Outcome]]) -> Lines:
    """What is known of the mails of a thread (of what was in, the best evidence first), as rows."""
    rows = [_committed_row(*found) for found in before.values() if found]
    later = [
        {"mid": mid, "position": position, "kind": o.kind, "at": o.at, "words": o.words, "source": o.source}
        for mid, found in outcomes.items()
        for position, o in enumerate(o for o in found[:OUTCOMES] if o.kind != "open")
    ]
    return rows, later


def store_timeline(session: Session, thread: str, mids: Sequence[str], lines: Lines) -> None:
    """Makes what is known of the mails of ``thread`` what is given; a thread in which what was in changes is tagged
    again."""
    rows, later = lines
    changed = 0
    for some in chunks(sorted(set(mids))):
        here = set(some)
        mine = [row for row in rows if row["mid"] in here]
        changed += reconcile(session, CommittedRow, mine, CommittedRow.mid.in_(some))
        reconcile(session, OutcomeRow, [row for row in later if row["mid"] in here], OutcomeRow.mid.in_(some))
    if changed:
        session.execute(update(ThreadRow).where(ThreadRow.thread == thread).values(tagged="", distilled=""))


def _committed_row(best: Before, *others: Before) -> dict[str, Any]:
    known = {b.oid: [b.oid, b.title, f"{b.at:%Y-%m-%d}" if b.at else ""] for b in others if b.oid and b.oid != best.oid}
    return {
        "mid": best.mid,
        "at": best.at,
        "days": best.days,
        "oid": best.oid,
        "title": best.title,
        "event": best.told_in,
        "evidence": best.evidence,
        "others": list(known.values())[:OTHERS],
    }
