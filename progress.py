"""A ``Progress`` for people (a bar with an estimate, on a terminal) and one for logs (a record now and then)."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

import logs
from stages import Progress, silent

EVERY = 10.0  # seconds between two log records of one piece of work


@contextmanager
def shown(quiet: bool = False) -> Iterator[Progress]:
    """The progress that suits standard error: bars where a person watches, log records where nobody does."""
    if quiet:
        yield silent
    elif sys.stderr.isatty() and not logs.as_json():
        columns = (TextColumn("{task.description:24}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        console = Console(stderr=True)
        with Bars(*columns, TextColumn("left"), TimeRemainingColumn(), console=console) as bars:
            yield _bars(bars)
    else:
        yield _Lines()


def _bars(bars: Bars) -> Progress:
    tasks: dict[str, TaskID] = {}

    def update(what: str, done: int, total: int | None) -> None:
        if what not in tasks:
            tasks[what] = bars.add_task(what, total=total)
        bars.update(tasks[what], completed=done, total=total)

    return update


class _Lines:
    def __init__(self) -> None:
        self._began: dict[str, float] = {}
        self._said: dict[str, float] = {}

    def __call__(self, what: str, done: int, total: int | None) -> None:
        now = time.monotonic()
        began = self._began.setdefault(what, now)
        last = total is not None and done >= total
        if not last and now - self._said.get(what, -EVERY) < EVERY:
            return
        self._said[what] = now
        left = round((now - began) * (total - done) / done) if total and 0 < done < total else None
        if logs.as_json():
            logs.note("progress", what=what, done=done, total=total, seconds_left=left)
        else:
            text = f"{what}: {done}" if total is None else f"{what}: {done} of {total}"
            logs.LOGGER.info("%s", text if left is None else f"{text}, about {left} s left")
