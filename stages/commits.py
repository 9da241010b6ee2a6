"""Git histories to commits, and patch mails to the commits that they became."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from db import history as rows
from db.store import history as store
from db.store.stirred import KEY, stir
from db.store.structure import archive_state, mark, set_mark
from ingest import commits
from ingest.history import links
from ingest.watched import COMMIT, LINKS, question
from stages import Progress
from stages.diffs import link_by_diff
from stages.ingest import Target, list_of
from tally import Tally

VERSION = "3"  # raised when the linking rules change
BATCH = 2000


@dataclass(frozen=True, slots=True)
class Code:
    """A repository whose commits a list's patches become; ``url``: where ``path`` is cloned from, "" for a clone of the
    user's own."""

    path: Path
    target: Target
    url: str = ""


def elsewhere(url: str, mirrors: Path, target: Target) -> Code:
    """A repository that is cloned into a folder of its own below ``mirrors``."""
    from ingest.sources.mirror import code_path

    return Code(code_path(url, mirrors), target, url)


def read_history(engine: Engine, code: Code, progress: Progress) -> Tally:
    """Stores the commits that came since the last reading. Raises GitError for what is no repository."""
    name = code.path.name.removesuffix(".git")
    head = commits.head_state(code.path)
    with Session(engine) as session, session.begin():
        row = list_of(session, code.target)
        repository = store.ensure_repository(session, row.id, name, str(code.path))
        number, since = repository.id, repository.cursor
    if since == head:
        return Tally()
    tally = Tally()
    found = iter(commits.history(code.path, since))
    while batch := list(islice(found, BATCH)):
        with Session(engine) as session, session.begin():
            stored = store.store_commits(session, number, batch)
        tally += Tally(len(batch), stored, len(batch) - stored, 0)
        progress(f"reading {name}", tally.read, None)
    with Session(engine) as session, session.begin():
        if since is not None:
            store.store_reach(session, number, list(commits.containment(code.path)))
        rows.repository(session, number).cursor = head
    return tally


def link_commits(engine: Engine, progress: Progress) -> Tally:
    """Links patch mails to the commits of every repository; nothing is done where neither side changed."""
    tally = Tally()
    with Session(engine) as session:
        repositories = rows.repositories(session)
        state = archive_state(session)
    for number, name, list_id, cursor in repositories:
        stage, now = f"commits:{number}", f"{VERSION}:{state}:{cursor}"
        with Session(engine) as session, session.begin():
            if mark(session, stage) == now:
                continue
            progress(f"linking {name}", 0, None)
            patches = rows.patch_refs(session, list_id)
            ids = rows.commit_ids(session, number)
            others = [other for _, other, its_list, _ in repositories if its_list == list_id and other != name]
            found = links.link(patches, rows.commits(session, number), foreign=others)
            found = link_by_diff(session, number, patches, found, others)
            changed = store.store_links(session, number, found, ids)
            stir(session, KEY, [question(LINKS, mid) for mid, _ in changed])
            stir(session, KEY, [question(COMMIT, oid) for _, oid in changed])
            set_mark(session, stage, now)
            tally += Tally(len(patches), len(found), len(patches) - len({link.mid for link in found}), 0)
    return tally


def check(codes: Sequence[Code]) -> None:
    """Raises GitError for the first path that is no readable repository, before anything is changed."""
    for code in codes:
        commits.head_state(code.path)
