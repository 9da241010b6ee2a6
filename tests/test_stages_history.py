"""Code history laid beside the mails: commits, links, what was in when, and the decisions that outlive a rebuild."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from db.content import content_hash
from db.decisions import Policy, record
from db.store.statements import store_statements
from errors import GitError, UsageError
from nlp.labels import Label
from nlp.values import Statement
from stages import curate, silent
from stages import sync as run
from stages.commits import Code, check, read_history
from stages.distil import distil
from stages.export import export
from stages.ingest import Target

SAMPLE = Path(__file__).resolve().parents[1] / "data" / "sample"
EXPECTED = json.loads((SAMPLE / "expected.json").read_text(encoding="utf-8"))
XEN = Target("sample-xen", "https://lists.example.org/archives/sample-xen/{mid}", "Xen")
KVM = Target("sample-kvm", "https://lists.example.net/archives/sample-kvm/{mid}", "KVM/arm64")


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("code") / "sample.git"
    subprocess.run(["git", "init", "--quiet", "--bare", str(path)], check=True)
    with (SAMPLE / "commits.fi").open("rb") as stream:
        subprocess.run(["git", "-C", str(path), "fast-import", "--quiet"], stdin=stream, check=True)
    return path


def filled(engine: Engine, repository: Path) -> Engine:
    archives = [run.Archive(SAMPLE / "sample-xen.mbox", None, XEN), run.Archive(SAMPLE / "sample-kvm", None, KVM)]
    with run.recorded(engine, "sync") as report:
        run.read_archives(engine, archives, None, silent, report)
        run.read_histories(engine, [Code(repository, XEN), Code(repository, KVM)], silent, report)
        run.process(engine, None, silent, report, "", ("", ""))
    assert not report.failures
    return engine


@pytest.fixture(scope="module")
def history(new_engine: Callable[[], Engine], repository: Path) -> Engine:
    return filled(new_engine(), repository)


def test_every_patch_that_went_in_is_linked_to_its_commit(history: Engine) -> None:
    lines = "".join(export(history, "commits")).splitlines()[1:]
    linked = {(line.split("\t")[2], line.split("\t")[0].strip("<>")) for line in lines}
    for commit in EXPECTED["commits"]:
        if commit["message_id"]:
            assert (commit["commit"], commit["message_id"]) in linked, commit["title"]


def test_the_mails_that_object_after_the_commit_know_since_when_and_what_came_of_it(history: Engine) -> None:
    query = text(
        "SELECT at, days, oid, evidence, (SELECT count(*) FROM outcomes o WHERE o.mid = c.mid AND kind = 'reverted') "
        "AS reverts FROM committed c WHERE c.mid = :mid"
    )
    with history.connect() as connection:
        for mid in EXPECTED["late_objections"]:
            row = connection.execute(query, {"mid": mid}).one()
            assert row.at is not None
            assert row.days > 0
            assert row.oid[:12] in row.evidence
            assert row.reverts == 1


def test_a_second_reading_of_the_same_history_changes_nothing(history: Engine, repository: Path) -> None:
    before = content_hash(history)
    assert read_history(history, Code(repository, XEN), silent).read == 0
    assert content_hash(history) == before


def test_an_objection_is_exported_with_commit_date_and_outcome(history: Engine) -> None:
    mid = EXPECTED["late_objections"][0]
    with Session(history) as session, session.begin():
        row = session.execute(text("SELECT id, body FROM messages WHERE mid = :m"), {"m": mid}).one()
        said = Statement(0, 10, row.body[:10], (Label.POST_COMMIT_OBJECTION,), {Label.POST_COMMIT_OBJECTION: 1.0})
        store_statements(session, {mid: row.id}, [(mid, (said,))])
    found = [json.loads(line) for line in export(history, "objections")]
    [mine] = [row for row in found if row["message_id"] == f"<{mid}>"]
    assert mine["committed_at"] < mine["date"]
    assert len(mine["commit"]) == 40
    assert "reverted by" in mine["outcome"]


def test_a_path_that_is_no_repository_is_refused_before_anything_changes(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere", SAMPLE / "sample-xen.mbox"):
        with pytest.raises(GitError):
            check([Code(path, XEN)])


def test_a_rebuilt_database_with_the_curation_file_exports_the_same_document(
    new_engine: Callable[[], Engine], repository: Path, history: Engine
) -> None:
    first = filled(new_engine(), repository)
    with first.connect() as connection:
        number = connection.scalar(text("SELECT number FROM guidelines WHERE retired = '' ORDER BY number"))
    policy = Policy(local="A. Curator")
    record(first, "A. Curator", "reword", f"HC-{number:03}", "Say it so.", "clearer", policy=policy)
    distil(first, silent)
    kept = "".join(export(first, "curation"))
    document = "".join(export(first, "guidelines"))
    rebuilt = filled(new_engine(), repository)
    assert curate.load(rebuilt, kept).stored == 1
    distil(rebuilt, silent)
    assert "".join(export(rebuilt, "guidelines")) == document
    assert "".join(export(rebuilt, "curation")) == kept
    with pytest.raises(UsageError, match="is not in the file"):
        curate.load(first, kept.replace("Say it so.", "Say it otherwise."))


def test_changes_are_told_in_markdown_and_as_a_feed(history: Engine) -> None:
    assert "".join(export(history, "changes")).startswith("# ")
    assert "<feed" in "".join(export(history, "changes", "atom"))
