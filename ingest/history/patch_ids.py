"""Diffs to ``git patch-id --stable``: equal for a mail and for the commit that it became, whatever else was reworded.

For histories whose blobs are there; a commits-only clone has no diffs, and nothing is fetched to make some.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO

from ingest.git import stream
from ingest.history.refs import git_dir

_DIFF = ("--stdin", "--root", "-r", "--patch", "--no-ext-diff", "--no-textconv", "--no-color", "--full-index")
_NEXT = re.compile(r"^(?:commit|From) [0-9a-f]{40}", re.MULTILINE)
_NO_MORE = 2_000_000  # characters of one mail; git would read any amount


def has_diffs(repo: Path) -> bool:
    """Whether the trees and blobs are there, and not only promised by somewhere else. Raises GitError."""
    return not any((git_dir(repo) / "objects" / "pack").glob("*.promisor"))


def of_commits(repo: Path, oids: Iterable[str]) -> dict[str, str]:
    """Patch-ids of these commits; merges have none, and a clone without blobs has none at all. Raises GitError."""
    if not has_diffs(repo):
        return {}
    place = git_dir(repo)
    with tempfile.TemporaryFile() as names, tempfile.TemporaryFile() as diffs:
        names.writelines(oid.encode("ascii") + b"\n" for oid in oids)
        names.seek(0)
        with stream(place, "diff-tree", _DIFF, feed=names) as output:
            while block := output.read(1 << 20):
                diffs.write(block)
        return _ids(diffs)


def of_mails(bodies: Mapping[str, str]) -> dict[str, str]:
    """Patch-ids of the diffs in mail bodies, by the caller's name; none for a mail without a diff. Raises GitError."""
    names = {f"{number:040x}": name for number, name in enumerate(bodies, 1)}
    with tempfile.TemporaryFile() as diffs:
        for number, name in names.items():
            body = bodies[name][:_NO_MORE]
            at = 0 if body.startswith("diff --git ") else body.find("\ndiff --git ")
            if at >= 0:
                diff = _NEXT.split(body[at:], maxsplit=1)[0]  # git would take such a line for the next patch
                diffs.write(f"commit {number}\n\n".encode() + diff.encode("utf-8", "replace") + b"\n")
        return {names[oid]: patch_id for oid, patch_id in _ids(diffs).items() if oid in names}


def _ids(diffs: IO[bytes]) -> dict[str, str]:
    diffs.seek(0)
    with stream(None, "patch-id", ("--stable",), feed=diffs) as output:
        pairs = (line.split() for line in output)
        return {oid.decode(): patch_id.decode() for patch_id, oid in pairs}
