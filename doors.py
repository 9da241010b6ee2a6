"""What every command shares: options, settings, the writer's lock, output files, and errors to words and exit codes.

0: done. 1: done in part (a source failed; the others were read), or stale. 2: nothing was done, and one line says why.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import config
from errors import ConfigError, PrecedentError, UsageError

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from stages import sync as run
    from stages.ingest import Target

Db = Annotated[str, typer.Option("--db", metavar="URL", help="Database, default: a file in your data directory.")]
File = Annotated[str, typer.Option("--config", metavar="FILE", help="TOML file with your lists and settings.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress, only the result.")]
Workers = Annotated[int, typer.Option("--workers", metavar="N", help="Processes to use; 0 is one a processor.")]
Model = Annotated[str, typer.Option("--model", metavar="PATH", help="Another spaCy pipeline that sets the same tags.")]
Output = Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help="Instead of standard output.")]


def settings_for(context: typer.Context, db: str, config_file: str, **more: Any) -> config.Settings:
    """Options may stand before or after the command's name; the nearer one wins."""
    return config.load(config_file or context.obj["config"], database=db or context.obj["db"], **more)


@contextmanager
def errors_in_words() -> Iterator[None]:
    """Errors to one line on standard error and exit code 2."""
    try:
        yield
    except PrecedentError as error:
        advice = f" - {error.advice}" if error.advice else ""
        typer.echo(f"precedent: {error.what}{advice}", err=True)
        raise typer.Exit(2) from error
    except BrokenPipeError:
        # The reader (head, less) has seen enough; Python must not complain when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt as error:
        typer.echo("precedent: stopped; what was stored stays, the next run goes on from there", err=True)
        raise typer.Exit(130) from error


@contextmanager
def writing(settings: config.Settings, command: str, quiet: bool) -> Iterator[tuple[Engine, run.Report, Any]]:
    """The one writer of the database, with its run on record; prints the result and sets the exit code."""
    from db.lock import writer_lock
    from db.session import database_errors, open_engine
    from progress import shown
    from stages import sync as run

    engine = open_engine(settings.database)
    with database_errors(settings.database), writer_lock(engine) as mine:
        if not mine:
            typer.echo("another run is writing to this database; nothing to do")
            raise typer.Exit(0)
        with shown(quiet) as progress, run.recorded(engine, command) as report:
            yield engine, report, progress
    _print(report)
    if report.failures:
        raise typer.Exit(1)


def _print(report: run.Report) -> None:
    for name, t in report.sources.items():
        typer.echo(f"{name}: {t.read} mails: {t.stored} stored, {t.known} known, {t.rejected} rejected")
    for name, t in report.histories.items():
        typer.echo(f"{name}: {t.read} commits: {t.stored} stored, {t.known} known")
    for name, t in report.stages.items():
        if name == "commits" and not t.read:
            continue
        unit, done = ("patch mails", "linked") if name == "commits" else ("threads", "done")
        typer.echo(f"{name}: {t.read} {unit}: {t.stored} {done}, {t.known} unchanged")
    for path, error in report.failures.items():
        typer.echo(f"{path}: failed: {error.what}" + (f" - {error.advice}" if error.advice else ""), err=True)


def target_of(settings: config.Settings, name: str) -> Target:
    from stages.ingest import Target

    known = settings.lists.get(name) or config.ListSettings()
    return Target(name, known.permalink, known.product, name in settings.lists)


def mailmap_text(settings: config.Settings) -> str:
    if not settings.mailmap:
        return ""
    try:
        return Path(settings.mailmap).read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise ConfigError(f"cannot read the mailmap {settings.mailmap}: {error.strerror}", "check its path") from error


@contextmanager
def output_to(path: Path | None) -> Iterator[Any]:
    """Standard output, or a file that appears whole or not at all."""
    if path is None:
        yield sys.stdout.write
        sys.stdout.flush()
        return
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with draft.open("w", encoding="utf-8", newline="\n") as handle:
            yield handle.write
        draft.replace(path)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}", "choose another file with -o") from error
    finally:
        draft.unlink(missing_ok=True)
