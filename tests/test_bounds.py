"""No mail takes more than its share of time and memory, whatever reads it."""

from __future__ import annotations

import os
import re
import resource
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from db.session import open_engine
from ingest import batch
from ingest.bounds import OverrunError, overruns, room, within
from ingest.message import Message, Reject
from ingest.message import parse as usual
from ingest.sources import Raw
from stages import ingest as stage
from stages import silent
from stages import sync as run
from tests.archives import mbox
from tests.small import LIST, posted
from workers import workers


def spinning(raw: Raw) -> Message | Reject:
    while b"odd" in raw.data:
        pass
    return usual(raw)


def swallowing(raw: Raw) -> Message | Reject:
    while b"odd" in raw.data:
        try:
            spinning(raw)
        except Exception:  # as some libraries do
            continue
    return usual(raw)


def growing(raw: Raw) -> Message | Reject:
    held = [bytearray(64 << 20) for _ in range(12)] if b"odd" in raw.data else []
    return usual(raw) if not held else Reject("", "not reached")


@pytest.mark.parametrize(
    ("parse", "reason"), [(spinning, "more than 2 s"), (swallowing, "more than 2 s"), (growing, "more than 512 MB")]
)
def test_a_mail_that_takes_too_much_is_rejected_and_the_others_are_read(
    parse: Callable[[Raw], Message | Reject], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "parse", parse)
    limits = [resource.getrlimit(what) for what in (resource.RLIMIT_AS, resource.RLIMIT_CPU)]
    began = time.process_time()
    mails = [posted(1), b"Subject: odd\n\nodd\n", posted(2)]
    first, second, third = batch.read_batch([Raw(data, "", "") for data in mails])
    assert time.process_time() - began < 3
    assert isinstance(first.result, Message) and isinstance(third.result, Message)
    assert isinstance(second.result, Reject) and reason in second.result.reason
    assert len(second.result.sha256) == 64 and second.size == len(mails[1])
    assert [resource.getrlimit(what) for what in (resource.RLIMIT_AS, resource.RLIMIT_CPU)] == limits


def test_a_regular_expression_that_does_not_end_is_interrupted() -> None:
    with pytest.raises(OverrunError), overruns(), within(0.2):
        re.match(r"(a+)+$", "a" * 40 + "b")


def test_memory_is_limited_inside_only() -> None:
    with room(64 << 20), pytest.raises(MemoryError):
        bytearray(256 << 20)
    assert len(bytearray(256 << 20)) == 256 << 20


def deadly(raws: list[Raw]) -> list[batch.Parsed]:
    """A reader that is ended as the kernel ends one: without a word."""
    if any(b"odd" in raw.data for raw in raws):
        os.kill(os.getpid(), 24)  # SIGXCPU
    return batch.read_batch(raws)


def test_a_mail_that_ends_its_worker_is_one_reject_with_its_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage, "read_batch", deadly)
    odd = b"Subject: odd\nMessage-ID: <odd@example.org>\n\nodd\n"
    (tmp_path / "list.mbox").write_bytes(mbox([*map(posted, range(300)), odd, *map(posted, range(300, 600))]))
    engine = open_engine(str(tmp_path / "p.db"))
    with workers(2) as executor, run.recorded(engine, "ingest") as report:
        archives = [run.Archive(tmp_path / "list.mbox", None, LIST)]
        run.read_archives(engine, archives, executor, silent, report)
    assert not report.failures
    (tally,) = report.sources.values()
    assert (tally.read, tally.stored, tally.rejected) == (601, 600, 1)
    with engine.connect() as connection:
        query = text("SELECT reason, rejects.sha256, size FROM rejects JOIN blobs ON blobs.sha256 = rejects.sha256")
        ((reason, sha256, size),) = connection.execute(query)
    assert "more time or memory" in reason and len(sha256) == 64 and size == len(odd)
    engine.dispose()
