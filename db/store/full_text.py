"""Stored messages into the full-text index. SQLite's keeps itself by triggers; on PostgreSQL it is filled here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from db.store.bulk import copy
from db.words import vectors


def index(connection: Connection, messages: Sequence[dict[str, Any]]) -> None:
    """``messages``: rows as they were stored. What is deleted leaves the index by its foreign key."""
    if connection.dialect.name == "postgresql":
        rows = (
            (row["id"], part, vector)
            for row in messages
            for part, vector in enumerate(vectors((row["subject"], row["author_name"], row["body"])))
        )
        copy(connection, "messages_fts", ("message_id", "part", "words"), rows)
