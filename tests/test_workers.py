"""Batches mapped over workers: the order of results is the order of batches, whatever the number of workers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from workers import map_ordered, workers


def square(number: int) -> int:
    return number * number


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
def test_an_error_in_a_worker_reaches_the_caller(count: int) -> None:
    with pytest.raises(ValueError, match="no 1"), workers(count) as executor:
        list(map_ordered(executor, fail, [1]))
