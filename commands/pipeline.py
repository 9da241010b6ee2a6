"""Commands that write: read archives and histories, and run the stages."""

from __future__ import annotations

import os
import re
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands.configured import configured_archives, configured_codes, people_files, target_of
from commands.model import ask, endpoint_of
from doors import (
    Cluster,
    Db,
    File,
    LogFormat,
    Model,
    Quiet,
    Workers,
    ended_by_sigterm,
    errors_in_words,
    repeated,
    seconds,
    settings_for,
    writing,
)
from errors import UsageError
from ingest.sources.recognise import KINDS

if TYPE_CHECKING:
    from config import Settings


def sync(
    context: typer.Context,
    db: Db = "",
    config_file: File = "",
    processes: Workers = 0,
    cluster: Cluster = "",
    model: Model = "",
    every: Annotated[
        str, typer.Option("--every", metavar="TIME", help="Again and again: 30m, 1h; ends on SIGTERM.")
    ] = "",
    log_format: LogFormat = "plain",
    quiet: Quiet = False,
) -> None:
    """Read what is new in every source and bring everything up to date. For a timer: one shot, one writer."""
    with errors_in_words(log_format, quiet), ended_by_sigterm():

        def once() -> None:
            _sync(
                settings_for(context, db, config_file, workers=processes or None, cluster=cluster, model=model), quiet
            )

        repeated(seconds(every), once)


def _sync(settings: Settings, quiet: bool) -> None:
    from workers import Pool, workers

    people = people_files(settings)
    with ExitStack() as stack:
        executor = stack.enter_context(workers(settings.workers, settings.cluster))
        if isinstance(executor, Pool):
            executor.prepare(os.getpid)  # a worker starts while this process loads the database
        # The workers end before a failure is told.
        with writing(settings, "sync", quiet) as (engine, report, progress), stack:
            if isinstance(executor, Pool):
                executor.settle()
            from stages import sync as run

            archives = configured_archives(settings)
            archives += run.recorded_archives(engine, {archive.location for archive in archives})
            if not archives:
                advice = "name one in the configuration, or run: precedent ingest ARCHIVE --list NAME"
                raise UsageError("no list has a source yet", advice)
            codes = configured_codes(settings)
            codes += run.recorded_codes(engine, {code.path for code in codes})
            run.read_archives(engine, archives, executor, progress, report)
            run.read_histories(engine, codes, progress, report)
            run.process(engine, executor, progress, report, settings.model, people, settings.notes)


def ingest(
    context: typer.Context,
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Archives of one list.", show_default=False)],
    list_name: Annotated[str, typer.Option("--list", metavar="NAME", help="The list they belong to.")],
    kind: Annotated[str, typer.Option("--kind", metavar="KIND", help=f"One of: {', '.join(KINDS)}.")] = "",
    db: Db = "",
    config_file: File = "",
    processes: Workers = 0,
    cluster: Cluster = "",
    quiet: Quiet = False,
) -> None:
    """Store the mails of archives: public-inbox, mbox (.gz, .xz, .zst), Maildir, a folder of .eml. Kept for `sync`."""
    from stages import sync as run
    from workers import workers

    with errors_in_words():
        for path in paths:
            if re.match(r"[a-z]{2,9}:/", str(path)):
                advice = "put it into the sources of its list, then run: precedent sync"
                raise UsageError("addresses are fetched from the configuration only", advice)
        settings = settings_for(context, db, config_file, workers=processes or None, cluster=cluster)
        target = target_of(settings, list_name)
        archives = [run.Archive(path.expanduser().resolve(), kind or None, target) for path in paths]
        run.check(archives)
        with (
            writing(settings, "ingest", quiet) as (engine, report, progress),
            workers(settings.workers, settings.cluster) as executor,
        ):
            run.read_archives(engine, archives, executor, progress, report)


def forget(
    context: typer.Context,
    sources: Annotated[list[str], typer.Argument(metavar="SOURCE...", help="As `precedent status` names them.")],
    db: Db = "",
    config_file: File = "",
) -> None:
    """Read archives or code repositories no more. What they gave stays; `ingest`, `commits add` take them up again."""
    from db.session import open_engine
    from stages import sync as run

    with errors_in_words():
        settings = settings_for(context, db, config_file)
        open_engine(settings.database, create=False).dispose()
        configured = {archive.location for archive in configured_archives(settings)}
        configured |= {str(code.path) for code in configured_codes(settings)}
        if both := sorted(configured.intersection(sources)):
            raise UsageError(f"{both[0]} stands in the configuration", "take it out there")
        with writing(settings, "forget", True) as (engine, _report, _progress):
            run.forget(engine, sources)


def _stage(
    name: str, context: typer.Context, db: str, config_file: str, processes: int, cluster: str, model: str, q: bool
) -> None:
    from db.session import open_engine
    from stages import sync as run
    from workers import workers

    with errors_in_words():
        settings = settings_for(context, db, config_file, workers=processes or None, cluster=cluster, model=model)
        open_engine(settings.database, create=False).dispose()
        people = people_files(settings)
        with (
            writing(settings, name, q) as (engine, report, progress),
            workers(settings.workers, settings.cluster) as executor,
        ):
            run.process(engine, executor, progress, report, settings.model, people, settings.notes, only=name)


def link(
    context: typer.Context,
    db: Db = "",
    config_file: File = "",
    processes: Workers = 0,
    cluster: Cluster = "",
    quiet: Quiet = False,
) -> None:
    """Thread what is stored, find series and people, trace quotes, link patches to commits."""
    _stage("link", context, db, config_file, processes, cluster, "", quiet)


def tag(
    context: typer.Context,
    db: Db = "",
    config_file: File = "",
    processes: Workers = 0,
    cluster: Cluster = "",
    model: Model = "",
    llm: Annotated[bool, typer.Option("--llm", help="Then ask the language model of the configuration.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="With --llm: do not ask before it costs.")] = False,
    quiet: Quiet = False,
) -> None:
    """Tag the sentences of threads that changed."""
    if llm:
        with errors_in_words():
            endpoint_of(settings_for(context, db, config_file))  # its faults are told before hours of tagging
    _stage("tag", context, db, config_file, processes, cluster, model, quiet)
    if llm:
        with errors_in_words():
            ask(settings_for(context, db, config_file), yes, quiet)


def distil(context: typer.Context, db: Db = "", config_file: File = "", quiet: Quiet = False) -> None:
    """Weigh requirements and merge them into guidelines."""
    _stage("distil", context, db, config_file, 1, "", "", quiet)


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


def curation_import(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="From `precedent curation export`.", show_default=False)],
    db: Db = "",
    config_file: File = "",
) -> None:
    """Take over decisions and numbers from a curation file, and work them into the document."""
    from stages import curate
    from stages import sync as run

    with errors_in_words():
        settings = settings_for(context, db, config_file)
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"cannot read {file}: {error}", "give a file from `precedent curation export`") from error
        with writing(settings, "curation import", True) as (engine, report, progress):
            tally = curate.load(engine, text)
            run.process(engine, None, progress, report, settings.model, ("", ""), settings.notes, only="distil")
        typer.echo(f"{tally.read} decisions: {tally.stored} added, {tally.known} known")
