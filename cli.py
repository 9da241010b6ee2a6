"""The command line: the names of the commands. Exit codes and words for errors are in ``doors``."""

from __future__ import annotations

from typing import Annotated

import typer

from commands import curation as deciding
from commands import model, pipeline, reading
from doors import Db, File

main = typer.Typer(
    help="Precedent reads the archives of development mailing lists and keeps a living document of what maintainers "
    "required of new interfaces, each rule with the mails that carry it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Start with:  precedent ingest ARCHIVE --list NAME,  then  precedent sync,  then  precedent app.",
)
commits = typer.Typer(no_args_is_help=True, help="Code repositories that a list's patches end up in.")
curation = typer.Typer(
    no_args_is_help=True, help="People's decisions on rules and statements, and a text file of them for git."
)


def show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version as installed

        typer.echo(f"precedent {installed('precedent')}")
        raise typer.Exit


@main.callback()
def common(
    context: typer.Context,
    db: Db = "",
    config_file: File = "",
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and stop.", is_eager=True, callback=show_version)
    ] = False,
) -> None:
    context.obj = {"db": db, "config": config_file}


main.command()(pipeline.sync)
main.command()(pipeline.ingest)
main.command()(pipeline.forget)
main.command()(pipeline.link)
main.command()(pipeline.tag)
main.command()(pipeline.distil)
main.command()(reading.export)
main.command()(reading.check)
main.command()(reading.status)
main.command()(reading.app)
main.command()(model.train)
main.command()(model.evaluate)
main.add_typer(commits, name="commits")
main.add_typer(curation, name="curation")
curation.command("list")(deciding.show)
curation.command()(deciding.accept)
curation.command()(deciding.reject)
curation.command()(deciding.reword)
curation.command()(deciding.retopic)
curation.command()(deciding.level)
curation.command()(deciding.merge)
curation.command()(deciding.split)
curation.command()(deciding.supersede)
curation.command()(deciding.undo)
curation.command("export")(reading.curation_export)
curation.command("import")(pipeline.curation_import)
commits.command("add")(pipeline.commits_add)

if __name__ == "__main__":
    main()
