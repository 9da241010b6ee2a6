"""What is PostgreSQL's own: its faults in words, its lock, readers during a run, and words as FTS5 tells them apart."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, func, insert, select, text
from typer.testing import CliRunner, Result

import app
import cli
from db.content import content_hash
from db.decisions import Policy, record
from db.lock import writer_lock
from db.models import DecisionRow, MailingList, Message
from db.queries.base import reading
from db.queries.full_text import CLOSE, OPEN, found, piece
from db.queries.search_terms import parse
from db.queries.thread import raw
from db.session import open_engine
from db.store import full_text
from db.words import LONGEST, vectors, words
from stages import silent
from stages import sync as run
from tests.archives import mbox
from tests.invented import fill
from tests.postgres import Server
from tests.small import archive, configuration, read
from tests.test_app import PAGES, shown, visit

ROOT = Path(__file__).resolve().parents[1]
PASSWORD = "quick%3Asilver"  # as an address has to write "quick:silver"


def command(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli.main, [str(argument) for argument in arguments])


def refused(result: Result, words: str) -> None:
    assert result.exit_code == 2, result.output
    assert words in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert "silver" not in result.output


@pytest.fixture(scope="module")
def filled(postgresql: Server) -> str:
    url = postgresql.migrated()
    engine = open_engine(url)
    fill(engine)
    engine.dispose()
    return url


def database_of(url: str) -> str:
    return url.partition("@/")[2].partition("?")[0]


def test_every_command_that_reads_works(filled: str, tmp_path: Path) -> None:
    assert command("status", "--db", filled).exit_code == 1  # stale
    for what in ("guidelines", "appendix", "statements", "threads", "segments", "commits", "objections", "changes"):
        assert command("export", what, "--db", filled, "-o", tmp_path / what).exit_code == 0
    assert command("curation", "export", "--db", filled, "-o", tmp_path / "curation").exit_code == 0


def test_a_server_that_is_down_is_told_in_a_line(tmp_path: Path) -> None:
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    for where in (f"@/x?host={tmp_path}", "@127.0.0.1:1/x"):
        url = f"postgresql://ada:{PASSWORD}{where}"
        for asked in (("status",), ("sync", "--workers", "1"), ("export", "guidelines")):
            refused(command(*asked, "--db", url), "cannot open the database postgresql+psycopg://ada:***@")


def test_a_wrong_password_is_told_and_never_shown(postgresql: Server, filled: str) -> None:
    postgresql.guard("guarded", "right")
    name = database_of(filled)
    refused(command("status", "--db", postgresql.url(name, "guarded", PASSWORD)), "authentication failed")
    hidden = postgresql.url(name, "guarded") + f"&password={PASSWORD}"
    refused(command("status", "--db", hidden), "authentication failed")
    refused(command("status", "--db", f"postgresql://ada:quick@silver@{name}/x"), "write it as %40")


def test_a_missing_database_or_role_is_told(postgresql: Server, filled: str) -> None:
    refused(command("status", "--db", postgresql.url("nowhere")), "createdb NAME")
    refused(command("status", "--db", postgresql.url(database_of(filled), "nobody_here")), "createuser NAME")


def test_an_empty_database_is_filled_by_a_run_and_not_by_a_reader(postgresql: Server, tmp_path: Path) -> None:
    url = postgresql.create()
    refused(command("status", "--db", url), "there is no database")
    config = configuration(tmp_path, archive(tmp_path / "small.mbox"))
    for stored in (60, 0):
        result = command("sync", "--config", config, "--db", url, "--workers", "1", "--quiet")
        assert (result.exit_code, f": {stored} stored" in result.stdout) == (0, True), result.output
    assert command("status", "--config", config, "--db", url).exit_code == 0
    assert command("curation", "export", "--db", url, "-o", tmp_path / "curation").exit_code == 0
    assert command("curation", "import", tmp_path / "curation", "--db", url).exit_code == 0


def test_databases_of_others_and_of_newer_versions_are_left_alone(postgresql: Server) -> None:
    other, newer, narrow = (
        postgresql.create(),
        postgresql.migrated(),
        postgresql.create("TEMPLATE template0 ENCODING SQL_ASCII LOCALE 'C'"),
    )
    postgresql.run(database_of(other), "CREATE TABLE songs (title text)")
    postgresql.run(database_of(newer), "UPDATE alembic_version SET version_num = '9999'")
    refused(command("sync", "--db", other), "another program")
    refused(command("sync", "--db", newer), "newer version")
    refused(command("sync", "--db", narrow), "SQL_ASCII")


def test_a_role_that_may_only_read_reads(postgresql: Server, filled: str, tmp_path: Path) -> None:
    name = database_of(filled)
    postgresql.run(name, "CREATE ROLE reader LOGIN")
    postgresql.run(name, "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
    url = postgresql.url(name, "reader")
    assert command("export", "statements", "--db", url).stdout.startswith("{")
    refused(command("ingest", archive(tmp_path / "small.mbox"), "--list", "l", "--db", url), "may not write")


def test_the_missing_driver_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    refused(command("status", "--db", "postgresql://ada@127.0.0.1/x"), "pip install 'precedent[postgresql]'")


def test_the_lock_excludes_others_and_goes_with_its_holder(postgresql: Server) -> None:
    url = postgresql.create()
    with writer_lock(url) as mine, writer_lock(url) as other, writer_lock(postgresql.create()) as elsewhere:
        assert (mine, other, elsewhere) == (True, False, True)
    code = (
        "import sys; from db.lock import writer_lock\nwith writer_lock(sys.argv[1]) as m: print(m, flush=True); input()"
    )
    words = [sys.executable, "-c", code, url]
    with subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == "True\n"
        second = command("ingest", ROOT / "data" / "sample" / "sample-xen.mbox", "--list", "l", "--db", url)
        assert (second.exit_code, "another run is writing" in second.stdout) == (0, True)
        os.kill(holder.pid, signal.SIGKILL)
    for _ in range(100):
        with writer_lock(url) as mine:
            if mine:
                return
        threading.Event().wait(0.05)
    pytest.fail("the lock outlived its holder by five seconds")


def test_a_run_whose_connections_are_cut_ends_in_a_line_and_the_next_one_goes_on(
    postgresql: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgresql.create()
    words = ("sync", "--config", configuration(tmp_path, archive(tmp_path / "small.mbox")), "--db", url)
    usual = run.process

    def cut(*arguments: object, **more: object) -> None:
        pids = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database_of(url)}'"
        postgresql.run("postgres", pids)
        usual(*arguments, **more)  # type: ignore[arg-type]  # as they came

    with monkeypatch.context() as patch:
        patch.setattr(run, "process", cut)
        refused(command(*words, "--workers", "1", "--quiet"), "failed")
    result = command(*words, "--workers", "1", "--quiet")
    assert (result.exit_code, "link: 6 threads: 6 done" in result.stdout) == (0, True), result.output


def test_a_reader_sees_one_state_and_does_not_wait(new_engine: Callable[[], Engine]) -> None:
    engine = new_engine()
    count = select(func.count()).select_from(MailingList)
    one, two = ({"id": number, "name": str(number), "permalink": "", "product": ""} for number in (1, 2))
    with engine.connect() as writer:
        writer.execute(insert(MailingList), one)
        with reading(engine) as reader:
            assert reader.scalar(count) == 0
            writer.commit()
            assert reader.scalar(count) == 0
    with reading(engine) as later:
        assert later.scalar(count) == 1
        with engine.begin() as writer:
            writer.execute(insert(MailingList), two)
        assert later.scalar(count) == 1


def test_text_sorts_by_code_points(new_engine: Callable[[], Engine]) -> None:
    names = ["b", "B", "a", "_", "é", "z", "Z", "-", "\U0001f427", "\uffff"]
    engine = new_engine()
    with engine.begin() as connection:
        rows = [{"id": number, "name": name, "permalink": "", "product": ""} for number, name in enumerate(names)]
        connection.execute(insert(MailingList), rows)
        assert list(connection.scalars(select(MailingList.name).order_by(MailingList.name))) == sorted(names)
        like = select(MailingList.name).where(MailingList.name.ilike("B")).order_by(MailingList.name)
        assert list(connection.scalars(like)) == ["B", "b"]
        assert list(connection.scalars(select(MailingList.name).where(MailingList.name.ilike("É")))) == []
        assert list(connection.scalars(select(MailingList.name).where(MailingList.name.like("B%")))) == ["B"]


def test_curators_who_decide_at_once_all_get_a_number(postgresql: Server) -> None:
    engine = open_engine(postgresql.migrated())
    fill(engine)
    before = latest(engine)
    people = [threading.Thread(target=decide, args=(engine, str(number))) for number in range(8)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert latest(engine) == before + 8
    engine.dispose()


def latest(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.scalar(select(func.max(DecisionRow.id))) or 0


def decide(engine: Engine, comment: str) -> None:
    record(engine, "Ada", "accept", "HC-001", comment=comment, policy=Policy(local="Ada"))


def hostile() -> list[bytes]:
    """Mails that a server may refuse what a file takes: NULs, surrogates, names and identifiers beyond its indexes."""
    long = "".join(f"{number:x}." for number in range(4000))
    odd = b"From: \0 Ada \xed\xa0\x80 <a@example.org>\nSubject: =?utf-8?b?AO2ggA==?= \0\n"
    odd += b"Message-ID: <n\0@example.org>\n\nx\0\xed\xa0\x80\n"
    head = f"From: {long[:900]} <{long[:900]}@example.org>\nSubject: [PATCH] {long}\nMessage-ID: <{long[:760]}@x>\n"
    told = f'{head}In-Reply-To: <{long[1000:1700]}@x>\n\nApplied "{long[:3000]}" to next, thanks.\n{long * 3}\n'
    return [odd, told.encode(), f"From: b@example.org\nMessage-ID: <{long}@x>\n\nApplied, thanks.\n".encode()]


def test_hostile_mail_is_held_alike_by_both(postgresql: Server, tmp_path: Path) -> None:
    path = tmp_path / "hostile.mbox"
    path.write_bytes(mbox(hostile()))
    held = []
    for url in (str(tmp_path / "p.db"), postgresql.create()):
        engine = open_engine(url)
        report = read(engine, path)
        assert [(t.read, t.rejected) for t in report.sources.values()] == [(3, 0)]
        run.process(engine, None, silent, run.Report(), "", ("", ""), only="link")
        held.append(content_hash(engine))
        with engine.connect() as connection:
            stored = connection.execute(select(Message.sha256, Message.mid, Message.body).order_by(Message.id)).first()
        assert stored is not None and "\0" not in stored.body
        assert b"\0" in raw(engine, stored.sha256, stored.mid)
        engine.dispose()
    assert held[0] == held[1]


def test_the_same_rows_have_the_same_hash(postgresql: Server, tmp_path: Path) -> None:
    hashes = []
    for url in (str(tmp_path / "p.db"), postgresql.migrated()):
        engine = open_engine(url)
        fill(engine)
        hashes.append(content_hash(engine))
        engine.dispose()
    assert hashes[0] == hashes[1]


def test_every_page_of_the_app_says_the_same(
    postgresql: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = []
    for url in (str(tmp_path / "p.db"), postgresql.migrated()):
        engine = open_engine(url)
        fill(engine)
        engine.dispose()
        said.append({page: shown(visit(page, url, monkeypatch)) for page in PAGES})
        said[-1]["found"] = shown(visit("search", url, monkeypatch, q='"feature bit" from:ben'))
        app.engine_of(url).dispose()
    sizes = [re.sub(r"[\d.,]+ MB", "", pages.pop("sources")) for pages in said]
    assert said[0] == said[1]
    assert sizes[0] == sizes[1]
    assert "feature" in said[0]["found"]


TEXTS = (
    "Add HVMOP_get_time (see xen/arch/x86/hvm.c:42), v2: don't break 0x1f-bit guests; mail ada@example.org",
    "Äpfel, naïve e\u0301t\u00e9 Straße ΣΊΣΥΦΟΣ йод Ёлка İstanbul ﬁne 日本語 \u0921\u093f 4.5% __init__ a\u200bb",
)


def by_fts5(text: str) -> list[str]:
    with sqlite3.connect(":memory:") as connection:
        connection.execute("CREATE VIRTUAL TABLE t USING fts5(x, tokenize=\"unicode61 tokenchars '_'\")")
        connection.execute("CREATE VIRTUAL TABLE v USING fts5vocab(t, instance)")
        connection.execute("INSERT INTO t VALUES (?)", (text,))
        found = [term for (term,) in connection.execute("SELECT term FROM v ORDER BY offset")]
    connection.close()
    return found


@pytest.mark.parametrize("text", TEXTS)
def test_words_are_those_of_fts5(text: str) -> None:
    assert words(text) == by_fts5(text)


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(codec="utf-8", max_codepoint=0x2AF, exclude_categories=("Cn", "Cc")), max_size=40))
def test_words_of_latin_script_are_those_of_fts5(text: str) -> None:
    assert words(text) == by_fts5(text)


def test_long_texts_are_found_whole_whatever_the_server_s_limits(postgresql: Server) -> None:
    many = " ".join(f"w{number}" for number in range(100_000))
    often = "the guest " * 300 + "the host"
    engine = open_engine(postgresql.migrated())
    with engine.begin() as connection:
        fill_one(connection, 1, f"{many} {often} " + "é" * 3000)
        for phrase, held in (
            ("w0 w1 w2", True),
            ("w16382 w16383", True),
            ("w99999 the", True),
            ("the host", True),
            ("host the", False),
            ("w16383 w16382", False),
            ("subject w0", False),  # two fields
        ):
            assert bool(hits(connection, f'"{phrase}"')) == held, phrase
        assert hits(connection, 'w0 w99999 "the host" -nothing') == [1]
        assert hits(connection, "w0 -host") == []
        assert connection.scalar(text("SELECT count(*) FROM messages_fts")) > 2
    engine.dispose()
    assert list(vectors(["é" * 3000])) == ["e" * LONGEST + ":1"]


def fill_one(connection: Connection, number: int, body: str) -> None:
    blank = {"id": number, "author_name": "", "subject": "subject", "body": body}
    for column in Message.__table__.columns:
        if column.name not in blank and not column.nullable:
            blank[column.name] = {str: "", bool: False}.get(column.type.python_type, [])
    connection.execute(insert(Message), blank)
    full_text.index(connection, [blank])


def hits(connection: Connection, line: str) -> list[int]:
    matching = found(parse(line).terms, "postgresql")
    assert matching is not None
    return list(connection.execute(matching).scalars())


def test_a_piece_shows_the_place_with_most_of_the_words() -> None:
    body = "gadget " + "filler " * 60 + "the Feature bit of a gadget_op or gadgets, and " + "more " * 60
    shown = piece(body, parse('"feature bit" gadget*').terms)
    assert f"{OPEN}Feature bit{CLOSE} of a {OPEN}gadget_op{CLOSE} or {OPEN}gadgets{CLOSE}, and" in shown
    assert (shown.startswith(" … "), shown.endswith(" … "), shown.count(OPEN)) == (True, True, 3)
    assert piece("No such word.\n", parse("subject").terms) == "No such word.\n"
    assert piece("", parse("x").terms) == ""
