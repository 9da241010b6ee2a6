from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from db.session import open_engine
from tests.invented import fill

PAGES = ("guidelines", "thread", "after", "search", "review", "trends", "sources")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = str(tmp_path_factory.mktemp("app") / "precedent.db")
    fill(open_engine(url))
    return url


@pytest.fixture
def empty(tmp_path: Path) -> str:
    url = str(tmp_path / "empty.db")
    open_engine(url)
    return url


def one_page(name: str) -> None:
    """Runs in the app's own process: the frame's way to one page."""
    import importlib

    import app

    app._drawn(importlib.import_module(f"views.{name}").page)()


def visit(name: str, database: str, monkeypatch: pytest.MonkeyPatch, **parameters: str) -> Any:
    monkeypatch.setenv("PRECEDENT_DB", database)
    test = AppTest.from_function(one_page, args=(name,), default_timeout=30)
    for key, value in parameters.items():
        test.query_params[key] = value
    test.run()
    assert not test.exception, test.exception
    return test


def shown(test: Any) -> str:
    """All that the page says."""
    kinds = ("title", "subheader", "caption", "markdown", "info", "warning", "error", "code")
    html = [element.proto.body for element in test.main if getattr(element, "type", "") == "html"]
    return "\n".join([*html, *(str(each.value) for kind in kinds for each in getattr(test, kind))])


@pytest.mark.parametrize("name", PAGES)
def test_every_page_opens_on_an_empty_database(name: str, empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "The database is empty" in shown(visit(name, empty, monkeypatch))


@pytest.mark.parametrize("name", PAGES)
def test_every_page_opens_on_a_filled_database(name: str, filled: str, monkeypatch: pytest.MonkeyPatch) -> None:
    visit(name, filled, monkeypatch)


def test_without_a_database_the_page_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = shown(visit("guidelines", str(tmp_path / "none.db"), monkeypatch))
    assert "precedent sync" in said
    assert not os.path.exists(tmp_path / "none.db")
