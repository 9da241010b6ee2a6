"""Alembic's environment: the connection comes from ``db.session``, never from an ini file."""

from alembic import context
from sqlalchemy import Connection

from db.migrations_filter import ours
from db.models import Base


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_name=ours,
        render_as_batch=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
