"""What the steps that look at a whole archive at once take, by the number of messages: `make simulate-scale`.

Everything else works thread by thread, in bounded memory. These do not: the forest over all references, and the merging
of people. Archives are invented (threads of one to fifty messages, one in ten answers with a missing parent), so that
any size can be had; docs/scale.md extrapolates from the figures.
"""

from __future__ import annotations

import random
import resource
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context

from ingest.people.merge import merge
from ingest.threads import Ref, forest

START = datetime(2010, 1, 1, tzinfo=UTC)


def refs(count: int) -> Iterator[Ref]:
    random.seed(count)
    number = 0
    while number < count:
        first, size = number, random.choice((1, 2, 3, 5, 8, 13, 30, 50))
        for number in range(first, min(first + size, count)):
            parent = random.randrange(first, number) if number > first else None
            name = "" if parent is None else f"{parent}-{'gone' if random.random() < 0.1 else 'here'}@example.org"
            chain = (f"{first}-here@example.org", name) if name else ()
            yield Ref(f"{number}-here@example.org", (name,) if name else (), chain, START + timedelta(minutes=number))
        number += 1


def people(count: int) -> list[tuple[str, str]]:
    """One person in fifty messages, every third with two addresses."""
    found = [(f"Person Number{n} Family{n % 977}", f"p{n}@host{n % 89}.example.org") for n in range(count // 50)]
    return found + [(name, address.replace("host", "home")) for name, address in found[::3]]


def one(count: int) -> tuple[float, float, float]:
    """Processor seconds of both, and MB of a process that did them."""
    before = time.process_time()
    made = forest(refs(count))
    between = time.process_time()
    merge(people(count))
    after = time.process_time()
    assert len(made) >= count
    return between - before, after - between, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def main() -> None:
    sizes = [int(word) for word in sys.argv[1:]] or [100_000, 200_000, 400_000, 800_000]
    print(
        "| messages | forest, CPU s | people, CPU s | MB | µs a message | kB a message |\n| ---: " + "| ---: " * 5 + "|"
    )
    for count in sizes:
        with get_context("spawn").Pool(1) as pool:
            threads, persons, size = pool.apply(one, (count,))
        each = (threads + persons) / count * 1e6
        print(f"| {count:,} | {threads:.1f} | {persons:.1f} | {size:.0f} | {each:.0f} | {size * 1000 / count:.2f} |")


if __name__ == "__main__":
    main()
