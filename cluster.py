"""The workers of a Dask cluster as an ``Executor``.

The functions that are mapped take values and give values back: scheduler and workers need neither the database nor the
archives, only this package in the same version (and, where ``--model`` names a folder, that folder). When a worker is
lost, the scheduler hands its task to another one; a task that has cost several workers is a ``BrokenExecutor``.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future
from importlib.metadata import version
from typing import Any

from errors import UsageError, WorkerError

PATIENCE = 30  # seconds for a scheduler to answer, and for a first worker to come


class Cluster(Executor):
    """Raises UsageError where Dask is not installed, WorkerError where the cluster is not fit for work."""

    def __init__(self, address: str) -> None:
        try:
            from distributed import Client  # when it is asked for: it takes half a second to load
            from distributed.scheduler import KilledWorker
        except ImportError as fault:
            advice = "install it: pip install 'precedent[cluster]'"
            raise UsageError("a cluster needs the package dask, which is not there", advice) from fault
        self._lost: type[Exception] = KilledWorker
        try:
            self._client: Any = Client(address, timeout=PATIENCE, set_as_default=False)  # type: ignore[no-untyped-call]
        except (OSError, TimeoutError, ValueError) as fault:
            advice = "start it with: dask scheduler; or run without --cluster"
            raise WorkerError(f"no Dask scheduler answers at {address}", advice) from fault
        try:
            self._check(address)
        except BaseException:
            self.shutdown()
            raise

    def _check(self, address: str) -> None:
        try:
            self._client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError as fault:
            advice = f"start some: dask worker --nthreads 1 {address}"
            raise WorkerError(f"the Dask scheduler at {address} has no workers", advice) from fault
        if any(worker["nthreads"] > 1 for worker in self._client.scheduler_info(n_workers=-1)["workers"].values()):
            advice = "start them with: dask worker --nthreads 1 (and --nworkers N)"
            raise WorkerError(
                "the cluster's workers use threads, which the limits on hostile mail do not allow", advice
            )
        theirs = set(self._client.run(installed, on_error="return").values())
        if theirs != {installed()}:
            told = ", ".join(sorted(map(str, theirs)))
            raise WorkerError(
                f"the cluster's workers have other code ({told})", f"install precedent {installed()} there"
            )

    def submit(self, function: Callable[..., Any], /, *given: Any, **named: Any) -> Future[Any]:
        """The result may be a BrokenExecutor: the task, or chance, has ended one worker after the other."""
        answer: Future[Any] = Future()
        task = self._client.submit(function, *given, **named, pure=False)
        answer.set_running_or_notify_cancel()

        def settle(done: Any) -> None:
            try:
                answer.set_result(done.result())
            except self._lost as fault:
                answer.set_exception(BrokenExecutor(str(fault)))
            except BaseException as fault:  # the function's own, which is the caller's business
                answer.set_exception(fault)

        task.add_done_callback(settle)
        return answer

    def renew(self) -> None:
        """Nothing to do: the scheduler has other workers, and starts lost ones again."""

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._client.close()


def installed() -> str:
    return version("precedent")
