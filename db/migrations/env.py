"""Alembic's environment: the connection comes from ``db.session``, never from an ini file."""

from alembic import context
from sqlalchemy import Connection

from db.models import Base


def leave_out_full_text(name: str | None, type_: str, _parents: object) -> bool:
    """The FTS5 index and its shadow tables are not in the metadata."""
    return not (type_ == "table" and name is not None and name.startswith("messages_fts"))


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_name=leave_out_full_text,
        render_as_batch=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
