"""Stored messages into the full-text index. SQLite's keeps itself by triggers; on PostgreSQL it is filled here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from db.store.bulk import copy
from db.words import vector


def index(connection: Connection, messages: Sequence[dict[str, Any]]) -> None:
    """``messages``: rows as they were stored. What is deleted leaves the index by its foreign key."""
    if connection.dialect.name == "postgresql":
        found = ((row["id"], vector((row["subject"], row["author_name"], row["body"]))) for row in messages)
        copy(connection, "messages_fts", ("message_id", "words"), found)
