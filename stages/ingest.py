"""Archives to stored messages: read in order, parse in workers, write each batch with the source's cursor."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from db.models import MailingList
from db.models import Source as SourceRow
from db.store import archive, late_index, pages
from db.store.archive import ensure_list, ensure_source
from errors import SourceError
from ingest.batch import given_up, read_batch
from ingest.sources import Raw, Source
from stages import Progress
from tally import Tally
from workers import map_ordered

BATCH_MESSAGES = 250
BATCH_BYTES = 4_000_000


@dataclass(frozen=True, slots=True)
class Target:
    """The list that a source's mails belong to. ``configured`` False: the values are defaults for a list that the
    database does not know yet; what it knows stands."""

    list_name: str
    permalink: str
    product: str
    configured: bool = True
    archive_permalink: str = ""


def ingest(
    engine: Engine,
    source: Source,
    target: Target,
    executor: Executor | None,
    progress: Progress,
    tell: Callable[[Tally], None],
) -> None:
    """Stores what ``source`` holds behind its cursor. Every batch is a transaction of its own, cursor included, so a
    run that is cut off goes on where it stopped. ``tell`` is handed the tally so far after each."""
    with Session(engine) as session, session.begin():
        cursor = _source(session, source, target).cursor
    total = source.count(cursor)
    tally = Tally()
    tell(tally)
    progress(f"reading {target.list_name}", 0, total)
    store = pages.store if source.kind == "page" else archive.store
    if source.kind != "page":
        with Session(engine) as session, session.begin():
            late_index.postpone(session, total or 0)
    for parsed in map_ordered(executor, read_batch, batches(source.read(cursor)), spare=given_up):
        with Session(engine) as session, session.begin():
            tally += store(session, _source(session, source, target), parsed)
        tell(tally)
        progress(f"reading {target.list_name}", tally.read, total)
    with Session(engine) as session, session.begin():
        late_index.catch_up(session)
        pages.settle(session)
    if cursor is not None and not tally.read and _is_bare(source):
        raise SourceError(
            f"{source.location} holds no mail any more, and it held some",
            "Was it moved or emptied? Nothing was removed.",
        )


def list_of(session: Session, target: Target) -> MailingList:
    links = (target.permalink, target.archive_permalink)
    return ensure_list(session, target.list_name, links, target.product, target.configured)


def _source(session: Session, source: Source, target: Target) -> SourceRow:
    row = list_of(session, target)
    return ensure_source(session, row.id, source.kind, source.location)


def _is_bare(source: Source) -> bool:
    count = source.count()
    return next(iter(source.read()), None) is None if count is None else count == 0


def batches(items: Iterable[Raw]) -> Iterator[list[Raw]]:
    """Batches bounded in number and in bytes, so that memory is bounded whatever the mails' sizes."""
    batch: list[Raw] = []
    size = 0
    for item in items:
        batch.append(item)
        size += len(item.data)
        if len(batch) >= BATCH_MESSAGES or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
