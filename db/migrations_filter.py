"""Which tables the migrations' autogenerate may look at: all but the full-text index and its shadow tables."""

from __future__ import annotations

from collections.abc import Mapping


def ours(name: str | None, type_: str, _parents: Mapping[str, str | None]) -> bool:
    return not (type_ == "table" and name is not None and name.startswith("messages_fts"))
