"""Commands that only read: exports, the state of things, the app."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from commands.configured import configured_archives
from doors import Db, File, Output, errors_in_words, output_to, settings_for
from errors import UsageError
from stages import FORMATS


def export(
    context: typer.Context,
    what: Annotated[str, typer.Argument(metavar="|".join(FORMATS), show_default=False)],
    form: Annotated[str, typer.Option("--format", metavar="FORMAT", help="md, jsonl, csv or tsv; see the docs.")] = "",
    text: Annotated[bool, typer.Option("--text", help="Segments: with their text.")] = False,
    since: Annotated[datetime | None, typer.Option("--since", metavar="DATE", formats=["%Y-%m-%d"])] = None,
    output: Output = None,
    db: Db = "",
    config_file: File = "",
) -> None:
    """Write the document, what changed in it, or a table of what it rests on."""
    from db.session import opened
    from stages import export as exports

    with errors_in_words():
        if what not in FORMATS:
            raise UsageError(f"there is no export called {what}", f"choose one of: {', '.join(FORMATS)}")
        settings = settings_for(context, db, config_file)
        with opened(settings.database) as engine, output_to(output) as write:
            for piece in exports.export(engine, what, form or None, text, since and since.replace(tzinfo=UTC)):
                write(piece)


def check(
    context: typer.Context,
    series: Annotated[
        list[str],
        typer.Argument(metavar="SERIES...", help="Patch files, a folder, an mbox, a Message-ID, or A..B with --repo."),
    ],
    repository: Annotated[
        Path | None, typer.Option("--repo", metavar="PATH", help="A git clone; SERIES is A..B.")
    ] = None,
    form: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="md for a cover letter, json for a bot.")
    ] = "md",
    output: Output = None,
    db: Db = "",
    config_file: File = "",
) -> None:
    """Hold a patch series against the document. Exit code 1 when a rule of level MUST stays open, 0 when none does."""
    from db.session import opened
    from stages import check as stage

    with errors_in_words():
        if form not in ("md", "json"):
            raise UsageError(f"a check cannot be written as {form}", "choose one of: md, json")
        settings = settings_for(context, db, config_file)
        with opened(settings.database) as engine:
            report, open_musts = stage.check(engine, stage.read_series(engine, series, repository), form)
        with output_to(output) as write:
            write(report)
        if open_musts:
            raise typer.Exit(1)


def curation_export(context: typer.Context, output: Output = None, db: Db = "", config_file: File = "") -> None:
    """Write people's decisions and the numbers of the rules, as text for git."""
    export(context, "curation", "", False, None, output, db, config_file)


def status(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="For monitoring.")] = False,
    stale_after: Annotated[float, typer.Option("--stale-after", metavar="HOURS", help="Exit code 1 beyond.")] = 48,
    db: Db = "",
    config_file: File = "",
) -> None:
    """Tell how fresh each source is. Exit code 1 when one had no good run lately."""
    from db.session import opened
    from stages.health import health, lines

    with errors_in_words():
        settings = settings_for(context, db, config_file)
        configured = [(archive.target.list_name, archive.location) for archive in configured_archives(settings)]
        with opened(settings.database) as engine:
            report = health(engine, datetime.now(UTC), timedelta(hours=stale_after), configured)
        typer.echo(json.dumps(report, indent=1) if as_json else "\n".join(lines(report)))
        if report["stale"]:
            raise typer.Exit(1)


def app(
    context: typer.Context,
    db: Db = "",
    config_file: File = "",
    port: Annotated[int, typer.Option("--port", metavar="N", help="Port on 127.0.0.1.")] = 8501,
) -> None:
    """Browse, search and curate in a browser (on this machine only). Stops with Ctrl-C."""
    from db.session import open_engine

    with errors_in_words():
        settings = settings_for(context, db, config_file)
        open_engine(settings.database, create=False).dispose()
        command = [sys.executable, "-m", "streamlit", "run", str(Path(__file__).parents[1] / "app.py")]
        command += ["--server.address=127.0.0.1", f"--server.port={port}", "--server.headless=true"]
        command += ["--browser.gatherUsageStats=false", "--server.fileWatcherType=none"]
        typer.echo(f"Precedent: http://127.0.0.1:{port}  (Ctrl-C stops it)")
        environment = {**os.environ, "PRECEDENT_DB": settings.database}
        environment.setdefault("PRECEDENT_CURATORS", " ".join(settings.app.curators))
        environment.setdefault("PRECEDENT_READING", settings.app.reading)
        raise typer.Exit(subprocess.run(command, env=environment, check=False).returncode)
