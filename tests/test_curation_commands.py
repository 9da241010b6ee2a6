"""People's decisions on the command line: the same rows as the app's, worked in at once, and never deleted."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
import spacy
from typer.testing import CliRunner, Result

from cli import main
from db.session import open_engine
from errors import UsageError
from stages.curate import decide, lines
from tests.small import posted

TEXTS = (
    "Every reserved byte of a gadget must be zero.",
    "A guest must discover the gizmo by a feature bit.",
    "The sprocket must survive migration to an older host.",
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with one rule a thread."""
    folder = tmp_path_factory.mktemp("decide")
    language = spacy.blank("en")
    ruler = language.add_pipe("span_ruler", config={"spans_key": "statements"})
    ruler.add_patterns([{"label": "requirement", "pattern": text} for text in TEXTS])  # type: ignore[attr-defined]  # a SpanRuler
    language.add_pipe("sentencizer")
    language.meta["name"] = "whole-sentences"
    language.to_disk(folder / "model")
    mails = folder / "mails"
    mails.mkdir()
    for at, text in enumerate(TEXTS):
        head = posted(at * 10).decode().split("\n\n")[0].replace("quicksilver", f"matter {at}")
        (mails / f"{at}.eml").write_text(f"{head}\n\n{text}\n")
    lines = f'[lists.small]\nproduct = "Xen"\nsources = ["{mails}"]\n'
    (folder / "lists.toml").write_text(f'model = "{folder / "model"}"\nworkers = 1\nannotations = ""\n{lines}')
    assert precedent(folder, "sync", "-q").exit_code == 0
    return folder


def precedent(home: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["--config", str(home / "lists.toml"), "--db", str(home / "x.db"), *words])


def curation(home: Path, *words: str) -> str:
    done = precedent(home, "curation", *words)
    assert done.exit_code == 0, done.stderr
    return done.stdout


def rules(home: Path) -> dict[str, dict[str, object]]:
    shown = json.loads(precedent(home, "export", "guidelines", "--format", "json").stdout)
    found = [e for c in (*shown["chapters"], *shown["appendix"]) for e in c["entries"]]
    return {e["id"]: e for e in (*found, *shown["open_questions"], *shown["retired"])}


def test_every_decision_is_worked_in_named_and_can_be_taken_back(home: Path) -> None:
    assert set(rules(home)) == {"HC-001", "HC-002", "HC-003"}
    curation(home, "reword", "HC-001", "Reserved bytes are zero.", "--by", "Cora Keel", "-m", "shorter")
    curation(home, "retopic", "HC-002", "security", "--by", "Cora Keel", "--later")
    curation(home, "level", "HC-002", "may", "--by", "Cora Keel")
    curation(home, "supersede", "HC-003", "HC-002", "--by", "Cora Keel", "-m", "newer")
    now = rules(home)
    assert (now["HC-001"]["text"], now["HC-001"]["curator"]) == ("Reserved bytes are zero.", "Cora Keel")
    assert (now["HC-002"]["topic"], now["HC-002"]["level"]) == ("security", "MAY")
    assert "superseded by HC-002" in str(now["HC-003"]["retired"])
    curation(home, "undo", "4", "--by", "Dan Reed")
    assert rules(home)["HC-003"]["retired"] == ""
    listed = curation(home, "list").splitlines()
    assert [line.split("  ")[0] for line in listed] == ["1", "2", "3", "4", "5"]
    assert "Cora Keel: reword HC-001 Reserved bytes are zero. (shorter)" in listed[0]
    assert listed[3].endswith("[taken back]")


def test_merge_and_split_move_the_evidence(home: Path) -> None:
    curation(home, "merge", "HC-003", "HC-002", "--by", "Cora Keel")
    assert "HC-002" in str(rules(home)["HC-003"]["retired"])
    with sqlite3.connect(home / "x.db") as rows:
        [(members,)] = rows.execute("SELECT members FROM guidelines WHERE number = 2")
    moved = next(key for key in json.loads(members) if key.startswith("20@"))
    curation(home, "split", "HC-002", moved, "--by", "Cora Keel")
    now = rules(home)
    assert now["HC-003"]["retired"] == "", "the very same evidence brings the old number back"
    assert now["HC-003"]["text"] == TEXTS[2]


def test_accept_and_reject(home: Path) -> None:
    curation(home, "accept", "HC-002", "--by", "Cora Keel")
    assert rules(home)["HC-002"]["confidence"] == 1.0
    curation(home, "reject", "HC-002", "--by", "Dan Reed", "-m", "no rule")
    assert rules(home)["HC-002"]["retired"].startswith("rejected by Dan Reed")  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "words, told",
    [
        (("level", "HC-001", "MUSTN'T"), "is no level"),
        (("retopic", "HC-001", "weather"), "is no topic"),
        (("merge", "HC-001", "HC-999"), "there is no guideline HC-999"),
        (("merge", "HC-001", "HC-001"), "another guideline"),
        (("split", "HC-001", "x@y 0-1"), "is no statement of HC-001"),
        (("reword", "0@example.org 0-45", "x"), "is for guidelines"),
        (("accept", "HC-777"), "there is no guideline HC-777"),
        (("undo", "999"), "there is no decision 999"),
    ],
)
def test_what_would_change_nothing_is_refused_in_one_line_and_leaves_no_row(
    home: Path, words: tuple[str, ...], told: str
) -> None:
    before = curation(home, "list")
    done = precedent(home, "curation", *words)
    assert (done.exit_code, len(done.stderr.strip().splitlines())) == (2, 1), done.stderr
    assert told in done.stderr
    assert curation(home, "list") == before


def test_where_curators_are_named_only_they_decide(home: Path) -> None:
    engine = open_engine(str(home / "x.db"), create=False)
    with pytest.raises(UsageError, match="may not decide"):
        decide(engine, "accept", "HC-001", "", "Eve", "", ["Cora Keel"])
    made = decide(engine, "accept", "HC-001", "", "Cora Keel", "", ["Cora Keel"])
    assert lines(engine)[-1].startswith(f"{made}  ")
    engine.dispose()
