"""One measurement of ours in a process of its own: `python benchmarks/bench_stages.py WHAT EPOCH [DATABASE]`.

WHAT: "stages" prints the seconds of each stage as JSON, each alone in one process, in the order of a sync; "stdlib" and
"mail-parser" parse the whole archive with the standard library and with mail-parser.
"""

from __future__ import annotations

import email
import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.sources.recognise import open_source

if TYPE_CHECKING:
    from sqlalchemy import Engine


took: dict[str, float] = defaultdict(float)


@contextmanager
def clock(name: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    took[name] += time.perf_counter() - began


def stages(epoch: Path, database: Path) -> None:
    # Imported here: the parsers that are measured beside ours must not pay for it.
    from db.session import open_engine

    engine = open_engine(str(database))
    fill(engine, epoch)
    work(engine)
    print(json.dumps(took))


def fill(engine: Engine, epoch: Path) -> None:
    from sqlalchemy.orm import Session

    from db.store import archive, late_index
    from ingest.batch import read_batch
    from stages.ingest import Target, batches, list_of

    source, target = open_source(epoch), Target("bench", "https://lists.example.org/{mid}", "KVM/arm64")
    with Session(engine) as session, session.begin():
        late_index.postpone(session, source.count(None) or 0)
    waiting = batches(source.read(None))
    while True:
        with clock("read"):
            batch = next(waiting, None)
        if batch is None:
            break
        with clock("parse"):
            parsed = read_batch(batch)
        with clock("store"), Session(engine) as session, session.begin():
            row = archive.ensure_source(session, list_of(session, target).id, source.kind, source.location)
            archive.store(session, row, parsed)
    with clock("index"), Session(engine) as session, session.begin():
        late_index.catch_up(session)


def work(engine: Engine) -> None:
    from sqlalchemy import select
    from sqlalchemy.orm import Session

    from db import reads
    from db.models import Message
    from ingest import threads
    from ingest.body import segment
    from stages import silent
    from stages.distil import distil
    from stages.export import export
    from stages.link import link
    from stages.tag import tag
    from stages.timeline import lay_out

    with Session(engine) as session:
        with clock("thread"):
            threads.forest(reads.refs(session))
        bodies = list(session.execute(select(Message.body, Message.flowed)))
        with clock("segment"):
            for body, flowed in bodies:
                segment(body, flowed=flowed)
        del bodies
    with clock("link"):
        link(engine, None, silent)
        lay_out(engine, silent)
    with clock("tag"):
        tag(engine, None, silent)
    with clock("distil"):
        distil(engine, silent)
    with clock("export"):
        for what in ("guidelines", "statements"):
            sum(map(len, export(engine, what)))


def stdlib(data: bytes) -> None:
    mail = email.message_from_bytes(data)
    part = next((p for p in mail.walk() if p.get_content_type() == "text/plain"), mail)
    content = part.get_payload(decode=True)
    if isinstance(content, bytes):
        content.decode("utf-8", "replace")


def mail_parser(data: bytes) -> None:
    import mailparser

    mail = mailparser.parse_from_bytes(data)
    _ = mail.subject, mail.from_, mail.date, mail.message_id, mail.headers.get("References"), mail.body


def main(what: str, epoch: Path, database: Path) -> None:
    if what == "stages":
        stages(epoch, database)
        return
    parse: Callable[[bytes], None] = {"stdlib": stdlib, "mail-parser": mail_parser}[what]
    for raw in open_source(epoch).read(None):
        try:
            parse(raw.data)
        except Exception as error:  # what a parser cannot read costs it time all the same
            print(f"{what}: {error!r}")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]) if len(sys.argv) > 3 else Path())
