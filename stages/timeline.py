"""Threads, commits and events to what was in when each mail was written, and what became of it later."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from db import history as rows
from db import reads
from db.queries.base import chunks
from db.store import history as store
from db.store import stirred
from db.store.structure import archive_state, mark, set_mark
from ingest.history.shelf import PatchRef
from ingest.record import Record
from ingest.timeline import around
from ingest.watched import FOLLOW_UPS, PATCH
from stages import Progress
from stages.link import thread_batches

VERSION = "5"  # raised when the timeline's rules change
MAILS = 2000  # of whole threads, that are looked at together


def lay_out(engine: Engine, progress: Progress) -> None:
    """Brings "what was in already" up to date, list by list; a thread in which that changed is tagged again. Where
    mails came and no commits, only the threads are looked at that changed, or that looked up what changed. Nothing is
    done where neither mails nor commits changed."""
    with Session(engine) as session:
        cursors = [cursor for _, _, _, cursor in rows.repositories(session)]
        state = f"{VERSION}:{archive_state(session)}:{cursors}"
        before, concerned = mark(session, "timeline"), stirred.concerned(session)
        if before == state and not stirred.waiting(session):
            return
        threads = reads.all_threads(session)
        if concerned is not None and before.startswith(f"{VERSION}:") and before.endswith(f":{cursors}"):
            threads = [(name, size) for name, size in threads if name in concerned]
            record = _record_for(session, [name for name, _ in threads])
        else:
            record = _record(session, rows.patch_refs(session))
    sizes = dict(threads)
    done, total = 0, sum(sizes.values())
    for names in thread_batches(threads, MAILS):
        with Session(engine) as session, session.begin():
            _lay_out(session, names, record)
        done += sum(sizes[name] for name in names)
        progress("timelines", done, total)
    with Session(engine) as session, session.begin():
        stirred.settle(session)
        set_mark(session, "timeline", state)


def _lay_out(session: Session, names: Sequence[str], record: Record) -> None:
    grouped = rows.posts(session, names)
    known = store.timed(session, [post.mid for posts in grouped.values() for post in posts])
    old = [_by_mid(lines) for lines in known]
    asked: dict[str, set[str]] = {}
    for name, posts in grouped.items():
        record.asked.clear()
        lines, mids = store.timeline_rows(*around(posts, record)), [post.mid for post in posts]
        asked[name] = set(record.asked)
        if any(
            _by_mid(new) != {mid: was[mid] for mid in mids if mid in was} for new, was in zip(lines, old, strict=True)
        ):
            store.store_timeline(session, name, mids, lines)
    stirred.store_asked(session, asked)


def _record(session: Session, patches: Iterable[PatchRef]) -> Record:
    commits, links = rows.all_commits(session), rows.all_links(session)
    return Record(commits, links, rows.events(session), patches, rows.dates(session))


def _record_for(session: Session, names: Sequence[str]) -> Record:
    """A record that answers whatever the timelines of some threads ask just as the whole one would: what they asked of
    patches that were not in it is put in, until they ask for nothing more."""
    posts = [rows.posts(session, some) for some in chunks(names)]
    known = {post.mid for grouped in posts for found in grouped.values() for post in found}
    record = _record(session, rows.patches_near(session, known))
    while True:
        for grouped in posts:
            for found in grouped.values():
                around(found, record)
        wanted = {asked.partition(" ")[2] for asked in record.asked if asked.startswith(f"{PATCH} ")}
        wanted |= rows.follow_ups(session) if FOLLOW_UPS in record.asked else set()
        if wanted <= known:
            return record
        known |= wanted
        record.put(rows.patches_near(session, known))


def _by_mid(lines: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in sorted(lines, key=lambda line: line.get("position", 0)):
        found[line["mid"]].append(line)
    return found
