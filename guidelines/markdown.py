"""A ``Document`` to Markdown, HTML and JSON: a pure function of the values and the templates beside this module.

Templates run in Jinja2's sandbox. What a template prints is escaped unless one of the filters here made it, so that a
forgotten filter costs looks, never safety.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from guidelines import escape
from guidelines.check import Report
from guidelines.decisions import identifier
from guidelines.document import LONGEST, view
from guidelines.entries import day
from guidelines.values import Document, Revision

_TEMPLATES = Path(__file__).parent / "templates"


class _Made(str):
    """Markdown that was made here, fit to be printed as it is."""

    __slots__ = ()


def _environment(finalize: Callable[[Any], Any], autoescape: bool) -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(_TEMPLATES, encoding="utf-8"),
        autoescape=autoescape,
        finalize=finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


@cache
def _for_markdown() -> ImmutableSandboxedEnvironment:
    made = _environment(lambda value: value if isinstance(value, _Made) else escape.markdown(str(value)), False)
    made.filters["link"] = lambda text, url: _Made(escape.link(text, url))
    return made


@cache
def _for_html() -> ImmutableSandboxedEnvironment:
    made = _environment(lambda value: escape.plain(value) if type(value) is str else value, True)
    made.filters["address"] = escape.address
    return made


def render(document: Document, longest: int = LONGEST) -> str:
    """The document's main part, at most ``longest`` rules."""
    return _for_markdown().get_template("guidelines.md.j2").render(doc=view(document, longest))


def render_appendix(document: Document, longest: int = LONGEST) -> str:
    """What did not make it into the main part, for curators."""
    return _for_markdown().get_template("appendix.md.j2").render(doc=view(document, longest))


def render_html(document: Document, longest: int = LONGEST) -> str:
    """The main part as one HTML page without scripts or outside resources."""
    return _for_html().get_template("guidelines.html.j2").render(doc=view(document, longest))


def render_json(document: Document, longest: int = LONGEST) -> str:
    """Main part and appendix as JSON, the same values that the templates show."""
    text = json.dumps(asdict(view(document, longest)), ensure_ascii=False, indent=1, sort_keys=True)
    # A broken mail may hold half a character, which no file can.
    return text.encode("utf-8", "replace").decode("utf-8") + "\n"


def render_check(report: Report) -> str:
    """The report on a patch series, fit for a cover letter."""
    return _for_markdown().get_template("check.md.j2").render(report=report)


def render_changes(revisions: Iterable[Revision], since: datetime | None = None) -> str:
    """What changed since a date, newest first."""
    found = [(identifier(r.number), day(r.at), r) for r in since_then(revisions, since)]
    return _for_markdown().get_template("changes.md.j2").render(changes=found, since=since and day(since))


def since_then(revisions: Iterable[Revision], since: datetime | None) -> list[Revision]:
    """The revisions since a date, newest first; one without a date is always among them."""
    wanted = [r for r in revisions if since is None or r.at is None or r.at >= since]
    wanted.sort(key=lambda r: (r.number, r.revision))
    return sorted(wanted, key=lambda r: r.at.isoformat() if r.at else "", reverse=True)
