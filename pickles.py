"""Frozen dataclasses between processes, quickly.

What ``dataclass(frozen=True, slots=True)`` gives for pickling looks every field up by its name and sets it by its name
again, which for the hundred thousands of small values of an archive takes longer than computing them.
"""

from __future__ import annotations

from dataclasses import fields
from operator import attrgetter
from typing import TypeVar

Kind = TypeVar("Kind", bound=type)


def as_arguments(kind: Kind) -> Kind:
    """Class decorator: values of the dataclass are pickled as the arguments that make them. Two fields at least, all
    of them taken by the constructor in order."""
    values = attrgetter(*(field.name for field in fields(kind)))

    def reduce(self: object) -> tuple[type, tuple[object, ...]]:
        return kind, values(self)

    setattr(kind, "__reduce__", reduce)  # noqa: B010 - a plain assignment to a method is an error to mypy
    return kind
