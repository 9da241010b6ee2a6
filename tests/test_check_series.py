"""What an author has at hand to the patches of a series, and the command that holds it against the document."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from errors import GitError, PrecedentError, UsageError
from stages.check import read_series

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "data" / "sample"
NOWHERE = create_engine("sqlite://")
DIFF = """diff --git a/{path} b/{path}
--- a/{path}
+++ b/{path}
@@ -1,1 +1,2 @@
 context
+{line}
"""
HEADER = DIFF.format(path="include/uapi/linux/kvm.h", line="#define KVM_CAP_WIDGET 300")
INSIDE = DIFF.format(path="virt/kvm/widget.c", line="int widget;")


def patch(subject: str, diff: str = HEADER, number: int = 1) -> str:
    head = f"From: Ada <ada@example.org>\nSubject: {subject}\nMessage-ID: <{number}@example.org>\n"
    return f"From {'0' * 40} Mon Sep 17 00:00:00 2001\n{head}\nWidgets for guests.\n---\n{diff}-- \n2.30\n"


def titles(*named: Path | str, repository: Path | None = None) -> list[str]:
    return [p.title for p in read_series(NOWHERE, [str(n) for n in named], repository)]


def test_a_patch_file_is_split_into_title_message_and_diff(tmp_path: Path) -> None:
    file = tmp_path / "0001-kvm-widget.patch"
    file.write_text(patch("[PATCH 1/1] kvm: add a widget"))
    [found] = read_series(NOWHERE, [str(file)], None)
    assert (found.title, found.message.split("\n")[0]) == ("kvm: add a widget", "Widgets for guests.")
    assert found.diff.startswith("diff --git a/include/uapi")


def test_a_folder_of_patches_is_read_in_the_order_of_names(tmp_path: Path) -> None:
    for number in (2, 1):
        (tmp_path / f"000{number}-x.patch").write_text(patch(f"[PATCH {number}/2] part {number}", number=number))
    (tmp_path / "notes.txt").write_text("no patch")
    assert titles(tmp_path) == ["part 1", "part 2"]


def test_of_an_mbox_the_latest_version_counts_and_no_reply(tmp_path: Path) -> None:
    box = tmp_path / "series.mbox"
    subjects = ("[PATCH v1] old", "[PATCH v10] new", "Re: [PATCH v10] new", "[PATCH v9] between")
    box.write_text("\n".join(patch(s, number=n) for n, s in enumerate(subjects)))
    assert titles(box) == ["new"]


def test_a_bare_diff_is_a_patch_without_a_title(tmp_path: Path) -> None:
    file = tmp_path / "x.diff"
    file.write_text(HEADER)
    assert titles(file) == [""]


@pytest.mark.parametrize("name, text", [("empty.patch", ""), ("note.eml", "Subject: hello\n\nno patch here\n")])
def test_what_holds_no_patch_is_refused(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(PrecedentError):
        titles(tmp_path / name)


def test_an_empty_folder_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent.patch"):
        with pytest.raises(PrecedentError, match=path.name):
            titles(path)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Two commits on a branch, behind a base; the second one's message looks like a diff."""
    commits = (
        ("base", "refs/heads/main", "include/uapi/linux/kvm.h", "context\n"),
        ("kvm: one", "refs/heads/main", "virt/kvm/widget.c", "int widget;\n"),
        ("kvm: two\n\n+++ b/x", "refs/heads/main", "include/uapi/linux/kvm.h", "context\n#define KVM_CAP_WIDGET 300\n"),
    )
    stream = ""
    for at, (message, ref, path, content) in enumerate(commits, 1):
        stream += f"commit {ref}\ncommitter Ada <ada@example.org> {at} +0000\ndata {len(message)}\n{message}\n"
        stream += f"M 100644 inline {path}\ndata {len(content)}\n{content}\n"
    subprocess.run(["git", "init", "-q", "--bare", str(tmp_path / "x.git")], check=True)
    subprocess.run(
        ["git", f"--git-dir={tmp_path / 'x.git'}", "fast-import", "--quiet"], input=stream.encode(), check=True
    )
    return tmp_path / "x.git"


