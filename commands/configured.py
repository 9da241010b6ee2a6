"""Settings to what a run reads: archives, code repositories, and the files about people."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import platformdirs

from errors import ConfigError

if TYPE_CHECKING:
    from config import Settings
    from stages import sync as run
    from stages.commits import Code
    from stages.ingest import Target


def target_of(settings: Settings, name: str) -> Target:
    from config import ListSettings
    from stages.ingest import Target

    known = settings.lists.get(name) or ListSettings()
    return Target(name, known.permalink, known.product, name in settings.lists, known.archive_permalink)


def configured_archives(settings: Settings) -> list[run.Archive]:
    """The sources of every list. Copies of those elsewhere lie in ``mirrors`` beside the database."""
    from stages import sync as run

    mirrors = _mirrors(settings)
    found = []
    for name, known in settings.lists.items():
        for source in [*known.sources, *(known.archives if known.fetch else ())]:
            path = Path(unquote(urlsplit(source.path).path) if source.path.startswith("file://") else source.path)
            elsewhere = source.path.startswith(("https://", "http://"))
            remote = run.Remote(source.path, mirrors, source.private) if elsewhere else None
            found.append(run.Archive(path, source.kind or None, target_of(settings, name), remote))
    return found


def _mirrors(settings: Settings) -> Path:
    from db.session import database_file

    return (database_file(settings.database) or platformdirs.user_data_path("precedent") / "x").parent / "mirrors"


def configured_codes(settings: Settings) -> list[Code]:
    """The code repositories of every list: clones, and with ``fetch`` those elsewhere."""
    from stages.commits import Code, elsewhere

    found = []
    for name, known in settings.lists.items():
        target = target_of(settings, name)
        found += [Code(Path(path), target) for path in known.repositories]
        if known.fetch:
            found += [elsewhere(url, _mirrors(settings), target) for url in known.code]
    return found


def people_files(settings: Settings) -> tuple[str, str]:
    """The texts of the mailmap and of the overrides over it; "" for one that is not set."""
    return _text(settings.mailmap, "the mailmap"), _text(settings.people, "the file of people")


def _text(path: str, what: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace") if path else ""
    except OSError as error:
        raise ConfigError(f"cannot read {what} {path}: {error.strerror}", "check its path") from error
