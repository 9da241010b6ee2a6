"""The job as a timer, a container and a monitor meet it: one writer, a clean end, logs, exit codes, freshness."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import typer
from sqlalchemy import text
from typer.testing import CliRunner, Result

import cli
import logs
from db.queries.status import runs
from db.session import open_engine
from doors import Terminated, repeated, seconds
from errors import SourceError, UsageError
from ingest.sources import Raw
from stages import silent
from stages import sync as run
from stages.health import health
from tests.archives import public_inbox
from tests.small import LIST, SECRET, archive, configuration, posted, read, state

ROOT = Path(__file__).resolve().parents[1]
PACKAGING = ROOT / "packaging"


@pytest.fixture(autouse=True)
def plain_logs() -> Iterator[None]:
    yield
    logs.begin()


def command(*words: str | Path) -> Result:
    return CliRunner().invoke(cli.main, [str(word) for word in words])


def sync(config: Path, database: Path, *more: str) -> Result:
    return command("sync", "--config", config, "--db", database, "--workers", "1", *more)


def started(config: Path, database: Path, *more: str) -> subprocess.Popen[str]:
    words = [sys.executable, ROOT / "cli.py", "sync", "--config", config, "--db", database, "--workers", "1", *more]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PRECEDENT_")}
    command_line = [str(word) for word in words]
    return subprocess.Popen(command_line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


def test_of_two_runs_at_once_one_says_so_and_both_end_well(tmp_path: Path) -> None:
    config = configuration(tmp_path, archive(tmp_path / "small.mbox", range(1200)))
    both = [started(config, tmp_path / "p.db", "--quiet") for _ in range(2)]
    told = [process.communicate(timeout=120) for process in both]
    assert [process.returncode for process in both] == [0, 0], told
    assert sum("another run is writing" in out for out, _ in told) == 1, told
    assert state(tmp_path / "p.db")[1] == 1200


def test_a_loop_goes_on_until_sigterm_and_ends_well(tmp_path: Path) -> None:
    config = configuration(tmp_path, archive(tmp_path / "small.mbox"))
    with started(config, tmp_path / "p.db", "--every", "1s", "--log-format", "json") as process:
        assert process.stderr is not None
        ended = 0
        while ended < 2:
            ended += json.loads(process.stderr.readline())["event"] == "run ended"
        process.send_signal(signal.SIGTERM)
        out, rest = process.communicate(timeout=60)
    assert process.returncode == 0, rest
    assert out == ""
    assert json.loads(rest.splitlines()[-1])["event"] == "stopped"


def test_sigterm_during_a_run_keeps_what_is_stored_and_is_on_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = configuration(tmp_path, archive(tmp_path / "small.mbox"))
    usual = run.process

    def terminated(*_: object, **__: object) -> None:
        os.kill(os.getpid(), signal.SIGTERM)

    with monkeypatch.context() as patch:
        patch.setattr(run, "process", terminated)
        result = sync(config, tmp_path / "p.db")
    assert (result.exit_code, "stopped" in result.stderr) == (143, True)
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
    engine = open_engine(str(tmp_path / "p.db"))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT error, ended IS NULL FROM runs")).all() == [("stopped", 0)]
    engine.dispose()
    assert usual is run.process
    assert sync(config, tmp_path / "p.db").exit_code == 0
    assert state(tmp_path / "p.db")[1] == 60


def test_a_later_round_that_fails_is_told_and_the_next_one_tries_again(capsys: pytest.CaptureFixture[str]) -> None:
    rounds: list[int] = []

    def once() -> None:
        rounds.append(len(rounds))
        if len(rounds) == 2:
            raise SourceError("the archive is away")
        if len(rounds) == 3:
            raise typer.Exit(1)
        if len(rounds) == 4:
            raise Terminated

    waits: list[float] = []
    repeated(60, once, waits.append)
    assert rounds == [0, 1, 2, 3]
    assert all(50 < wait <= 60 for wait in waits)
    assert "the archive is away" in capsys.readouterr().err


def test_a_first_round_that_cannot_be_done_ends_the_loop() -> None:
    def once() -> None:
        raise UsageError("no list has a source yet")

    with pytest.raises(UsageError):
        repeated(60, once, lambda _: None)


@pytest.mark.parametrize(("words", "expected"), [("", 0), ("90s", 90), ("30m", 1800), ("1h", 3600), ("2d", 172800)])
def test_times_are_numbers_with_a_unit(words: str, expected: float) -> None:
    assert seconds(words) == expected


@pytest.mark.parametrize("words", ["1", "h", "-1h", "0s", "1.5h", "1 week"])
def test_other_times_are_refused(words: str) -> None:
    with pytest.raises(UsageError):
        seconds(words)


def test_json_logs_are_one_object_a_line_with_each_source_s_tally_and_failures(tmp_path: Path) -> None:
    config = configuration(tmp_path, archive(tmp_path / "small.mbox"), tmp_path / "gone.mbox")
    result = sync(config, tmp_path / "p.db", "--log-format", "json")
    assert (result.exit_code, result.stdout) == (1, "")
    lines = [json.loads(line) for line in result.stderr.splitlines()]
    assert all({"time", "level", "event"} <= line.keys() for line in lines)
    (done,) = (line for line in lines if line["event"] == "source read")
    assert (done["source"], done["read"], done["stored"]) == (str(tmp_path / "small.mbox"), 60, 60)
    (failed,) = (line for line in lines if line["event"] == "source failed")
    assert (failed["source"], failed["level"]) == (str(tmp_path / "gone.mbox"), "error")


@pytest.mark.parametrize("form", ["plain", "json"])
def test_no_log_holds_text_of_a_mail(form: str, tmp_path: Path) -> None:
    mails = archive(tmp_path / "small.mbox")
    broken = b"From: x\nMessage-ID: <b@example.org>\nSubject: " + SECRET.encode() * 30000 + b"\n\nbody\n"
    public_inbox(tmp_path / "0.git", [posted(1), broken])
    result = sync(configuration(tmp_path, mails, tmp_path / "0.git"), tmp_path / "p.db", "--log-format", form)
    assert result.exit_code == 0, result.output
    assert "1 rejected" in result.output or '"rejected": 1' in result.output
    assert SECRET not in result.output
    assert "example.org>" not in result.output


def test_an_error_is_a_json_line_too_where_json_was_asked_for(tmp_path: Path) -> None:
    result = sync(tmp_path / "none.toml", tmp_path / "p.db", "--log-format", "json")
    assert result.exit_code == 2
    assert json.loads(result.stderr)["level"] == "error"


def test_an_unknown_log_format_is_refused(tmp_path: Path) -> None:
    result = sync(tmp_path / "none.toml", tmp_path / "p.db", "--log-format", "xml")
    assert (result.exit_code, "no log format" in result.stderr) == (2, True)


def test_a_log_line_stays_one_line_without_control_characters(capsys: pytest.CaptureFixture[str]) -> None:
    logs.begin()
    logs.note("a\nb\x1b[31mc\u202ed")
    (line,) = capsys.readouterr().err.splitlines()
    assert line.isprintable()


def test_an_archive_that_lost_all_its_mails_is_a_failure_and_removes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mails = archive(tmp_path / "small.mbox")
    config = configuration(tmp_path, mails)
    assert sync(config, tmp_path / "p.db").exit_code == 0
    before = state(tmp_path / "p.db")
    assert sync(config, tmp_path / "p.db").exit_code == 0  # nothing new is no failure
    for content in (b"", b"\n\n\n", b"<!doctype html><title>Just a moment...</title>"):
        mails.write_bytes(content)
        assert sync(config, tmp_path / "p.db").exit_code == 1
    assert state(tmp_path / "p.db") == before
    engine = open_engine(str(tmp_path / "p.db"))
    monkeypatch.setattr(run, "opened", lambda archived: Bare(archived.path))
    with run.recorded(engine, "sync") as report:
        run.read_archives(engine, [run.Archive(mails, None, LIST)], None, silent, report)
    assert "no mail any more" in report.failures[str(mails)].what
    engine.dispose()


class Bare:
    """What reads an archive after its mails went away."""

    kind = "mbox"

    def __init__(self, path: Path) -> None:
        self.location = str(path)

    def read(self, cursor: str | None = None) -> Iterator[Raw]:
        return iter(())

    def count(self, cursor: str | None = None) -> int | None:
        return None


def test_a_run_that_broke_off_is_told_by_the_next(tmp_path: Path) -> None:
    engine = open_engine(str(tmp_path / "p.db"))
    with engine.begin() as connection:
        columns = "(command, started, error, stages, sources)"
        connection.execute(text(f"INSERT INTO runs {columns} VALUES ('sync', '2026-01-01', '', '{{}}', '{{}}')"))
    read(engine, archive(tmp_path / "small.mbox"))
    with engine.connect() as connection:
        found = connection.execute(text("SELECT error, ended IS NULL FROM runs ORDER BY id")).all()
    assert found == [("broke off without a word", 1), ("", 0)]
    engine.dispose()


def test_status_counts_a_configured_source_that_was_never_read_and_an_old_document_as_stale(tmp_path: Path) -> None:
    mails = archive(tmp_path / "small.mbox")
    config = configuration(tmp_path, mails)
    assert sync(config, tmp_path / "p.db").exit_code == 0
    engine = open_engine(str(tmp_path / "p.db"))
    now, hour = datetime.now(UTC), timedelta(hours=1)
    good = health(engine, now, hour, [("small", str(mails))])
    assert not good["stale"] and good["document_age_seconds"] < 600
    assert health(engine, now, hour, [("small", str(mails)), ("small", "gone")])["stale"]
    assert health(engine, now + 2 * hour, hour)["stale"]
    engine.dispose()
    told = command("status", "--json", "--config", config, "--db", tmp_path / "p.db")
    assert (told.exit_code, json.loads(told.stdout)["stale"]) == (0, False)


def test_an_address_on_the_command_line_is_not_fetched(tmp_path: Path) -> None:
    result = command("ingest", "https://lists.example.org/l", "--list", "l", "--db", tmp_path / "p.db")
    assert (result.exit_code, "configuration only" in result.stderr) == (2, True)


def test_an_address_in_the_database_is_not_fetched(tmp_path: Path) -> None:
    engine = open_engine(str(tmp_path / "p.db"))
    read(engine, archive(tmp_path / "small.mbox"))
    with engine.begin() as connection:
        connection.execute(text("UPDATE sources SET location = 'https://lists.example.org/l'"))
    assert run.recorded_archives(engine, set()) == []
    engine.dispose()


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
def test_the_units_for_systemd_are_sound(tmp_path: Path) -> None:
    for unit in sorted((PACKAGING / "systemd").iterdir()):
        text_here = unit.read_text(encoding="utf-8").replace("/opt/precedent/.venv/bin/precedent", sys.executable)
        (tmp_path / unit.name).write_text(text_here, encoding="utf-8")
    units = sorted(str(path) for path in tmp_path.iterdir())
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_commands_in_the_units_and_the_crontab_exist() -> None:
    lines = (PACKAGING / "crontab.example").read_text(encoding="utf-8").splitlines()
    entries = [line for line in lines if not line.startswith("#")]
    assert all(re.match(r"(?:[\d*/,-]+ ){4}[\d*/,-]+ ", entry) and "%" not in entry for entry in entries)
    units = [path.read_text(encoding="utf-8") for path in (PACKAGING / "systemd").iterdir()]
    known = {str(info.name or info.callback.__name__) for info in cli.main.registered_commands if info.callback}
    for text_here in (*entries, *units):
        for words in re.findall(r"bin/precedent(?: --config \S+)? (\w+)", text_here):
            assert words in known


def test_a_source_that_is_forgotten_is_read_no_more_until_it_is_given_again(tmp_path: Path) -> None:
    mails, other, database = (
        archive(tmp_path / "a.mbox"),
        archive(tmp_path / "b.mbox", range(60, 80)),
        tmp_path / "p.db",
    )
    for path in (mails, other):
        assert command("ingest", path, "--list", "small", "--workers", "1", "--db", database).exit_code == 0
    assert command("forget", mails, "--db", database).exit_code == 0
    mails.unlink()  # nobody misses it
    engine = open_engine(str(database))
    assert [archived.location for archived in run.recorded_archives(engine, set())] == [str(other)]
    report = health(engine, datetime.now(UTC), timedelta(hours=1))
    assert [source["location"] for source in report["sources"]] == [str(other)]
    assert state(database)[1] == 80
    archive(mails, range(100))
    assert command("ingest", mails, "--list", "small", "--workers", "1", "--db", database).exit_code == 0
    assert len(run.recorded_archives(engine, set())) == 2
    engine.dispose()


def test_only_what_is_known_and_not_configured_can_be_forgotten(tmp_path: Path) -> None:
    config = configuration(tmp_path, archive(tmp_path / "small.mbox"))
    assert sync(config, tmp_path / "p.db").exit_code == 0
    for place, words in ((tmp_path / "small.mbox", "stands in the configuration"), ("nowhere", "no source called")):
        done = command("forget", place, "--config", config, "--db", tmp_path / "p.db")
        assert (done.exit_code, words in done.stderr) == (2, True), done.output


def test_what_a_source_gave_before_it_failed_is_on_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mails, engine = archive(tmp_path / "small.mbox", range(700)), open_engine(str(tmp_path / "p.db"))
    usual = run.opened(run.Archive(mails, None, LIST))

    class Breaking(Bare):
        def read(self, cursor: str | None = None) -> Iterator[Raw]:
            for number, raw in enumerate(usual.read(cursor)):
                if number == 600:
                    raise SourceError("the disk is broken")
                yield raw

    monkeypatch.setattr(run, "opened", lambda archived: Breaking(archived.path))
    with run.recorded(engine, "sync") as report:
        run.read_archives(engine, [run.Archive(mails, None, LIST)], None, silent, report)
    assert (report.sources[str(mails)].stored, report.failures[str(mails)].what) == (500, "the disk is broken")
    recorded = runs(engine, 1).to_dict("records")[0]["sources"][str(mails)]
    assert (recorded["stored"], recorded["error"]) == (500, "the disk is broken")
    engine.dispose()


def test_people_are_joined_and_held_apart_by_a_file(tmp_path: Path) -> None:
    config = configuration(tmp_path, archive(tmp_path / "small.mbox", range(3)))
    people = tmp_path / "people"
    config.write_text(f'people = "{people}"\n' + config.read_text(encoding="utf-8"), encoding="utf-8")
    people.write_text("Ada Quill <p0@example.org> <p1@example.org>\n", encoding="utf-8")
    assert sync(config, tmp_path / "p.db").exit_code == 0
    engine = open_engine(str(tmp_path / "p.db"))

    def persons() -> list[tuple[str, str, str]]:
        with engine.connect() as connection:
            return [
                tuple(row) for row in connection.execute(text("SELECT address, person, why FROM people ORDER BY 1"))
            ]

    assert persons()[1] == ("p1@example.org", "p0@example.org", "an override says so")
    people.write_text("# all apart again\n", encoding="utf-8")
    assert sync(config, tmp_path / "p.db").exit_code == 0
    assert [person for _, person, _ in persons()] == ["p0@example.org", "p1@example.org", "p2@example.org"]
    engine.dispose()
