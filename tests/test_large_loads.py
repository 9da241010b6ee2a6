"""A large load leaves the full-text index until its end, and a load that breaks off leaves that to the next run; raw
mails are packed by their own text."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from db.content import content_hash
from db.queries.search import mbox
from db.session import open_engine
from db.store import late_index
from ingest.packing import pack, unpack
from ingest.sources.recognise import open_source
from stages import silent
from stages.ingest import ingest
from tally import Tally
from tests.archives import public_inbox
from tests.small import LIST, SECRET, posted

MAILS = [posted(number) for number in range(600)]


@pytest.fixture(scope="module")
def epoch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return public_inbox(tmp_path_factory.mktemp("epoch") / "0.git", MAILS)


def load(engine: Engine, epoch: Path, most: int = 10_000) -> None:
    """Reads, and breaks off after ``most`` mails."""

    def tell(tally: Tally) -> None:
        if tally.read >= most:
            raise InterruptedError

    ingest(engine, open_source(epoch), LIST, None, silent, tell)


def hits(engine: Engine, word: str = SECRET) -> int:
    with engine.connect() as connection:
        found = connection.execute(
            text("SELECT count(*) FROM messages_fts WHERE messages_fts MATCH :word"), {"word": word}
        )
        return int(found.scalar_one())


def test_the_index_of_a_large_load_equals_that_of_a_small_one(
    epoch: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = open_engine(str(tmp_path / "small.db"))
    load(small, epoch)
    monkeypatch.setattr(late_index, "MANY", 100)
    large = open_engine(str(tmp_path / "large.db"))
    load(large, epoch)
    assert hits(large) == hits(small) == len(MAILS)
    assert content_hash(large) == content_hash(small)
    with large.begin() as connection:
        connection.exec_driver_sql("DELETE FROM messages WHERE id = 1")  # the triggers are back
        connection.exec_driver_sql("INSERT INTO messages_fts(messages_fts, rank) VALUES ('integrity-check', 1)")
    assert hits(large) == len(MAILS) - 1


def test_a_load_that_broke_off_is_indexed_by_the_next(
    epoch: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(late_index, "MANY", 100)
    engine = open_engine(str(tmp_path / "x.db"))
    with pytest.raises(InterruptedError):
        load(engine, epoch, most=250)
    assert hits(engine) == 0
    with Session(engine) as session, session.begin():
        late_index.catch_up(session)
    assert hits(engine) == 250
    load(engine, epoch)
    assert hits(engine) == len(MAILS)


@pytest.mark.parametrize("words", ["", "short", "A mail's own words, and more of them than a few.\n" * 40])
def test_packed_bytes_come_back(words: str) -> None:
    raw = b"Subject: x\nFrom: a@example.org\n\n" + words.encode()
    assert unpack(pack(raw, words), words) == raw
    assert unpack(pack(raw, ""), words) == raw


def test_what_stands_in_the_text_already_takes_no_room() -> None:
    words = "".join(f"Line {number} of a body says {number * 7919 % 1000}.\n" for number in range(500))
    raw = b"Subject: x\n\n" + words.encode()
    assert len(pack(raw, words)) < len(pack(raw, "")) / 10


def test_stored_mails_are_exported_as_they_came(epoch: Path, tmp_path: Path) -> None:
    engine = open_engine(str(tmp_path / "x.db"))
    load(engine, epoch)
    [found] = mbox(engine, ["11@example.org"])
    assert posted(11).rstrip(b"\n") in found
