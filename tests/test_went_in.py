"""A rule that a patch states is agreed when somebody else takes the patch, also when that is told later."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine, text

from stages import silent
from stages import sync as run
from stages.distil import distil
from tests.archives import mbox
from tests.small import pipeline, read

HEAD = "Date: Mon, 4 Mar 2019 10:00:{second:02} +0000\nMessage-ID: <{mid}@example.org>\n"
DIFF = (
    "---\n widget.c | 1 +\n\ndiff --git a/widget.c b/widget.c\n--- a/widget.c\n+++ b/widget.c\n@@ -1 +1,2 @@\n x\n+y\n"
)
PATCH = (
    "From: Ada Quill <ada@example.org>\nSubject: [PATCH] widget: check the padding\n"
    + HEAD.format(second=1, mid="patch")
    + f"\nThe padding of a widget must be checked.\n\nSigned-off-by: Ada Quill <ada@example.org>\n{DIFF}"
)
TAKEN = (
    "From: {who} <{who}@example.org>\nSubject: Re: [PATCH] widget: check the padding\n"
    "In-Reply-To: <patch@example.org>\n" + HEAD.format(second=9, mid="taken") + "\nApplied to next, thanks.\n"
)


def status(engine: Engine, folder: Path, *mails: str) -> tuple[str, str]:
    """Status and reason after these mails came in."""
    path = folder / f"{len(list(folder.glob('*.mbox')))}.mbox"
    path.write_bytes(mbox([mail.encode() for mail in mails]))
    report = read(engine, path)
    model = folder / "model"
    run.process(engine, None, silent, report, str(model if model.exists() else pipeline(model)), ("", ""))
    with engine.connect() as connection:
        [row] = connection.execute(text("SELECT status, reason FROM requirements"))
    return row.status, row.reason


def test_a_patch_that_somebody_else_took_agrees_to_what_it_says(
    tmp_path: Path, new_engine: Callable[[], Engine]
) -> None:
    engine = new_engine()
    assert status(engine, tmp_path, PATCH)[0] == "proposed"
    told = "the patch that says so went in: applied by Ben on 2019-03-04"
    assert status(engine, tmp_path, PATCH, TAKEN.format(who="Ben")) == ("agreed", told)


def test_taking_ones_own_patch_is_no_assent(tmp_path: Path, new_engine: Callable[[], Engine]) -> None:
    mine = TAKEN.format(who="Ada Quill").replace("Ada Quill@", "ada@")
    assert status(new_engine(), tmp_path, PATCH, mine)[0] == "proposed"


def test_what_is_told_in_another_thread_makes_the_patch_be_weighed_again(
    tmp_path: Path, new_engine: Callable[[], Engine]
) -> None:
    engine = new_engine()
    listing = (
        "From: Ben <ben@example.org>\nSubject: what I took\n" + HEAD.format(second=30, mid="other") + "\nA list.\n"
    )
    assert status(engine, tmp_path, PATCH, listing)[0] == "proposed"
    with engine.begin() as connection:
        event = "'other@example.org', 0, 'widget: check the padding', 'applied', 9, '', '', 'patch@example.org'"
        connection.execute(text(f"INSERT INTO events VALUES ({event})"))
    distil(engine, silent)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT status FROM requirements")) == "agreed"
