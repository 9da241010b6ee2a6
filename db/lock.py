"""One writer a database: a lock that the operating system, or the server, drops when its holder dies.

It is taken before the database is opened, so that two first runs do not both make the tables. For a file it is a lock
on a file beside it; on PostgreSQL an advisory lock, which excludes runs on other machines too.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.pool import NullPool

from db.address import address, database_file
from db.faults import FOLDER, database_errors
from db.session import connect
from errors import DatabaseError

KEY = 0x707265636564656E  # "preceden": advisory locks are numbers, one space a database
# A holder whose machine is gone is noticed after a minute; one that holds the lock is never cut off for being idle.
SETTINGS = ("tcp_keepalives_idle = 30", "tcp_keepalives_interval = 10", "tcp_keepalives_count = 3")


@contextmanager
def writer_lock(url: str) -> Iterator[bool]:
    """True where this process holds the lock on the database at ``url``; False where another run has it."""
    file = database_file(url)
    if file is not None:
        with _file_lock(url, file) as mine:
            yield mine
    elif address(url).get_backend_name() == "postgresql":
        with _server_lock(url) as mine:
            yield mine
    else:
        yield True  # in memory: nobody else has it


@contextmanager
def _file_lock(url: str, database: Path) -> Iterator[bool]:
    try:
        database.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(f"{database}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        told = f"cannot open the database {url}: its lock file cannot be written: {error.strerror}"
        raise DatabaseError(told, FOLDER) from error
    with os.fdopen(descriptor) as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


@contextmanager
def _server_lock(url: str) -> Iterator[bool]:
    """Held by a connection of its own, outside any transaction, for as long as that lives."""
    engine = connect(address(url), poolclass=NullPool)
    with database_errors(url, "cannot open the database"):
        connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        for setting in SETTINGS:
            connection.exec_driver_sql(f"SET {setting}")
        mine = bool(connection.scalar(select(func.pg_try_advisory_lock(KEY))))
    try:
        yield mine
    finally:
        connection.invalidate()
        connection.close()
