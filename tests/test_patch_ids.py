"""Equal diffs in commits and mails, in repositories made on the spot."""

from __future__ import annotations

import os
import pathlib
import subprocess
from datetime import UTC, datetime

import pytest

from ingest.commits import history
from ingest.history.patch_ids import of_commits, of_mails

LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)


@pytest.fixture
def repo(tmp_path: pathlib.Path) -> pathlib.Path:
    path = tmp_path / "code"
    path.mkdir()
    git(path, "init", "-q")
    for text in ("one\n", "one\ntwo\n"):
        (path / "port.c").write_text(text)
        git(path, "add", "port.c")
        git(path, "commit", "-q", "-m", f"port: {text.split()[-1]}")
    return path


def git(path: pathlib.Path, *words: str) -> str:
    people = {f"GIT_{who}_{what}": "ada@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    environment = {**os.environ, **people, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    return subprocess.run(
        ["git", "-C", str(path), *words], env=environment, check=True, capture_output=True, text=True
    ).stdout


def test_a_mail_has_the_patch_id_of_the_commit_that_it_became(repo: pathlib.Path) -> None:
    mail = git(repo, "format-patch", "--stdout", "-1").partition("\n\n")[2].replace("port: two", "another title")
    commits = {commit.subject: commit.oid for commit in history(repo)}
    ids = of_commits(repo, LONG_AGO)
    assert set(ids) == set(commits.values())
    found = of_mails(repo, {"mail": mail, "talk": "no diff here\n", "other": mail.replace("+two", "+three")})
    assert set(found) == {"mail", "other"}
    assert found["mail"] == ids[commits["port: two"]] != found["other"]


def test_a_commits_only_clone_has_none_and_asks_nobody(repo: pathlib.Path, tmp_path: pathlib.Path) -> None:
    git(repo, "config", "uploadpack.allowFilter", "true")
    bare = tmp_path / "bare.git"
    git(tmp_path, "clone", "-q", "--bare", "--filter=tree:0", f"file://{repo}", str(bare))
    repo.rename(tmp_path / "gone")
    assert of_commits(bare, LONG_AGO) == {}
