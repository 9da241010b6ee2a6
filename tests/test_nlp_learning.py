"""Saved pipelines in other processes, other people's pipelines, and learning from decisions."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import spacy
from spacy.training import Example
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from db.models import Message, StatementRow
from db.session import open_engine
from db.store import statements
from errors import ModelError
from guidelines.values import Decision
from nlp import gold, pipeline
from nlp.adapt import adapt
from nlp.labels import Label
from nlp.notes import text_hash
from nlp.values import MailText, Passage
from stages import silent
from stages import sync as run
from stages import train as stage
from tests import small
from tests.archives import mbox

TEXT = "I don't think so. The caller must zero the padding."


def mail(text: str = TEXT) -> MailText:
    return MailText("m", "Re: a call", (Passage(7, 7 + len(text), text, above="Add a call."),), is_reply=True)


def test_plain_spacy_loads_the_shipped_pipeline_where_the_package_is_installed(tmp_path: Path) -> None:
    words = (
        f"import spacy; nlp = spacy.load({str(pipeline.MODEL)!r}); doc = nlp('This breaks every existing guest.');"
        "print(nlp.pipe_names, 'statements' in doc.spans, len(list(doc.sents)))"
    )
    told = subprocess.run([sys.executable, "-c", words], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "['mail_sentences', 'cues', 'interfaces', 'statements'] True 1"


def test_another_pipelines_span_categorizer_is_taken_at_its_word(tmp_path: Path) -> None:
    other = spacy.blank("en")
    other.add_pipe("sentencizer")
    spancat = other.add_pipe("spancat", config={"spans_key": "statements", "threshold": 0.0})
    spancat.add_label("requirement")  # type: ignore[attr-defined]  # a SpanCategorizer
    doc = other.make_doc("The caller must zero the padding.")
    doc.spans["statements"] = [doc[0:7]]
    other.initialize(lambda: [Example(other.make_doc(doc.text), doc)])
    other.to_disk(tmp_path / "other")
    [(_, found)] = pipeline.tag([mail()], str(tmp_path / "other"))
    assert [s.text for s in found] == ["I don't think so.", "The caller must zero the padding."]
    assert all(s.labels == ("requirement",) and 0 <= s.scores["requirement"] <= 1 and s.topic for s in found)
    assert all(TEXT[s.start - 7 : s.end - 7].split() == s.text.split() for s in found)


def test_another_pipelines_text_categorizer_is_asked_by_sentence(tmp_path: Path) -> None:
    other = spacy.blank("en")
    textcat = other.add_pipe("textcat_multilabel")
    for label in ("disagree", "weather"):
        textcat.add_label(label)  # type: ignore[attr-defined]  # a TextCategorizer
    texts = {"I don't think so.": 1.0, "The caller must zero the padding.": 0.0}
    examples = [
        Example.from_dict(other.make_doc(text), {"cats": {"disagree": is_one, "weather": 1 - is_one}})
        for text, is_one in texts.items()
    ]
    optimizer = other.initialize(lambda: examples)
    for _ in range(30):
        other.update(examples, sgd=optimizer)
    other.to_disk(tmp_path / "other")
    [(_, found)] = pipeline.tag([mail()], str(tmp_path / "other"))
    assert [(s.text, s.labels) for s in found] == [("I don't think so.", ("disagree",))]


def verdict(text: str, has: set[str], has_not: set[str], topic: str | None = None) -> gold.Verdict:
    row = gold.Gold("<1@example.org>", "t", "", 0, len(text), text, frozenset({"agree"}), None)
    return gold.Verdict(row, frozenset(has), frozenset(has_not), topic)


def test_decisions_stand_above_labels_of_the_same_words_and_add_what_is_new() -> None:
    rows = [gold.Gold("<1@example.org>", "t", "l", 0, 9, "The call must be versioned.", frozenset({"requirement"}))]
    same = verdict("1. The call must be versioned.", {"abi_concern"}, {"requirement"}, "stability")
    new = verdict("Padding is checked elsewhere.", set(), {"agree"})
    first, second = gold.overrule(rows, [same, new])
    assert (first.labels, first.topic, first.list) == (frozenset({"abi_concern"}), "stability", "l")
    assert (second.labels, second.text) == (frozenset(), "Padding is checked elsewhere.")


def test_adapted_scores_mean_what_people_said(tmp_path: Path) -> None:
    judged = [(0.2 + 0.01 * i, i >= 30) for i in range(80)]  # people do not find this label in the lower candidates
    used = adapt(None, {Label.DISAGREE: judged, Label.AGREE: judged[:5]}, tmp_path / "adapted")
    assert used == {Label.DISAGREE: 80}
    [(_, before)] = pipeline.tag([mail()])
    [(_, after)] = pipeline.tag([mail()], str(tmp_path / "adapted"))
    old, new = ({s.text: s.scores for s in found}["I don't think so."] for found in (before, after))
    assert new["disagree"] != old["disagree"]
    assert new["agree"] == old["agree"]
    assert pipeline.tag([mail()]) == [("m", before)]


def objection(number: int) -> bytes:
    """Mail 0 begins the thread, the others disagree with it."""
    answer = f"> Add a call.\n\nI don't think so, number {number}.\n" if number else "Add a call.\n"
    reply, re = ("In-Reply-To: <0@example.org>\n", "Re: ") if number else ("", "")
    return (
        f"From: Person {number} <p{number}@example.org>\nTo: small@example.org\nSubject: {re}a call\n"
        f"Message-ID: <{number}@example.org>\n{reply}Date: Mon, 4 Mar 2019 10:{number:02}:00 +0000\n\n{answer}"
    ).encode()


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    engine = open_engine(str(tmp_path / "s.db"))
    (tmp_path / "s.mbox").write_bytes(mbox([objection(number) for number in range(60)]))
    small.read(engine, tmp_path / "s.mbox")
    with run.recorded(engine, "tag") as report:
        for only in ("link", "tag"):
            run.process(engine, None, silent, report, "", ("", ""), only=only)
    return engine


def decide(engine: Engine, said: list[tuple[str, str, str]]) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    made = [
        Decision(i, start + timedelta(minutes=i), "ada", action, target, value, "", "", None)
        for i, (action, target, value) in enumerate(said, 1)
    ]
    with Session(engine) as session, session.begin():
        statements.store_decisions(session, made)


def test_decisions_reach_training_with_the_archives_words(engine: Engine, tmp_path: Path) -> None:
    with Session(engine) as session:
        rows = list(session.scalars(select(StatementRow).order_by(StatementRow.key)))
    assert len(rows) >= 40
    taken, given = rows[0], rows[1]
    said = [("accept", taken.key, "disagree"), ("reject", taken.key, "disagree"), ("accept", given.key, "requirement")]
    decide(engine, [*said, ("retopic", given.key, "layout")])
    first, second = stage.verdicts(engine)
    assert (first.row.text, first.has, first.has_not) == (taken.quote, frozenset(), frozenset({"disagree"}))
    assert (second.has, second.topic) == (frozenset({"requirement"}), "layout")
    sample = stage.read_gold(engine, [Path(__file__).parents[1] / "data" / "gold-sample.jsonl"])
    told = stage.train(engine, sample, tmp_path / "trained", 1, decisions=True)
    assert told.endswith("2 of them decided by people")
    assert pipeline.tag([mail()], str(tmp_path / "trained"))


def test_annotations_get_their_words_from_the_archive(engine: Engine, tmp_path: Path) -> None:
    with Session(engine) as session:
        mail = session.scalars(select(Message).order_by(Message.mid)).first()
    assert mail is not None
    row = {"message_id": mail.message_id, "start": 0, "end": 12, "hash": text_hash(mail.body[:12]), "labels": ["agree"]}
    changed = {**row, "start": 1, "labels": ["disagree"]}
    lines = [{"made_by": "the guide", "version": "1"}, row, changed, {**row, "message_id": "<elsewhere@example.org>"}]
    path = tmp_path / "guide.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    [only] = stage.read_gold(engine, [path])
    assert (only.message_id, only.text, set(only.labels)) == (mail.message_id, mail.body[:12].strip(), {"agree"})
    assert only.thread == mail.subject
    path.write_text(json.dumps(lines[0]), encoding="utf-8")
    with pytest.raises(ModelError, match="no labelled sentence"):
        stage.read_gold(engine, [path])


def test_decisions_alone_adapt_the_pipeline_that_tagged(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="nobody has decided"):
        stage.adapted(engine, "", tmp_path / "adapted")
    with Session(engine) as session:
        keys = [row.key for row in session.scalars(select(StatementRow).order_by(StatementRow.key))]
    decide(engine, [("reject" if i % 2 else "accept", key, "disagree") for i, key in enumerate(keys[:40])])
    assert stage.adapted(engine, "", tmp_path / "adapted") == "adapted by decisions: disagree 40"
    assert pipeline.load(str(tmp_path / "adapted")).pipe_names == pipeline.load(None).pipe_names
