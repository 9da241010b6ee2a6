"""Limits of time and memory on work with hostile input, in the process that does it.

Two lines of defence: an exception in the work itself, and, for what no exception reaches (a loop in a C library), the
end of the process by the kernel. Only a worker has the second; who handed it the work takes it up again without the
guilty item (``workers``). Time is that of the processor, so that a busy machine rejects nothing that an idle one reads.
"""

from __future__ import annotations

import multiprocessing
import resource
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SECONDS = 2.0
ROOM = 512 << 20
_GRACE = 3  # seconds until the kernel ends a worker that the exception did not reach
_STATM = Path("/proc/self/statm")


class OverrunError(BaseException):
    """Out of time. No Exception: libraries that catch all of these must not catch this one."""


@contextmanager
def room(size: int = ROOM) -> Iterator[None]:
    """Raises MemoryError inside when the process grows by more than ``size`` bytes (where the system can tell)."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    try:
        used = int(_STATM.read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    except OSError:
        yield
        return
    limit = used + size
    resource.setrlimit(resource.RLIMIT_AS, (limit if soft == resource.RLIM_INFINITY else min(limit, soft), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


@contextmanager
def overruns() -> Iterator[None]:
    """Inside, ``within`` can raise OverrunError. Signals reach a program's main thread only: elsewhere it cannot."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
    before = signal.signal(signal.SIGPROF, _overrun)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
        resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


def _overrun(_number: int, _frame: Any) -> None:
    raise OverrunError


@contextmanager
def within(seconds: float = SECONDS) -> Iterator[None]:
    """Raises OverrunError after that much work; again and again, should somebody have caught it."""
    if signal.getsignal(signal.SIGPROF) is not _overrun:
        yield
        return
    if multiprocessing.parent_process() is not None:
        hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
        last = int(time.process_time() + seconds) + _GRACE
        resource.setrlimit(resource.RLIMIT_CPU, (last if hard == resource.RLIM_INFINITY else min(last, hard), hard))
    signal.setitimer(signal.ITIMER_PROF, seconds, 0.2)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
