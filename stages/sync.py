"""All stages over all sources: one run, recorded from start to end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from db.models import MailingList, Repository, Source
from db.store import late_index, runs
from db.store.archive import forget_source
from errors import PrecedentError, SourceError, UsageError
from ingest.sources import Source as Opened
from ingest.sources.recognise import open_source
from stages import Progress, hearing
from stages.commits import Code, link_commits, read_history
from stages.ingest import Target, ingest
from stages.link import link
from stages.timeline import lay_out
from tally import Tally
from workers import Pool


@dataclass
class Report:
    """What a run did: a tally for each source and each stage, and the sources that failed, with the reason."""

    sources: dict[str, Tally] = field(default_factory=dict)
    histories: dict[str, Tally] = field(default_factory=dict)
    stages: dict[str, Tally] = field(default_factory=dict)
    failures: dict[str, PrecedentError] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Remote:
    """An archive elsewhere: its address, the folder for copies, and whether its host may have no public address."""

    url: str
    mirrors: Path
    private: bool = False


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive to read: its path (or where else it is), its kind (None: recognised) and the list it belongs to."""

    path: Path
    kind: str | None
    target: Target
    remote: Remote | None = None

    @property
    def location(self) -> str:
        return self.remote.url if self.remote else str(self.path)


def opened(archive: Archive) -> Opened:
    """The source behind an archive; what is elsewhere is fetched first. Raises SourceError."""
    if archive.remote is None:
        return open_source(archive.path, archive.kind)
    from ingest.sources.http import Access
    from ingest.sources.mirror import open_remote

    return open_remote(archive.remote.url, archive.kind, archive.remote.mirrors, Access(archive.remote.private))


@contextmanager
def recorded(engine: Engine, command: str) -> Iterator[Report]:
    """A run: its row is written before anything else, and completed whatever happens."""
    report = Report()
    with Session(engine) as session, session.begin():
        run = runs.begin_run(session, command, datetime.now(UTC))
    try:
        yield report
    except BaseException as fault:
        told = fault.what if isinstance(fault, PrecedentError) else "stopped"
        error = f"the database failed: {fault.orig}" if isinstance(fault, DBAPIError) else told
        with suppress(DBAPIError):  # on a full disk nothing can be recorded, and the first fault is the one to tell
            _complete(engine, run, report, error)
        raise
    _complete(engine, run, report, "; ".join(f"{path}: {failure.what}" for path, failure in report.failures.items()))


def _complete(engine: Engine, run: int, report: Report, error: str) -> None:
    stages = {name: tally.as_dict() for name, tally in report.stages.items()}
    sources: dict[str, Any] = {name: tally.as_dict() for name, tally in {**report.sources, **report.histories}.items()}
    for path, failure in report.failures.items():
        sources[path] = {**sources.get(path, {}), "error": failure.what}
    with Session(engine) as session, session.begin():
        runs.end_run(session, run, datetime.now(UTC), error, stages, sources)


def read_archives(
    engine: Engine, archives: Sequence[Archive], executor: Executor | None, progress: Progress, report: Report
) -> None:
    """Every archive in turn; the failure of one is noted and does not stop the others."""
    for archive in archives:
        try:
            if archive.remote:
                progress(f"fetching {archive.location}", 0, None)
            source = opened(archive)
            tell = partial(report.sources.__setitem__, source.location)
            ingest(engine, source, archive.target, executor, progress, tell)
        except (PrecedentError, OSError) as fault:
            report.failures[archive.location] = _failure(fault)
    with Session(engine) as session, session.begin():
        late_index.catch_up(session)  # what broke off while it was read is in the database, too


def fetch_code(code: Code) -> None:
    """Clones the repository, the commits alone, or fetches what is new. Raises SourceError."""
    from ingest.sources.http import Access
    from ingest.sources.mirror import mirror_code

    mirror_code(code.url, code.path, Access())


