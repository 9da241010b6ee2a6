"""Paths that several tests share. Real archives are used where they lie and never copied into the project."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from db.session import open_engine
from tests.postgres import Server, programs, server

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of real archives; tests that need it are skipped on a bare clone."""
    folder = SHARED / "corpus"
    if not folder.is_dir():
        pytest.skip("the real archives are not beside this checkout")
    return folder


@pytest.fixture(scope="session")
def gold() -> Path:
    folder = SHARED / "gold"
    if not folder.is_dir():
        pytest.skip("the labelled sentences are not beside this checkout")
    return folder


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A server of the suite's own; tests that need it are skipped where PostgreSQL or its driver is not installed."""
    if programs() is None:
        pytest.skip("PostgreSQL is not installed (Debian: postgresql)")
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    with server() as running:
        yield running


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def new_engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[], Engine]]:
    """Opens a new empty database each time it is called. What uses it runs on either kind."""
    opened: list[Engine] = []

    def make() -> Engine:
        if request.param == "sqlite":
            url = str(tmp_path_factory.mktemp("database") / "precedent.db")
        else:
            url = request.getfixturevalue("postgresql").migrated()
        opened.append(open_engine(url))
        return opened[-1]

    yield make
    for engine in opened:
        engine.dispose()


@pytest.fixture(autouse=True)
def main_module_stays() -> Iterator[None]:
    """Streamlit's AppTest leaves its script in place of ``__main__``, which spawned workers would then run."""
    before = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = before
