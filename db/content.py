"""A hash over all that a database says, to compare two of them: every row of every table but the record of runs."""

from __future__ import annotations

import hashlib

from sqlalchemy import Engine, select

from db.models import Base, Run

APART = {Run.__tablename__}


def content_hash(engine: Engine) -> str:
    """Equal for two databases with equal rows; the order in which rows were written does not matter."""
    digest = hashlib.sha256()
    with engine.connect() as connection:
        for table in sorted(Base.metadata.tables.values(), key=lambda table: table.name):
            if table.name in APART:
                continue
            digest.update(table.name.encode())
            for row in connection.execute(select(table).order_by(*table.primary_key.columns)):
                digest.update(repr(tuple(row)).encode())
    return digest.hexdigest()
