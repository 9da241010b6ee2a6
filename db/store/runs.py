"""The record of runs: what was done when, with what result. The only rows that a run over unchanged archives adds."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from db.models import Run
from db.store.bulk import next_id


def begin_run(session: Session, command: str, now: datetime) -> int:
    """A new run. One that has no end was killed: the caller holds the lock, so nobody is at work on it any more."""
    killed = update(Run).where(Run.ended.is_(None), Run.error == "").values(error="broke off without a word")
    session.execute(killed)
    run = Run(id=next_id(session, Run), command=command, started=now, ended=None, error="", stages={}, sources={})
    session.add(run)
    session.flush()
    return run.id


def end_run(
    session: Session, run: int, now: datetime, error: str, stages: dict[str, Any], sources: dict[str, Any]
) -> None:
    values = {"ended": now, "error": error, "stages": stages, "sources": sources}
    session.execute(update(Run).where(Run.id == run).values(values))
