"""Database to a short report for people and for monitoring: sources with the age of their last good run, and totals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine

from db.queries import status


def health(
    engine: Engine, now: datetime, stale_after: timedelta, configured: Sequence[tuple[str, str]] = ()
) -> dict[str, Any]:
    """Plain values, ready for JSON. ``stale`` is true when any source has no good run within ``stale_after``, one that
    is ``configured`` (list, location) and was never read among them, or when the document was not renewed in that time.
    """
    sources = []
    for row in status.sources(engine).to_dict(orient="records"):
        good: datetime | None = row["last_good_run"]
        age = (now - good).total_seconds() if good else None
        sources.append(
            {
                "list": row["list"],
                "kind": row["kind"],
                "location": row["location"],
                "messages": int(row["messages"]),
                "rejects": int(row["rejects"]),
                "attached": int(row["attached"]),
                "newest_message": _iso(row["newest"]),
                "last_good_run": _iso(good),
                "age_seconds": None if age is None else round(age),
                "stale": age is None or age > stale_after.total_seconds(),
            }
        )
    read = {source["location"] for source in sources}
    sources += [_never(name, location) for name, location in configured if location not in read]
    renewed = status.renewed(engine)
    old = None if renewed is None else (now - renewed).total_seconds()
    last = next(iter(status.runs(engine, limit=1).to_dict(orient="records")), None)
    return {
        "stale": any(source["stale"] for source in sources) or old is None or old > stale_after.total_seconds(),
        "sources": sources,
        "document_renewed": _iso(renewed),
        "document_age_seconds": None if old is None else round(old),
        "last_run": last
        and {
            "command": last["command"],
            "started": _iso(last["started"]),
            "ended": _iso(last["ended"]),
            "error": last["error"],
        },
    }


def _never(name: str, location: str) -> dict[str, Any]:
    """A source that is configured and was never read: it failed each time, or is new."""
    unknown = dict.fromkeys(("newest_message", "last_good_run", "age_seconds"))
    return {
        "list": name,
        "kind": "",
        "location": location,
        "messages": 0,
        "rejects": 0,
        "attached": 0,
        **unknown,
        "stale": True,
    }


def lines(report: dict[str, Any]) -> list[str]:
    """The report as people read it, a line a source."""
    found = [
        f"{source['list']}: {source['messages']} messages, {source['rejects']} rejected, newest "
        f"{source['newest_message'] or 'unknown'}, last good run {source['last_good_run'] or 'never'}"
        f"{' (stale)' if source['stale'] else ''}  {source['location']}"
        for source in report["sources"]
    ]
    run = report["last_run"]
    if found:
        found.append(f"document: renewed {report['document_renewed'] or 'never'}")
    if run:
        ended = run["ended"] or "not ended"
        error = f": {run['error']}" if run["error"] else ""
        found.append(f"last run: {run['command']}, {run['started']} to {ended}{error}")
    return found or ["no source was read yet; run: precedent ingest ARCHIVE --list NAME"]


def _iso(when: datetime | None) -> str | None:
    return when.strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(when, datetime) and when == when else None
