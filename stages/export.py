"""Database to what people take away: the document, and the tables whose columns are a contract."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from importlib.metadata import version
from typing import Any

import pandas as pd
from sqlalchemy import Engine

from db import rules
from db.queries import document, exports, objections
from errors import UsageError
from guidelines import curation, feed, markdown
from stages import FORMATS


def export(
    engine: Engine, what: str, form: str | None = None, text: bool = False, since: datetime | None = None
) -> Iterator[str]:
    """The export ``what`` in pieces. ``form`` None is the first of FORMATS; ``text`` adds it to segments; ``since``
    bounds the changes."""
    form = form or FORMATS[what][0]
    if form not in FORMATS[what]:
        raise UsageError(f"{what} cannot be exported as {form}", f"choose one of: {', '.join(FORMATS[what])}")
    match what:
        case "guidelines":
            renderers = {"md": markdown.render, "html": markdown.render_html, "json": markdown.render_json}
            return iter([renderers[form](document.load(engine, version("precedent")))])
        case "appendix":
            return iter([markdown.render_appendix(document.load(engine, version("precedent")))])
        case "changes":
            return iter([_changes(engine, form, since)])
        case "curation":
            return iter([_curation(engine)])
        case "segments":
            return _lines(exports.segments(engine, text))
        case "objections":
            return _lines(objections.objections(engine))
    tables = {"statements": exports.statements, "threads": exports.threads, "commits": exports.commits}
    return _table(tables[what](engine), form)


def _changes(engine: Engine, form: str, since: datetime | None) -> str:
    with engine.connect() as connection:
        revisions = rules.revisions(connection)
    return feed.atom(revisions, since) if form == "atom" else markdown.render_changes(revisions, since)


def _curation(engine: Engine) -> str:
    with engine.connect() as connection:
        return curation.dump(rules.decisions(connection), rules.guidelines(connection), rules.revisions(connection))


def _lines(rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    return (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _table(frame: pd.DataFrame, form: str) -> Iterator[str]:
    if form == "jsonl":
        return _lines({str(k): v for k, v in row.items()} for row in frame.to_dict(orient="records"))
    flat = frame.map(lambda value: json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value)
    return iter([flat.to_csv(index=False, sep="\t" if form == "tsv" else ",", lineterminator="\n")])
