"""What ``--db`` takes, a file or an address, to SQLAlchemy's address; passwords are not shown."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

from errors import DatabaseError

_FORMS = "give a file, sqlite:///FILE, or postgresql+psycopg://USER@HOST/DATABASE"
_SERVERS = ("postgresql", "postgres", "postgresql+psycopg")


def address(url: str) -> URL:
    """Raises DatabaseError for what is neither SQLite nor PostgreSQL."""
    kind = url.partition("://")[0]
    try:
        found = make_url(url if "://" in url else f"sqlite:///{Path(url).expanduser()}")
    except (ArgumentError, ValueError) as error:
        raise DatabaseError(f"{kind}://... is no database address", _FORMS) from error
    if found.drivername in _SERVERS:
        found = found.set(drivername="postgresql+psycopg")
    elif found.get_backend_name() != "sqlite" or found.get_driver_name() != "pysqlite":
        raise DatabaseError(f"{found.drivername}://... is no database address", _FORMS)
    if "@" in (found.host or ""):
        raise DatabaseError("the password in the database address holds an @", "write it as %40")
    return found


def database_file(url: str) -> Path | None:
    """The file that ``url`` names; None for a server and for a database in memory."""
    found = address(url)
    if found.get_backend_name() != "sqlite" or found.database in (None, "", ":memory:"):
        return None
    return Path(str(found.database))


def shown(url: str) -> str:
    """The address as it may stand in an error or a log."""
    found = address(url)
    return url if found.get_backend_name() == "sqlite" else found.set(query={}).render_as_string(hide_password=True)
