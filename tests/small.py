"""A small archive and a pipeline that tags at once, for tests of the job, which look at rows and not at tags."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import spacy
from sqlalchemy import Engine, text

from db.content import content_hash
from db.session import open_engine
from stages import silent
from stages import sync as run
from stages.ingest import Target
from tests.archives import mbox

LIST = Target("small", "https://lists.example.org/{mid}", "Xen")
SECRET = "quicksilver"  # stands in every subject and body, and must not stand in any log


def posted(number: int) -> bytes:
    """Mails 0, 10, 20, ... begin threads, the others answer them."""
    first = number // 10 * 10
    reply = f"In-Reply-To: <{first}@example.org>\n" if number % 10 else ""
    quote = f"On Monday, Person {first} wrote:\n> The {SECRET} call must check its padding.\n\n" if number % 10 else ""
    return (
        f"From: Person {number} <p{number}@example.org>\nTo: small@example.org\n"
        f"Subject: {'Re: ' if reply else ''}{SECRET} call {first}\nMessage-ID: <{number}@example.org>\n{reply}"
        f"Date: Mon, 4 Mar 2019 {10 + number // 3600}:{number // 60 % 60:02}:{number % 60:02} +0000\n\n"
        f"{quote}The {SECRET} call must check its padding.\nIt should return an error, number {number}.\n"
    ).encode()


def archive(path: Path, numbers: Sequence[int] = range(60)) -> Path:
    path.write_bytes(mbox([posted(number) for number in numbers]))
    return path


def pipeline(folder: Path) -> Path:
    """Tags every "must" and "should" as a requirement; needs no weights."""
    language = spacy.blank("en")
    ruler = language.add_pipe("span_ruler", config={"spans_key": "statements"})
    words = ("must", "should")
    ruler.add_patterns([{"label": "requirement", "pattern": [{"LOWER": word}]} for word in words])  # type: ignore[attr-defined]  # a SpanRuler
    language.add_pipe("sentencizer")
    language.meta["name"] = "small"
    language.to_disk(folder)
    return folder


def configuration(folder: Path, *sources: Path | str) -> Path:
    """A configuration with one list of these sources."""
    lines = f'[lists.small]\nproduct = "Xen"\nsources = [{", ".join(chr(34) + str(s) + chr(34) for s in sources)}]\n'
    path = folder / "lists.toml"
    path.write_text(f'model = "{pipeline(folder / "model")}"\nannotations = ""\n{lines}', encoding="utf-8")
    return path


def read(engine: Engine, *paths: Path) -> run.Report:
    with run.recorded(engine, "ingest") as report:
        run.read_archives(engine, [run.Archive(path, None, LIST) for path in paths], None, silent, report)
    return report


def state(path: Path) -> tuple[str, int]:
    """The content hash of a database, and how many messages it holds."""
    engine = open_engine(str(path), create=False)
    with engine.connect() as connection:
        count = connection.scalar(text("SELECT count(*) FROM messages"))
    found = content_hash(engine), int(count or 0)
    engine.dispose()
    return found
