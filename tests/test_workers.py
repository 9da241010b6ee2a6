"""Batches mapped over workers: the order of results is the order of batches, whatever the number of workers."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from errors import WorkerError
from ingest.message import parse
from ingest.quotes import Mail, QuoteSource
from ingest.sources import Raw
from ingest.text.kinds import Kind, Segment
from nlp.values import MailText, Passage, Statement
from workers import Pool, map_beside, map_ordered, workers

VALUES: list[object] = [
    Raw(b"a", "b", "c", deleted=True),
    parse(Raw(b"From: A <a@example.org>\nSubject: s\nTo: b@example.org\n\nwords\n", "o", "c")),
    Mail("a@x", "", "A", "a@example.org", "words", (Segment(Kind.NEW, 0, 0, 5),)),
    QuoteSource("a@x", 1, "b@x", 2, 3),
    MailText("a@x", "s", (Passage(0, 5, "words", above="x"),), committed_days=1.5),
    Statement(0, 5, "words", ("agree",), {"agree": 0.5}, why=("assent.yes: yes",), said={"status": "agreed"}),
]


def square(number: int) -> int:
    return number * number


def same(value: object) -> object:
    return value


def fail(number: int) -> int:
    raise ValueError(f"no {number}")


@pytest.mark.parametrize("count", [1, 2, 4])
def test_results_come_in_the_order_of_the_batches(count: int) -> None:
    with workers(count) as executor:
        assert list(map_ordered(executor, square, range(50))) == [n * n for n in range(50)]


def test_only_a_few_batches_are_taken_ahead() -> None:
    taken = 0

    def endless() -> Iterator[int]:
        nonlocal taken
        while True:
            taken += 1
            yield taken

    with workers(2) as executor:
        results = map_ordered(executor, square, endless(), ahead=3)
        assert [next(results) for _ in range(5)] == [1, 4, 9, 16, 25]
        assert taken <= 8
        results.close()


@pytest.mark.parametrize("count", [1, 2])
def test_what_stays_here_comes_back_with_the_results_of_its_batch(count: int) -> None:
    with workers(count) as executor:
        assert list(map_beside(executor, square, ((f"of {n}", n) for n in range(20)))) == [
            (f"of {n}", n * n) for n in range(20)
        ]


@pytest.mark.parametrize("count", [1, 2])
def test_an_error_in_a_worker_reaches_the_caller(count: int) -> None:
    with pytest.raises(ValueError, match="no 1"), workers(count) as executor:
        list(map_ordered(executor, fail, [1]))


def odd(numbers: list[int]) -> list[int]:
    """Ends the process at 13."""
    if 13 in numbers:
        os.kill(os.getpid(), signal.SIGKILL)
    return [number * number for number in numbers]


def test_the_item_that_ends_its_worker_is_found_and_the_others_are_not_lost() -> None:
    batches = [list(range(first, first + 5)) for first in range(0, 60, 5)]
    with workers(2) as executor:
        found = list(map_ordered(executor, odd, batches, spare=lambda items: [-item for item in items]))
        assert list(map_ordered(executor, square, range(4))) == [0, 1, 4, 9]
    assert [number for batch in found for number in batch] == [-n if n == 13 else n * n for n in range(60)]


def test_a_batch_that_ends_its_worker_again_is_an_error_where_nothing_can_stand_for_it() -> None:
    with pytest.raises(WorkerError, match="ended from outside"), workers(2) as executor:
        list(map_ordered(executor, odd, [[1], [13]]))


def test_no_item_is_to_blame_where_no_worker_can_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    def stillborn(pool: Pool) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=os._exit, initargs=(1,))

    monkeypatch.setattr(Pool, "_made", stillborn)
    spared: list[list[int]] = []
    with workers(2) as executor, pytest.raises(WorkerError, match="no worker process can be started"):
        list(map_ordered(executor, odd, [[1, 3]], spare=spared.append))
    assert not spared


def test_a_worker_that_somebody_ends_costs_nothing_but_time(tmp_path: Path) -> None:
    with workers(2) as executor:
        found = list(map_ordered(executor, ended_once, [(str(tmp_path / "flag"), n) for n in range(20)]))
    assert found == list(range(20))


def ended_once(task: tuple[str, int]) -> int:
    flag, number = Path(task[0]), task[1]
    if number == 7 and not flag.exists():
        flag.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def test_values_survive_the_way_to_a_worker_and_back() -> None:
    with workers(2) as executor:
        assert list(map_ordered(executor, same, VALUES)) == VALUES
