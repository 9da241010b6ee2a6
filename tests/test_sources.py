"""One suite for every kind of archive: the same mails in, the same ``Raw`` out, in order, resumable anywhere."""

from __future__ import annotations

import gzip
import os
import shutil
from pathlib import Path

import pytest

from ingest.sources import Source
from ingest.sources.recognise import open_source
from tests.archives import KINDS, MAILS, git, mail, public_inbox


@pytest.fixture(params=KINDS)
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> Source:
    return open_source(KINDS[request.param](tmp_path / "archive", MAILS))


def test_every_mail_comes_out_byte_for_byte_in_order(archive: Source) -> None:
    assert [raw.data for raw in archive.read()] == list(MAILS)


def test_reading_twice_gives_the_same(archive: Source) -> None:
    assert list(archive.read()) == list(archive.read())


def test_reading_goes_on_behind_every_cursor(archive: Source) -> None:
    everything = list(archive.read())
    for at, raw in enumerate(everything):
        assert list(archive.read(raw.cursor)) == everything[at + 1 :]


def test_count_is_what_is_going_to_be_read(archive: Source) -> None:
    everything = list(archive.read())
    assert archive.count() in (len(everything), None)
    assert archive.count(everything[2].cursor) in (len(everything) - 3, None)


@pytest.mark.parametrize("cursor", ["", "null", "[]", "{}", "7", "{", '{"0": 3}', '{"files": "x"}', '{"0": "--help"}'])
def test_a_foreign_cursor_means_from_the_start(archive: Source, cursor: str) -> None:
    assert len(list(archive.read(cursor))) == len(MAILS)


def test_origins_name_places_and_stay(archive: Source) -> None:
    first = [raw.origin for raw in archive.read()]
    assert all(first)
    assert first == [raw.origin for raw in archive.read()]


@pytest.mark.parametrize("name", KINDS)
def test_a_grown_archive_goes_on(name: str, tmp_path: Path) -> None:
    source = open_source(KINDS[name](tmp_path / "a", MAILS[:4]))
    cursor = list(source.read())[-1].cursor
    if name == "epochs":
        public_inbox(tmp_path / "a" / "git" / "1.git", MAILS[4:])
        source = open_source(tmp_path / "a")
    elif name == "public-inbox":
        public_inbox(tmp_path / "a" / "0.git", MAILS[4:])
    elif name in ("maildir", "eml"):
        stays = {p: p.stat() for p in (tmp_path / "a").rglob("*") if p.is_file()}
        KINDS[name](tmp_path / "a", MAILS)
        for path, status in stays.items():
            os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    else:
        KINDS[name](tmp_path / "a", MAILS)
    assert [raw.data for raw in source.read(cursor)] == list(MAILS[4:])


@pytest.mark.parametrize("name", KINDS)
def test_a_rewritten_archive_is_read_again(name: str, tmp_path: Path) -> None:
    cursor = list(open_source(KINDS[name](tmp_path / "a", MAILS)).read())[-1].cursor
    shutil.rmtree(tmp_path / "a")
    other = tuple(mail(number) for number in range(21, 30))
    assert [raw.data for raw in open_source(KINDS[name](tmp_path / "a", other)).read(cursor)] == list(other)


def test_deletions_are_told_in_one_run_and_across_runs(tmp_path: Path) -> None:
    repo = public_inbox(tmp_path / "0.git", MAILS[:3])
    cursor = list(open_source(repo).read())[-1].cursor
    public_inbox(repo, [], [MAILS[1]])
    (later,) = open_source(repo).read(cursor)
    assert (later.data, later.deleted) == (MAILS[1], True)
    everything = list(open_source(repo).read())
    assert [raw.deleted for raw in everything] == [False, False, False, True]
    assert everything[-1] == later


def test_a_mail_posted_twice_in_a_row_is_told_twice(tmp_path: Path) -> None:
    repo = public_inbox(tmp_path / "0.git", [MAILS[0], MAILS[0], MAILS[1]])
    assert [raw.data for raw in open_source(repo).read()] == [MAILS[0], MAILS[0], MAILS[1]]


def test_a_purged_history_is_read_again(tmp_path: Path) -> None:
    repo = public_inbox(tmp_path / "0.git", MAILS[:3])
    cursor = list(open_source(repo).read())[-1].cursor
    git(f"--git-dir={repo}", "update-ref", "-d", "refs/heads/master")
    public_inbox(repo, [MAILS[0], MAILS[2]])
    assert [raw.data for raw in open_source(repo).read(cursor)] == [MAILS[0], MAILS[2]]


def test_commit_dates_and_from_lines_are_hints(tmp_path: Path) -> None:
    for name, origin in (("mbox", "from_line"), ("public-inbox", "commit")):
        raw = next(iter(open_source(KINDS[name](tmp_path / name, MAILS)).read()))
        assert raw.hint is not None
        assert (raw.hint.isoformat(), raw.hint_from) == ("2019-03-04T10:00:00+00:00", origin)


def test_a_maildir_s_flags_and_folders_do_not_change_origins(tmp_path: Path) -> None:
    folder = KINDS["maildir"](tmp_path / "a", MAILS)
    before = [raw.origin for raw in open_source(folder).read()]
    for path in sorted((folder / "new").iterdir()):
        path.rename(folder / "cur" / f"{path.name}:2,RS")
    assert [raw.origin for raw in open_source(folder).read()] == before


def test_a_mail_filed_late_under_an_early_name_is_not_missed(tmp_path: Path) -> None:
    folder = KINDS["maildir"](tmp_path / "a", MAILS)
    source = open_source(folder)
    cursor = list(source.read())[-1].cursor
    (folder / "new" / "1000000000.M1P1.host").write_bytes(mail(99))
    assert mail(99) in [raw.data for raw in source.read(cursor)]


def test_links_in_a_folder_are_not_followed(tmp_path: Path) -> None:
    folder = KINDS["eml"](tmp_path / "a", MAILS[:2])
    (tmp_path / "secret.eml").write_bytes(mail(66))
    (folder / "link.eml").symlink_to(tmp_path / "secret.eml")
    os.mkfifo(folder / "pipe.eml")
    assert [raw.data for raw in open_source(folder).read()] == list(MAILS[:2])


def test_one_odd_file_does_not_keep_the_others_from_being_read(tmp_path: Path) -> None:
    folder = KINDS["eml"](tmp_path / "a", MAILS[:1])
    (folder / "1.eml").write_bytes(b"\x1f\x8bno gzip at all")
    (folder / "2.eml").write_bytes(gzip.compress(mail(2)))
    assert [raw.data for raw in open_source(folder).read()] == [MAILS[0], b"\x1f\x8bno gzip at all", mail(2)]


def test_the_real_archives_are_read_whole(corpus: Path) -> None:
    source = open_source(corpus / "xen-devel.mbox")
    raws = list(source.read())
    assert len(raws) == 179
    assert not list(source.read(raws[-1].cursor))
