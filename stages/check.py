"""What an author has at hand (files, a Message-ID, a git range) to a series, read against the document."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import Engine

from db.queries import document, series
from errors import SourceError, UsageError
from guidelines import check as judge
from guidelines.markdown import render_check
from guidelines.touches import Patch
from ingest.history.between import patches_between
from ingest.message import Message, parse
from ingest.revisions.patches import read_patch
from ingest.sources.files import list_files
from ingest.sources.recognise import open_source
from ingest.subject import parse_subject
from ingest.text.patchtext import split_patch

_SUFFIXES = (".patch", ".eml", ".diff", ".mbox")
_ADVICE = "give an mbox, patch files, a folder of them, a Message-ID of the archive, or --repo PATH A..B"


def read_series(engine: Engine, named: list[str], repository: Path | None) -> list[Patch]:
    """The patches that the arguments name. Raises UsageError, SourceError or GitError for what cannot be read, and
    UsageError where there is no patch."""
    if repository is not None:
        if len(named) != 1 or ".." not in named[0]:
            raise UsageError("--repo takes one range", "write it like: precedent check --repo linux main..topic")
        found = [Patch(*commit) for commit in patches_between(repository, named[0])]
    elif len(named) == 1 and "@" in named[0] and not Path(named[0]).exists():
        found = _archived(engine, named[0])
    else:
        found = _latest([m for name in named for path in _files(Path(name)) for m in _mails(path)])
    if not any(patch.diff or patch.paths for patch in found):
        raise UsageError(f"there is no patch in {', '.join(named)}", _ADVICE)
    return found


def check(engine: Engine, patches: list[Patch], form: str = "md") -> tuple[str, int]:
    """The report as Markdown or JSON, and how many rules of level MUST are open."""
    report = judge.check(patches, document.load(engine, version("precedent")))
    return (judge.as_json(report) if form == "json" else render_check(report)), report.open_musts


def _archived(engine: Engine, message_id: str) -> list[Patch]:
    mails = series.mails(engine, message_id.strip().removeprefix("id:").strip("<>"))
    if not mails:
        raise UsageError(f"the archive has no message {message_id}", _ADVICE)
    return [_patch(subject, body) for subject, body in mails]


def _files(path: Path) -> list[Path]:
    if not path.is_dir() or (path / "cur").is_dir():
        return [path]
    found = list_files(path, lambda file: file.suffix in _SUFFIXES)
    if not found:
        raise SourceError(f"{path} holds no patch files", _ADVICE)
    return found


def _mails(path: Path) -> Iterator[tuple[str, str]]:
    """Subject and body of each patch mail; a bare diff has no subject."""
    try:
        bare = path.is_file() and path.read_bytes()[:4].startswith((b"diff", b"--- ", b"Inde"))
    except OSError as fault:
        raise SourceError(f"{path} cannot be read: {fault.strerror}", "check its permissions") from fault
    if bare:
        yield "", path.read_text(encoding="utf-8", errors="replace")
        return
    for raw in open_source(path).read():
        mail = parse(raw)
        if isinstance(mail, Message):
            yield mail.subject, mail.body


def _latest(mails: list[tuple[str, str]]) -> list[Patch]:
    """The patches among mails: no replies, and of several versions the latest."""
    read = [(parse_subject(subject), subject, body) for subject, body in mails]
    read = [row for row in read if not row[0].is_reply]
    newest = max((_version(subject.version) for subject, _, _ in read), default=())
    return [_patch(title, body) for subject, title, body in read if _version(subject.version) == newest]


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))


def _patch(subject: str, body: str) -> Patch:
    message, diff = split_patch(body)
    return Patch(parse_subject(subject).title if subject else "", message, diff, read_patch(body).paths)
