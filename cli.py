"""The command line: arguments in, tallies out. Exit codes and words for errors are in ``doors``."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import version as installed
from pathlib import Path
from typing import Annotated

import typer

from doors import (
    Db,
    File,
    Model,
    Output,
    Quiet,
    Workers,
    errors_in_words,
    mailmap_text,
    output_to,
    settings_for,
    target_of,
    writing,
)
from errors import UsageError
from ingest.sources.recognise import KINDS
from stages import FORMATS

# The stages bring spaCy, pandas and scikit-learn with them. They are imported where a command needs them, so that
# `--help` answers at once and worker processes, which import this file again, do not carry them about.

main = typer.Typer(
    help="Precedent reads the archives of development mailing lists and keeps a living document of what maintainers "
    "required of new interfaces, each rule with the mails that carry it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Start with:  precedent ingest ARCHIVE --list NAME,  then  precedent sync,  then  precedent app.",
)


@main.callback()
def common(
    context: typer.Context,
    db: Db = "",
    config_file: File = "",
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.", is_eager=True)] = False,
) -> None:
    if version:
        typer.echo(f"precedent {installed('precedent')}")
        raise typer.Exit
    context.obj = {"db": db, "config": config_file}


@main.command()
def sync(
    context: typer.Context,
    db: Db = "",
    config_file: File = "",
    processes: Workers = 0,
    model: Model = "",
    quiet: Quiet = False,
) -> None:
    """Read what is new in every source and bring everything up to date. For a timer: one shot, one writer."""
    from stages import sync as run
    from stages.commits import Code
    from workers import workers

    with errors_in_words():
        settings = settings_for(context, db, config_file, workers=processes or None, model=model)
        mailmap = mailmap_text(settings)
        with writing(settings, "sync", quiet) as (engine, report, progress), workers(settings.workers) as executor:
            archives = [
                run.Archive(Path(source.path), source.kind or None, target_of(settings, name))
                for name, known in settings.lists.items()
                for source in known.sources
            ]
            archives += run.recorded_archives(engine, {archive.path for archive in archives})
            if not archives:
                raise UsageError(
                    "no list has a source yet",
                    "name one in the configuration, or run: precedent ingest ARCHIVE --list NAME",
                )
            codes = [
                Code(Path(path), target_of(settings, name))
                for name, known in settings.lists.items()
                for path in known.repositories
            ]
            codes += run.recorded_codes(engine, {code.path for code in codes})
            run.read_archives(engine, archives, executor, progress, report)
            run.read_histories(engine, codes, progress, report)
            run.process(engine, executor, progress, report, settings.model, mailmap)


@main.command()
def ingest(
    context: typer.Context,
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Archives of one list.", show_default=False)],
    list_name: Annotated[str, typer.Option("--list", metavar="NAME", help="The list they belong to.")],
    kind: Annotated[str, typer.Option("--kind", metavar="KIND", help=f"One of: {', '.join(KINDS)}.")] = "",
    db: Db = "",
    config_file: File = "",
    processes: Workers = 0,
    quiet: Quiet = False,
) -> None:
    """Store the mails of archives: public-inbox, mbox (.gz, .xz, .zst), Maildir, a folder of .eml. Kept for `sync`."""
    from stages import sync as run
    from workers import workers

    with errors_in_words():
        settings = settings_for(context, db, config_file, workers=processes or None)
        target = target_of(settings, list_name)
        archives = [run.Archive(path.expanduser().resolve(), kind or None, target) for path in paths]
        run.check(archives)
        with writing(settings, "ingest", quiet) as (engine, report, progress), workers(settings.workers) as executor:
            run.read_archives(engine, archives, executor, progress, report)


def _stage(name: str, context: typer.Context, db: str, config_file: str, processes: int, model: str, q: bool) -> None:
    from db.session import open_engine
    from stages import sync as run
    from workers import workers

    with errors_in_words():
        settings = settings_for(context, db, config_file, workers=processes or None, model=model)
        open_engine(settings.database, create=False).dispose()
        mailmap = mailmap_text(settings)
        with writing(settings, name, q) as (engine, report, progress), workers(settings.workers) as executor:
            run.process(engine, executor, progress, report, settings.model, mailmap, only=name)


@main.command()
def link(
    context: typer.Context, db: Db = "", config_file: File = "", processes: Workers = 0, quiet: Quiet = False
) -> None:
    """Thread what is stored, find series and people, trace quotes, link patches to commits."""
    _stage("link", context, db, config_file, processes, "", quiet)


@main.command()
def tag(
    context: typer.Context,
    db: Db = "",
    config_file: File = "",
    processes: Workers = 0,
    model: Model = "",
    quiet: Quiet = False,
) -> None:
    """Tag the sentences of threads that changed."""
    _stage("tag", context, db, config_file, processes, model, quiet)


@main.command()
def distil(context: typer.Context, db: Db = "", config_file: File = "", quiet: Quiet = False) -> None:
    """Weigh requirements and merge them into guidelines."""
    _stage("distil", context, db, config_file, 1, "", quiet)


commits = typer.Typer(no_args_is_help=True, help="Code repositories that a list's patches end up in.")
main.add_typer(commits, name="commits")


@commits.command("add")
def commits_add(
    context: typer.Context,
    repositories: Annotated[list[Path], typer.Argument(metavar="REPO...", help="Local clones.", show_default=False)],
    list_name: Annotated[str, typer.Option("--list", metavar="NAME", help="The list they belong to.")],
    db: Db = "",
    config_file: File = "",
    quiet: Quiet = False,
) -> None:
    """Store a git history. Commits alone are enough: `git clone --bare --filter=tree:0 URL`. Kept for `sync`."""
    from stages import commits as stage
    from stages import sync as run

    with errors_in_words():
        settings = settings_for(context, db, config_file)
        target = target_of(settings, list_name)
        codes = [stage.Code(path.expanduser().resolve(), target) for path in repositories]
        stage.check(codes)
        with writing(settings, "commits add", quiet) as (engine, report, progress):
            run.read_histories(engine, codes, progress, report)


@main.command()
def export(
    context: typer.Context,
    what: Annotated[str, typer.Argument(metavar="|".join(FORMATS), show_default=False)],
    form: Annotated[str, typer.Option("--format", metavar="FORMAT", help="md, jsonl, csv or tsv; see the docs.")] = "",
    text: Annotated[bool, typer.Option("--text", help="Segments: with their text.")] = False,
    output: Output = None,
    db: Db = "",
    config_file: File = "",
) -> None:
    """Write the document, or a table of statements, threads, segments or commits."""
    from db.session import database_errors, open_engine
    from stages import export as exports

    with errors_in_words():
        if what not in FORMATS:
            raise UsageError(f"there is no export called {what}", f"choose one of: {', '.join(FORMATS)}")
        settings = settings_for(context, db, config_file)
        engine = open_engine(settings.database, create=False)
        with database_errors(settings.database), output_to(output) as write:
            for piece in exports.export(engine, what, form or None, text):
                write(piece)


@main.command()
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
        command = [sys.executable, "-m", "streamlit", "run", str(Path(__file__).with_name("app.py"))]
        command += ["--server.address=127.0.0.1", f"--server.port={port}", "--server.headless=true"]
        command += ["--browser.gatherUsageStats=false", "--server.fileWatcherType=none"]
        typer.echo(f"Precedent: http://127.0.0.1:{port}  (Ctrl-C stops it)")
        environment = {**os.environ, "PRECEDENT_DB": settings.database}
        raise typer.Exit(subprocess.run(command, env=environment, check=False).returncode)


if __name__ == "__main__":
    main()
