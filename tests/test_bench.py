"""The benchmark runs where there is no archive but the sample, and measures what its commands take."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import linear
from benchmarks.measured import measured
from ingest.message import Message, parse
from ingest.sources import Raw

ROOT = Path(__file__).resolve().parents[1]


def test_a_command_is_measured_with_what_it_started(tmp_path: Path) -> None:
    child = "import time; x = bytearray(60_000_000); time.sleep(1)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}]); print('said')"
    found = measured([sys.executable, "-c", parent], os.environ, tmp_path)
    assert found.seconds >= 1
    assert 60 < found.peak < 200
    assert found.output == "said\n"


def test_a_command_that_fails_ends_the_benchmark(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="ended with 3"):
        measured(["sh", "-c", "exit 3"], os.environ, tmp_path)


def test_the_floor_of_the_sample_is_a_line_of_the_table(tmp_path: Path) -> None:
    words = [sys.executable, str(ROOT / "benchmarks" / "bench.py"), "--rounds", "1", "--only", "git", "--history"]
    history = tmp_path / "history.md"
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run([*words, str(history)], env=environment, capture_output=True, text=True, check=True)
    assert "| git cat-file (the floor) |" in done.stdout
    assert "| git cat-file (the floor) |" in history.read_text(encoding="utf-8")


def test_shifted_mails_are_other_mails_in_the_same_threads() -> None:
    first = b"Message-ID: <a@example.org>\nSubject: s\n\nx\n"
    answer = b"Message-ID: <b@example.org>\nIn-Reply-To: <a@example.org>\nSubject: s\n\nx\n"
    found = [parse(Raw(mail, "", "")) for mail in linear.shifted([first, answer], 2)]
    assert all(isinstance(mail, Message) for mail in found)
    assert [mail.mid for mail in found if isinstance(mail, Message)] == [
        "a@example.org",
        "b@example.org",
        "a.1@example.org",
        "b.1@example.org",
    ]
    assert [mail.in_reply_to for mail in found if isinstance(mail, Message)][3] == ("a.1@example.org",)
