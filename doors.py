"""What every command shares: options, settings, the writer's lock, output files, and errors to words and exit codes.

0: done. 1: done in part (a source failed; the others were read), or stale. 2: nothing was done, and one line says why.
"""

from __future__ import annotations

import errno
import logging
import os
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import logs
from errors import PrecedentError, UsageError

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from config import Settings
    from stages import sync as run

Db = Annotated[str, typer.Option("--db", metavar="URL", help="Database, default: a file in your data directory.")]
File = Annotated[str, typer.Option("--config", metavar="FILE", help="TOML file with your lists and settings.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress, only the result.")]
Workers = Annotated[int, typer.Option("--workers", metavar="N", help="Processes to use; 0 is one a processor.")]
Cluster = Annotated[
    str, typer.Option("--cluster", metavar="URL", help="A Dask scheduler (tcp://HOST:PORT), whose workers are used.")
]
Model = Annotated[str, typer.Option("--model", metavar="PATH", help="Another spaCy pipeline that sets the same tags.")]
LogFormat = Annotated[str, typer.Option("--log-format", metavar="FORMAT", help="plain, or json: one object a line.")]
Output = Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help="Instead of standard output.")]


def settings_for(context: typer.Context, db: str, config_file: str, **more: Any) -> Settings:
    """Options may stand before or after the command's name; the nearer one wins."""
    import config  # workers, which import the command line again, need no settings

    return config.load(config_file or context.obj["config"], database=db or context.obj["db"], **more)


class Terminated(KeyboardInterrupt):
    """SIGTERM: what a service manager or a container sends; like Ctrl-C, but nobody is at the keyboard."""


@contextmanager
def errors_in_words(log_format: str = "plain", quiet: bool = False) -> Iterator[None]:
    """Errors to one line on standard error and exit code 2."""
    logs.begin(log_format, quiet)
    try:
        if log_format not in logs.FORMATS:
            raise UsageError(f"there is no log format called {log_format}", f"choose one of: {', '.join(logs.FORMATS)}")
        yield
    except PrecedentError as error:
        complain(error)
        raise typer.Exit(2) from error
    except KeyboardInterrupt as error:
        _tell("stopped; what was stored stays, the next run goes on from there")
        raise typer.Exit(143 if isinstance(error, Terminated) else 130) from error
    except BrokenPipeError:
        # The reader (head, less) has seen enough; Python must not complain when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG):
            raise
        _tell(f"cannot write {error.filename or 'a temporary file'}: {error.strerror} - free some space and run again")
        raise typer.Exit(2) from error


def complain(error: PrecedentError) -> None:
    """One line that says what is wrong and what to do."""
    _tell(error.what + (f" - {error.advice}" if error.advice else ""))


def _tell(text: str) -> None:
    if logs.as_json():
        logs.note(text, logging.ERROR)
    else:
        typer.echo(f"precedent: {logs.printable(text)}", err=True)


@contextmanager
def ended_by_sigterm() -> Iterator[None]:
    """SIGTERM ends the work as Ctrl-C does: the open transaction is rolled back, the run's record completed."""

    def end(_number: int, _frame: object) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise Terminated

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def seconds(text: str) -> float:
    """ "90s", "15m", "1h", "1d" to seconds; 0 for none. Raises UsageError."""
    if not text:
        return 0
    found = re.fullmatch(r"([1-9]\d{0,5})([smhd])", text.strip())
    if not found:
        raise UsageError(f"{text} is no time", "write it like 30m, 1h or 1d")
    return int(found[1]) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[found[2]]


def repeated(every: float, once: Callable[[], None], sleep: Callable[[float], None] = time.sleep) -> None:
    """``once``, and with ``every`` again and again, begun at that distance, until SIGTERM or Ctrl-C, the proper end.
    What the first round cannot do ends it all; what a later one cannot is told, and the next one tries again."""
    first = True
    try:
        while True:
            began = time.monotonic()
            try:
                once()
            except typer.Exit:
                if not every:
                    raise
            except PrecedentError as error:
                if first:
                    raise
                complain(error)
            if not every:
                return
            first = False
            sleep(max(0.0, every - (time.monotonic() - began)))
    except KeyboardInterrupt:
        if not every:
            raise
        logs.note("stopped")


@contextmanager
def writing(settings: Settings, command: str, quiet: bool) -> Iterator[tuple[Engine, run.Report, Any]]:
    """The one writer of the database, with its run on record; prints the result and sets the exit code."""
    from db.lock import writer_lock
    from db.session import database_errors, open_engine
    from progress import shown
    from stages import sync as run

    with writer_lock(settings.database) as mine:
        if not mine:
            _result("another run is writing to this database; nothing to do")
            raise typer.Exit(0)
        engine = open_engine(settings.database)
        try:
            with database_errors(settings.database), shown(quiet) as progress, run.recorded(engine, command) as report:
                yield engine, report, progress
        finally:
            engine.dispose()
    _print(report)
    if logs.as_json():
        logs.note("run ended", command=command, failed=len(report.failures))
    if report.failures:
        raise typer.Exit(1)


def _print(report: run.Report) -> None:
    for name, t in report.sources.items():
        words = f"{name}: {t.read} mails: {t.stored} stored, {t.known} known, {t.rejected} rejected"
        _result(words, "source read", source=name, **t.as_dict())
    for name, t in report.histories.items():
        words = f"{name}: {t.read} commits: {t.stored} stored, {t.known} known"
        _result(words, "history read", source=name, **t.as_dict())
    for name, t in report.stages.items():
        if name == "commits" and not t.read:
            continue
        unit, done = ("patch mails", "linked") if name == "commits" else ("threads", "done")
        words = f"{name}: {t.read} {unit}: {t.stored} {done}, {t.known} unchanged"
        _result(words, "stage done", stage=name, **t.as_dict())
    for path, error in report.failures.items():
        if logs.as_json():
            logs.note("source failed", logging.ERROR, source=path, error=error.what, advice=error.advice)
        else:
            words = f"{path}: failed: {error.what}" + (f" - {error.advice}" if error.advice else "")
            typer.echo(logs.printable(words), err=True)


def _result(words: str, event: str = "", **facts: Any) -> None:
    if logs.as_json():
        logs.note(event or words, **facts)
    else:
        typer.echo(logs.printable(words))


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
