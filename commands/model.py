"""Commands for the tagger: train it on labelled sentences, measure it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from doors import Db, File, errors_in_words, output_to, settings_for

GoldFiles = Annotated[
    list[Path], typer.Argument(metavar="GOLD...", help="Labelled sentences, JSON lines.", show_default=False)
]
Seed = Annotated[int, typer.Option("--seed", metavar="N", help="The same seed gives the same result.")]


def train(
    context: typer.Context,
    gold: GoldFiles,
    out: Annotated[Path, typer.Option("-o", "--output", metavar="FOLDER", help="Where the pipeline goes.")],
    seed: Seed = 1,
    db: Db = "",
    config_file: File = "",
) -> None:
    """Train a tagger on labelled sentences and the mails that the database holds. Use it with --model FOLDER."""
    from db.session import open_engine
    from stages import train as stage

    with errors_in_words():
        engine = open_engine(settings_for(context, db, config_file).database, create=False)
        rows = stage.read_gold(gold)
        typer.echo(f"trained on {len(rows)} sentences: {stage.train(engine, rows, out, seed)}")


def evaluate(
    context: typer.Context,
    gold: GoldFiles,
    out: Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help="The figures as JSON.")] = None,
    seed: Seed = 1,
    db: Db = "",
    config_file: File = "",
) -> None:
    """Measure the tagger by cross-validation that keeps thread families together."""
    from db.session import open_engine
    from stages import train as stage

    with errors_in_words():
        engine = open_engine(settings_for(context, db, config_file).database, create=False)
        figures, report = stage.evaluate(engine, stage.read_gold(gold), seed)
        if out is not None:
            with output_to(out) as write:
                write(json.dumps(figures, indent=1, sort_keys=True) + "\n")
        typer.echo(report)
