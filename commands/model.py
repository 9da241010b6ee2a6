"""Commands for the tagger: train it on labelled sentences, measure it, ask a language model about what it kept."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import platformdirs
import typer

from doors import Db, File, Model, errors_in_words, output_to, settings_for, writing
from errors import ConfigError, UsageError

if TYPE_CHECKING:
    from config import Settings
    from stages.ask import Endpoint, Estimate

GoldFiles = Annotated[
    list[Path], typer.Argument(metavar="GOLD...", help="Labelled sentences, JSON lines.", show_default=False)
]
Learn = Annotated[
    list[Path] | None,
    typer.Option("--learn", metavar="FILE", help="More labels, which are learnt from but never measured by."),
]
Seed = Annotated[int, typer.Option("--seed", metavar="N", help="The same seed gives the same result.")]


def train(
    context: typer.Context,
    out: Annotated[Path, typer.Option("-o", "--output", metavar="FOLDER", help="Where the pipeline goes.")],
    gold: Annotated[
        list[Path] | None, typer.Argument(metavar="[GOLD...]", help="Labelled sentences.", show_default=False)
    ] = None,
    decisions: Annotated[
        bool, typer.Option("--decisions", help="Learn from people's decisions; without GOLD, what scores mean.")
    ] = False,
    encoder: Annotated[
        bool, typer.Option("--encoder", help="Tune an encoder too: needs precedent[train] and an hour.")
    ] = False,
    learn: Learn = None,
    model: Model = "",
    seed: Seed = 1,
    db: Db = "",
    config_file: File = "",
) -> None:
    """Train a tagger on labelled sentences and the mails that the database holds. Use it with --model FOLDER."""
    from db.session import opened
    from stages import train as stage

    with errors_in_words():
        if not gold and not decisions:
            raise UsageError("there is nothing to learn from", "name files of labelled sentences, or give --decisions")
        with opened(settings_for(context, db, config_file).database) as engine:
            if gold:
                rows, more = stage.read_gold(engine, gold), stage.read_more(learn or ())
                made = stage.train(engine, rows, out, seed, decisions, encoder, typer.echo, more)
            else:
                made = stage.adapted(engine, model, out)
        typer.echo(f"{made}: {out}")


def evaluate(
    context: typer.Context,
    gold: GoldFiles,
    out: Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help="The figures as JSON.")] = None,
    learn: Learn = None,
    model: Model = "",
    seed: Seed = 1,
    db: Db = "",
    config_file: File = "",
) -> None:
    """Measure the tagger by cross-validation that keeps thread families together."""
    from db.session import opened
    from stages import train as stage

    with errors_in_words():
        with opened(settings_for(context, db, config_file).database) as engine:
            figures, report = stage.evaluate(
                engine, stage.read_gold(engine, gold), seed, model, stage.read_more(learn or ())
            )
        if out is not None:
            with output_to(out) as write:
                write(json.dumps(figures, indent=1, sort_keys=True) + "\n")
        typer.echo(report)


def endpoint_of(settings: Settings) -> Endpoint:
    """The configured language model. Raises ConfigError where none is."""
    from stages.ask import Endpoint

    told = settings.llm
    if not told.url or not told.model:
        raise ConfigError("no language model is configured", "set url and model in [llm], as docs/tagger.md shows")
    secret = os.environ.get(told.key_variable, "")
    return Endpoint(told.url, told.model, secret, told.batch, told.price_in, told.price_out)


def ask(settings: Settings, yes: bool, quiet: bool) -> None:
    """Ask about every statement that the pipeline kept and the cache does not know, once the cost is agreed to."""
    from stages import ask as stage

    endpoint = endpoint_of(settings)
    cache = stage.Cache(platformdirs.user_cache_path("precedent") / "llm.jsonl")
    with writing(settings, "tag --llm", quiet) as (engine, report, progress):
        cost = stage.estimate(engine, endpoint, cache)
        typer.echo(_told(cost, endpoint))
        if cost.new and not yes:
            if not sys.stdin.isatty():
                raise UsageError("asking costs, and nobody is here to agree", "give --yes to ask all the same")
            if not typer.confirm("Ask?"):
                return
        report.stages["ask"] = stage.ask(engine, endpoint, cache, progress)


def _told(cost: Estimate, endpoint: Endpoint) -> str:
    price = "no price is configured" if cost.price is None else f"about {cost.price:.2f} in the prices' currency"
    return (
        f"{endpoint.model} at {endpoint.url}: {cost.kept} statements, {cost.new} not asked before, "
        f"about {cost.tokens_in} tokens there and {cost.tokens_out} back: {price}"
    )
