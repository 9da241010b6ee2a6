"""Histories made on the spot with git; no network. What a commits-only clone can do is tried on one."""

from __future__ import annotations

import os
import pathlib
import subprocess
import tarfile
from datetime import UTC, datetime

import pytest

from errors import GitError
from ingest.commits import Commit, containment, head_state, history
from ingest.history.commit_text import Relation, ids_in, mail_ids, relations, trailers_of

START = 1_600_000_000


class Repo:
    """A repository whose commits are a day apart."""

    def __init__(self, path: pathlib.Path) -> None:
        self.path = path
        self.days = 0
        path.mkdir()
        self.git("init", "-q", "-b", "master")

    def git(self, *words: str) -> str:
        when = f"{START + 86400 * self.days} +0000"
        names = {"NAME": "Ada Pine", "EMAIL": "ada@example.org", "DATE": when}
        people = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in names.items()}
        environment = {**os.environ, **people, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        command = ["git", "-C", str(self.path), *words]
        return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.strip()

    def commit(self, message: str) -> str:
        self.days += 1
        (self.path / "file").write_text(str(self.days))
        self.git("add", "file")
        self.git("commit", "-q", "-m", message)
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def repo(tmp_path: pathlib.Path) -> Repo:
    return Repo(tmp_path / "code")


def test_a_real_commits_only_clone_is_read_whole_and_then_not_again(
    corpus: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    archive = corpus / "kvmtool-commits.git.tar.xz"
    if not archive.exists():
        pytest.skip("the history of kvmtool is not beside this checkout")
    with tarfile.open(archive) as unpacked:
        unpacked.extractall(tmp_path, filter="data")
    (clone,) = (path.parent for path in tmp_path.rglob("HEAD"))
    commits = list(history(clone))
    assert len(commits) == len({commit.oid for commit in commits}) > 1900
    assert list(history(clone, head_state(clone))) == []


def by_oid(commits: object) -> dict[str, Commit]:
    return {commit.oid: commit for commit in commits}  # type: ignore[attr-defined]  # an iterable of commits


def test_a_commit_has_people_dates_message_and_trailers(repo: Repo) -> None:
    oid = repo.commit(
        'port: add a doorbell\n\nWhy it is needed.\n\nFixes: 0123456789ab ("port: begin")\nCc: x@example.org'
    )
    (commit,) = history(repo.path)
    assert (commit.oid, commit.subject) == (oid, "port: add a doorbell")
    assert (commit.author_name, commit.author_email) == ("Ada Pine", "ada@example.org")
    assert commit.committed == datetime.fromtimestamp(START + 86400, UTC)
    assert commit.message.startswith("Why it is needed.")
    assert commit.trailers == (("Fixes", '0123456789ab ("port: begin")'), ("Cc", "x@example.org"))


def test_branches_and_the_first_release_come_down_from_the_children(repo: Repo) -> None:
    first = repo.commit("one")
    repo.git("branch", "stable-1.0")
    second = repo.commit("two")
    repo.git("tag", "v2.0-rc1")
    third = repo.commit("three")
    repo.git("tag", "-a", "-m", "release", "v2.0")
    fourth = repo.commit("four")
    found = by_oid(history(repo.path))
    assert found[first].refs == ("master", "stable-1.0")
    assert found[third].refs == ("master",)
    assert [found[oid].release for oid in (second, third, fourth)] == ["v2.0", "v2.0", ""]


def test_a_second_reading_yields_only_what_is_new(repo: Repo) -> None:
    repo.commit("one")
    state = head_state(repo.path)
    assert list(history(repo.path, state)) == []
    new = repo.commit("two")
    assert [commit.oid for commit in history(repo.path, state)] == [new]
    assert head_state(repo.path) != state


def test_a_rewritten_branch_yields_its_new_commits_and_no_longer_reaches_the_old(repo: Repo) -> None:
    base = repo.commit("one")
    lost = repo.commit("two")
    state = head_state(repo.path)
    repo.git("reset", "-q", "--hard", base)
    fresh = repo.commit("two, done differently")
    assert [commit.oid for commit in history(repo.path, state)] == [fresh]
    assert {reach.oid for reach in containment(repo.path)} == {base, fresh}
    assert lost not in {reach.oid for reach in containment(repo.path)}


def test_a_branch_that_moved_back_yields_nothing(repo: Repo) -> None:
    base = repo.commit("one")
    repo.commit("two")
    state = head_state(repo.path)
    repo.git("reset", "-q", "--hard", base)
    assert list(history(repo.path, state)) == []
    assert [reach.oid for reach in containment(repo.path)] == [base]


def test_an_old_tip_that_was_thrown_away_is_no_error(repo: Repo) -> None:
    only = repo.commit("one")
    state = head_state(repo.path).replace(only, "f" * 40)
    assert [commit.oid for commit in history(repo.path, state)] == [only]


def test_in_a_clone_only_what_the_others_have_counts(repo: Repo, tmp_path: pathlib.Path) -> None:
    shared = repo.commit("one")
    subprocess.run(["git", "clone", "-q", str(repo.path), str(tmp_path / "copy")], check=True, capture_output=True)
    copy = Repo.__new__(Repo)
    copy.path, copy.days = tmp_path / "copy", 5
    copy.commit("my own work")
    (commit,) = history(copy.path)
    assert (commit.oid, commit.refs) == (shared, ("origin/master",))


def test_a_commits_only_clone_is_enough(repo: Repo, tmp_path: pathlib.Path) -> None:
    repo.commit("one")
    repo.commit("two")
    repo.git("tag", "v1")
    repo.git("config", "uploadpack.allowFilter", "true")
    bare = tmp_path / "bare.git"
    address = f"file://{repo.path}"
    subprocess.run(
        ["git", "clone", "-q", "--bare", "--filter=tree:0", address, str(bare)], check=True, capture_output=True
    )
    repo.path.rename(tmp_path / "gone")
    assert [commit.release for commit in history(bare)] == ["v1", "v1"]
    assert len(list(containment(bare))) == 2


def test_a_shallow_clone_is_refused_with_advice(repo: Repo, tmp_path: pathlib.Path) -> None:
    repo.commit("one")
    repo.commit("two")
    shallow = tmp_path / "shallow"
    subprocess.run(
        ["git", "clone", "-q", "--depth=1", f"file://{repo.path}", str(shallow)], check=True, capture_output=True
    )
    with pytest.raises(GitError, match="shallow") as caught:
        list(history(shallow))
    assert "--unshallow" in caught.value.advice


def test_a_path_that_is_no_repository_is_refused_even_inside_one(repo: Repo, tmp_path: pathlib.Path) -> None:
    repo.commit("one")
    inside = repo.path / "folder"
    inside.mkdir()
    for path in (tmp_path, inside, tmp_path / "missing"):
        with pytest.raises(GitError, match="no git repository"):
            head_state(path)


def test_an_empty_repository_is_refused(repo: Repo) -> None:
    with pytest.raises(GitError, match="no branches"):
        list(history(repo.path))


def test_a_repository_that_lacks_commits_is_an_error_and_no_shorter_history(repo: Repo) -> None:
    first = repo.commit("one")
    repo.commit("two")
    (repo.path / ".git" / "objects" / first[:2] / first[2:]).unlink()
    with pytest.raises(GitError):
        list(history(repo.path))


def test_a_cursor_of_something_else_is_refused(repo: Repo) -> None:
    repo.commit("one")
    with pytest.raises(GitError, match="cursor"):
        list(history(repo.path, '{"epoch": 3}'))


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("This reverts commit 0123456789abcdef.", [Relation("reverts", "0123456789abcdef")]),
        (
            'This reverts commit 0123456 ("port: add a\ndoorbell"), and 89abcdef.',
            [Relation("reverts", "0123456", "port: add a doorbell"), Relation("reverts", "89abcdef")],
        ),
        (
            "This reverts commits 0123456 and 89abcdef.",
            [Relation("reverts", "0123456"), Relation("reverts", "89abcdef")],
        ),
        ('Fixes: 0123456789ab ("port: call f()")', [Relation("fixes", "0123456789ab", "port: call f()")]),
        ("commit 0123456789ab upstream.", [Relation("backport_of", "0123456789ab")]),
        ("[ Upstream commit 0123456789ab ]", [Relation("backport_of", "0123456789ab")]),
        ("master commit: 0123456789ab\nmaster date: then", [Relation("backport_of", "0123456789ab")]),
        ("(cherry picked from commit 0123456789ab)", [Relation("cherry_pick_of", "0123456789ab")]),
        ("As commit 0123456789ab did before.", []),
    ],
)
def test_a_message_names_other_commits_in_the_known_forms(message: str, expected: list[Relation]) -> None:
    assert list(relations("port: x", message)) == expected


