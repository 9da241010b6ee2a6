"""Diffs to ``git patch-id --stable``: equal for a mail and for the commit that it became, whatever else was reworded.

For histories whose blobs are there; a commits-only clone has no diffs, and nothing is fetched to make some.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import IO

from ingest.git import stream
from ingest.history.refs import git_dir, tips_of

_DIFF = ("--patch", "--no-merges", "--no-ext-diff", "--no-textconv", "--no-color", "--no-mailmap", "--full-index")
_NEXT = re.compile(r"^(?:commit|From) [0-9a-f]{40}", re.MULTILINE)
_NO_MORE = 2_000_000  # characters of one mail; git would read any amount


def of_commits(repo: Path, since: datetime) -> dict[str, str]:
    """Patch-ids of the commits made after ``since``; empty for a clone without blobs. Raises GitError."""
    place = git_dir(repo)
    if any((place / "objects" / "pack").glob("*.promisor")):
        return {}
    tips = sorted(set(tips_of(repo).branches.values()))
    with tempfile.TemporaryFile() as diffs:
        options = (*_DIFF, "--format=commit %H", f"--since={int(since.timestamp())}")
        with stream(place, "log", options, [*tips, "--"]) as output:
            while block := output.read(1 << 20):
                diffs.write(block)
        return _ids(place, diffs)


def of_mails(repo: Path, bodies: Mapping[str, str]) -> dict[str, str]:
    """Patch-ids of the diffs in mail bodies, by the caller's name; mails without a diff are left out. The repository
    only lends its hash function. Raises GitError."""
    names = {f"{number:040x}": name for number, name in enumerate(bodies, 1)}
    with tempfile.TemporaryFile() as diffs:
        for number, name in names.items():
            body = bodies[name][:_NO_MORE]
            at = 0 if body.startswith("diff --git ") else body.find("\ndiff --git ")
            if at >= 0:
                diff = _NEXT.split(body[at:], maxsplit=1)[0]  # git would take such a line for the next patch
                diffs.write(f"commit {number}\n\n".encode() + diff.encode("utf-8", "replace") + b"\n")
        return {names[oid]: patch_id for oid, patch_id in _ids(git_dir(repo), diffs).items() if oid in names}


def _ids(place: Path, diffs: IO[bytes]) -> dict[str, str]:
    diffs.seek(0)
    with stream(place, "patch-id", ("--stable",), feed=diffs) as output:
        pairs = (line.split() for line in output)
        return {oid.decode(): patch_id.decode() for patch_id, oid in pairs}
