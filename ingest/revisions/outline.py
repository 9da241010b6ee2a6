"""What is compared of a posting to plain JSON values and back, so that it need not be read from its mails again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ingest.revisions.likeness import View

_SETS = ("titles", "mids", "paths", "trees", "backport")
_SAME = ("key", "author", "thread", "total", "title", "tail", "rfc", "resend", "pull")


def outline(view: View) -> dict[str, Any]:
    began, number, mid = view.began
    return {
        **{name: getattr(view, name) for name in _SAME},
        **{name: sorted(getattr(view, name)) for name in _SETS},
        "began": [began.isoformat(), number, mid],
        "date": view.date.isoformat() if view.date else None,
        "version": list(view.version),
        "cited": {mid: sorted(versions) for mid, versions in sorted(view.cited.items())},
        "whys": list(view.whys),
    }


def read(facts: dict[str, Any]) -> View:
    """The view that ``facts`` is the outline of."""
    began, number, mid = facts["began"]
    read_anew: dict[str, Any] = {
        "began": (datetime.fromisoformat(began), number, mid),
        "date": datetime.fromisoformat(facts["date"]) if facts["date"] else None,
        "version": tuple(facts["version"]),
        "cited": {mid: frozenset(versions) for mid, versions in facts["cited"].items()},
        "whys": tuple(facts["whys"]),
        **{name: frozenset(facts[name]) for name in _SETS},
    }
    return View(**{name: facts[name] for name in _SAME}, **read_anew)
