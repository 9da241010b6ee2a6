"""Equal diffs in commits and mails, in repositories made on the spot."""

from __future__ import annotations

import os
import pathlib
import subprocess

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from db.session import open_engine
from db.store.structure import set_mark
from ingest.commits import history
from ingest.history.patch_ids import of_commits, of_mails
from stages import silent
from stages import sync as run
from stages.commits import Code, link_commits
from stages.export import export
from stages.ingest import Target
from stages.link import link
from tests.archives import mbox


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
    people |= {f"GIT_{who}_DATE": "2019-03-08T12:00:00+0000" for who in ("AUTHOR", "COMMITTER")}
    environment = {**os.environ, **people, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    return subprocess.run(
        ["git", "-C", str(path), *words], env=environment, check=True, capture_output=True, text=True
    ).stdout


def test_a_mail_has_the_patch_id_of_the_commit_that_it_became(repo: pathlib.Path) -> None:
    mail = git(repo, "format-patch", "--stdout", "-1").partition("\n\n")[2].replace("port: two", "another title")
    commits = {commit.subject: commit.oid for commit in history(repo)}
    ids = of_commits(repo, commits.values())
    assert set(ids) == set(commits.values())
    found = of_mails({"mail": mail, "talk": "no diff here\n", "other": mail.replace("+two", "+three")})
    assert set(found) == {"mail", "other"}
    assert found["mail"] == ids[commits["port: two"]] != found["other"]


def test_a_commits_only_clone_has_none_and_asks_nobody(repo: pathlib.Path, tmp_path: pathlib.Path) -> None:
    git(repo, "config", "uploadpack.allowFilter", "true")
    bare = tmp_path / "bare.git"
    git(tmp_path, "clone", "-q", "--bare", "--filter=tree:0", f"file://{repo}", str(bare))
    repo.rename(tmp_path / "gone")
    assert of_commits(bare, [commit.oid for commit in history(bare)]) == {}


def test_a_full_clone_links_a_retitled_patch_of_one_who_only_signed_it_off(
    repo: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    mail = git(repo, "format-patch", "--stdout", "-1").partition("\n\n")[2]
    posted = archive(tmp_path / "list.mbox", "[PATCH] a wholly different name", mail)
    engine = linked(tmp_path / "full.db", posted, repo)
    (line,) = "".join(export(engine, "commits")).splitlines()[1:]
    assert line.startswith("<one@example.org>\tcode\t") and "same diff (patch-id)" in line

    git(repo, "config", "uploadpack.allowFilter", "true")
    bare = tmp_path / "code.git"
    git(tmp_path, "clone", "-q", "--bare", "--filter=tree:0", f"file://{repo}", str(bare))
    assert "".join(export(linked(tmp_path / "bare.db", posted, bare), "commits")).splitlines()[1:] == []

    repo.rename(tmp_path / "gone")  # what was compared stays known
    with Session(engine) as session, session.begin():
        set_mark(session, "commits:1", "")
    link_commits(engine, silent)
    assert line in "".join(export(engine, "commits"))


def archive(path: pathlib.Path, subject: str, body: str) -> pathlib.Path:
    path.write_bytes(
        mbox(
            [
                f"From: Bo Elm <ada@example.org>\nTo: list@example.org\nSubject: {subject}\n"
                f"Message-ID: <one@example.org>\nDate: Mon, 4 Mar 2019 10:00:00 +0000\n\n{body}".encode()
            ]
        )
    )
    return path


def linked(database: pathlib.Path, posted: pathlib.Path, code: pathlib.Path) -> Engine:
    engine = open_engine(f"sqlite:///{database}")
    target = Target("list", "https://lists.example.org/{mid}", "")
    with run.recorded(engine, "sync") as report:
        run.read_archives(engine, [run.Archive(posted, None, target)], None, silent, report)
        run.read_histories(engine, [Code(code, target)], silent, report)
    assert not report.failures
    link(engine, None, silent)
    link_commits(engine, silent)
    return engine
