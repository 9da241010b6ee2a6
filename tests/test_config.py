"""Settings from files, environment and command line."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

import config
from commands.configured import configured_archives, configured_codes, people_files
from errors import ConfigError


@pytest.fixture(autouse=True)
def no_user_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    for name in ("CONFIG", "DB", "WORKERS", "CLUSTER", "MODEL"):
        monkeypatch.delenv(f"PRECEDENT_{name}", raising=False)


def written(tmp_path: Path, text: str) -> str:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_the_shipped_lists_are_known_without_any_configuration() -> None:
    settings = config.load()
    assert settings.lists["xen-devel"].product == "Xen"
    assert settings.database.startswith("sqlite:///")


def test_a_list_of_the_users_own_needs_only_a_few_lines(tmp_path: Path) -> None:
    path = written(tmp_path, '[lists.mine]\nsources = ["a.mbox", { path = "b", kind = "maildir" }]\n')
    mine = config.load(path).lists["mine"]
    assert [source.path for source in mine.sources] == [str(tmp_path / "a.mbox"), str(tmp_path / "b")]
    assert mine.sources[1].kind == "maildir"
    assert "{mid}" in mine.permalink


def test_a_users_table_changes_only_the_keys_that_it_names(tmp_path: Path) -> None:
    path = written(tmp_path, '[lists.kvmarm]\nsources = ["/archives/kvmarm"]\n')
    assert config.load(path).lists["kvmarm"].product == "KVM/arm64"


def test_the_command_line_wins_over_environment_and_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, 'database = "from-file.db"\nworkers = 3\n')
    assert config.load(path).database == "from-file.db"
    monkeypatch.setenv("PRECEDENT_DB", "from-environment.db")
    assert config.load(path).database == "from-environment.db"
    assert config.load(path, database="from-option.db").database == "from-option.db"
    assert config.load(path, workers=None).workers == 3


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    path = written(tmp_path, 'workers = -1\ncolour = "red"\n[lists.mine]\npermalink = "http://x"\n')
    with pytest.raises(ConfigError) as caught:
        config.load(path)
    for place in ("workers", "colour", "lists.mine.permalink"):
        assert place in caught.value.what


def test_a_missing_or_broken_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml"):
        config.load(str(tmp_path / "none.toml"))
    with pytest.raises(ConfigError, match="is not TOML"):
        config.load(written(tmp_path, "[lists"))


def test_who_may_read_and_decide_is_checked(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[app]\ncurators = ["dora@example.org"]\nreading = "closed"\n')
    assert config.load(str(path)).app.curators == ["dora@example.org"]
    path.write_text('[app]\nreading = "sometimes"\n')
    with pytest.raises(ConfigError, match=r"app\.reading"):
        config.load(str(path))


def test_the_shipped_lists_name_all_that_is_public_and_fetch_none_of_it() -> None:
    lists = config.load().lists
    assert {"xen-devel.lists.xensource.com", "xen-devel.lists.xen.org"} < set(lists["xen-devel"].list_ids)
    assert {"kvmarm.lists.cs.columbia.edu", "kvmarm.lists.linux.dev"} == set(lists["kvmarm"].list_ids)
    for settings in lists.values():
        assert settings.archives and settings.code and settings.archive_permalink
        assert not (settings.fetch or settings.sources or settings.repositories)
        assert all(source.path.startswith("https://") for source in settings.archives)


def test_one_word_reads_what_is_public(tmp_path: Path) -> None:
    settings = config.load(written(tmp_path, f'database = "{tmp_path}/p.db"\n[lists.kvmarm]\nfetch = true\n'))
    known = settings.lists["kvmarm"]
    archives, codes = configured_archives(settings), configured_codes(settings)
    assert [archive.location for archive in archives] == [source.path for source in known.archives]
    assert {archive.target.list_name for archive in archives} == {"kvmarm"}
    assert [code.url for code in codes] == known.code
    assert all(code.path.is_relative_to(tmp_path / "mirrors") for code in codes)
    assert len({code.path for code in codes}) == len(codes)


def test_code_that_is_fetched_has_an_address(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"lists\.mine\.code"):
        config.load(written(tmp_path, '[lists.mine]\ncode = ["/srv/git/xen.git"]\n'))
    with pytest.raises(ConfigError, match=r"lists\.mine\.archives"):
        config.load(written(tmp_path, '[lists.mine]\narchives = "https://example.org/list"\n'))


def test_the_files_about_people_lie_beside_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "people").write_text("Ada <ada@example.org> <q@example.org>\n", encoding="utf-8")
    assert people_files(config.load(written(tmp_path, 'people = "people"\n'))) == (
        "",
        "Ada <ada@example.org> <q@example.org>\n",
    )
    with pytest.raises(ConfigError, match="file of people"):
        people_files(config.load(written(tmp_path, 'people = "nowhere"\n')))


@pytest.mark.parametrize("fault", [PermissionError(13, "Permission denied"), IsADirectoryError(21, "Is a directory")])
def test_a_file_that_may_not_be_read_is_told(fault: OSError, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usual, mine = Path.read_text, tmp_path / "config" / "precedent" / "config.toml"
    mine.parent.mkdir(parents=True)
    mine.touch()

    def read_text(path: Path, *words: Any, **named: Any) -> str:
        if path == mine:
            raise fault
        return usual(path, *words, **named)

    monkeypatch.setattr(Path, "read_text", read_text)
    with pytest.raises(ConfigError, match=fault.strerror):
        config.load()


def test_a_folder_that_may_not_be_entered_is_told(tmp_path: Path) -> None:
    shut = tmp_path / "config" / "precedent"
    shut.mkdir(parents=True)
    (shut / "config.toml").write_text("workers = 1\n", encoding="utf-8")
    shut.chmod(0o600)
    try:
        if os.access(shut / "config.toml", os.R_OK):
            with pytest.raises(ConfigError, match=r"mine\.toml"):  # root may enter: a path through a file, then
                config.load(str(shut / "config.toml" / "mine.toml"))
        else:
            with pytest.raises(ConfigError, match="Permission denied"):
                config.load(str(shut / "config.toml"))
    finally:
        shut.chmod(0o700)
