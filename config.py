"""TOML files and environment to ``Settings``; every fault is reported at once. Only the doors read this.

Order, later wins: ``data/lists.toml`` (shipped), the user's file (``--config`` or PRECEDENT_CONFIG, else
``precedent/config.toml`` in the user's configuration directory, if it is there), environment, command line.
"""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import Any, Literal

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from errors import ConfigError

DATA = Path(__file__).parent / "data"
SHIPPED = DATA / "lists.toml"
LORE = "https://lore.kernel.org/r/{mid}"


class SourceSettings(BaseModel):
    """One archive: a path, or an address (https://) that is mirrored. ``kind`` "" is recognised; ``private`` lets an
    address lead into a private network."""

    model_config = ConfigDict(extra="forbid")
    path: str
    kind: str = ""
    private: bool = False

    @field_validator("path")
    @classmethod
    def an_address_is_https_or_a_file(cls, value: str) -> str:
        if "://" in value and not value.startswith(("https://", "http://", "file:///")):
            raise ValueError("an address must start with https://, or file:///; http:// only for this machine")
        return value


class ListSettings(BaseModel):
    """A mailing list: what it is called, where its mails are linked to, and what is read for it. ``archives`` and
    ``code``, the addresses of what is public, are read with ``fetch``: they are large."""

    model_config = ConfigDict(extra="forbid")
    product: str = ""
    list_ids: list[str] = Field(default_factory=list)
    addresses: list[str] = Field(default_factory=list)
    permalink: str = LORE
    archive_permalink: str = ""
    sources: list[SourceSettings] = Field(default_factory=list)
    repositories: list[str] = Field(default_factory=list)  # local clones
    archives: list[SourceSettings] = Field(default_factory=list)
    code: list[str] = Field(default_factory=list)
    fetch: bool = False

    @field_validator("sources", "archives", mode="before")
    @classmethod
    def a_string_is_a_path(cls, value: Any) -> Any:
        listed = isinstance(value, list)
        return [{"path": item} if isinstance(item, str) else item for item in value] if listed else value

    @field_validator("permalink", "archive_permalink")
    @classmethod
    def permalink_names_the_message(cls, value: str) -> str:
        if value and ("{mid}" not in value or not value.startswith("https://")):
            raise ValueError("must start with https:// and hold {mid}")
        return value

    @field_validator("code")
    @classmethod
    def code_is_cloned_from_addresses(cls, value: list[str]) -> list[str]:
        if not all(address.startswith(("https://", "http://")) for address in value):
            raise ValueError("must be addresses that start with https://; clones belong in repositories")
        return value


class AppSettings(BaseModel):
    """Where people sign in: ``curators`` may decide (as their sign-in names them); ``reading`` "closed" shows nothing
    to others."""

    model_config = ConfigDict(extra="forbid")
    curators: list[str] = Field(default_factory=list)
    reading: Literal["open", "closed"] = "open"


class LlmSettings(BaseModel):
    """A language model behind OpenAI's chat completions, for `tag --llm` alone. ``url`` ends before /chat/completions;
    ``key_variable`` names the environment variable that holds the key; prices are those of a million tokens."""

    model_config = ConfigDict(extra="forbid")
    url: str = ""
    model: str = ""
    key_variable: str = "PRECEDENT_LLM_KEY"
    price_in: float | None = Field(default=None, ge=0)
    price_out: float | None = Field(default=None, ge=0)
    batch: int = Field(default=10, ge=1, le=50)

    @field_validator("url")
    @classmethod
    def mails_leave_this_machine_encrypted_or_not_at_all(cls, value: str) -> str:
        if value and not re.match(r"https://|http://(?:localhost|127\.0\.0\.1|\[::1\])[:/]", value + "/"):
            raise ValueError("must start with https://; http:// only for this machine")
        return value


class Settings(BaseModel):
    """Everything that can be set. ``workers`` 0 means one a processor; ``cluster`` is a Dask scheduler's address;
    ``people`` is a file of overrides over ``mailmap``; ``annotations`` "" leaves the shipped ones out."""

    model_config = ConfigDict(extra="forbid")
    database: str = ""
    workers: int = Field(default=0, ge=0, le=256)
    cluster: str = ""
    model: str = ""
    mailmap: str = ""
    people: str = ""
    annotations: str = str(DATA / "annotations")
    lists: dict[str, ListSettings] = Field(default_factory=dict)
    app: AppSettings = Field(default_factory=AppSettings)
    llm: LlmSettings = Field(default_factory=LlmSettings)

    @property
    def notes(self) -> Path | None:
        """The folder of annotations; None where they are switched off by an empty setting."""
        return Path(self.annotations) if self.annotations else None


def default_url() -> str:
    """The database's address when nobody names one: a file in the user's data directory."""
    return f"sqlite:///{platformdirs.user_data_path('precedent') / 'precedent.db'}"


def load(path: str | None = None, **overrides: Any) -> Settings:
    """Settings from all places; ``overrides`` (the command line) with None or "" are taken as not given.

    Raises ConfigError naming every fault and its place.
    """
    data = _read(SHIPPED)
    chosen = path or os.environ.get("PRECEDENT_CONFIG")
    user = Path(chosen) if chosen else platformdirs.user_config_path("precedent") / "config.toml"
    if chosen or os.path.lexists(user):
        data = _merge(data, _anchored(_read(user), user.parent))
    environment = {name: os.environ.get(f"PRECEDENT_{name.upper()}") for name in ("workers", "cluster", "model")}
    environment["database"] = os.environ.get("PRECEDENT_DB")
    for layer in (environment, overrides):
        data |= {name: value for name, value in layer.items() if value not in (None, "")}
    data.setdefault("database", default_url())
    try:
        return Settings.model_validate(data)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        advice = f"mend it in {user} or the environment"
        raise ConfigError(f"the configuration is at fault: {faults}", advice) from error


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        advice = "name a TOML file that you may read with --config"
        raise ConfigError(f"cannot read {path}: {error.strerror}", advice) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not TOML: {error}", "mend the file; README.md shows an example") from error


def _merge(base: dict[str, Any], top: dict[str, Any]) -> dict[str, Any]:
    """Tables are merged key by key, everything else is replaced."""
    merged = dict(base)
    for key, value in top.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = _merge(merged[key], value) if both else value
    return merged


def _anchored(data: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Relative paths in a configuration file are relative to that file."""

    def anchor(path: Any) -> Any:
        remote = isinstance(path, str) and "://" in path
        return path if remote or not isinstance(path, str) else str((folder / Path(path).expanduser()).resolve())

    lists = data.get("lists")
    for settings in lists.values() if isinstance(lists, dict) else ():
        if not isinstance(settings, dict):
            continue
        for name in ("sources", "repositories"):
            if isinstance(settings.get(name), list):
                settings[name] = [
                    item | {"path": anchor(item.get("path"))} if isinstance(item, dict) else anchor(item)
                    for item in settings[name]
                ]
    for name in ("mailmap", "people", "annotations"):
        if data.get(name):
            data[name] = anchor(data[name])
    return data
