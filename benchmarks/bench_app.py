"""How long the app's pages take on the server: 50 visits of each, other arguments each time; p50 and p95 in ms.

A visit is a whole run of the page's script (`streamlit.testing`), caches cold for what it has not shown before, so it
is the time from request to the last element sent.

Usage: make bench-app, or
python benchmarks/bench_app.py [DATABASE [VISITS]]; without DATABASE that of PRECEDENT_DB, else the default one.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st
from sqlalchemy import Engine, select
from streamlit.testing.v1 import AppTest

import config
from db.models import GuidelineRow, Message, StatementRow
from db.session import open_engine
from errors import DatabaseError

WORDS = ["hypercall", "feature", "migration", "userspace", "register", "guest", "memory", "ioctl", "stable", "revert"]
FILTERS = ["", "list:kvmarm", "after:2021", "label:requirement", "topic:discovery", "from:a", "file:include"]


def one_page(name: str) -> None:
    import importlib

    import app

    app._drawn(importlib.import_module(f"views.{name}").page)()


def nothing(name: str) -> None:
    """A page without content: what the harness itself takes."""
    import streamlit

    streamlit.title(name)


def visit(name: str, parameters: dict[str, str]) -> tuple[float, float]:
    """Milliseconds on the clock, and of this process's own processor time."""
    script = nothing if name == "(nothing)" else one_page
    test = AppTest.from_function(script, args=(name,), default_timeout=120)
    for key, value in parameters.items():
        test.query_params[key] = value
    started, used = time.perf_counter(), time.process_time()
    test.run()
    took, used = time.perf_counter() - started, time.process_time() - used
    if test.exception:
        raise SystemExit(f"{name} {parameters}: {test.exception}")
    return took * 1000, used * 1000


def visits(engine: Engine, count: int) -> dict[str, Callable[[int], dict[str, str]]]:
    """Page to the arguments of its nth visit."""
    chance = random.Random(7)
    with engine.connect() as connection:
        mids = sorted(connection.scalars(select(Message.mid)))
        rules = sorted(connection.scalars(select(GuidelineRow.number)))
        keys = sorted(connection.scalars(select(StatementRow.key)))
    some = {name: chance.sample(found, min(count, len(found))) for name, found in (("mid", mids), ("key", keys))}
    topics = ["any", "discovery", "control", "semantics", "migration", "stability", "layout"]

    def guidelines(n: int) -> dict[str, str]:
        if n % 2 and rules:
            return {"rule": f"HC-{rules[n * 7 % len(rules)]:03d}"}
        return {"part": "all", "topic": topics[n % len(topics)], "page": str(1 + n // 14)}

    def search(n: int) -> dict[str, str]:
        kind = "statements" if n % 3 == 2 else "messages"
        line = f"{WORDS[n % len(WORDS)]} {WORDS[n * 3 % 10] if n % 2 else ''} {FILTERS[n % len(FILTERS)]}"
        return {"q": line, "in": kind, "page": str(1 + n % 3)}

    return {
        "(nothing)": lambda n: {},
        "guidelines": guidelines,
        "thread": lambda n: {"mid": some["mid"][n % len(some["mid"])]},
        "after": lambda n: {"page": str(1 + n % 2)},
        "search": search,
        "review": lambda n: {"statement": some["key"][n % len(some["key"])]} if some["key"] else {},
        "trends": lambda n: {"label": ("requirement", "abi concern", "post commit objection")[n % 3]},
        "sources": lambda n: {"rejects": str(1 + n % 2)},
    }


def main() -> None:
    database = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("PRECEDENT_DB") or config.default_url()
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 50
    os.environ["PRECEDENT_DB"] = database
    try:
        plan: dict[str, Any] = visits(open_engine(database, create=False), count)
    except DatabaseError as error:
        raise SystemExit(f"{error.what}: {error.advice}") from error
    visit("sources", {})  # imports and the first connection are the server's start, not a visit
    print(f"{'page':12} {'p50 ms':>8} {'p95 ms':>8} {'max ms':>8} {'first':>8} {'cpu p95':>8}   {count} visits each")
    for name, arguments in plan.items():
        st.cache_data.clear()
        took, used = zip(*(visit(name, arguments(n)) for n in range(count)), strict=True)
        figures = statistics.median(took), _p95(took), max(took), took[0], _p95(used)
        print(f"{name:12}", *(f"{figure:8.0f}" for figure in figures))


def _p95(values: Sequence[float]) -> float:
    return sorted(values)[min(len(values) - 1, int(0.95 * len(values)))]


if __name__ == "__main__":
    main()
