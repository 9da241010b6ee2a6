"""Costly pure functions mapped over batches through a ``concurrent.futures.Executor``.

Results come in the order of the batches, whatever the number of workers, so outputs cannot depend on it.
"""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


@contextmanager
def workers(count: int = 0) -> Iterator[Executor | None]:
    """An executor of ``count`` processes (0: one a processor); None, meaning this very process, for one."""
    count = count or len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else count or os.cpu_count() or 1
    if count == 1:
        yield None
        return
    # Spawned, not forked: a fork would share open SQLite connections and run with threads that it did not copy.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(count, mp_context=context) as pool:
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
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()
