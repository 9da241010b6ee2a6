"""Annotations: labels that people gave, laid above the model's tags where the words are still the same."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from errors import ModelError
from nlp import notes
from nlp.values import Statement

BODY = "Reserved fields must be zero.\nThis one is fine.\nAgreed.\n"


def written(folder: Path, *rows: dict[str, object]) -> Path:
    head = {"made_by": "annotated by nobody in particular", "version": "test-1"}
    text = "\n".join(json.dumps(row) for row in (head, *rows)) + "\n"
    (folder / "a.jsonl").write_text(text, encoding="utf-8")
    return folder


def row(start: int, end: int, **more: object) -> dict[str, object]:
    digest = hashlib.sha256(" ".join(BODY[start:end].split()).encode()).hexdigest()[:16]
    return {"message_id": "<one@example.org>", "start": start, "end": end, "hash": digest, **more}


def guess(start: int, end: int) -> Statement:
    return Statement(start, end, BODY[start:end], ("abi_concern",), {"abi_concern": 0.9}, "layout", "model 1")


def test_a_persons_label_stands_above_the_models(tmp_path: Path) -> None:
    folder = written(tmp_path, row(0, 29, labels=["requirement"], topic="layout", status="agreed"))
    [found] = notes.overlay([guess(0, 29)], notes.read(folder)["one@example.org"], BODY)
    assert found.labels == ("requirement",)
    assert found.by == "annotated by nobody in particular (test-1)"
    assert found.said == {"status": "agreed"}


def test_no_label_takes_the_models_label_away(tmp_path: Path) -> None:
    folder = written(tmp_path, row(30, 47))
    assert notes.overlay([guess(30, 47)], notes.read(folder)["one@example.org"], BODY) == ()


def test_an_annotation_of_other_words_does_not_count(tmp_path: Path) -> None:
    folder = written(tmp_path, row(0, 29, labels=["requirement"]) | {"hash": "0" * 16})
    assert notes.overlay([guess(0, 29)], notes.read(folder)["one@example.org"], BODY) == (guess(0, 29),)


def test_what_nobody_annotated_is_left_to_the_model(tmp_path: Path) -> None:
    folder = written(tmp_path, row(0, 29))
    assert notes.overlay([guess(48, 55)], notes.read(folder)["one@example.org"], BODY) == (guess(48, 55),)


def test_the_version_changes_with_the_file(tmp_path: Path) -> None:
    before = notes.version(written(tmp_path, row(0, 29)))
    assert notes.version(written(tmp_path, row(30, 47))) != before


def test_a_file_of_another_form_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "b.jsonl").write_text('{"colour": "red"}\n', encoding="utf-8")
    with pytest.raises(ModelError, match=r"b\.jsonl"):
        notes.read(tmp_path)


def test_the_shipped_annotations_hold_no_text() -> None:
    folder = Path(__file__).resolve().parents[1] / "data" / "annotations"
    allowed = {"message_id", "start", "end", "hash", "labels", "topic", "status", "assent", "dissent"}
    for path in folder.glob("*.jsonl"):
        for line in path.read_text(encoding="utf-8").splitlines()[1:]:
            assert set(json.loads(line)) <= allowed
