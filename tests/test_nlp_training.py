"""Gold to a model and to figures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nlp import gold, pipeline
from nlp.evaluate import evaluate
from nlp.train import train
from nlp.values import MailText, Passage
from nlp.weights import LABELS

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
    family = gold.families(many, {})
    assert family["<1@example.org>"] == family["<2@example.org>"] != family["<3@example.org>"]


def test_no_family_is_torn_by_the_folds(rows: list[gold.Gold]) -> None:
    family = gold.families(rows, {})
    dealt = gold.folds(family, rows, 4, seed=1)
    assert set(dealt) == set(family.values())
    assert set(dealt.values()) == {0, 1, 2, 3}


def test_sentences_match_by_shared_words() -> None:
    row = gold.Gold("<1@example.org>", "t", "l", 0, 9, "The call must be versioned.", frozenset({"requirement"}))
    assert gold.align(["1. The call must be versioned.", "Another thing."], [row]) == [[row], []]
