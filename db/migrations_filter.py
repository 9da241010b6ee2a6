"""Which tables the migrations' autogenerate may look at: all but the full-text index and its shadow tables."""

from __future__ import annotations

from typing import Any


def ours(name: str | None, type_: str, _parents: Any) -> bool:
    return not (type_ == "table" and name is not None and name.startswith("messages_fts"))
