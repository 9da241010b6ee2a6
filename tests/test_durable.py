"""Whatever happens to a run - a kill, a full disk, a database that may not be written - what is stored stays whole."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import alembic.command
import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result

import cli
from benchmarks import soak_kill
from db import session as opening
from db.session import open_engine
from db.store import archive as archive_store
from ingest.batch import Parsed
from stages import ingest as stage
from tally import Tally
from tests.small import archive, pipeline, read, state

ROOT = Path(__file__).resolve().parents[1]


def command(*words: str | Path) -> Result:
    return CliRunner().invoke(cli.main, [str(word) for word in words])


def store_mails(path: Path, database: Path) -> Result:
    return command("ingest", path, "--list", "small", "--workers", "1", "--quiet", "--db", database)


def test_a_sync_killed_at_random_moments_ends_up_with_the_same_rows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = soak_kill.main(["--times", "5", "--model", str(pipeline(tmp_path / "model"))])
    told = capsys.readouterr().out
    assert code == 0, told
    assert "5 kills, 0 databases differ" in told


def test_a_batch_and_its_watermark_are_written_together_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mails = archive(tmp_path / "small.mbox")
    engine = open_engine(str(tmp_path / "whole.db"))
    read(engine, mails)
    engine.dispose()
    usual, stored = archive_store.store, 0

    def store(session: Any, source: Any, parsed: Sequence[Parsed]) -> Tally:
        nonlocal stored
        tally = usual(session, source, parsed)
        session.flush()
        stored += 1
        if stored == 3:
            raise ZeroDivisionError  # behind the rows and the cursor, in front of the commit
        return tally

    monkeypatch.setattr(stage, "BATCH_MESSAGES", 10)
    monkeypatch.setattr(archive_store, "store", store)
    engine = open_engine(str(tmp_path / "parts.db"))
    with pytest.raises(ZeroDivisionError):
        read(engine, mails)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM messages")) == 20
        cursor = json.loads(connection.scalar(text("SELECT cursor FROM sources")) or "")
    assert mails.read_bytes()[: cursor["offset"]].count(b"Message-ID:") == 20
    report = read(engine, mails)
    assert [(t.read, t.stored) for t in report.sources.values()] == [(40, 40)]
    engine.dispose()
    assert state(tmp_path / "parts.db") == state(tmp_path / "whole.db")


@pytest.fixture
def begun(tmp_path: Path) -> tuple[Path, Path]:
    """A database with ten mails, and an archive that has grown to many more since."""
    mails, database = tmp_path / "small.mbox", tmp_path / "p.db"
    assert store_mails(archive(mails, range(10)), database).exit_code == 0
    archive(mails, range(1500))
    return mails, database


def refused(result: Result, words: str) -> None:
    assert result.exit_code == 2, result.output
    assert words in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_a_full_disk_is_told_and_the_old_state_is_intact(
    begun: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    mails, database = begun
    before = state(database)
    usual = opening._pragmas

    def full(connection: Any, record: object) -> None:
        usual(connection, record)
        connection.execute("PRAGMA max_page_count = 1")  # no page more than there are: SQLite's own SQLITE_FULL

    with monkeypatch.context() as patch:
        patch.setattr(opening, "_pragmas", full)
        refused(store_mails(mails, database), "free some disk space")
    assert state(database) == before
    assert store_mails(mails, database).exit_code == 0
    assert state(database)[1] == 1500


@contextmanager
def files_up_to(size: int) -> Iterator[None]:
    """Writing beyond ``size`` fails for this process with the operating system's own error."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_write_that_the_system_refuses_is_told_and_the_old_state_is_intact(begun: tuple[Path, Path]) -> None:
    mails, database = begun
    before = state(database)
    with files_up_to(database.stat().st_size + 40_000):
        result = store_mails(mails, database)
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.stderr
    assert "precedent: the database" in result.stderr
    found, count = state(database)
    assert found == before[0] or count % 250 == 10  # whole batches only
    assert store_mails(mails, database).exit_code == 0
    assert state(database)[1] == 1500


@contextmanager
def unprivileged() -> Iterator[None]:
    """Root may write everywhere; permissions are tried as somebody else."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        if user == 0:
            os.seteuid(0)


def test_a_database_that_may_not_be_written_is_told_and_left_alone(
    begun: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    mails, database = begun
    before = state(database)
    usual = opening._pragmas

    def read_only(connection: Any, record: object) -> None:
        usual(connection, record)
        connection.execute("PRAGMA query_only = ON")

    with monkeypatch.context() as patch:
        patch.setattr(opening, "_pragmas", read_only)
        refused(store_mails(mails, database), "readonly")
    assert state(database) == before


@pytest.fixture
def reachable() -> Iterator[Path]:
    """A temporary folder that another user can reach, as pytest's own cannot be."""
    with tempfile.TemporaryDirectory(prefix="precedent-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_a_folder_that_may_not_be_written_is_told(reachable: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(reachable))
    mails, folder = archive(reachable / "small.mbox", range(3)), reachable / "shut"
    assert store_mails(mails, reachable / "warm.db").exit_code == 0  # imports all that another user may not read
    folder.mkdir()
    folder.chmod(0o555)
    with unprivileged():
        result = store_mails(mails, folder / "p.db")
    refused(result, "cannot open the database")
    assert list(folder.iterdir()) == []


def test_a_run_that_was_killed_while_it_made_the_tables_does_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(_config: Any, _revision: str) -> None:
        upgrade(_config, _revision)
        raise ZeroDivisionError

    upgrade = alembic.command.upgrade
    with monkeypatch.context() as patch, pytest.raises(ZeroDivisionError):
        patch.setattr(alembic.command, "upgrade", killed)
        open_engine(str(tmp_path / "p.db"))
    engine = open_engine(str(tmp_path / "p.db"))
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM messages")) == 0
    engine.dispose()


def test_workers_do_not_outlive_a_run_that_was_killed(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys\nfrom workers import workers\n"
        "if __name__ == '__main__':\n with workers(2) as pool:\n"
        "  print(*{pool.submit(os.getpid).result() for _ in range(9)}, flush=True)\n"
        "  os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    script = tmp_path / "pool.py"
    script.write_text(code, encoding="ascii")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    # Standard output is the workers' as well: it ends when the last of them has.
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, env=environment, timeout=60)
    assert done.returncode == -9
    assert done.stdout.split()
