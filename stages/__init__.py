"""The way of a message, stage by stage: read rows, call pure functions, write rows, return a ``Tally``."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, int, int | None], None]
"""``progress(what, done, total)``: called after every batch; ``total`` None where it is not known."""


def silent(_what: str, _done: int, _total: int | None) -> None:
    """A ``Progress`` for nobody."""


FORMATS = {
    "guidelines": ("md", "html", "json"),
    "appendix": ("md",),
    "statements": ("jsonl", "csv"),
    "threads": ("tsv", "csv", "jsonl"),
    "segments": ("jsonl",),
    "commits": ("tsv", "csv", "jsonl"),
    "objections": ("jsonl",),
    "changes": ("md", "atom"),
    "curation": ("jsonl",),
}
"""What can be exported, and how; the first is the default."""
