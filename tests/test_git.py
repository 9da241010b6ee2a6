"""The git runner: what it lets through, what it does not, and that a hostile repository runs nothing."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from errors import GitError
from ingest import git
from tests.archives import MAILS, public_inbox


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return public_inbox(tmp_path / "0.git", MAILS[:2])


@pytest.fixture
def trap(tmp_path: Path) -> tuple[str, Path]:
    """A program that leaves a file when it is run, and that file."""
    sprung = tmp_path / "sprung"
    program = tmp_path / "trap.sh"
    program.write_text(f"#!/bin/sh\ntouch {sprung}\nexit 1\n")
    program.chmod(0o755)
    return str(program), sprung


def test_output_is_returned(repo: Path) -> None:
    assert git.run(repo, "rev-list", ("--count",), ("HEAD",)) == b"2\n"


def test_objects_come_in_order(repo: Path) -> None:
    assert list(git.objects(repo, ["HEAD:m", "HEAD~1:m", "HEAD:m"])) == [MAILS[1], MAILS[0], MAILS[1]]


def test_a_missing_object_is_an_error(repo: Path) -> None:
    with pytest.raises(GitError, match="lacks an object"):
        list(git.objects(repo, ["0" * 40]))


def test_a_failing_command_says_why(repo: Path) -> None:
    with pytest.raises(GitError, match="no-such-revision"):
        git.run(repo, "rev-list", (), ("no-such-revision",))
    with pytest.raises(GitError, match="failed"), git.stream(repo, "log", (), ("no-such-revision",)) as out:
        out.read()


def test_a_reader_may_leave_early(repo: Path) -> None:
    for _ in git.objects(repo, ["HEAD:m"] * 5000):
        break


def test_revisions_are_never_options(repo: Path, tmp_path: Path) -> None:
    with pytest.raises(GitError):
        git.run(repo, "log", ("--format=%H",), (f"--output={tmp_path / 'owned'}",))
    assert not (tmp_path / "owned").exists()


def test_commands_outside_the_list_are_refused(repo: Path) -> None:
    for command in ("config", "push", "update-ref", "filter-branch", "daemon", "-c"):
        with pytest.raises(GitError, match="may be run"):
            git.run(repo, command)


@pytest.mark.parametrize("protocol", ["ext", "ssh", "git", "fd", "ftp"])
def test_other_protocols_cannot_be_asked_for(protocol: str, repo: Path) -> None:
    with pytest.raises(GitError, match="not allowed"):
        git.run(None, "ls-remote", (), (f"{protocol}::x",), protocols=(protocol,))


def test_transport_helpers_run_nothing(trap: tuple[str, Path]) -> None:
    program, sprung = trap
    for protocols in ((), ("https", "file")):
        with pytest.raises(GitError):
            git.run(None, "ls-remote", (), (f"ext::{program}",), protocols=protocols)
    assert not sprung.exists()


def test_local_reads_touch_no_remote(repo: Path, tmp_path: Path) -> None:
    with pytest.raises(GitError):
        git.run(None, "ls-remote", (), (str(repo),))
    assert git.run(None, "ls-remote", (), (str(repo),), protocols=("file",)).endswith(b"refs/heads/master\n")


def test_a_hostile_configuration_runs_nothing(repo: Path, trap: tuple[str, Path]) -> None:
    program, sprung = trap
    with (repo / "config").open("a") as config:
        config.write(
            f'[core]\n\tfsmonitor = {program}\n\thooksPath = {Path(program).parent}\n\tpager = {program}\n'
            f'\talternateRefsCommand = {program}\n\tsshCommand = {program}\n[log]\n\tshowSignature = true\n'
            f'[gpg]\n\tprogram = {program}\n[diff]\n\texternal = {program}\n[credential]\n\thelper = !{program}\n'
            f'[remote "origin"]\n\turl = ext::{program}\n\tpromisor = true\n[alias]\n\tlog = !{program}\n'
        )  # fmt: skip
    assert git.run(repo, "log", ("--format=%s", "--raw"), ("HEAD",))
    with pytest.raises(GitError):
        list(git.objects(repo, ["1" * 40]))
    with pytest.raises(GitError):
        git.run(repo, "fetch", (), ("origin",), protocols=("https", "file"))
    assert not sprung.exists()


def test_the_user_s_environment_does_not_reach_git(
    repo: Path, trap: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    program, sprung = trap
    for name in ("GIT_SSH_COMMAND", "GIT_EXTERNAL_DIFF", "GIT_PAGER", "GIT_ASKPASS", "GIT_EDITOR"):
        monkeypatch.setenv(name, program)
    monkeypatch.setenv("GIT_DIR", "/nonexistent")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.fsmonitor")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", program)
    assert git.run(repo, "log", ("--format=%s",), ("HEAD",))
    assert not sprung.exists()


def test_a_slow_command_is_ended(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def late(*_: object, **__: object) -> None:
        raise subprocess.TimeoutExpired("git", 1)

    monkeypatch.setattr(subprocess, "run", late)
    with pytest.raises(GitError, match="longer than"):
        git.run(repo, "rev-parse", (), ("HEAD",), timeout=1)


def test_git_that_is_not_there_is_told(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.devnull)
    with pytest.raises(GitError, match="cannot be started"):
        git.run(repo, "rev-parse", (), ("HEAD",))
