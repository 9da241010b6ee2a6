"""A repository's branches and tags to where each of them reaches: which branches contain a commit, which release first.

Both are handed from child to parent along a history walked children first (``--topo-order``), so one walk answers for
every commit: branches as a bit set, releases as the lowest rank in (final before candidate, date, name).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from errors import GitError
from ingest.git import run

_LAYOUT = "%(refname) %(objecttype) %(objectname) %(type) %(object) %(creatordate:unix)"
_CANDIDATE = re.compile(r"(?i)(?:^|[-._\d])(?:rc|alpha|beta|pre|dev)[-._]?\d*$")
_NEVER = 1 << 60


@dataclass(frozen=True, slots=True)
class Tag:
    name: str
    oid: str
    created: int


@dataclass(frozen=True, slots=True)
class Tips:
    place: Path
    branches: dict[str, str]
    tags: tuple[Tag, ...]  # releases first, then candidates, oldest first within each


class Walk:
    """Hands branches (a bit set) and the rank of the earliest release from each child to its parents."""

    def __init__(self, tips: Tips) -> None:
        self._names = sorted(tips.branches)
        self._releases = [tag.name for tag in tips.tags]
        self._bits: dict[str, int] = {}
        self._rank: dict[str, int] = {}
        self._seen: dict[int, tuple[str, ...]] = {}
        for bit, name in enumerate(self._names):
            oid = tips.branches[name]
            self._bits[oid] = self._bits.get(oid, 0) | 1 << bit
        for rank, tag in enumerate(tips.tags):
            self._rank.setdefault(tag.oid, rank)

    def step(self, oid: str, parents: Sequence[str]) -> tuple[tuple[str, ...], str]:
        bits = self._bits.pop(oid, 0)
        rank = self._rank.pop(oid, _NEVER)
        for parent in parents:
            self._bits[parent] = self._bits.get(parent, 0) | bits
            if rank < self._rank.get(parent, _NEVER):
                self._rank[parent] = rank
        if bits not in self._seen:
            self._seen[bits] = tuple(name for i, name in enumerate(self._names) if bits >> i & 1)
        return self._seen[bits], self._releases[rank] if rank < _NEVER else ""


def tips_of(repo: Path) -> Tips:
    """Branches and release tags. Remote-tracking branches count where there are any: a clone's own branches are its
    owner's work, and what is only there has not gone in anywhere."""
    place = git_dir(repo)
    if run(place, "rev-parse", ("--is-shallow-repository",)).strip() == b"true":
        raise GitError(
            f"{repo} is a shallow clone: most of its history is missing",
            "Complete it with `git fetch --unshallow --filter=tree:0`, or clone anew with `--bare --filter=tree:0`.",
        )
    listing = run(place, "for-each-ref", (f"--format={_LAYOUT}", "refs/heads", "refs/remotes", "refs/tags"))
    local: dict[str, str] = {}
    remote: dict[str, str] = {}
    tags: list[Tag] = []
    for line in listing.decode("utf-8", "replace").splitlines():
        ref, kind, oid, inner, target, created = line.split(" ")
        if ref.startswith("refs/heads/"):
            local[ref.removeprefix("refs/heads/")] = oid
        elif ref.startswith("refs/remotes/") and not ref.endswith("/HEAD"):
            remote[ref.removeprefix("refs/remotes/")] = oid
        elif ref.startswith("refs/tags/") and "commit" in (kind, inner):
            when = int(created) if created.isdigit() else _NEVER
            tags.append(Tag(ref.removeprefix("refs/tags/"), target or oid, when))
    tags.sort(key=lambda tag: (bool(_CANDIDATE.search(tag.name)), tag.created, tag.name))
    if not local and not remote:
        raise GitError(f"{repo} has no branches", "Name a clone that has commits in it.")
    return Tips(place, remote or local, tuple(tags))


def git_dir(repo: Path) -> Path:
    """The repository itself, never one that merely lies above the path."""
    inner = repo / ".git"
    if inner.is_file():  # a linked work tree or a submodule
        inner = repo / inner.read_text("utf-8", "replace").removeprefix("gitdir:").strip()
    for place in (inner, repo):
        if (place / "HEAD").is_file():
            return place
    raise GitError(f"{repo} is no git repository", "Name a clone: a work tree, or a directory made with --bare.")
