"""Settings from files, environment and command line."""

from __future__ import annotations

from pathlib import Path

import pytest

import config
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
    with pytest.raises(ConfigError, match="app.reading"):
        config.load(str(path))
