"""The full-text index of a large load, built after it.

SQLite's index is kept by triggers, batch by batch. Before a load that at least doubles the archive they are taken away,
and behind it the index is built anew, which takes a third of the time. Until then a search finds nothing new. A load
that breaks off leaves a mark, which holds the triggers, so that the next run makes good.
"""

from __future__ import annotations

import json

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from db.models import Mark, Message
from db.store.structure import mark, set_mark

MARK = "full text"
MANY = 2_000  # messages from which on a load is worth an index of its own
_TRIGGERS = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'messages_fts_%' ORDER BY name"


def postpone(session: Session, coming: int) -> None:
    """Leaves the index alone until ``catch_up`` where that pays. Only SQLite's is kept by triggers."""
    if session.get_bind().dialect.name != "sqlite" or mark(session, MARK):
        return
    if coming >= max(MANY, session.scalar(select(func.count(Message.id))) or 0):
        triggers: dict[str, str] = dict(session.connection().exec_driver_sql(_TRIGGERS).all())
        set_mark(session, MARK, json.dumps(triggers))
        for name in triggers:
            session.connection().exec_driver_sql(f"DROP TRIGGER {name}")


def catch_up(session: Session) -> None:
    """Builds the index anew where a load, this one or one that broke off, has left it behind."""
    if triggers := mark(session, MARK):
        session.execute(delete(Mark).where(Mark.stage == MARK))
        connection = session.connection()
        connection.exec_driver_sql("INSERT INTO messages_fts(messages_fts) VALUES ('rebuild')")
        for made in json.loads(triggers).values():
            connection.exec_driver_sql(made)
