"""Commands by which people decide on rules and statements: rows that are only ever added, worked in at once."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer

from doors import Db, File, errors_in_words, settings_for, writing

Target = Annotated[
    str, typer.Argument(metavar="TARGET", help='A rule ("HC-017") or a statement ("MESSAGE-ID START-END").')
]
Rule = Annotated[str, typer.Argument(metavar="RULE", help='A rule, "HC-017".')]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who decides; default: your user name.")]
Comment = Annotated[str, typer.Option("-m", "--comment", metavar="TEXT", help="Why.")]
Later = Annotated[bool, typer.Option("--later", help="Work it into the document at the next sync, not now.")]


def _decide(
    context: typer.Context,
    action: str,
    target: str,
    value: str,
    said: tuple[str, str, bool],
    db: str,
    config_file: str,
) -> None:
    """``said``: by whom, why, and whether the document waits for the next sync."""
    from db.session import open_engine
    from stages import curate
    from stages import sync as run

    by, comment, later = said
    with errors_in_words():
        settings = settings_for(context, db, config_file)
        open_engine(settings.database, create=False).dispose()
        with writing(settings, f"curation {action}", True) as (engine, report, progress):
            made = curate.decide(engine, action, target, value, by or getpass.getuser(), comment, settings.app.curators)
            if not later:
                run.process(engine, None, progress, report, settings.model, ("", ""), settings.notes, only="distil")
        typer.echo(f"decision {made}: {action} {target}")


def accept(
    context: typer.Context, target: Target, by: By = "", comment: Comment = "", later: Later = False, db: Db = "",
    config_file: File = "",
) -> None:  # fmt: skip
    """Say that a rule, or the label of a statement, is right; an accepted rule stands in the main part."""
    _decide(context, "accept", target, "", (by, comment, later), db, config_file)


def reject(
    context: typer.Context, target: Target, by: By = "", comment: Comment = "", later: Later = False, db: Db = "",
    config_file: File = "",
) -> None:  # fmt: skip
    """Say that it is not: the rule is retired, or the statement is no requirement."""
    _decide(context, "reject", target, "", (by, comment, later), db, config_file)


def reword(
    context: typer.Context, rule: Rule, text: str, by: By = "", comment: Comment = "", later: Later = False,
    db: Db = "", config_file: File = "",
) -> None:  # fmt: skip
    """Give a rule words of your own; they stand under your name, with the sentence that they come from."""
    _decide(context, "reword", rule, text, (by, comment, later), db, config_file)


def retopic(
    context: typer.Context, target: Target, topic: str, by: By = "", comment: Comment = "", later: Later = False,
    db: Db = "", config_file: File = "",
) -> None:  # fmt: skip
    """Put a rule or a statement under another topic."""
    _decide(context, "retopic", target, topic, (by, comment, later), db, config_file)


def level(
    context: typer.Context,
    rule: Rule,
    word: Annotated[str, typer.Argument(metavar="MUST|SHOULD|MAY")],
    by: By = "",
    comment: Comment = "",
    later: Later = False,
    db: Db = "",
    config_file: File = "",
) -> None:
    """Give a rule another level."""
    _decide(context, "level", rule, word.upper(), (by, comment, later), db, config_file)


def merge(
    context: typer.Context, rule: Rule, into: str, by: By = "", comment: Comment = "", later: Later = False,
    db: Db = "", config_file: File = "",
) -> None:  # fmt: skip
    """Put a rule's evidence under another rule; its own number is retired."""
    _decide(context, "merge", rule, into, (by, comment, later), db, config_file)


def split(
    context: typer.Context,
    rule: Rule,
    statements: Annotated[list[str], typer.Argument(metavar="STATEMENT...", help='Each "MESSAGE-ID START-END".')],
    by: By = "",
    comment: Comment = "",
    later: Later = False,
    db: Db = "",
    config_file: File = "",
) -> None:
    """Take some of a rule's statements out into a rule of their own."""
    _decide(context, "split", rule, "\n".join(statements), (by, comment, later), db, config_file)


def supersede(
    context: typer.Context,
    rule: Rule,
    newer: Annotated[str, typer.Argument(metavar="NEWER", help="The rule that replaces it.")],
    by: By = "",
    comment: Comment = "",
    later: Later = False,
    db: Db = "",
    config_file: File = "",
) -> None:
    """Say that another rule has replaced a rule."""
    _decide(context, "supersede", rule, newer, (by, comment, later), db, config_file)


def undo(
    context: typer.Context,
    decision: Annotated[int, typer.Argument(metavar="NUMBER", help="Of the decision, from `curation list`.")],
    by: By = "",
    comment: Comment = "",
    later: Later = False,
    db: Db = "",
    config_file: File = "",
) -> None:
    """Take a decision back. Nothing is deleted; undoing an undo restores."""
    _decide(context, "undo", str(decision), "", (by, comment, later), db, config_file)


def show(context: typer.Context, db: Db = "", config_file: File = "") -> None:
    """List every decision, the oldest first, with what was taken back."""
    from db.session import opened
    from stages import curate

    with errors_in_words():
        settings = settings_for(context, db, config_file)
        with opened(settings.database) as engine:
            lines = curate.lines(engine)
        typer.echo("\n".join(lines) or "Nothing has been decided.")
