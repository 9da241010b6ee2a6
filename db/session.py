"""Database address to a migrated engine. The file is made on first use; one of a newer version is left alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Engine, create_engine, event, inspect, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from errors import DatabaseError

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_MS = 10_000


def _pragmas(connection: Any, _record: object) -> None:
    """WAL lets people read during a sync; NORMAL is safe with it (sqlite.org/wal.html)."""
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", f"busy_timeout={BUSY_MS}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _alembic(connection: Any = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def open_engine(url: str, *, create: bool = True) -> Engine:
    """Engine for ``url`` with the schema brought up to date. Raises DatabaseError; nothing is changed then.

    ``create=False`` also refuses a database that is not there yet: readers do not make empty files.
    """
    address = _address(url)
    file = database_file(url)
    fresh = file is not None and not file.exists()
    if fresh and not create:
        raise DatabaseError(f"there is no database at {url}", "run `precedent sync` or `precedent ingest` first")
    try:
        if file is not None and fresh:
            file.parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(address)
        if address.get_backend_name() == "sqlite":
            event.listen(engine, "connect", _pragmas)
        _migrate(engine, url)
    except (DBAPIError, OSError) as error:
        raise DatabaseError(f"cannot open the database {url}: {_reason(error)}", _remedy(error)) from error
    return engine


def database_file(url: str) -> Path | None:
    """The file that ``url`` names; None for a server and for a database in memory."""
    address = _address(url)
    if address.get_backend_name() != "sqlite" or address.database in (None, "", ":memory:"):
        return None
    return Path(str(address.database))


def _address(url: str) -> URL:
    text = url if "://" in url else f"sqlite:///{Path(url).expanduser()}"
    try:
        address = make_url(text)
        address.get_dialect()
    except (ArgumentError, NoSuchModuleError) as error:
        raise DatabaseError(f"{url} is no database address", "give a file, or sqlite:///FILE") from error
    return address


def _migrate(engine: Engine, url: str) -> None:
    script = ScriptDirectory.from_config(_alembic())
    head = script.get_current_head()
    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    if current == head:
        return
    if current is not None and not _knows(script, current):
        raise DatabaseError(
            f"the database {url} was made by a newer version of precedent (revision {current})",
            "install that version, or name another database with --db",
        )
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            # Python's driver begins a transaction before rows are changed, not before tables are: a run that is killed
            # here would leave some tables and no revision.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        if current is None and inspect(connection).get_table_names():
            raise DatabaseError(f"{url} is a database of another program", "name another file with --db")
        command.upgrade(_alembic(connection), "head")


def _knows(script: ScriptDirectory, revision: str) -> bool:
    try:
        return script.get_revision(revision) is not None
    except CommandError:
        return False


def _reason(error: DBAPIError | OSError) -> str:
    return str(error.orig) if isinstance(error, DBAPIError) else str(error.strerror or error)


def _remedy(error: DBAPIError | OSError) -> str:
    text = _reason(error).lower()
    if "locked" in text:
        return "another run is writing to it: wait until that has ended"
    if "not a database" in text or "malformed" in text:
        return "the file is damaged or no SQLite database: name another with --db"
    if "full" in text:
        return "free some disk space and run again: what was committed before is intact"
    return "check that its folder exists and that you may write there, or name another with --db"


@contextmanager
def database_errors(url: str) -> Iterator[None]:
    """Turns a driver's error during work into a DatabaseError that says what to do."""
    try:
        yield
    except DBAPIError as error:
        raise DatabaseError(f"the database {url} failed: {_reason(error)}", _remedy(error)) from error
