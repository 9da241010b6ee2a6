"""A real Dask scheduler and workers, each a process of its own: the same results as with local workers."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from db.content import content_hash
from db.session import open_engine
from errors import UsageError, WorkerError
from stages import Progress, silent
from stages import sync as run
from stages.ingest import Target
from workers import map_ordered, workers

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "data" / "sample"
pytest.importorskip("distributed", reason="dask is not installed")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def dask(folder: Path, *words: str) -> subprocess.Popen[bytes]:
    environment = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}", "HOME": str(folder)}
    command = [sys.executable, "-m", "distributed.cli.dask_" + words[0], "--no-dashboard", *words[1:]]
    with (folder / f"{words[0]}.log").open("ab") as log:
        return subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)


@contextmanager
def cluster(folder: Path, count: int, threads: int = 1) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    address = f"tcp://127.0.0.1:{free_port()}"
    running = [dask(folder, "scheduler", "--host", address)]
    places = [str(folder / f"w{number}") for number in range(count)]
    options = ("--nthreads", str(threads), "--no-nanny", "--host", "127.0.0.1")
    hands = [dask(folder, "worker", address, *options, "--local-directory", place) for place in places]
    try:
        yield address, hands
    finally:
        for process in [*hands, *running]:
            process.kill()
            process.wait()


def synced(path: Path, count: int = 1, address: str = "", progress: Progress = silent) -> str:
    """The content of a database that the sample was read into."""
    engine = open_engine(str(path))
    targets = {
        name: Target(name, "https://lists.example.org/{mid}", product)
        for name, product in (("sample-xen", "Xen"), ("sample-kvm", "KVM/arm64"))
    }
    archives = [
        run.Archive(SAMPLE / "sample-xen.mbox", None, targets["sample-xen"]),
        run.Archive(SAMPLE / "sample-kvm", None, targets["sample-kvm"]),
    ]
    with workers(count, address) as executor, run.recorded(engine, "sync") as report:
        run.read_archives(engine, archives, executor, progress, report)
        run.process(engine, executor, progress, report, "", ("", ""))
    assert not report.failures
    return content_hash(engine)


def slow_square(number: int) -> int:
    time.sleep(0.2)
    return number * number


def fail(number: int) -> int:
    raise ValueError(f"no {number}")


def test_one_two_and_four_workers_and_a_cluster_that_loses_one_of_three_make_the_same_database(tmp_path: Path) -> None:
    alone = synced(tmp_path / "1.db")
    assert [synced(tmp_path / f"{count}.db", count) for count in (2, 4)] == [alone, alone]
    with cluster(tmp_path, 3) as (address, hands):

        def kill_one(what: str, _done: int, _total: int | None) -> None:
            if what == "tracing quotes":
                hands[0].kill()

        assert synced(tmp_path / "dask.db", address=address, progress=kill_one) == alone
        assert [hand.poll() for hand in hands] == [-signal.SIGKILL, None, None]


def test_a_worker_that_is_killed_during_the_run_changes_nothing(tmp_path: Path) -> None:
    with cluster(tmp_path, 3) as (address, hands), workers(cluster=address) as executor:
        results = map_ordered(executor, slow_square, range(30))
        found = [next(results) for _ in range(4)]
        hands[0].kill()
        assert [*found, *results] == [number * number for number in range(30)]
        assert hands[0].wait() == -signal.SIGKILL


def test_an_error_in_a_task_reaches_the_caller(tmp_path: Path) -> None:
    with cluster(tmp_path, 1) as (address, _), workers(cluster=address) as executor:
        assert executor is not None
        with pytest.raises(ValueError, match="no 7"):
            list(map_ordered(executor, fail, [7]))


def test_workers_with_threads_are_refused(tmp_path: Path) -> None:
    threaded = cluster(tmp_path, 1, threads=2)
    with threaded as (address, _), pytest.raises(WorkerError, match="use threads"), workers(cluster=address):
        pass


def test_a_scheduler_that_does_not_answer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cluster.PATIENCE", 1)
    with (
        pytest.raises(WorkerError, match="no Dask scheduler answers"),
        workers(cluster=f"tcp://127.0.0.1:{free_port()}"),
    ):
        pass


def test_without_dask_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match="needs the package dask") as caught, workers(cluster="tcp://127.0.0.1:1"):
        pass
    assert "precedent[cluster]" in caught.value.advice
