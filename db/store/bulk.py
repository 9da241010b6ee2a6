"""Many new rows at once: by one prepared statement, on PostgreSQL by COPY."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from db.models import Base


def insert_rows(connection: Connection, model: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """``rows`` name every column that has no value of its own."""
    table = model.__table__
    assert isinstance(table, Table)
    if not rows:
        return
    if connection.dialect.name != "postgresql":
        connection.execute(insert(table), list(rows))
        return
    names = list(rows[0])
    given = [table.c[name].type.dialect_impl(connection.dialect).bind_processor(connection.dialect) for name in names]
    copy(
        connection,
        table.name,
        names,
        ([f(row[name]) if f else row[name] for name, f in zip(names, given, strict=True)] for row in rows),
    )


def copy(connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Values as PostgreSQL's driver takes them."""
    quote = connection.dialect.identifier_preparer.quote
    command = f"COPY {quote(table)} ({', '.join(map(quote, columns))}) FROM STDIN"
    driver: Any = connection.connection.driver_connection
    try:
        with driver.cursor() as cursor, cursor.copy(command) as stream:
            for row in rows:
                stream.write_row(row)
    except connection.dialect.loaded_dbapi.Error as error:
        raise DBAPIError.instance(
            command, None, error, connection.dialect.loaded_dbapi.Error, dialect=connection.dialect
        ) from error


def next_id(session: Session, model: type[Base]) -> int:
    """One more than the greatest. A server's own counter would leave gaps after a rollback, and databases filled from
    the same archives would differ."""
    return (session.scalar(select(func.max(model.__table__.c.id))) or 0) + 1
