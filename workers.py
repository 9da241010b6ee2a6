"""Costly pure functions mapped over batches through a ``concurrent.futures.Executor``: processes of this machine, or
a Dask cluster.

Results come in the order of the batches, whatever the number of workers, so outputs cannot depend on it.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from typing import Any, TypeVar

from cluster import Cluster
from errors import WorkerError

FEW = 500  # mails
Item = TypeVar("Item")
Kept = TypeVar("Kept")
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


class Pool(Executor):
    """Worker processes that are made anew when one of them was ended."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._pool = self._made()
        self._ahead: Future[Any] | None = None

    def _made(self) -> ProcessPoolExecutor:
        # Spawned, not forked: a fork would share open SQLite connections and run with threads that it did not copy.
        return ProcessPoolExecutor(self._count, mp_context=multiprocessing.get_context("spawn"), initializer=_start)

    def submit(self, function: Callable[..., Any], /, *given: Any, **named: Any) -> Future[Any]:
        return self._pool.submit(function, *given, **named)

    def prepare(self, function: Callable[..., Any], *given: Any) -> None:
        """Lets a worker load what it will need, while this process does something else."""
        self._ahead = _submitted(self, function, *given)

    def settle(self) -> None:
        """Waits for what was prepared: a worker that is busy would make the pool start another one, which had to load
        everything itself. What went wrong is told when it is asked for."""
        if self._ahead is not None:
            wait([self._ahead])
            self._ahead = None

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._pool.shutdown(wait, cancel_futures=cancel_futures)

    def renew(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._pool = self._made()


@contextmanager
def workers(count: int = 0, cluster: str = "") -> Iterator[Executor | None]:
    """An executor of ``count`` processes; None, meaning this very process, for one. 0 is one a processor, two at least:
    a process of its own can be ended, whatever it does. ``cluster``: the address of a Dask scheduler, whose workers are
    taken instead."""
    if cluster:
        with Cluster(cluster) as lent:
            yield lent
        return
    if count == 1:
        yield None
        return
    present = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    with Pool(count or max(2, present)) as pool:
        try:
            yield pool
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def map_ordered(
    executor: Executor | None,
    function: Callable[[Item], Result],
    batches: Iterable[Item],
    ahead: int = 6,
    spare: Callable[[Item], Result] | None = None,
) -> Generator[Result, None, None]:
    """``map`` that keeps at most ``ahead`` batches under way, so that memory stays bounded on endless input.

    When a worker is ended, by the kernel or by somebody, its batch is tried again alone. With ``spare``, for functions
    of sequences item by item, a batch that ends its worker again is taken apart, and ``spare`` makes the result of the
    item that does it. Raises WorkerError when nothing helps.
    """
    if executor is None:
        yield from map(function, batches)
        return
    waiting: deque[tuple[Item, Future[Result]]] = deque()

    def first() -> Result:
        batch, future = waiting.popleft()
        try:
            return future.result()
        except BrokenExecutor as fault:
            if not isinstance(executor, Pool | Cluster):
                raise _ended() from fault
            executor.renew()
            result: Result = _alone(executor, function, batch, spare)
            again = [(item, old if _sound(old) else _submitted(executor, function, item)) for item, old in waiting]
            waiting.clear()
            waiting.extend(again)
            return result

    for batch in batches:
        waiting.append((batch, _submitted(executor, function, batch)))
        if len(waiting) >= ahead:
            yield first()
    while waiting:
        yield first()


def worth_sending(executor: Executor | None, mails: int) -> Executor | None:
    """The executor, or None for so few mails that they are done sooner than a worker has loaded what that takes; here
    it is loaded already."""
    return executor if mails > FEW else None


def map_beside(
    executor: Executor | None, function: Callable[[Item], Result], jobs: Iterable[tuple[Kept, Item]]
) -> Generator[tuple[Kept, Result], None, None]:
    """``map_ordered`` for batches that come with something that stays here, which comes back with their results."""
    kept: deque[Kept] = deque()

    def batches() -> Iterator[Item]:
        for beside, batch in jobs:
            kept.append(beside)
            yield batch

    for result in map_ordered(executor, function, batches()):
        yield kept.popleft(), result


def _submitted(executor: Executor, function: Callable[..., Result], *given: Any) -> Future[Result]:
    try:
        return executor.submit(function, *given)
    except BrokenExecutor as fault:  # told when its turn comes
        failed: Future[Result] = Future()
        failed.set_exception(fault)
        return failed


def _sound(future: Future[Any]) -> bool:
    return future.done() and not future.cancelled() and future.exception() is None


def _alone(pool: Pool | Cluster, function: Callable[[Any], Any], batch: Any, spare: Callable[[Any], Any] | None) -> Any:
    try:
        return pool.submit(function, batch).result()
    except BrokenExecutor as fault:
        pool.renew()
        if spare is None:
            raise _ended() from fault
        if len(batch) == 1:
            _try(pool)
            return spare(batch)
        return [result for item in batch for result in _alone(pool, function, [item], spare)]


def _try(pool: Pool | Cluster) -> None:
    """A batch is to blame only where workers run at all. Raises WorkerError where they do not."""
    try:
        pool.submit(os.getpid).result()
    except BrokenExecutor as fault:
        raise WorkerError("no worker process can be started", "--workers 1 works without them") from fault


def _ended() -> WorkerError:
    return WorkerError(
        "a worker process was ended from outside, perhaps because memory ran out",
        "run again, what was stored stays; --workers 1 needs the least memory",
    )
