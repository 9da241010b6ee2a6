"""Database to what people take away: the document, and the tables whose columns are a contract."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from importlib.metadata import version

import pandas as pd
from sqlalchemy import Engine

from db.queries import document
from db.queries import exports as queries
from errors import UsageError
from guidelines import markdown
from stages import FORMATS


def export(engine: Engine, what: str, form: str | None = None, text: bool = False) -> Iterator[str]:
    """The export ``what`` in pieces. ``form`` None is the first of FORMATS; ``text`` adds it to segments."""
    form = form or FORMATS[what][0]
    if form not in FORMATS[what]:
        raise UsageError(f"{what} cannot be exported as {form}", f"choose one of: {', '.join(FORMATS[what])}")
    if what == "guidelines":
        loaded = document.load(engine, version("precedent"))
        yield {"md": markdown.render, "html": markdown.render_html, "json": markdown.render_json}[form](loaded)
    elif what == "appendix":
        yield markdown.render_appendix(document.load(engine, version("precedent")))
    elif what == "segments":
        for row in queries.segments(engine, text):
            yield json.dumps(row, ensure_ascii=False) + "\n"
    else:
        tables: dict[str, Callable[[Engine], pd.DataFrame]] = {
            "statements": queries.statements,
            "threads": queries.threads,
            "commits": queries.commits,
        }
        yield from _table(tables[what](engine), form)


def _table(frame: pd.DataFrame, form: str) -> Iterator[str]:
    if form == "jsonl":
        for record in frame.to_dict(orient="records"):
            yield json.dumps(record, ensure_ascii=False) + "\n"
        return
    flat = frame.map(lambda value: json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value)
    yield flat.to_csv(index=False, sep="\t" if form == "tsv" else ",", lineterminator="\n")
