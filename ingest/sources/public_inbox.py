"""public-inbox v2 epochs to ``Raw``: a bare repository in which every commit is one message.

Format: public-inbox-v2-format(5). A commit whose tree holds ``m`` brings that blob as a message; one that holds ``d``
withdraws it. Both are told, in the order of the history, so that a run that sees both and two runs that see one each
end alike. Epochs are numbered ``0.git``, ``1.git``, ...; the newest grows. The cursor names each epoch's last commit
read; an epoch in which that commit is no ancestor any more was rewritten (a purge, an edit) and is read again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from errors import GitError, SourceError
from ingest import git
from ingest.sources import Raw

_ADVICE = "Give an epoch (…/git/0.git), the folder of the epochs, or clone one with: git clone --mirror URL/0 0.git"


def is_repository(path: Path) -> bool:
    """Whether ``path`` looks like a bare git repository (or the ``.git`` of another)."""
    return (path / "HEAD").is_file() and (path / "objects").is_dir() and (path / "refs").is_dir()


def epochs(path: Path) -> dict[str, Path]:
    """Number to repository, in ascending order; {"0": path} for a single epoch under any name, {} for none."""
    for folder in (path, path / "git"):
        if folder.is_dir():
            found = [p for p in folder.iterdir() if p.suffix == ".git" and p.stem.isdecimal() and is_repository(p)]
            if found:
                return {p.stem: p for p in sorted(found, key=lambda p: int(p.stem))}
    if is_repository(path):
        return {path.stem if path.stem.isdecimal() else "0": path}
    return {}


class PublicInbox:
    """One list's epochs, opened for reading."""

    kind = "public-inbox"

    def __init__(self, path: Path) -> None:
        self.location = str(path)
        self._epochs = epochs(path)
        if not self._epochs:
            raise SourceError(f"{path} is no public-inbox epoch and holds none", _ADVICE)
        heads = {number: _head(repo) for number, repo in self._epochs.items()}
        if not any(heads.values()):
            raise SourceError(f"{path} is an empty repository: it holds no message yet", _ADVICE)
        for number, head in heads.items():
            if head:
                _check_layout(self._epochs[number], head)

    def read(self, cursor: str | None = None) -> Iterator[Raw]:
        seen = _parse_cursor(cursor)
        for number, repo in self._epochs.items():
            yield from _read_epoch(number, repo, _range(repo, seen.get(number)), seen)

    def count(self, cursor: str | None = None) -> int | None:
        seen = _parse_cursor(cursor)
        total = 0
        for number, repo in self._epochs.items():
            span = _range(repo, seen.get(number))
            total += int(git.run(repo, "rev-list", ("--count", "--first-parent"), span)) if span else 0
        return total


def _parse_cursor(cursor: str | None) -> dict[str, str]:
    if not cursor:
        return {}
    try:
        value = json.loads(cursor)
    except ValueError:
        return {}
    return {str(k): str(v) for k, v in value.items()} if isinstance(value, dict) else {}


def _head(repo: Path) -> str:
    """The commit that HEAD names; in a clone whose HEAD names nothing, the only branch's; "" for an empty one."""
    try:
        return git.run(repo, "rev-parse", ("--verify", "--quiet"), ("HEAD^{commit}",)).decode().strip()
    except GitError:
        refs = git.run(repo, "for-each-ref", ("--format=%(objectname)", "refs/heads/")).decode().split()
    return refs[0] if len(refs) == 1 else ""


def _check_layout(repo: Path, head: str) -> None:
    try:
        names = set(git.run(repo, "ls-tree", ("--name-only", "-z"), (head,)).split(b"\0"))
    except GitError:
        names = set()  # a clone without trees, as is made of code repositories
    if not names & {b"m", b"d"}:
        raise SourceError(f"{repo} is a git repository, but no public-inbox epoch: its commits hold no file m", _ADVICE)


def _range(repo: Path, last: str | None) -> tuple[str, ...]:
    """Revisions behind ``last``; the whole history where ``last`` is none of its commits; () for an empty one."""
    head = _head(repo)
    if not head or head == last:
        return ()
    if last:
        try:
            git.run(repo, "merge-base", ("--is-ancestor",), (last, head))
        except GitError:
            return (head,)
        return (head, f"^{last}")
    return (head,)


def _read_epoch(number: str, repo: Path, span: tuple[str, ...], seen: dict[str, str]) -> Iterator[Raw]:
    if not span:
        return
    entries = list(_history(repo, span))
    blobs = git.objects(repo, (oid for _, _, _, oid in entries))
    for (commit, seconds, path, oid), data in zip(entries, blobs, strict=True):
        seen[number] = commit
        yield Raw(
            data=data,
            origin=f"{number}:{oid}",
            cursor=json.dumps(seen, separators=(",", ":")),
            hint=datetime.fromtimestamp(seconds, UTC) if 0 < seconds < 1 << 34 else None,
            hint_from="commit" if 0 < seconds < 1 << 34 else "",
            deleted=path == "d",
        )


def _history(repo: Path, span: tuple[str, ...]) -> Iterator[tuple[str, int, str, str]]:
    """(commit, its date, "m" or "d", blob) of every commit, oldest first; commits without a message are passed over.

    A commit that leaves the tree as it was is the same mail once more; git shows no change, so the tree is asked.
    """
    options = ("--reverse", "--first-parent", "--no-renames", "--raw", "--no-abbrev", "--format=%H %ct")
    with git.stream(repo, "log", options, span) as out:
        for commit, seconds, entry in _commits(out):
            path, oid = entry if entry[0] else _entry(repo, commit)
            if path:
                yield commit, seconds, path, oid


def _commits(lines: Iterable[bytes]) -> Iterator[tuple[str, int, tuple[str, str]]]:
    """``git log --raw`` to (commit, its date, what it put under m or d)."""
    commit, seconds, entry = "", 0, ("", "")
    for line in lines:
        if line.startswith(b":"):
            change, _, path = line.rstrip(b"\n").decode("utf-8", "replace").partition("\t")
            if path in ("m", "d") and not change.endswith("D"):
                entry = (path, change.split()[3])
        elif line != b"\n":
            if commit:
                yield commit, seconds, entry
            commit, date = line.decode("ascii").split()
            seconds, entry = int(date), ("", "")
    if commit:
        yield commit, seconds, entry


def _entry(repo: Path, commit: str) -> tuple[str, str]:
    listing = git.run(repo, "ls-tree", (), (commit,)).decode("utf-8", "replace").splitlines()
    found = {line.partition("\t")[2]: line.split()[2] for line in listing}
    return next(((path, found[path]) for path in ("m", "d") if path in found), ("", ""))
