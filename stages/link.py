"""Stored messages to threads, people, series, quote sources and commit events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from db import reads
from db.store import history, structure
from ingest import people, quotes, series, threads
from ingest.body import Kind
from ingest.commits import Event
from ingest.continued import continued
from ingest.events import events
from stages import Progress
from tally import Tally
from workers import map_ordered

VERSION = "2"  # raised when threading, people or series rules change, so that old databases are linked anew
Thread = tuple[list[quotes.Mail], dict[str, str]]  # a thread's mails, ghosts among them, and their subjects
BATCH = 200  # mails a batch of whole threads; a longer thread is a batch of its own


def link(engine: Engine, executor: Executor | None, progress: Progress, mailmap: str = "") -> Tally:
    """Brings the forest, the people and the series up to date, then traces the quotes of every thread that changed.
    The tally counts threads: stored are those that were looked at, known those that had not changed."""
    with Session(engine) as session, session.begin():
        state = f"{VERSION}:{structure.archive_state(session)}:{mailmap}"
        if structure.mark(session, "link") != state:
            progress("linking", 0, None)
            forest = threads.forest(reads.refs(session))
            structure.store_forest(session, forest)
            persons = people.merge(reads.authors(session), mailmap)
            structure.store_people(session, persons)
            patches = list(reads.patch_mails(session))
            paths = {patch.mid: patch.paths for patch in patches}
            postings = series.postings(patches, {pair: person.key for pair, person in persons.items()})
            structure.store_postings(session, postings, paths)
            versions = [(posting.key, posting.previous, posting.why) for posting in postings if posting.previous]
            structure.store_thread_links(session, continued(reads.titled(session), versions))
            structure.set_mark(session, "link", state)
        waiting = reads.unfinished(session, "traced")
        total = reads.thread_count(session)
    _trace(engine, waiting, executor, progress)
    return Tally(total, len(waiting), total - len(waiting), 0)


def _trace(engine: Engine, waiting: Sequence[tuple[str, int]], executor: Executor | None, progress: Progress) -> None:
    done, total = 0, sum(size for _, size in waiting)
    with Session(engine) as reader:
        jobs = ((names, reads.thread_mails(reader, names)) for names in thread_batches(waiting))
        names_in_order: list[tuple[list[str], dict[str, list[reads.Stored]]]] = []

        def inputs() -> Iterator[list[Thread]]:
            for names, grouped in jobs:
                names_in_order.append((names, grouped))
                ghosts = reads.ghosts(reader, names)
                yield [_thread(_one_each(mails), ghosts.get(name, [])) for name, mails in grouped.items()]

        for traced in map_ordered(executor, trace_batch, inputs()):
            names, grouped = names_in_order.pop(0)
            with Session(engine) as session, session.begin():
                for mails, (sources, told) in zip(grouped.values(), traced, strict=True):
                    structure.store_sources(session, _one_each(mails), sources)
                    history.store_events(session, [mail.mid for mail in mails], told)
                structure.finish(session, "traced", names)
            done += sum(map(len, grouped.values()))
            progress("tracing quotes", done, total)


def trace_batch(batch: Sequence[Thread]) -> list[tuple[list[quotes.QuoteSource], list[Event]]]:
    """The quotes' sources and the commit events of several threads; pure and picklable."""
    return [(quotes.trace(mails), _events(mails, subjects)) for mails, subjects in batch]


def _events(mails: Sequence[quotes.Mail], subjects: Mapping[str, str]) -> list[Event]:
    return [
        event
        for mail in mails
        if mail.mid in subjects
        for event in events(mail.mid, subjects[mail.mid], mail.body, _new(mail), mail.parent)
    ]


def _new(mail: quotes.Mail) -> list[tuple[int, int]]:
    return [(segment.start, segment.end) for segment in mail.segments if segment.kind == Kind.NEW]


def _thread(mails: Sequence[reads.Stored], ghosts: Sequence[quotes.Mail]) -> Thread:
    present = [
        quotes.Mail(mail.mid, mail.parent, mail.author_name, mail.author_address, mail.body, mail.segments)
        for mail in mails
    ]
    return [*present, *ghosts], {mail.mid: mail.subject for mail in mails}


def _one_each(mails: Sequence[reads.Stored]) -> list[reads.Stored]:
    """The first of the copies that share a Message-ID."""
    return list({mail.mid: mail for mail in reversed(mails)}.values())[::-1]


def thread_batches(threads_and_sizes: Sequence[tuple[str, int]], most: int = BATCH) -> Iterator[list[str]]:
    """Whole threads, about ``most`` mails together."""
    batch: list[str] = []
    size = 0
    for name, messages in threads_and_sizes:
        batch.append(name)
        size += messages
        if size >= most:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
