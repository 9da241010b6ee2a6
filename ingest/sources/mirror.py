"""A configured address to a local copy of what is there, brought up to date, and to the ``Source`` that reads it.

public-inbox: every epoch (``URL/0``, ``URL/1``, ... until there is none, public-inbox-v2-format(5)) as a git mirror; an
epoch whose references did not change is not fetched. pipermail: the months that its index page names, new ones, those
whose entry in the page changed, and always the two newest, each asked for with the ETag and date that it had. Anything
else is one file: ``HOST/LIST/MSGID/t.mbox.gz`` or ``raw`` of a public-inbox, or an mbox.

A copy is replaced whole or not at all, so a run that is killed leaves what was there before.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote, urlsplit

from errors import SourceError
from ingest import git
from ingest.sources import Raw, Source
from ingest.sources.http import Access, Answer, checked, get, is_local
from ingest.sources.pipermail import period
from ingest.sources.recognise import open_source
from ingest.sources.streams import open_stream, refuse_page

KINDS = ("public-inbox", "pipermail", "mbox", "mboxo", "eml")
_FILE = re.compile(r"/(?:t\.mbox\.gz|raw)$|\.(?:mbox|mbx|eml|txt)(?:\.(?:gz|xz|zst))?$", re.IGNORECASE)
_ENTRY = re.compile(r"""<a\s[^>]*href=["']?([\w.-]{5,60})["'\s>][^>]*>?([^<]{0,200})""", re.IGNORECASE)
_EPOCHS = 1000
_PAGE = 16 << 20


@dataclass(slots=True)
class Mirrored:
    """A source that is known by its address, wherever its copy lies."""

    kind: str
    location: str
    copy: Source

    def read(self, cursor: str | None = None) -> Iterator[Raw]:
        return self.copy.read(cursor)

    def count(self, cursor: str | None = None) -> int | None:
        return self.copy.count(cursor)


def open_remote(url: str, kind: str | None, mirrors: Path, access: Access) -> Source:
    """The archive at ``url``, fetched into a folder of its own below ``mirrors``, and opened."""
    if kind and kind not in KINDS:
        raise SourceError(f"{kind} is no kind of archive that can be fetched", f"Choose one of: {', '.join(KINDS)}.")
    base = url.rstrip("/")
    kind = kind or _guess(base)
    folder = mirrors / _name(base)
    with _mine(folder):
        if kind == "public-inbox":
            path = _public_inbox(base, folder, access)
        elif kind == "pipermail" and not _FILE.search(base):
            path = _pipermail(base, folder, access)
        else:
            path = _file(base, folder / "archive", folder, access)
            kind = None if kind == "file" else kind
        copy = open_source(path, kind)
    return Mirrored(copy.kind, url, copy)


def _guess(base: str) -> str:
    path = urlsplit(base).path
    if _FILE.search(path):
        return "file"
    return "pipermail" if "/pipermail/" in f"{path}/" else "public-inbox"


def _name(base: str) -> str:
    """A folder's name that tells the address to people and is unique."""
    parts = urlsplit(base)
    words = re.sub(r"[^A-Za-z0-9.-]+", "-", f"{parts.hostname}{parts.path}").strip("-.")[:80]
    return f"{words}-{hashlib.sha256(base.encode()).hexdigest()[:8]}"


@contextmanager
def _mine(folder: Path) -> Iterator[None]:
    """Databases may share mirrors; only one run at a time changes one."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = (folder / "lock").open("a")
    except OSError as fault:
        raise SourceError(f"{folder} cannot be written: {fault.strerror}", "Check who owns the mirrors.") from fault
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as fault:
            raise SourceError(f"another run is fetching into {folder}", "The next run tries again.") from fault
        yield


def _public_inbox(base: str, folder: Path, access: Access) -> Path:
    state = _state(folder)
    for number in range(_EPOCHS):
        repo = folder / "git" / f"{number}.git"
        refs, answer = _page(f"{base}/{number}/info/refs?service=git-upload-pack", access)
        if answer.status != 200:
            if answer.status == 404 and number and not repo.exists():
                break
            raise SourceError(
                f"{base} has no epoch {number}: it answers {answer.status}",
                "Give the address of a public-inbox's list.",
            )
        if refs.lstrip()[:1] == b"<":
            raise SourceError(f"{base} answers with a web page, no archive", "Does it want a log-in or a click?")
        digest = hashlib.sha256(refs).hexdigest()
        if not repo.exists() or state.get(str(number)) != digest:
            _fetch(answer.url.partition("/info/refs?")[0], repo, access, _ARCHIVE)
            _keep(folder, state | {str(number): digest})
            state = _state(folder)
    return folder


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Options of git clone and of git fetch: what of a repository is copied."""

    clone: tuple[str, ...]
    fetch: tuple[str, ...]


_ARCHIVE = _Wanted(("--mirror", "--no-tags"), ("--no-tags",))
_COMMITS = _Wanted(("--bare", "--filter=tree:0"), ("--tags", "--filter=tree:0"))


def code_path(url: str, mirrors: Path) -> Path:
    """Where the clone of a code repository lies."""
    base = url.rstrip("/")
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", base.rpartition("/")[2].removesuffix(".git")).strip("-.") or "code"
    return mirrors / _name(base) / f"{name}.git"


def mirror_code(url: str, repo: Path, access: Access) -> None:
    """Clones the commits of a code repository, without trees and files, or fetches what is new. Raises SourceError."""
    with _mine(repo.parent):
        _fetch(url.rstrip("/"), repo, access, _COMMITS)


def _fetch(url: str, repo: Path, access: Access, wanted: _Wanted) -> None:
    place = checked(url, access, is_local(url))
    protocols = ("https",) if place.secure else ("http",)
    # Redirects were followed before; git is to ask the very address that was checked, and no other.
    settings = ("http.followRedirects=false", f"http.curloptResolve={place.host}:{place.port}:{place.address}")
    limits: dict[str, Any] = {"protocols": protocols, "settings": settings, "timeout": access.seconds * 8}
    if repo.exists():
        options = ("--quiet", *wanted.fetch, "--no-write-fetch-head", "--force")
        git.run(repo, "fetch", options, (url, "+refs/heads/*:refs/heads/*"), size=access.size, **limits)
        git.run(repo, "gc", ("--auto", "--quiet"), settings=("gc.auto=2000", "gc.autoDetach=false"))
        return
    part = repo.with_suffix(".part")
    shutil.rmtree(part, ignore_errors=True)
    part.parent.mkdir(exist_ok=True)
    options = (*wanted.clone, "--quiet", "--template=")
    git.run(None, "clone", options, (url, str(part.absolute())), size=access.size, **limits)
    part.replace(repo)


def _pipermail(base: str, folder: Path, access: Access) -> Path:
    page, answer = _page(f"{base}/", access)
    if answer.status != 200:
        raise SourceError(f"{base} cannot be read: it answers {answer.status}", "Give the archive's index page.")
    months: dict[str, tuple[str, str]] = {}
    for name, entry in _ENTRY.findall(page.decode("utf-8", "replace")):
        if period(Path(name)):
            stem = name.partition(".")[0]
            if stem not in months or len(name) > len(months[stem][0]):  # the packed one
                months[stem] = (name, " ".join(entry.split()))
    if not months:
        raise SourceError(f"{base} names no month of mails", "Is it pipermail's index page? Nothing was removed.")
    newest = sorted(months, key=lambda stem: period(Path(months[stem][0])) or (0, 0, 0))[-2:]
    state = _state(folder)
    target = folder / "months"
    target.mkdir(exist_ok=True)
    for stem, (name, entry) in sorted(months.items()):
        if stem in newest or state.get(f"entry {name}") != entry or not (target / name).exists():
            _file(f"{base}/{quote(name)}", target / name, folder, access)
            _keep(folder, _state(folder) | {f"entry {name}": entry})
    return target


def _file(url: str, target: Path, folder: Path, access: Access) -> Path:
    """One file, asked for with what is known of the copy; a web page in its place is refused."""
    state, headers = _state(folder), {}
    if target.exists():
        known = state.get(f"known {target.name}") or {}
        headers = {name: known[key] for name, key in _CONDITIONS if known.get(key)}
    draft = target.with_name(f"{target.name}.part")
    try:
        with draft.open("w+b") as sink:
            answer = get(url, sink, access, headers)
        if answer.status == 304 and target.exists():
            return target
        if answer.status != 200:
            raise SourceError(f"{url} cannot be fetched: it answers {answer.status}", "Check the address.")
        _look(draft, url)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    _keep(folder, state | {f"known {target.name}": {k: answer.headers.get(k, "") for _, k in _CONDITIONS}})
    return target


_CONDITIONS = (("If-None-Match", "etag"), ("If-Modified-Since", "last-modified"))


def _look(draft: Path, url: str) -> None:
    try:
        refuse_page(draft)
        with open_stream(draft) as stream:
            empty = not stream.peek(1)
    except SourceError as fault:
        raise SourceError(fault.what.replace(str(draft), url), fault.advice) from fault
    if empty:
        raise SourceError(f"{url} is empty: it holds no mail", "Nothing was removed; the next run tries again.")


def _page(url: str, access: Access) -> tuple[bytes, Answer]:
    with tempfile.TemporaryFile() as sink:
        answer = get(url, sink, replace(access, size=_PAGE))
        sink.seek(0)
        return sink.read(), answer


def _state(folder: Path) -> dict[str, Any]:
    """What is known of the copies; lost or damaged, it only means that all is asked for anew."""
    try:
        value = json.loads((folder / "state.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return cast(dict[str, Any], value) if isinstance(value, dict) else {}


def _keep(folder: Path, state: dict[str, Any]) -> None:
    draft = folder / f"state.{os.getpid()}.part"
    draft.write_text(json.dumps(state, indent=1, sort_keys=True), encoding="utf-8")
    draft.replace(folder / "state.json")
