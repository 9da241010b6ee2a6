"""Errors of database drivers to one line that says what is wrong and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from db.address import address, shown
from errors import DatabaseError

FOLDER = "check that its folder exists and that you may write there, or name another with --db"
_SQLITE = (
    (("locked",), "another run is writing to it: wait until that has ended"),
    (("not a database", "malformed"), "the file is damaged or no SQLite database: name another with --db"),
    (("full",), "free some disk space and run again: what was committed before is intact"),
)
_SERVER = (  # error codes (postgresql.org/docs/current/errcodes-appendix.html), or words where the driver gives none
    (("42501", "25006", "permission denied"), "this role may not write: a role that owns the tables has to"),
    (("does not exist",), "make the database or the role first: createdb NAME, createuser NAME"),
    (
        ("authentication failed", "no password supplied", "no pg_hba.conf"),
        "check user and password (--db, ~/.pgpass)",
    ),
    (("53100", "53200"), "the server is out of disk space or memory: what was committed before is intact"),
    (("53300", "too many"), "the server has no connection left: wait, or raise its max_connections"),
    (("40001", "40P01", "55P03", "23505"), "somebody else wrote at the same time: run again"),
    (("57014",), "the server gave up on a statement: see its statement_timeout"),
)


@contextmanager
def database_errors(url: str, doing: str = "") -> Iterator[None]:
    """Turns a driver's error into a DatabaseError that says what to do. ``doing``: what cannot be done then."""
    try:
        yield
    except DBAPIError as error:
        told = f"{doing} {shown(url)}" if doing else f"the database {shown(url)} failed"
        raise DatabaseError(f"{told}: {_reason(error)}", _remedy(url, error)) from error


def _reason(error: DBAPIError) -> str:
    return next(iter(str(error.orig).strip().splitlines()), "") or type(error.orig).__name__


def _remedy(url: str, error: DBAPIError) -> str:
    server = address(url).get_backend_name() != "sqlite"
    text = getattr(error.orig, "sqlstate", None) or _reason(error).lower()
    for signs, advice in _SERVER if server else _SQLITE:
        if any(sign in text for sign in signs):
            return advice
    return "see that the server runs and that the address is right, then run again" if server else FOLDER
