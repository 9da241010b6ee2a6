"""Tagged statements to requirements, thread by thread, and all requirements to guidelines."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from db import adoptions, claims, history, reads, rules
from db.queries.claims import passages
from db.store import statements, structure
from guidelines.annotated import lay_over, named
from guidelines.merge import merge
from guidelines.requirements import resolve
from guidelines.values import Entry, Requirement
from stages import Progress
from stages.link import thread_batches
from tally import Tally

VERSION = "20"  # raised when the rules of status or merging change


def distil(engine: Engine, progress: Progress) -> Tally:
    """Requirements of every thread whose tags changed, then the guidelines if a requirement or a decision changed.
    The tally counts threads."""
    with Session(engine) as session, session.begin():
        if structure.mark(session, "resolve") != VERSION:
            structure.forget(session, "distilled")
            structure.set_mark(session, "resolve", VERSION)
        committed = history.went_in(session)
        _look_again(session, "went in", committed)
        later = _versions(session)
        waiting = reads.unfinished(session, "distilled")
        total = reads.thread_count(session)
    done, mails = 0, sum(size for _, size in waiting)
    sizes = dict(waiting)
    for names in thread_batches(waiting):
        with Session(engine) as session, session.begin():
            found = claims.claims(session, names)
            spoken = {claim.key: claim for mine in found.values() for claim in mine}
            whole = passages(session.connection(), named(c for mine in found.values() for c in mine))
            resolved = [r for mine in found.values() for r in lay_over(resolve(mine, committed, later), mine, whole)]
            statements.store_requirements(session, spoken, resolved)
            structure.finish(session, "distilled", names)
        done += sum(sizes[name] for name in names)
        progress("weighing requirements", done, mails)
    _merge(engine, progress)
    return Tally(total, len(waiting), total - len(waiting), 0)


def _versions(session: Session) -> dict[str, tuple[Entry, ...]]:
    """What later versions say. It is looked up only where mails or tags changed: nothing else can change it."""
    state = json.dumps([VERSION, structure.mark(session, "link"), structure.mark(session, "tag")])
    if structure.mark(session, "versions read") == state and not reads.unfinished(session, "distilled"):
        return {}
    found = adoptions.versions(session)
    told = {mid: "\n".join(entry.said.key for entry in mine) for mid, mine in found.items()}
    _look_again(session, "versions", {mid: hashlib.sha256(t.encode()).hexdigest()[:16] for mid, t in told.items()})
    structure.set_mark(session, "versions read", state)
    return found


def _look_again(session: Session, name: str, known: dict[str, str]) -> None:
    """What became of patches decides statuses; threads of which that became known since are weighed again."""
    before = json.loads(structure.mark(session, name) or "{}")
    moved = sorted(mid for mid in {*before, *known} if before.get(mid) != known.get(mid))
    if moved:
        structure.forget(session, "distilled", [name for name, _ in reads.threads_of(session, moved)])
        structure.set_mark(session, name, json.dumps(known, sort_keys=True))


def _merge(engine: Engine, progress: Progress) -> None:
    with Session(engine) as session, session.begin():
        here = session.connection()
        requirements = list(rules.requirements(here).values())
        decisions, products = rules.decisions(here), rules.products(here)
        # Who is who, and when something was said, is the linking's; it is not told by the requirements themselves.
        given = (VERSION, structure.mark(session, "link"), requirements, claims.answered(session), decisions, products)
        state = hashlib.sha256(repr(given).encode()).hexdigest()
        if structure.mark(session, "merge") == state:
            return
        progress("merging guidelines", 0, None)
        spoken = claims.claims_by_key(session, _mentioned(requirements))
        guidelines, revisions = merge(requirements, spoken, decisions, rules.guidelines(here), products)
        statements.store_guidelines(session, guidelines, revisions)
        structure.set_mark(session, "merge", state)


def _mentioned(requirements: Sequence[Requirement]) -> set[str]:
    return {key for r in requirements for key in (r.claim, *(stance.claim for stance in r.stances))}