def test_a_range_of_commits_is_read_oldest_first(clone: Path) -> None:
    found = read_series(NOWHERE, ["main~2..main"], clone)
    assert [p.title for p in found] == ["kvm: one", "kvm: two"]
    assert found[1].message.strip() == "+++ b/x"
    assert "#define KVM_CAP_WIDGET 300" in found[1].diff


@pytest.mark.parametrize("span", ["main..gone", "--output=x..main", "main~2...;id"])
def test_a_range_that_git_does_not_know_is_refused_and_is_no_option(clone: Path, span: str) -> None:
    with pytest.raises(GitError):
        read_series(NOWHERE, [span], clone)
    assert not (clone.parent / "x..main").exists()


def test_a_clone_without_files_is_named_as_that(clone: Path, tmp_path: Path) -> None:
    subprocess.run(["git", f"--git-dir={clone}", "config", "uploadpack.allowFilter", "true"], check=True)
    partial = tmp_path / "partial.git"
    source = f"file://{clone}"
    subprocess.run(["git", "clone", "-q", "--bare", "--filter=tree:0", source, str(partial)], check=True)
    with pytest.raises(GitError, match="commits without their files"):
        read_series(NOWHERE, ["main~2..main"], partial)


def test_a_single_revision_is_no_range(clone: Path) -> None:
    with pytest.raises(UsageError, match="one range"):
        read_series(NOWHERE, ["main"], clone)


def test_a_repository_cannot_make_the_check_run_a_program(clone: Path, tmp_path: Path) -> None:
    sprung = tmp_path / "sprung"
    (clone / "info").mkdir(exist_ok=True)
    (clone / "info" / "attributes").write_text("* diff=evil\n")
    with (clone / "config").open("a") as config:
        config.write(f'[diff "evil"]\n\ttextconv = touch {sprung}; cat\n\tcommand = touch {sprung}\n')
    assert titles("main~2..main", repository=clone) == ["kvm: one", "kvm: two"]
    assert not sprung.exists()


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("check") / "sample.db"
    command = [sys.executable, str(ROOT / "cli.py"), "sync", "--config", str(SAMPLE / "sample.toml")]
    subprocess.run([*command, "--db", str(path)], capture_output=True, check=True, timeout=240)
    return path


def ask(database: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "cli.py"), "--db", str(database), "check", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=240, env={**os.environ})


def test_a_series_that_touches_no_interface_is_told_so_with_code_0(database: Path, tmp_path: Path) -> None:
    file = tmp_path / "0001.patch"
    file.write_text(patch("[PATCH] kvm: inside", INSIDE))
    done = ask(database, file)
    assert (done.returncode, "Nothing to check." in done.stdout) == (0, True), done.stderr


def test_open_rules_of_level_must_make_code_1_and_json_counts_them(database: Path, tmp_path: Path) -> None:
    file = tmp_path / "0001.patch"
    file.write_text(patch("[PATCH] kvm: add a widget"))
    done = ask(database, file, "--format", "json")
    report = json.loads(done.stdout)
    assert [t["what"] for t in report["interfaces"]] == ["KVM capability"]
    assert done.returncode == (1 if report["open_musts"] else 0)
    assert report["open_musts"] > 0, "the sample agrees on a MUST that a bare capability does not answer"


def test_a_message_of_the_archive_stands_for_its_series(database: Path) -> None:
    import sqlite3

    with sqlite3.connect(database) as rows:
        mid, posting = rows.execute("SELECT mid, posting FROM patches WHERE number > 0 ORDER BY mid LIMIT 1").fetchone()
        [(subject,)] = rows.execute("SELECT title FROM postings WHERE key = ?", (posting,))
    done = ask(database, f"<{mid}>")
    assert done.returncode in (0, 1), done.stderr
    assert done.stdout.startswith("# Guideline check: ")
    assert subject.split()[0] in done.stdout


@pytest.mark.parametrize(
    "words", [("absent.patch",), ("nobody@example.org",), ("--repo", "absent", "a..b"), ("x", "--format", "pdf")]
)
def test_bad_input_is_one_line_and_code_2(database: Path, words: tuple[str, ...]) -> None:
    done = ask(database, *words)
    assert (done.returncode, len(done.stderr.strip().splitlines())) == (2, 1), done.stderr
