"""Equal diffs for what titles and people could not link, where a repository has its blobs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sqlalchemy.orm import Session

from db import history as rows
from db import reads
from db.store.structure import mark, set_mark
from errors import GitError
from ingest.commits import CommitLink
from ingest.history import links, patch_ids
from ingest.history.shelf import PatchRef
from ingest.history.unlinked import still_open

_BODIES = 500  # mails read at a time


def link_by_diff(
    session: Session, number: int, patches: Sequence[PatchRef], found: list[CommitLink], foreign: Sequence[str]
) -> list[CommitLink]:
    """``found`` with what equal diffs add. The patch-ids of commits are kept with the stage's marks, so that the links
    do not depend on whether the repository is still in its place."""
    repo, known = Path(rows.repository(session, number).location), _known(session, number)
    there = _has_diffs(repo)
    if not known and not there:
        return found
    left = still_open(patches, rows.commits(session, number), found)
    fresh = [oid for oid in left.oids if oid not in known]
    if there and fresh and left.mids:
        known |= _ids(repo, fresh)
        set_mark(session, _mark(number), json.dumps(known, sort_keys=True))
    wanted = {known[oid] for oid in left.oids if known.get(oid)}
    if not wanted:
        return found
    mails = _of_mails(session, left.mids)
    posted = [replace(ref, patch_id=mails.get(ref.mid, "")) for ref in patches]
    ids = {oid: patch_id for oid, patch_id in known.items() if patch_id}
    return links.link(posted, rows.commits(session, number), ids, foreign)


def _mark(number: int) -> str:
    return f"patch_ids:{number}"


def _known(session: Session, number: int) -> dict[str, str]:
    return dict(json.loads(mark(session, _mark(number)) or "{}"))


def _has_diffs(repo: Path) -> bool:
    try:
        return patch_ids.has_diffs(repo)
    except GitError:
        return False  # gone from its place since it was read


def _ids(repo: Path, oids: Sequence[str]) -> dict[str, str]:
    """Patch-ids, "" for a commit that has none; nothing where the diffs cannot be made."""
    try:
        found = patch_ids.of_commits(repo, oids)
    except GitError:
        return {}  # commits alone are enough for everything else
    return {oid: found.get(oid, "") for oid in oids}


def _of_mails(session: Session, mids: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for at in range(0, len(mids), _BODIES):
        found |= patch_ids.of_mails(reads.bodies(session, mids[at : at + _BODIES]))
    return found
