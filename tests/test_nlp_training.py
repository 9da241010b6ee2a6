"""Gold to a model and to figures."""

from __future__ import annotations

import importlib
import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from errors import ModelError
from nlp import families, gold, learnt, pipeline
from nlp.classifier import settle
from nlp.encoder import Encoder
from nlp.evaluate import evaluate
from nlp.examples import deal, examples
from nlp.held import keep
from nlp.labels import Label
from nlp.notes import text_hash
from nlp.train import asked, empty, join, train
from nlp.values import MailText, Passage
from nlp.weights import LABELS, TOPICS
from nlp.windows import Window

SAMPLE = Path(__file__).parents[1] / "data" / "gold-sample.jsonl"


@pytest.fixture(scope="module")
def rows() -> list[gold.Gold]:
    return gold.read(SAMPLE.read_text(encoding="utf-8").splitlines())


def test_the_sample_knows_every_label(rows: list[gold.Gold]) -> None:
    assert {label for row in rows for label in row.labels} == set(LABELS)


def test_an_unknown_label_is_a_fault_of_the_file() -> None:
    with pytest.raises(ValueError, match="line 1: unknown label praise"):
        gold.read(['{"text": "Well done.", "labels": ["praise"]}'])


def test_training_twice_gives_the_same_files(rows: list[gold.Gold], tmp_path: Path) -> None:
    for folder in ("a", "b"):
        train(rows, {}, tmp_path / folder)
    files = sorted(path.relative_to(tmp_path / "a") for path in (tmp_path / "a").rglob("*") if path.is_file())
    for name in files:
        if name.suffix == ".npz":
            with np.load(tmp_path / "a" / name) as one, np.load(tmp_path / "b" / name) as other:
                assert all(np.array_equal(one[part], other[part]) for part in one.files)
        else:
            assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_a_trained_folder_loads_and_tags(rows: list[gold.Gold], tmp_path: Path) -> None:
    model = str(train(rows, {}, tmp_path / "model"))
    text = "Agreed."
    mail = MailText("m", "Re: a call", (Passage(0, len(text), text, above="Add a bit."),), is_reply=True)
    [(_, statements)] = pipeline.tag([mail], model)
    assert all(set(s.scores) == set(LABELS) for s in statements)
    assert pipeline.version(model) != pipeline.version(None)


def test_figures_are_the_same_twice_and_hold_no_words(rows: list[gold.Gold]) -> None:
    figures, text = evaluate(rows, {})
    again, _ = evaluate(rows, {})
    assert figures == again
    assert set(figures["labels"]) == set(LABELS)
    assert all(row.text not in str(figures) for row in rows)
    assert "called so, but is not" in text


def test_versions_of_a_series_are_one_family() -> None:
    def row(message: str, thread: str) -> gold.Gold:
        return gold.Gold(message, thread, "l", 0, 4, "Text", frozenset())

    many = [
        row("<1@example.org>", "[PATCH v1 0/3] xen: example call for guests"),
        row("<2@example.org>", "[PATCH v2 0/4] xen: example call for guests"),
        row("<3@example.org>", "[PATCH] docs: another matter altogether"),
    ]
    family = families.families(many, {})
    assert family["<1@example.org>"] == family["<2@example.org>"] != family["<3@example.org>"]


def test_no_family_is_torn_by_the_folds(rows: list[gold.Gold]) -> None:
    family = families.families(rows, {})
    dealt = families.folds(family, rows, 4, seed=1)
    assert set(dealt) == set(family.values())
    assert set(dealt.values()) == {0, 1, 2, 3}


ASKED = "A new call must be found by a flag. We have met on Tuesday."


def more(tmp_path: Path) -> learnt.Read:
    """Two mails read quickly: a kin of the gold's first thread, and a stranger whose text has changed since."""
    words = ASKED[:35]
    sentence = {"start": 0, "end": 35, "hash": text_hash(words), "labels": ["requirement"], "topic": "discovery"}
    lost = {**sentence, "hash": text_hash("Something else")}
    mails = [("<kin@example.org>", sentence), ("<stranger@example.org>", lost)]
    lines: list[dict[str, object]] = [{"made_by": "a quick reader", "version": "1"}]
    lines += [{"message_id": key, "sentences": [row]} for key, row in mails]
    path = tmp_path / "learnt.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return learnt.read([path])


def at_hand(rows: list[gold.Gold]) -> dict[str, MailText]:
    title = rows[0].thread
    subjects = {"<kin@example.org>": title, "<stranger@example.org>": "an unheard of frobnicator matter"}
    return {key: MailText(key, text, (Passage(0, len(ASKED), ASKED),)) for key, text in subjects.items()}


def test_labels_of_lesser_standing_are_learnt_from_where_the_words_agree(rows: list[gold.Gold], tmp_path: Path) -> None:
    data = examples(rows, at_hand(rows), more(tmp_path))
    lesser = {(data.keys[i], data.texts[i]): data.labels[i] for i, own in enumerate(data.gold) if not own}
    assert len(lesser) == 4
    assert lesser["<kin@example.org>", ASKED[:35]][LABELS.index("requirement")] == 1
    assert not any(labels.any() for (_, text), labels in lesser.items() if text != ASKED[:35])
    assert not lesser["<stranger@example.org>", ASKED[:35]].any()
    assert len(data.measured) == len(examples(rows, {}).texts)


