"""Paths that several tests share. Real archives are used where they lie and never copied into the project."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

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


@pytest.fixture(autouse=True)
def main_module_stays() -> Iterator[None]:
    """Streamlit's AppTest leaves its script in place of ``__main__``, which spawned workers would then run."""
    before = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = before
