"""The command line as a person or a script meets it: a process, its output and its exit code."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "data" / "sample"


@pytest.fixture
def precedent(tmp_path: Path):
    """Runs the command with a home of its own; returns the finished process."""

    def run(*arguments: str | Path, db: str | Path | None = None) -> subprocess.CompletedProcess[str]:
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PRECEDENT_")},
            "HOME": str(tmp_path / "home"),
            "XDG_DATA_HOME": str(tmp_path / "home" / "data"),
            "XDG_CONFIG_HOME": str(tmp_path / "home" / "config"),
            "COLUMNS": "200",
        }
        command = [sys.executable, str(ROOT / "cli.py"), *map(str, arguments)]
        if db is not None:
            command += ["--db", str(db)]
        return subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=240)

    return run


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cli") / "sample.db"
    command = [sys.executable, str(ROOT / "cli.py"), "sync", "--config", str(SAMPLE / "sample.toml")]
    subprocess.run([*command, "--db", str(path)], capture_output=True, check=True, timeout=240)
    return path


def refused(process: subprocess.CompletedProcess[str], words: str) -> None:
    """Exit code 2, one line on standard error, no traceback."""
    assert process.returncode == 2, process.stderr
    assert words in process.stderr
    assert len(process.stderr.strip().splitlines()) == 1
    assert "Traceback" not in process.stderr


def test_help_names_every_command_and_comes_quickly(precedent) -> None:
    text = precedent("--help").stdout
    for command in ("sync", "ingest", "link", "tag", "distil", "export", "status", "app", "commits"):
        assert command in text


def test_version_is_told(precedent) -> None:
    assert precedent("--version").stdout.startswith("precedent ")


def test_help_does_not_load_the_heavy_libraries() -> None:
    code = "import sys, cli; print(sorted({'spacy', 'pandas', 'sklearn', 'streamlit', 'alembic'} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert found.stdout.strip() == "[]"


def test_a_sync_tells_what_it_read_and_a_second_one_stores_nothing(precedent, database: Path) -> None:
    again = precedent("sync", "--config", SAMPLE / "sample.toml", db=database)
    assert again.returncode == 0, again.stderr
    assert ": 0 stored" in again.stdout.replace("mails: 0 stored", ": 0 stored")
    assert "Traceback" not in again.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("ingest", "nowhere", "--list", "mine"), "does not exist"),
        (("ingest", str(ROOT / "pyproject.toml"), "--list", "mine"), "mail"),
        (("ingest", str(ROOT), "--list", "mine"), "working copy"),
        (("ingest", str(SAMPLE / "sample-xen.mbox"), "--list", "mine", "--kind", "stone"), "no kind"),
        (("sync",), "no list has a source"),
        (("export", "guidelines"), "no database"),
        (("status",), "no database"),
        (("--config", "nowhere.toml", "status"), "cannot read"),
        (("export", "songs"), "no export called songs"),
    ],
)
def test_what_cannot_be_done_is_one_clear_line_and_code_2(precedent, arguments: tuple[str, ...], words: str) -> None:
    refused(precedent(*arguments), words)


def test_an_empty_archive_is_refused_and_makes_no_database(precedent, tmp_path: Path) -> None:
    empty = tmp_path / "empty.mbox"
    empty.write_bytes(b"")
    refused(precedent("ingest", empty, "--list", "mine", db=tmp_path / "new.db"), "empty")
    assert not (tmp_path / "new.db").exists()


def test_a_database_that_cannot_be_written_is_named(precedent, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="ascii")
    where = tmp_path / "file" / "new.db"
    refused(precedent("ingest", SAMPLE / "sample-xen.mbox", "--list", "mine", db=where), "cannot open the database")


def test_a_database_of_a_newer_version_is_left_alone(precedent, tmp_path: Path, database: Path) -> None:
    newer = tmp_path / "newer.db"
    newer.write_bytes(database.read_bytes())
    with sqlite3.connect(newer) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    before = newer.read_bytes()
    refused(precedent("ingest", SAMPLE / "sample-xen.mbox", "--list", "mine", db=newer), "newer version")
    assert newer.read_bytes() == before


def test_exports_keep_their_columns(precedent, database: Path) -> None:
    threads = precedent("export", "threads", db=database).stdout.splitlines()
    assert threads[0].split("\t") == ["message_id", "thread_id", "parent_id", "list"]
    statements = [json.loads(line) for line in precedent("export", "statements", db=database).stdout.splitlines()]
    names = "message_id list thread_id author address date start end quote labels topic status scores by permalink"
    assert list(statements[0]) == names.split()
    segments = json.loads(precedent("export", "segments", db=database).stdout.splitlines()[0])
    assert {"message_id", "kind", "depth", "start", "end", "source_message_id"} <= set(segments)
    assert "text" not in segments
    commits = precedent("export", "commits", db=database).stdout.splitlines()
    assert commits[0].split("\t") == ["message_id", "repo", "commit", "committed_at", "evidence", "score"]


def test_an_export_to_a_file_appears_whole_or_not_at_all(precedent, tmp_path: Path, database: Path) -> None:
    target = tmp_path / "guidelines.md"
    assert precedent("export", "guidelines", "-o", target, db=database).returncode == 0
    assert target.read_text(encoding="utf-8").startswith("# ")
    assert [path.name for path in tmp_path.glob(".guidelines*")] == []
    refused(precedent("export", "guidelines", "-o", tmp_path / "no" / "g.md", db=database), "cannot write")


def test_status_tells_the_age_of_each_source_and_fails_when_stale(precedent, database: Path) -> None:
    fresh = precedent("status", "--json", db=database)
    assert fresh.returncode == 0, fresh.stderr
    assert {source["list"] for source in json.loads(fresh.stdout)["sources"]} == {"sample-xen", "sample-kvm"}
    assert precedent("status", "--stale-after", "0", db=database).returncode == 1


def test_a_source_that_fails_makes_code_1_and_the_others_are_read(precedent, tmp_path: Path) -> None:
    settings = tmp_path / "lists.toml"
    settings.write_text(
        f'[lists.a]\nsources = ["{tmp_path}/gone.mbox"]\n[lists.b]\nsources = ["{SAMPLE}/sample-xen.mbox"]\n',
        encoding="utf-8",
    )
    process = precedent("sync", "--config", settings, db=tmp_path / "one.db")
    assert process.returncode == 1
    assert "101 mails: 101 stored" in process.stdout
    assert "gone.mbox" in process.stderr
