"""Threads, commits and events to what was in when each mail was written, and what became of it later."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from db import history as rows
from db import reads
from db.store import history as store
from db.store.structure import archive_state, mark, set_mark
from ingest.body import Kind
from ingest.record import Record
from ingest.timeline import Post, thread_timeline
from stages import Progress
from stages.link import thread_batches

VERSION = "4"  # raised when the timeline's rules change


def lay_out(engine: Engine, progress: Progress) -> None:
    """Brings "what was in already" up to date for every mail, list by list; a thread in which that changed is tagged
    again. Nothing is done where neither mails nor commits changed."""
    with Session(engine) as session:
        cursors = [cursor for _, _, _, cursor in rows.repositories(session)]
        state = f"{VERSION}:{archive_state(session)}:{cursors}"
        if mark(session, "timeline") == state:
            return
        record = _record(session)
        threads = reads.all_threads(session)
    done, total = 0, sum(size for _, size in threads)
    for names in thread_batches(threads):
        with Session(engine) as session, session.begin():
            grouped = reads.thread_mails(session, names)
            known = store.timed(session, [mail.mid for mails in grouped.values() for mail in mails])
            for name, mails in grouped.items():
                timeline, mids = thread_timeline(_posts(mails), record), [mail.mid for mail in mails]
                if timeline.before or timeline.outcomes or not known.isdisjoint(mids):  # few threads have any
                    store.store_timeline(session, name, mids, timeline.before, timeline.outcomes)
                done += len(mails)
        progress("timelines", done, total)
    with Session(engine) as session, session.begin():
        set_mark(session, "timeline", state)


def _record(session: Session) -> Record:
    commits, links = rows.all_commits(session), rows.all_links(session)
    return Record(commits, links, rows.events(session), rows.patch_refs(session), rows.dates(session))


def _posts(mails: Sequence[reads.Stored]) -> list[Post]:
    return [
        Post(
            mail.mid,
            mail.parent,
            mail.author_name,
            mail.date,
            mail.subject,
            "\n".join(mail.body[s.start : s.end] for s in mail.segments if s.kind == Kind.NEW),
            _tags(mail),
        )
        for mail in {mail.mid: mail for mail in reversed(mails)}.values()
    ]


def _tags(mail: reads.Stored) -> tuple[tuple[str, str], ...]:
    """The review tags that a mail gives: its own trailers, which a quoted patch's are not."""
    lines = (
        line.partition(":")
        for s in mail.segments
        if s.kind == Kind.TRAILER and not s.depth
        for line in mail.body[s.start : s.end].splitlines()
    )
    return tuple((key.strip(), value.strip()) for key, colon, value in lines if colon and key.endswith("-by"))
