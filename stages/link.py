"""Stored messages to threads, people, series, quote sources and commit events."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from db import history as rows
from db import neighbours, reads
from db.store import history, linked, structure
from db.store.stirred import EVERYTHING, KEY, THREAD, stir
from ingest import quotes, series, threads
from ingest.cut import Cut, Thread, cut_batch
from ingest.people.merge import merge as merge_people
from ingest.revisions.continued import continued
from ingest.watched import event_questions
from stages import Progress, grow
from tally import Tally
from workers import map_beside, worth_sending

VERSION = "10"  # raised when threading, people, series or segment rules change: old databases are linked anew
BATCH = 200  # mails a batch of whole threads; a longer thread is a batch of its own


def link(engine: Engine, executor: Executor | None, progress: Progress, people: tuple[str, str] = ("", "")) -> Tally:
    """Brings the forest, the people and the series up to date, then traces the quotes of every thread that changed.
    The tally counts threads: stored are those that were looked at, known those that had not changed."""
    with Session(engine) as session, session.begin():
        state = f"{VERSION}:{structure.archive_state(session)}:{people}"
        before = structure.mark(session, "link")
        if before.partition(":")[0] != VERSION:
            structure.forget(session, "traced")
        if before != state:
            progress("linking", 0, None)
            _structure(session, before, people)
            structure.set_mark(session, "link", state)
        waiting = reads.unfinished(session, "traced")
        total = reads.thread_count(session)
    _trace(engine, waiting, executor, progress)
    return Tally(total, len(waiting), total - len(waiting), 0)


def _structure(session: Session, before: str, people: tuple[str, str]) -> None:
    """Threads, people and series: what the new mails touch where few came since ``before``, else all of them."""
    last = _last(session, before, people)
    grown = grow.grow_forest(session, last) if last else None
    if grown is None:
        linked.store_forest(session, threads.forest(reads.refs(session)))
    persons = merge_people(reads.authors(session), *people)
    moved = linked.store_people(session, persons)
    if moved:
        structure.forget(session, "distilled")  # whose words are whose decides over stances, also between threads
    who = {pair: person.key for pair, person in persons.items()}
    linked.store_titles(session, neighbours.titles(session, last), more=bool(last))
    if grown and not moved:
        grow.grow_series(session, grown, who)
    else:
        _series(session, who)
        stir(session, EVERYTHING, [""])
    if grown:
        grow.grow_links(session, grown)
    else:
        linked.store_thread_links(session, continued(reads.titled(session), neighbours.chained(session)))


def _last(session: Session, before: str, people: tuple[str, str]) -> int:
    """The last message that was linked when the stage left the mark ``before``, 0 where all are to be linked anew."""
    version, count, last, files = (*before.split(":", 3), "", "", "")[:4]
    known = version == VERSION and files == str(people) and count.isdecimal() and last.isdecimal()
    return int(last) if known and neighbours.few_came(session, int(count), int(last)) else 0


def _series(session: Session, who: Mapping[tuple[str, str], str]) -> None:
    mails = list(reads.patch_mails(session))
    bundles = series.bundles(mails, who)
    views = [series.view(bundle) for bundle in bundles]
    places = series.chained(views)
    postings = [series.posting(bundle, places[bundle.lead.mid]) for bundle in bundles]
    linked.store_postings(session, postings, views, {mail.mid: mail.paths for mail in mails})


def _trace(engine: Engine, waiting: Sequence[tuple[str, int]], executor: Executor | None, progress: Progress) -> None:
    done, total = 0, sum(size for _, size in waiting)
    executor = worth_sending(executor, total)
    with Session(engine) as reader:

        def jobs() -> Iterator[tuple[tuple[list[str], list[reads.Stored]], list[Thread]]]:
            for names in thread_batches(waiting):
                grouped, ghosts = reads.thread_mails(reader, names), reads.ghosts(reader, names)
                threads = [_thread(_one_each(mails), ghosts.get(name, [])) for name, mails in grouped.items()]
                yield (names, [mail for mails in grouped.values() for mail in mails]), threads

        for (names, mails), traced in map_beside(executor, cut_batch, jobs()):
            with Session(engine) as session, session.begin():
                cuts = {mid: cut for found, _, _, _ in traced for mid, cut in found.items()}
                sources = [source for _, found, _, _ in traced for source in found]
                structure.store_segments(session, mails, cuts, sources)
                _tell(session, mails, traced)
                stir(session, THREAD, names)
                structure.finish(session, "traced", names)
            done += len(mails)
            progress("tracing quotes", done, total)


def _tell(session: Session, mails: Sequence[reads.Stored], traced: Sequence[Cut]) -> None:
    """Stores the events that some mails tell. Whoever looked one up that changed is to look again, as after a second
    copy of the mail that tells it, which may bear another date."""
    mids = [mail.mid for mail in mails]
    before = set(rows.events(session, set(mids)))
    history.store_events(session, mids, [event for _, _, found, _ in traced for event in found])
    history.store_citing(session, mids, {mid for _, _, _, found in traced for mid in found})
    now = set(rows.events(session, set(mids)))
    copied = {mid for mid, count in Counter(mids).items() if count > 1}
    changed = (before ^ now) | {event for event in now if event.mid in copied}
    stir(session, KEY, {asked for event in changed for asked in event_questions(event)})


def _thread(mails: Sequence[reads.Stored], ghosts: Sequence[quotes.Mail]) -> Thread:
    present = [quotes.Mail(m.mid, m.parent, m.author_name, m.author_address, m.body, ()) for m in mails]
    return Thread(
        (*present, *ghosts), {mail.mid: mail.subject for mail in mails}, {mail.mid for mail in mails if mail.flowed}
    )


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
