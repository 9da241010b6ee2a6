"""Database address to a migrated engine. The schema is made on first use; one of a newer version is left alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from json import JSONDecoder
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL

from db.address import address, database_file, shown
from db.faults import FOLDER, database_errors
from errors import DatabaseError

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

__all__ = ["database_errors", "database_file", "open_engine", "opened"]

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_MS = 10_000
PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "case_sensitive_like=ON")
_DECODE = JSONDecoder().raw_decode  # our own values: half of what json.loads takes goes into looking for white space
PATIENCE = 10  # seconds for a server to answer


def _pragmas(connection: Any, _record: object) -> None:
    """WAL lets people read during a sync; NORMAL is safe with it (sqlite.org/wal.html). LIKE as PostgreSQL has it."""
    cursor = connection.cursor()
    for pragma in (*PRAGMAS, f"busy_timeout={BUSY_MS}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _alembic(connection: Any = None) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def open_engine(url: str, *, create: bool = True) -> Engine:
    """Engine for ``url`` with the schema brought up to date. Raises DatabaseError; nothing is changed then.

    ``create=False`` also refuses a database that is not there yet: readers make neither files nor tables.
    """
    file = database_file(url)
    fresh = file is not None and not file.exists()
    if fresh and not create:
        raise _nothing_there(url)
    if file is not None and fresh:
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DatabaseError(f"cannot open the database {url}: {error.strerror}", FOLDER) from error
    with database_errors(url, "cannot open the database"):
        # Readers connect anew after a restart of the server; a writer must end then, because its lock is gone.
        engine = connect(address(url), pool_pre_ping=not create)
        try:
            _migrate(engine, url, create)
        except BaseException:
            engine.dispose()
            raise
    return engine


@contextmanager
def opened(url: str) -> Iterator[Engine]:
    """A reader's engine, closed in the end; what goes wrong meanwhile is a DatabaseError."""
    engine = open_engine(url, create=False)
    try:
        with database_errors(url):
            yield engine
    finally:
        engine.dispose()


def connect(where: URL, **options: Any) -> Engine:
    """An engine for a database as it is. Raises DatabaseError where the driver is not installed."""
    if where.get_backend_name() == "sqlite":
        engine = create_engine(where, json_deserializer=lambda text: _DECODE(text)[0])
        event.listen(engine, "connect", _pragmas)
        return engine
    try:
        # Repeatable read: a transaction sees one state throughout, whatever a run commits meanwhile.
        return create_engine(
            where,
            isolation_level="REPEATABLE READ",
            **options,
            connect_args={"connect_timeout": PATIENCE, "application_name": "precedent", "client_encoding": "utf8"},
        )
    except ImportError as error:
        advice = "install it: pip install 'precedent[postgresql]'"
        raise DatabaseError("PostgreSQL needs the package psycopg, which is not there", advice) from error


def newest_revision() -> str:
    """By the names of the files, which begin with their numbers: most runs find their schema as it should be, and need
    not load Alembic."""
    return max(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def _revision(connection: Connection) -> str | None:
    """What ``alembic_version`` says, as Alembic reads it."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    return found[0] if len(found) == 1 else None


def _migrate(engine: Engine, url: str, create: bool) -> None:
    with engine.connect() as connection:
        if _revision(connection) == newest_revision():
            return
    _upgrade(engine, url, create)


def _upgrade(engine: Engine, url: str, create: bool) -> None:
    from alembic import command
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    script = ScriptDirectory.from_config(_alembic())
    head = script.get_current_head()
    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
        if current is None:
            _fit_to_begin(connection, url, create)
    if current == head:
        return
    if current is not None and not _knows(script, current):
        raise DatabaseError(
            f"the database {shown(url)} was made by a newer version of precedent (revision {current})",
            "install that version, or name another database with --db",
        )
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            # Python's driver begins a transaction before rows are changed, not before tables are: a run that is killed
            # here would leave some tables and no revision.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        command.upgrade(_alembic(connection), "head")


def _fit_to_begin(connection: Connection, url: str, create: bool) -> None:
    """Raises DatabaseError where no schema of ours can be made."""
    tables = inspect(connection).get_table_names()
    if tables and _revision(connection) is None:  # and still none
        raise DatabaseError(f"{shown(url)} is a database of another program", "name another with --db")
    if not create and connection.dialect.name == "postgresql":
        raise _nothing_there(url)
    if connection.dialect.name == "postgresql":
        encoding = connection.exec_driver_sql("SHOW server_encoding").scalar()
        if encoding != "UTF8":
            advice = "make one with: createdb --encoding UTF8 --template template0 NAME"
            raise DatabaseError(f"the database {shown(url)} keeps text in {encoding}, which cannot hold mail", advice)


def _nothing_there(url: str) -> DatabaseError:
    return DatabaseError(f"there is no database at {shown(url)}", "run `precedent sync` or `precedent ingest` first")


def _knows(script: ScriptDirectory, revision: str) -> bool:
    from alembic.util import CommandError

    try:
        return script.get_revision(revision) is not None
    except CommandError:
        return False
