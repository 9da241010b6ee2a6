"""Rows as they should be against rows as they are: only what differs is written.

That is what makes every stage re-runnable: unchanged input changes nothing in the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, bindparam, delete, select, update
from sqlalchemy.orm import Session

from db.models import Base
from db.store.bulk import insert_rows


def reconcile(
    session: Session,
    model: type[Base],
    rows: Iterable[dict[str, Any]],
    within: ColumnElement[bool] | None = None,
) -> int:
    """Makes the rows of ``model`` (those that satisfy ``within``) equal to ``rows``; returns how many were touched."""
    table = model.__table__
    assert isinstance(table, Table)
    names = [column.name for column in table.columns]
    keys = [column.name for column in table.primary_key.columns]
    query = select(table) if within is None else select(table).where(within)
    old = {tuple(row[name] for name in keys): dict(row) for row in session.execute(query).mappings()}
    new = {tuple(row[name] for name in keys): row for row in rows}
    gone = [key for key in old if key not in new]
    added = [row for key, row in new.items() if key not in old]
    changed = [row for key, row in new.items() if key in old and any(old[key][n] != row[n] for n in names)]
    _delete(session, table, keys, gone)
    if changed:
        match = and_(*(table.c[name] == bindparam(f"key_{name}") for name in keys))
        values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names if name not in keys}
        parameters = [
            {f"key_{n}": row[n] for n in keys} | {f"new_{n}": row[n] for n in names if n not in keys} for row in changed
        ]
        session.connection().execute(update(table).where(match).values(values), parameters)
    if added:
        insert_rows(session.connection(), model, added)
    return len(gone) + len(added) + len(changed)


def _delete(session: Session, table: Table, keys: Sequence[str], gone: Sequence[tuple[Any, ...]]) -> None:
    if not gone:
        return
    match = and_(*(table.c[name] == bindparam(f"key_{name}") for name in keys))
    parameters = [{f"key_{name}": value for name, value in zip(keys, key, strict=True)} for key in gone]
    session.connection().execute(delete(table).where(match), parameters)
