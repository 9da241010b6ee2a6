"""Costly pure functions mapped over batches through a ``concurrent.futures.Executor``.

Results come in the order of the batches, whatever the number of workers, so outputs cannot depend on it.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from errors import WorkerError

Item = TypeVar("Item")
Result = TypeVar("Result")


def _start() -> None:
    """A worker leaves Ctrl-C to its parent, who ends the pool in order, and does not outlive a parent that was killed:
    the pool's pipes are open in every worker, so none of them would ever see an end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@contextmanager
def workers(count: int = 0) -> Iterator[Executor | None]:
    """An executor of ``count`` processes (0: one a processor); None, meaning this very process, for one."""
    count = count or len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else count or os.cpu_count() or 1
    if count == 1:
        yield None
        return
    # Spawned, not forked: a fork would share open SQLite connections and run with threads that it did not copy.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(count, mp_context=context, initializer=_start) as pool:
        try:
            yield pool
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def map_ordered(
    executor: Executor | None, function: Callable[[Item], Result], batches: Iterable[Item], ahead: int = 6
) -> Generator[Result, None, None]:
    """``map`` that keeps at most ``ahead`` batches under way, so that memory stays bounded on endless input."""
    if executor is None:
        yield from map(function, batches)
        return
    waiting: deque[Future[Result]] = deque()
    for batch in batches:
        waiting.append(executor.submit(function, batch))
        if len(waiting) >= ahead:
            yield _result(waiting.popleft())
    while waiting:
        yield _result(waiting.popleft())


def _result(future: Future[Result]) -> Result:
    try:
        return future.result()
    except BrokenExecutor as fault:
        raise WorkerError(
            "a worker process was ended from outside, perhaps because memory ran out",
            "run again, what was stored stays; --workers 1 needs the least memory",
        ) from fault
