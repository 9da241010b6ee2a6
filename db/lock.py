"""One writer a database: a lock that the operating system drops when its holder dies.

It is taken before the database is opened, so that two first runs do not both make the tables. A database on a server
has no file to lock: there it is left to the timer that runs do not overlap.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from db.session import database_file
from errors import DatabaseError


@contextmanager
def writer_lock(url: str) -> Iterator[bool]:
    """True where this process holds the lock on the database at ``url``; False where another run has it."""
    database = database_file(url)
    if database is None:
        yield True
        return
    try:
        database.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(f"{database}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise DatabaseError(
            f"cannot open the database {url}: its lock file cannot be written: {error.strerror}",
            "check that its folder exists and that you may write there, or name another with --db",
        ) from error
    with os.fdopen(descriptor) as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
