"""A sync of few new mails looks at what they touch alone, and leaves the rows that a sync of all mails leaves."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from db import neighbours
from db.models import Base, StirredRow
from db.session import MIGRATIONS, newest_revision, open_engine
from db.store import stirred, structure
from stages import grow, hearing, silent, timeline
from stages import sync as run
from tests.archives import mbox
from tests.small import LIST, pipeline

APART = {"runs", "revisions"}  # a run's record; and what changed in the document, which tells of its growth
PEOPLE = (
    "Ada Quill <ada@example.org>",
    "Ben Marsh <ben@example.org>",
    "Cleo Vane <cleo@example.org>",
    "Cleo Vane <cleo.vane@example.com>",
    "Dan Reed <dan@example.net>",
    "D. Reed <dan@example.net>",
)
THINGS = ("ring page", "grant table", "event channel", "console ring", "timer page")
DIFF = (
    "---\n{notes}\n {path} | 1 +\n\ndiff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n@@ -1 +1,2 @@\n x\n+y\n"
)
SAID = (
    "The padding must be zero.",
    "This should return an error.",
    "Applied to next, thanks.",
    "I have applied the whole series, thanks.",
    "This is in staging already, and it broke the build.",
    "Agreed.",
    'See commit 1234567abcd ("zed: Add a ring page"), which must be reverted.',
)


class Archive:
    """Invented mails in the order in which they were sent, with what makes linking hard: series with and without
    threading, versions, answers whose headers are lost, subjects that name the one before, and mails that tell."""

    def __init__(self, seed: int, count: int) -> None:
        self.rng = random.Random(seed)
        self.mails: list[bytes] = []
        self.sent: list[tuple[str, str, str]] = []  # mid, subject, references
        self.minute = 0
        while len(self.mails) < count:
            self.rng.choice((self.series, self.loose, self.answer, self.answer, self.answer, self.lost, self.renamed))()

    def post(self, subject: str, body: str, above: tuple[str, str, str] | None = None, who: str = "") -> None:
        self.minute += self.rng.choice((1, 7, 70, 900))
        mid = f"{len(self.mails)}@example.org"
        date = f"{1 + self.minute // 1440 % 28} Mar {2019 + self.minute // 40320} {self.minute // 60 % 24:02}"
        refs = f"{above[2]} <{above[0]}>".strip() if above else ""
        headers = f"In-Reply-To: <{above[0]}>\nReferences: {refs}\n" if above else ""
        self.sent.append((mid, subject, refs))
        self.mails.append(
            f"From: {who or self.rng.choice(PEOPLE)}\nTo: small@example.org\nSubject: {subject}\nMessage-ID: <{mid}>\n"
            f"{headers}Date: {date}:{self.minute % 60:02}:00 +0000\n\n{body}\n".encode()
        )

    def patch(self, title: str, number: int, total: int, version: str, who: str, above: Any) -> None:
        path = f"{title.split()[-1]}{number}.c"
        notes = self.rng.choice(("", f"{version}:\n - the padding must be zero now\n", "v2: rebased on the new tree\n"))
        diff = DIFF.format(path=path, notes=notes)
        self.post(f"[PATCH{version} {number}/{total}] zed: {title}, part {number}", f"{SAID[0]}\n{diff}", above, who)

    def series(self) -> None:
        title, who = f"Add a {self.rng.choice(THINGS)}", self.rng.choice(PEOPLE)
        version, total = self.rng.choice(("", " v2", " v3")), self.rng.choice((1, 2, 3))
        follow = self.rng.choice(("", "", " follow-up"))
        self.post(f"[PATCH{version} 0/{total}] zed: {title}{follow}", "A series.", None, who)
        cover = self.sent[-1]
        for number in range(1, total + 1):
            self.patch(title, number, total, version, who, cover)

    def loose(self) -> None:
        """Sent without threading."""
        title, who, total = f"Mend the {self.rng.choice(THINGS)}", self.rng.choice(PEOPLE), self.rng.choice((2, 3))
        for number in range(1, total + 1):
            self.patch(title, number, total, "", who, None)

    def answer(self) -> None:
        if self.sent:
            above = self.rng.choice(self.sent[-30:])
            body = f"> {SAID[0]}\n\n{self.rng.choice(SAID)}"
            self.post(f"Re: {above[1].removeprefix('Re: ')}", body, above)

    def lost(self) -> None:
        """Answers a mail that the archive lacks, or comes without the headers that say which."""
        if self.sent:
            above = self.rng.choice(self.sent[-30:])
            missing = (f"gone{self.rng.randint(0, 5)}@example.org", "", "")
            self.post(f"Re: {above[1].removeprefix('Re: ')}", self.rng.choice(SAID), self.rng.choice((None, missing)))

    def renamed(self) -> None:
        if self.sent:
            old = self.rng.choice(self.sent[-30:])[1].removeprefix("Re: ")
            self.post(f"A new matter (was: {old})", self.rng.choice(SAID))


def synced(engine: Engine, source: Path, model: str, mailmap: str = "") -> run.Report:
    with run.recorded(engine, "sync") as report:
        run.read_archives(engine, [run.Archive(source, None, LIST)], None, silent, report)
        run.process(engine, None, silent, report, model, (mailmap, ""))
    return report


def contents(engine: Engine) -> dict[str, set[str]]:
    """The rows of each table; rules without the count of their revisions."""
    with engine.connect() as connection:
        found = {
            table.name: {str(dict(row)) for row in connection.execute(select(table)).mappings()}
            for table in Base.metadata.sorted_tables
            if table.name not in APART
        }
        rules = connection.execute(text("SELECT number, text, status, members, retired FROM guidelines"))
        return found | {"guidelines": {str(tuple(row)) for row in rules}}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(pipeline(tmp_path_factory.mktemp("model")))


def grown(engine: Engine, folder: Path, mails: list[bytes], steps: list[int], model: str) -> list[run.Report]:
    source = folder / "list.mbox"
    reports = []
    for step in steps:
        source.write_bytes(mbox(mails[:step]))
        reports.append(synced(engine, source, model))
    return reports


def differences(one: Engine, other: Engine) -> dict[str, tuple[list[str], list[str]]]:
    mine, theirs = contents(one), contents(other)
    return {n: (sorted(mine[n] - theirs[n]), sorted(theirs[n] - mine[n])) for n in mine if mine[n] != theirs[n]}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("order", ["sent", "shuffled"])
def test_an_archive_that_grows_has_the_rows_of_one_that_was_read_at_once(
    seed: int, order: str, tmp_path: Path, model: str
) -> None:
    rng, mails = random.Random(seed), Archive(seed, 90).mails
    if order == "shuffled":
        rng.shuffle(mails)
    steps = [60]
    while steps[-1] < len(mails):
        steps.append(min(len(mails), steps[-1] + rng.randint(3, 14)))
    growing, whole = (open_engine(str(tmp_path / name)) for name in ("growing.db", "whole.db"))
    grown(growing, tmp_path, mails, steps, model)
    grown(whole, tmp_path, mails, [len(mails)], model)
    # Rules that later sentences join or part keep numbers that a document made at once never gave.
    found = differences(growing, whole)
    found.pop("guidelines", None)
    found.pop("marks", None)
    assert not found
    growing.dispose()
    whole.dispose()


def test_on_every_kind_of_database_few_new_mails_are_linked_alone(
    tmp_path: Path, model: str, new_engine: Callable[[], Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    mails = Archive(7, 80).mails
    growing, whole = new_engine(), new_engine()
    seen: list[int] = []

    def watched(session: Session, last: int) -> grow.Grown:
        seen.append(last)
        return forest(session, last)

    forest = grow.grow_forest
    monkeypatch.setattr(grow, "grow_forest", watched)
    grown(growing, tmp_path, mails, [70, 75, 80], model)
    assert seen == [70, 75]
    grown(whole, tmp_path, mails, [80], model)
    assert seen == [70, 75]
    found = differences(growing, whole)
    assert not found.keys() - {"guidelines", "marks"}


def test_mails_that_the_tagger_sees_as_before_are_not_tagged_again(
    tmp_path: Path, model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    plain = hearing.tag

    def watched(mails: Any, model: str | None = None) -> Any:
        asked.extend(mail.text.key for mail in mails)
        return plain(mails, model)

    monkeypatch.setattr(hearing, "tag", watched)
    engine = open_engine(str(tmp_path / "one.db"))
    mails = Archive(3, 40).mails
    grown(engine, tmp_path, mails, [39], model)
    assert len(asked) == 39
    asked.clear()
    grown(engine, tmp_path, mails, [40], model)
    assert 0 < len(asked) < 20
    assert "39@example.org" in asked
    engine.dispose()


def test_a_timeline_is_laid_out_anew_where_what_it_looked_up_changed(tmp_path: Path, model: str) -> None:
    engine = open_engine(str(tmp_path / "one.db"))
    grown(engine, tmp_path, Archive(4, 60).mails, [60], model)
    with Session(engine) as session, session.begin():
        assert stirred.concerned(session) == set()
        thread, keys = session.execute(
            text("SELECT thread, keys FROM asked WHERE keys != '' ORDER BY thread")
        ).first() or ("", "")
        session.add(StirredRow(kind=stirred.KEY, what=keys.split()[0]))
        session.flush()
        assert thread in (stirred.concerned(session) or ())
        session.execute(text("DELETE FROM committed"))
        session.execute(text("DELETE FROM outcomes"))
    timeline.lay_out(engine, silent)
    with Session(engine) as session, session.begin():
        assert not stirred.waiting(session)
        stirred.stir(session, stirred.EVERYTHING, [""])
        assert stirred.concerned(session) is None
        before = session.execute(text("SELECT count(*) FROM committed")).scalar()
    timeline.lay_out(engine, silent)
    with Session(engine) as session:
        assert (session.execute(text("SELECT count(*) FROM committed")).scalar() or 0) >= (before or 0)
    engine.dispose()


def test_many_new_mails_or_one_that_went_are_reason_to_link_all_anew(tmp_path: Path, model: str) -> None:
    engine = open_engine(str(tmp_path / "one.db"))
    grown(engine, tmp_path, Archive(5, 40).mails, [40], model)
    with Session(engine) as session, session.begin():
        assert neighbours.few_came(session, 36, 36)
        assert not neighbours.few_came(session, 20, 20)
        assert not neighbours.few_came(session, 37, 36)
        session.execute(text("DELETE FROM messages WHERE id = 7"))
        assert not neighbours.few_came(session, 36, 36)
        assert structure.mark(session, "link")
    engine.dispose()


def test_when_somebody_turns_out_to_be_another_person_every_thread_is_weighed_again(tmp_path: Path, model: str) -> None:
    engine = open_engine(str(tmp_path / "one.db"))
    grown(engine, tmp_path, Archive(6, 30).mails, [30], model)
    again = synced(engine, tmp_path / "list.mbox", model).stages["distil"]
    assert (again.stored, again.known) == (0, again.read)
    joined = synced(engine, tmp_path / "list.mbox", model, "Ada Quill <ada@example.org> <ben@example.org>\n")
    assert joined.stages["distil"].stored == joined.stages["distil"].read == again.read
    engine.dispose()


def test_the_newest_revision_is_told_by_the_names_of_the_files() -> None:
    assert newest_revision() == ScriptDirectory(str(MIGRATIONS)).get_current_head()


def test_a_pipelines_checksum_changes_with_any_of_its_files(tmp_path: Path) -> None:
    folder = pipeline(tmp_path / "model")
    before = hearing.checksum(str(folder))
    assert before == hearing.checksum(str(folder)) != hearing.checksum(None)
    (folder / "meta.json").write_text((folder / "meta.json").read_text() + "\n")
    assert hearing.checksum(str(folder)) != before
    assert hearing.checksum("no_such_package") == ""
