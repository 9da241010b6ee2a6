"""Code histories as the command line meets them: broken, shallow, rewritten, moved away and back. No network."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from cli import main
from db.session import open_engine
from tests.archives import mbox

TITLES = ("port: add a doorbell", "port: ring it twice", "port: tell who rang")
Run = Callable[..., tuple[int, str]]


def git(path: Path, *words: str, day: int = 1) -> str:
    fixed = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    for who in ("AUTHOR", "COMMITTER"):
        fixed |= {f"GIT_{who}_NAME": "Ada Pine", f"GIT_{who}_EMAIL": "ada@example.org"}
        fixed |= {f"GIT_{who}_DATE": f"2019-03-{day:02}T12:00:00+0000"}
    return subprocess.run(
        ["git", "-C", str(path), *words], env={**os.environ, **fixed}, check=True, capture_output=True, text=True
    ).stdout.strip()


def commit(repo: Path, title: str, day: int, content: str = "") -> str:
    (repo / "port.c").write_text(content or title)
    git(repo, "add", "port.c")
    git(repo, "commit", "-q", "-m", title, day=day)
    return git(repo, "rev-parse", "HEAD")


@pytest.fixture
def code(tmp_path: Path) -> Path:
    path = tmp_path / "code"
    path.mkdir()
    git(path, "init", "-q", "-b", "main")
    for day, title in enumerate(TITLES, 2):
        commit(path, title, day)
    git(path, "config", "uploadpack.allowFilter", "true")
    return path


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the command on a database of its own that holds the three patches; exit code and what it said."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("COLUMNS", "200")
    database = str(tmp_path / "one.db")

    def one(*words: str | Path) -> tuple[int, str]:
        done = CliRunner().invoke(main, [*map(str, words), "--db", database])
        return done.exit_code, done.output

    mails = [
        f"From: Ada Pine <ada@example.org>\nTo: list@example.org\nSubject: [PATCH] {title}\n"
        f"Message-ID: <{n}@example.org>\nDate: Fri, {n + 1} Mar 2019 10:00:00 +0000\n\n"
        "Do it.\n---\ndiff --git a/port.c b/port.c\n".encode()
        for n, title in enumerate(TITLES)
    ]
    (tmp_path / "list.mbox").write_bytes(mbox(mails))
    assert one("ingest", tmp_path / "list.mbox", "--list", "list", "-q")[0] == 0
    return one


def links(run: Run) -> dict[str, str]:
    """Mid to the hash that it became."""
    lines = run("export", "commits")[1].splitlines()[1:]
    return {line.split("\t")[0].strip("<>"): line.split("\t")[2] for line in lines}


def read(run: Run, code: Path) -> int:
    """The exit code of reading the history again; the links are brought up to date."""
    status, said = run("commits", "add", code, "--list", "list", "-q")
    assert status == 0 or "is no git repository" in said
    assert run("link", "-q", "--workers", "1")[0] == 0
    return status


def broken(code: Path, name: str) -> Path:
    """A copy that lacks what its name says."""
    path = code.parent / f"{name}.git"
    if name == "shallow":
        git(code.parent, "clone", "-q", "--bare", "--depth", "1", f"file://{code}", str(path))
        return path
    git(code.parent, "clone", "-q", "--bare", f"file://{code}", str(path))
    (pack,) = (path / "objects" / "pack").glob("*.pack")
    data = pack.read_bytes()
    pack.chmod(0o644)
    if name == "truncated":
        pack.write_bytes(data[: len(data) // 2])
        return path
    pack.rename(code.parent / "pack")
    for left in (path / "objects" / "pack").iterdir():
        left.chmod(0o644)
        left.unlink()
    with (code.parent / "pack").open("rb") as stream:
        subprocess.run(["git", "-C", str(path), "unpack-objects", "-q"], stdin=stream, check=True)
    oid = git(code, "rev-parse", "HEAD" if name == "tipless" else "HEAD~1")
    (path / "objects" / oid[:2] / oid[2:]).unlink()
    return path


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("shallow", "is a shallow clone"),
        ("truncated", "Check the repository with git fsck"),
        ("gap", "Check the repository with git fsck"),
        ("tipless", "Check the repository with git fsck"),
    ],
)
def test_a_broken_clone_is_told_and_stores_nothing(name: str, words: str, code: Path, run: Run, tmp_path: Path) -> None:
    status, said = run("commits", "add", broken(code, name), "--list", "list", "-q")
    assert status in (1, 2) and words in said and "Traceback" not in said
    with open_engine(str(tmp_path / "one.db")).connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM commits")) == 0


def test_what_is_no_repository_is_refused_though_it_lies_in_one(code: Path, run: Run) -> None:
    (code / "sub").mkdir()
    for path in (code / "sub", code / "port.c", code / "nowhere"):
        status, said = run("commits", "add", path, "--list", "list", "-q")
        assert status == 2 and "is no git repository" in said


def test_a_commits_only_clone_whose_origin_is_gone_is_read_without_asking_anybody(
    code: Path, run: Run, tmp_path: Path
) -> None:
    bare = tmp_path / "bare.git"
    git(tmp_path, "clone", "-q", "--bare", "--filter=tree:0", f"file://{code}", str(bare))
    git(bare, "config", "remote.origin.url", "https://nowhere.invalid/code.git")
    assert run("commits", "add", bare, "--list", "list", "-q")[0] == 0
    assert run("link", "-q", "--workers", "1")[0] == 0
    assert len(links(run)) == 3


def test_links_and_releases_follow_a_rewritten_branch_and_back(code: Path, run: Run, tmp_path: Path) -> None:
    assert read(run, code) == 0
    before = links(run)
    assert set(before) == {"0@example.org", "1@example.org", "2@example.org"}
    git(code, "tag", "v1")
    git(code, "reset", "-q", "--hard", "HEAD~2")
    anew = commit(code, TITLES[1], 5, "written anew")
    assert read(run, code) == 0
    assert links(run) == {"0@example.org": before["0@example.org"], "1@example.org": anew}
    git(code, "reset", "-q", "--hard", "v1")
    assert read(run, code) == 0
    assert links(run) == before
    with open_engine(str(tmp_path / "one.db")).connect() as connection:
        gone = connection.execute(text("SELECT refs, release FROM commits WHERE oid = :oid"), {"oid": anew}).one()
        kept = connection.execute(text("SELECT DISTINCT release FROM commits WHERE oid != :oid"), {"oid": anew}).all()
    assert (gone.refs, gone.release) == ("[]", "")
    assert [row.release for row in kept] == ["v1"]


def test_a_repository_that_is_away_is_refused_and_known_again_when_it_is_back(code: Path, run: Run) -> None:
    assert read(run, code) == 0
    before = links(run)
    code.rename(code.parent / "away")
    assert read(run, code) == 2
    assert run("link", "-q", "--workers", "1")[0] == 0
    assert links(run) == before
    (code.parent / "away").rename(code)
    assert read(run, code) == 0
    assert links(run) == before