def read_histories(engine: Engine, codes: Sequence[Code], progress: Progress, report: Report) -> None:
    """Every code repository in turn; the failure of one is noted and does not stop the others."""
    for code in codes:
        try:
            if code.url:
                progress(f"fetching {code.url}", 0, None)
                fetch_code(code)
            report.histories[str(code.path)] = read_history(engine, code, progress)
        except (PrecedentError, OSError) as fault:
            report.failures[str(code.path)] = _failure(fault)


def _failure(fault: PrecedentError | OSError) -> PrecedentError:
    if isinstance(fault, PrecedentError):
        return fault
    return SourceError(
        f"reading failed: {fault.strerror or fault}", "Check the place it lies in; the next run tries again."
    )


def process(
    engine: Engine,
    executor: Executor | None,
    progress: Progress,
    report: Report,
    model: str,
    people: tuple[str, str],
    notes: Path | None = None,
    only: str = "",
) -> None:
    """The stages behind ingest, or ``only`` one of them."""
    if isinstance(executor, Pool) and any(tally.stored for tally in report.sources.values()):
        executor.prepare(hearing.version, model or None)  # it takes as long as linking does
    stages: dict[str, Callable[[], Tally]] = {
        "link": lambda: link(engine, executor, progress, people),
        "commits": lambda: _commits(engine, progress),
        "tag": lambda: _tag(engine, executor, progress, model, notes),
        "distil": lambda: _distil(engine, progress),
    }
    for name, stage in stages.items():
        if only in ("", name) or (only, name) == ("link", "commits"):
            if name == "distil" and isinstance(executor, Pool):
                executor.renew()  # nobody is needed any more, and the memory is
            report.stages[name] = stage()


def _commits(engine: Engine, progress: Progress) -> Tally:
    tally = link_commits(engine, progress)
    lay_out(engine, progress)
    return tally


def _tag(engine: Engine, executor: Executor | None, progress: Progress, model: str, notes: Path | None) -> Tally:
    # Imported when it is their turn: spaCy and scikit-learn take longer to load than a run with nothing new takes.
    from stages.tag import tag

    return tag(engine, executor, progress, model, notes)


def _distil(engine: Engine, progress: Progress) -> Tally:
    from stages.distil import distil

    return distil(engine, progress)


def forget(engine: Engine, locations: Sequence[str]) -> None:
    """Reads these sources and code repositories no more. Raises UsageError for the first that is unknown."""
    with Session(engine) as session, session.begin():
        for location in locations:
            if not forget_source(session, location):
                raise UsageError(f"there is no source called {location}", "`precedent status` names them")


_TARGET = (MailingList.name, MailingList.permalink, MailingList.product, MailingList.archive_permalink)


def _target(row: Any) -> Target:
    return Target(row.name, row.permalink, row.product, archive_permalink=row.archive_permalink)


def recorded_archives(engine: Engine, besides: set[str]) -> list[Archive]:
    """The sources on this machine that earlier runs recorded, less the locations in ``besides``. Addresses are fetched
    from the configuration only, so that nothing in a database can make a run ask somebody."""
    with Session(engine) as session:
        rows = session.execute(
            select(Source.location, Source.kind, *_TARGET)
            .join(MailingList, MailingList.id == Source.list_id)
            .where(Source.forgotten.is_(False))
            .order_by(MailingList.name, Source.location)
        ).all()
    return [
        Archive(Path(row.location), row.kind, _target(row))
        for row in rows
        if row.location not in besides and "://" not in row.location
    ]


def recorded_codes(engine: Engine, besides: set[Path]) -> list[Code]:
    """The code repositories that earlier runs recorded, less those in ``besides``."""
    with Session(engine) as session:
        rows = session.execute(
            select(Repository.location, *_TARGET)
            .join(MailingList, MailingList.id == Repository.list_id)
            .where(Repository.forgotten.is_(False))
            .order_by(MailingList.name, Repository.location)
        ).all()
    return [Code(Path(row.location), _target(row)) for row in rows if Path(row.location) not in besides]


def check(archives: Sequence[Archive]) -> None:
    """Raises SourceError for the first archive that cannot be read, before anything is changed."""
    for archive in archives:
        open_source(archive.path, archive.kind)