def test_a_revert_without_a_hash_is_known_by_its_title() -> None:
    assert relations('port: Half revert "port: add a doorbell"', "") == (
        Relation("reverts", "", "port: add a doorbell"),
    )


def test_trailers_are_found_above_what_stable_trees_add() -> None:
    message = "Text: not one.\n\nReviewed-by: Bo Elm <bo@example.org>\nmaster commit: 0123456789ab\n"
    assert trailers_of(message)[0] == ("Reviewed-by", "Bo Elm <bo@example.org>")


@pytest.mark.parametrize(
    "link",
    [
        "https://lore.kernel.org/r/20200101.1-2-ada@example.org",
        "https://lore.kernel.org/some-list/20200101.1-2-ada@example.org/",
        "https://lore.kernel.org/r/20200101.1-2-ada%40example.org",
        "https://msgid.link/20200101.1-2-ada@example.org",
        "https://patch.msgid.link/20200101.1-2-ada@example.org",
        "https://lkml.kernel.org/r/20200101.1-2-ada@example.org",
        "https://lore.kernel.org/all/20200101.1-2-ada@example.org/T/#u",
    ],
)
def test_a_mail_is_known_by_its_archive_address(link: str) -> None:
    assert ids_in(f"See {link} for more") == ("20200101.1-2-ada@example.org",)


def test_a_message_id_trailer_is_stronger_than_a_link() -> None:
    trailers = (("Link", "https://lore.kernel.org/r/b@example.org"), ("Message-Id", "<a@example.org>"))
    assert mail_ids(trailers) == (("a@example.org", "Message-Id"), ("b@example.org", "Link"))


def test_a_hostile_address_is_read_in_linear_time() -> None:
    assert ids_in("https://lore.kernel.org/" + "a/" * 20_000) == ()
    assert ids_in("https://lore.kernel.org/" + "/" * 20_000 + "b@") == ()
    assert relations("x" * 10_000, "This reverts commit " + "0" * 50_000) == ()
