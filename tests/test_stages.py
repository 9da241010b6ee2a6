"""The whole way on the sample archive: read, link, tag, distil, export; and once more, with nothing to do."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from db.content import content_hash
from db.store import structure
from errors import SourceError
from stages import silent
from stages import sync as run
from stages.export import export
from stages.ingest import Target

SAMPLE = Path(__file__).resolve().parents[1] / "data" / "sample"
XEN = Target("sample-xen", "https://lists.example.org/archives/sample-xen/{mid}", "Xen")
KVM = Target("sample-kvm", "https://lists.example.net/archives/sample-kvm/{mid}", "KVM/arm64")
EXPECTED = json.loads((SAMPLE / "expected.json").read_text(encoding="utf-8"))


def archives(folder: Path = SAMPLE) -> list[run.Archive]:
    return [
        run.Archive(folder / "sample-xen.mbox", None, XEN),
        run.Archive(folder / "sample-kvm", None, KVM),
    ]


def synced(engine: Engine, some: list[run.Archive]) -> run.Report:
    with run.recorded(engine, "sync") as report:
        run.read_archives(engine, some, None, silent, report)
        run.process(engine, None, silent, report, "", ("", ""))
    return report


@pytest.fixture(scope="module")
def sample(new_engine: Callable[[], Engine]) -> tuple[Engine, run.Report]:
    engine = new_engine()
    return engine, synced(engine, archives())


def test_every_mail_read_is_stored_known_or_rejected(sample: tuple[Engine, run.Report]) -> None:
    engine, report = sample
    for tally in report.sources.values():
        assert tally.read == tally.stored + tally.known + tally.rejected
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM messages")) == EXPECTED["messages"]
        assert connection.scalar(text("SELECT count(*) FROM rejects")) == sum(EXPECTED["rejects"].values())


def test_a_cross_posted_mail_is_one_message_with_two_lists(sample: tuple[Engine, run.Report]) -> None:
    engine, _ = sample
    with engine.connect() as connection:
        both = connection.execute(
            text("SELECT message_id FROM memberships GROUP BY message_id HAVING count(*) = 2")
        ).all()
    assert len(both) == len(EXPECTED["cross_posted"])


def test_a_second_run_stores_nothing_and_changes_nothing(sample: tuple[Engine, run.Report]) -> None:
    engine, _ = sample
    before = content_hash(engine)
    report = synced(engine, archives())
    assert sum(tally.stored for tally in report.sources.values()) == 0
    assert content_hash(engine) == before


def test_segments_cover_every_body_without_gap(sample: tuple[Engine, run.Report]) -> None:
    engine, _ = sample
    with engine.connect() as connection:
        for number, length in connection.execute(text("SELECT id, length(body) FROM messages")).all():
            spans = connection.execute(
                text('SELECT start, "end" FROM segments WHERE message_id = :m ORDER BY position'), {"m": number}
            ).all()
            assert [start for start, _ in spans] == [0, *(end for _, end in spans[:-1])][: len(spans)]
            assert not spans or spans[-1][1] == length


def test_a_statement_is_a_slice_of_the_stored_body_and_of_new_text_only(sample: tuple[Engine, run.Report]) -> None:
    engine, _ = sample
    query = text(
        'SELECT s.quote, substr(m.body, s.start + 1, s."end" - s.start) AS slice, g.kind FROM statements s '
        "JOIN messages m ON m.id = s.message_id "
        'JOIN segments g ON g.message_id = m.id AND g.start <= s.start AND s."end" <= g."end"'
    )
    with engine.connect() as connection:
        rows = connection.execute(query).all()
        assert len(rows) == connection.scalar(text("SELECT count(*) FROM statements")) > 0
    for quote, piece, kind in rows:
        assert kind == "new"
        assert quote == " ".join(piece.split())


def test_the_document_quotes_with_author_date_and_permalink(sample: tuple[Engine, run.Report]) -> None:
    engine, _ = sample
    document = "".join(export(engine, "guidelines"))
    assert document == "".join(export(engine, "guidelines"))
    assert "https://lists.example." in document


def test_arrival_in_parts_ends_in_the_same_document(
    tmp_path: Path, new_engine: Callable[[], Engine], sample: tuple[Engine, run.Report]
) -> None:
    whole = (SAMPLE / "sample-xen.mbox").read_bytes()
    cut = whole.index(b"\n\nFrom ", len(whole) // 2) + 2
    growing = tmp_path / "sample"
    growing.mkdir()
    shutil.copytree(SAMPLE / "sample-kvm", growing / "sample-kvm")
    engine = new_engine()
    (growing / "sample-xen.mbox").write_bytes(whole[:cut])
    synced(engine, archives(growing)[:1])
    (growing / "sample-xen.mbox").write_bytes(whole)
    synced(engine, archives(growing))
    for what in ("threads", "segments", "statements", "commits"):
        assert list(export(engine, what)) == list(export(sample[0], what)), what


def test_one_source_that_fails_does_not_stop_the_others(tmp_path: Path, new_engine: Callable[[], Engine]) -> None:
    engine = new_engine()
    report = synced(engine, [run.Archive(tmp_path / "gone", None, XEN), *archives()[1:]])
    assert isinstance(report.failures[str(tmp_path / "gone")], SourceError)
    assert sum(tally.stored for tally in report.sources.values()) > 0
    with engine.connect() as connection:
        assert "gone" in str(connection.scalar(text("SELECT error FROM runs")))


def test_a_stage_that_forgets_makes_the_later_ones_look_again(new_engine: Callable[[], Engine]) -> None:
    engine = new_engine()
    synced(engine, archives()[1:])
    with Session(engine) as session, session.begin():
        structure.forget(session, "tagged")
    report = synced(engine, archives()[1:])
    assert report.stages["link"].stored == 0
    assert report.stages["tag"].stored == report.stages["distil"].stored == report.stages["tag"].read > 0
