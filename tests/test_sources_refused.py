"""What is missing, empty, unreadable or of another kind: one clear line that says what to do."""

from __future__ import annotations

import os
import zlib
from pathlib import Path

import pytest

from errors import SourceError, UsageError
from ingest.sources.recognise import open_source
from tests.archives import KINDS, MAILS, git, public_inbox


def refused(path: Path, kind: str | None = None) -> str:
    with pytest.raises(SourceError) as caught:
        list(open_source(path, kind).read())
    assert caught.value.advice
    assert "\n" not in caught.value.what + caught.value.advice
    return caught.value.what


REFUSED = {
    "nothing.mbox": (b"", "empty"),
    "blank.mbox": (b"\n\n  \n", "empty"),
    "page.html": (b"<!DOCTYPE html><html><title>Just a moment...</title>", "web page"),
    "archive.mbox": (b"<html><head><title>Sign in</title></head></html>", "web page"),
    "list.bundle": (b"# v2 git bundle\n", "git bundle"),
    "list.zip": (b"PK\x03\x04xxxx", "zip"),
    "list.bz2": (b"BZh91AY", "bzip2"),
    "mails.db": (b"SQLite format 3\0", "SQLite"),
    "notes.txt": (b"Some notes\nand more: of them\n", "does not begin like a mail"),
    "rows.jsonl": (b'{"from": "a", "subject": "b"}\n', "does not begin like a mail"),
    "list.tar": (b"m\0" + b"\0" * 255 + b"ustar\x0000" + b"\0" * 247, "tar"),
    "bytes": (zlib.compress(b"x" * 100), "does not begin like a mail"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_archive_is_refused_in_one_line(name: str, tmp_path: Path) -> None:
    data, word = REFUSED[name]
    (tmp_path / name).write_bytes(data)
    assert word in refused(tmp_path / name)


def test_folders_that_hold_no_mail_are_refused(tmp_path: Path) -> None:
    for name in ("cur", "new"):
        (tmp_path / "maildir" / name).mkdir(parents=True)
    (tmp_path / "empty").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "x.pdf").write_bytes(b"%PDF")
    git("init", "-q", "--bare", str(tmp_path / "bare.git"))
    git("init", "-q", str(tmp_path / "work"))
    assert "empty" in refused(tmp_path / "maildir")
    assert "empty" in refused(tmp_path / "empty")
    assert "no mail" in refused(tmp_path / "other")
    assert "empty repository" in refused(tmp_path / "bare.git")
    assert "working copy" in refused(tmp_path / "work")
    assert "does not exist" in refused(tmp_path / "missing")
    assert "neither" in refused(Path(os.devnull))


def test_a_code_repository_is_no_inbox(tmp_path: Path) -> None:
    repo = public_inbox(tmp_path / "x.git", MAILS[:1])
    stream = b"commit refs/heads/master\ncommitter a <a@example.org> 1 +0000\ndata 0\nfrom refs/heads/master^0\n"
    git(f"--git-dir={repo}", "fast-import", "--quiet", feed=stream + b"deleteall\nM 100644 inline README\ndata 1\nx\n")
    assert "no public-inbox epoch" in refused(repo)


def test_a_kind_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    path = KINDS["mbox"](tmp_path, MAILS)
    assert "is a file" in refused(path, "maildir")
    assert "is a folder" in refused(tmp_path, "mbox")
    with pytest.raises(UsageError, match="no kind of archive"):
        open_source(path, "pst")


def test_an_unreadable_archive_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = KINDS["mbox"](tmp_path, MAILS)

    def forbid(*_: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", forbid)
    assert "Permission denied" in refused(path)