def test_nothing_is_measured_on_the_kin_of_what_was_learnt(rows: list[gold.Gold], tmp_path: Path) -> None:
    data = examples(rows, at_hand(rows), more(tmp_path))
    kin = {i for i, key in enumerate(data.keys) if key == "<kin@example.org>"}
    stranger = {i for i, key in enumerate(data.keys) if key == "<stranger@example.org>"}
    own = {i for i, key in enumerate(data.keys) if key == rows[0].message_id}
    folds = deal(data, 3, seed=1)
    assert sorted(i for fold in folds for i in fold.held) == data.measured.tolist()
    for fold in folds:
        assert stranger <= set(fold.learned)
        assert bool(own & set(fold.held)) == (not kin & set(fold.learned))
        assert not {data.families[i] for i in fold.held} & {name for i in fold.learned for name in data.kin[i]}


def test_a_file_of_another_form_is_named(tmp_path: Path) -> None:
    path = tmp_path / "learnt.jsonl"
    path.write_text('{"made_by": "x"}\n{"message_id": "<1@example.org>"}\n', encoding="utf-8")
    with pytest.raises(ModelError, match=r"learnt\.jsonl holds no labels"):
        learnt.read([path])


def test_sentences_match_by_shared_words() -> None:
    row = gold.Gold("<1@example.org>", "t", "l", 0, 9, "The call must be versioned.", frozenset({"requirement"}))
    assert gold.align(["1. The call must be versioned.", "Another thing."], [row]) == [[row], []]


def test_an_encoders_held_out_scores_count_in_the_figures(rows: list[gold.Gold], tmp_path: Path) -> None:
    data = examples(rows, {})
    knowing = np.where(data.labels > 0, 4.0, -4.0).astype(np.float32)
    keep(tmp_path, data.places, np.concatenate([knowing, np.zeros((len(knowing), len(TOPICS)), np.float32)], axis=1))
    alone, _ = evaluate(rows, {})
    both, _ = evaluate(rows, {}, folder=tmp_path)
    for label in (Label.AGREE, Label.DISAGREE, Label.REQUIREMENT):
        assert both["labels"][label]["average_precision"] > alone["labels"][label]["average_precision"]


def test_held_out_scores_count_for_all_sentences_or_for_none(rows: list[gold.Gold], tmp_path: Path) -> None:
    scores = np.zeros((1, len(LABELS) + len(TOPICS)), np.float32)
    keep(tmp_path, [("<other@example.org>", 0)], scores)
    assert evaluate(rows, {}, folder=tmp_path)[0] == evaluate(rows, {})[0]
    keep(tmp_path, examples(rows, {}).places[:1], scores)
    with pytest.raises(ModelError, match="no held-out scores"):
        evaluate(rows, {}, folder=tmp_path)


def test_a_useless_encoder_is_given_no_say() -> None:
    random = np.random.default_rng(1)
    truth = (random.random((400, len(LABELS))) < 0.3).astype(np.float32)
    linear = np.where(truth > 0, 1.0, -3.0).astype(np.float32) + random.normal(size=truth.shape).astype(np.float32)
    against = np.where(truth > 0, -1.0, 1.0).astype(np.float32) + random.normal(size=truth.shape).astype(np.float32)
    weights, joint = join(empty(), linear, against, truth, np.arange(400))
    assert not weights.factor.any()
    assert np.array_equal(joint, linear)


def test_a_mails_sentences_help_each_other_to_a_topic() -> None:
    unsure = np.zeros((3, len(TOPICS)), np.float32)
    unsure[0, 4] = 3.0
    unsure[1, 5] = 0.01
    unsure[2, 5] = 0.01
    held = np.zeros((3, len(LABELS)), dtype=bool)
    held[:, LABELS.index(Label.REQUIREMENT)] = True
    assert settle(unsure, held, np.array([0, 0, 1])).tolist() == [4, 4, 5]


def test_tuning_an_encoder_without_pytorch_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "nlp.finetune", raising=False)
    with pytest.raises(ModelError, match="PyTorch") as fault:
        importlib.import_module("nlp.finetune")
    assert "precedent[train]" in fault.value.advice


def test_the_shipped_encoder_scores_the_same_twice_and_reads_the_context() -> None:
    encoder = Encoder.load(pipeline.MODEL / "statements")
    assert encoder is not None
    window = Window(("Yes, it does.", "Please change it."), "reply reviewer", "a call", "Does it break?", "", "")
    other = Window(("Yes, it does.", "Please change it."), "reply reviewer", "a call", "I think it is wrong.", "", "")
    assert np.array_equal(encoder(window), encoder(window))
    assert encoder(window).shape == (2, len(LABELS) + len(TOPICS))
    assert not np.array_equal(encoder(window), encoder(other))


def test_a_run_is_asked_about_as_a_whole() -> None:
    weights = replace(empty(), gate=np.zeros(len(LABELS), np.float32))
    linear = np.full((4, len(LABELS)), -1.0, np.float32)
    linear[1, 0] = 1.0
    assert asked(weights, linear, np.array([3, 3, 4, 4])).tolist() == [True, True, False, False]
