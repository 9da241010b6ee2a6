"""A git history to ``Commit`` values: author, dates, message, trailers, the branches and the release that contain it.

One ``git log`` in topological order gives everything. Children come before their parents, so the set of branches that
contain a commit, and the first release among its descendants, are handed down from child to parent in that same walk;
nothing is asked per commit. Only commit objects are read (no trees, no mailmap), so a clone made with
``--filter=tree:0`` serves as well as a full one, and what it lacks is never fetched.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from errors import GitError
from ingest.git import stream
from ingest.history.commit_text import trailers_of
from ingest.history.refs import Walk, tips_of


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit of a code repository. ``trailers``: (key, value) in order, keys as written. ``message`` is the body
    without the subject. ``refs``: branches that contain it; ``release``: the first tag that does ("" for none)."""

    oid: str
    subject: str
    author_name: str
    author_email: str
    authored: datetime
    committed: datetime
    message: str
    trailers: tuple[tuple[str, str], ...]
    refs: tuple[str, ...] = ()
    release: str = ""


@dataclass(frozen=True, slots=True)
class CommitLink:
    """Mail ``mid`` carries the patch that became ``oid``. ``evidence`` in words, ``score`` 0 to 1; ``kind`` is
    "became", "earlier_version", "backport", "cherry_pick", or "series" for a cover letter whose patch is missing."""

    mid: str
    oid: str
    evidence: str
    score: float
    kind: str = "became"


@dataclass(frozen=True, slots=True)
class Event:
    """A commit event told on the list: ``kind`` "applied", "committed", "queued", "pushed", "pulled", "reverted",
    "tested_push", "stable". ``start:end`` is the sentence that says so in the body of ``mid``; ``title`` and ``oid`` of
    what went in ("" where not said), ``branch`` likewise; ``about``: mid of the patch or cover meant ("" unknown)."""

    mid: str
    kind: str
    start: int
    end: int
    title: str
    oid: str
    branch: str
    about: str


_FIELDS = ("%H", "%P", "%an", "%ae", "%at", "%ct", "%s", "%b")
_LOG = ("--topo-order", "--no-mailmap", "--no-decorate", "--no-color", "--no-show-signature", "--ignore-missing", "-z")


@dataclass(frozen=True, slots=True)
class Reach:
    """Which branches contain commit ``oid`` now, and the first release that does ("" for none yet)."""

    oid: str
    refs: tuple[str, ...]
    release: str


def head_state(repo: Path) -> str:
    """Where all branches and tags stand: the cursor for ``history``. Equal states mean that nothing has moved."""
    tips = tips_of(repo)
    state = {"branches": dict(sorted(tips.branches.items())), "tags": {t.name: t.oid for t in tips.tags}}
    return json.dumps(state, sort_keys=True, separators=(",", ":"))


def history(repo: Path, since: str | None = None) -> Iterator[Commit]:
    """Commits of all branches, children before parents; with ``since`` only those that no branch reached then.

    A branch that was rewritten or moved back yields what is new on it; what it lost shows in ``containment``. Tags
    give releases but no commits of their own: what is on no branch is not in. Raises GitError.
    """
    tips = tips_of(repo)
    known = [f"^{oid}" for oid in _known(since)]
    walk = Walk(tips)
    wanted = sorted(set(tips.branches.values()))
    if not wanted or (known and all(f"^{oid}" in known for oid in wanted)):
        return
    for record in _records(tips.place, [*wanted, *known], _FIELDS):
        oid, parents, name, email, authored, committed, subject, message = record
        refs, release = walk.step(oid, parents.split())
        when = _time(committed)
        yield Commit(
            oid=oid,
            subject=subject,
            author_name=name,
            author_email=email,
            authored=_time(authored),
            committed=when,
            message=message,
            trailers=trailers_of(message),
            refs=refs,
            release=release,
        )


def containment(repo: Path) -> Iterator[Reach]:
    """The present branches and release of every commit of the history, without reading messages.

    A commit that was read before and is missing here was rewritten away. Raises GitError.
    """
    tips = tips_of(repo)
    walk = Walk(tips)
    for oid, parents in _records(tips.place, sorted(set(tips.branches.values())), ("%H", "%P")):
        yield Reach(oid, *walk.step(oid, parents.split()))


def _known(since: str | None) -> list[str]:
    """The branch tips of an earlier ``head_state``."""
    if not since:
        return []
    try:
        return sorted(set(json.loads(since)["branches"].values()))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise GitError(f"not a cursor of this program: {since[:80]}", "Read the repository from the start.") from error


def _records(place: Path, revisions: Sequence[str], layout: Sequence[str]) -> Iterator[list[str]]:
    """``git log`` in topological order, one list of fields a commit. Old tips that are gone are no error."""
    options = (*_LOG, "--encoding=UTF-8", "--format=tformat:" + "%x00".join(layout))
    with stream(place, "log", options, [*revisions, "--"]) as output:
        fields: list[str] = []
        for text in _split(output):
            fields.append(text)
            if len(fields) == len(layout):
                yield fields
                fields = []


def _split(output: IO[bytes]) -> Iterator[str]:
    """NUL-terminated texts."""
    rest = b""
    while block := output.read(1 << 18):
        *whole, rest = (rest + block).split(b"\0")
        yield from map(_text, whole)


def _text(raw: bytes) -> str:
    """Old commits say nothing about their charset and are often Latin-1."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _time(stamp: str) -> datetime:
    """git writes 0 for a date that it cannot read; years beyond 9999 are as wrong."""
    seconds = int(stamp or 0)
    return datetime.fromtimestamp(seconds if 0 <= seconds < 253402300800 else 0, UTC)
