"""A language model behind a local stub of OpenAI's chat completions: cost first, cache, bad answers."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from typer.testing import CliRunner

import cli
from config import load
from db.models import StatementRow
from db.session import open_engine
from errors import ConfigError, ModelError
from nlp import llm
from stages import ask as stage
from stages import silent
from stages import sync as run
from tests import small

Reply = Callable[[list[dict[str, Any]]], str]


class Stub(ThreadingHTTPServer):
    """Answers with ``reply`` of the questions; ``seen`` are the requests, ``status`` what it answers."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.seen: list[dict[str, Any]] = []
        self.secrets: list[str | None] = []
        self.status = 200
        self.reply: Reply = requirements

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class Handler(BaseHTTPRequestHandler):
    server: Stub

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert self.path == "/v1/chat/completions"
        self.server.seen.append(body)
        self.server.secrets.append(self.headers["Authorization"])
        content = self.server.reply(json.loads(body["messages"][1]["content"]))
        data = json.dumps({"choices": [{"message": {"content": content}}]}).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


def requirements(asked: list[dict[str, Any]]) -> str:
    rows = [{"n": q["n"], "labels": ["requirement"], "topic": "layout", "sure": 0.85} for q in asked]
    return "Here you are:\n```json\n" + json.dumps({"answers": rows}) + "\n```"


@pytest.fixture
def server() -> Iterator[Stub]:
    with Stub() as stub:
        threading.Thread(target=stub.serve_forever, daemon=True).start()
        yield stub
        stub.shutdown()


def tagged(folder: Path) -> Engine:
    """A small archive, linked and tagged by the pipeline of ``small``."""
    engine = open_engine(str(folder / "s.db"))
    small.read(engine, small.archive(folder / "s.mbox", range(20)))
    with run.recorded(engine, "tag") as report:
        for only in ("link", "tag"):
            run.process(engine, None, silent, report, str(small.pipeline(folder / "model")), ("", ""), only=only)
    return engine


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = tagged(tmp_path)
    yield made
    made.dispose()


def rows(engine: Engine) -> list[StatementRow]:
    with Session(engine) as session:
        return list(session.scalars(select(StatementRow).order_by(StatementRow.key)))


def test_every_kept_statement_gets_the_answer_and_its_maker(engine: Engine, server: Stub, tmp_path: Path) -> None:
    before = rows(engine)
    endpoint = stage.Endpoint(server.url, "stub-1", "hush", batch=4)
    tally = stage.ask(engine, endpoint, stage.Cache(tmp_path / "c.jsonl"), silent)
    assert (tally.read, tally.stored) == (len(before), len(before))
    after = rows(engine)
    assert {row.by for row in after} == {"llm stub-1"}
    assert all(row.labels == ["requirement"] and row.topic == "layout" for row in after)
    assert all(row.scores["requirement"] == 0.85 and row.scores["agree"] == 0 for row in after)
    assert set(server.secrets) == {"Bearer hush"}
    assert any("must check its padding" in json.dumps(body) for body in server.seen)


def test_what_was_answered_is_not_asked_again(engine: Engine, server: Stub, tmp_path: Path) -> None:
    endpoint = stage.Endpoint(server.url, "stub-1")
    stage.ask(engine, endpoint, stage.Cache(tmp_path / "c.jsonl"), silent)
    first = len(server.seen)
    assert first > 0
    cache = stage.Cache(tmp_path / "c.jsonl")
    assert stage.estimate(engine, endpoint, cache).new == 0
    stage.ask(engine, endpoint, cache, silent)
    assert len(server.seen) == first
    assert stage.estimate(engine, stage.Endpoint(server.url, "stub-2"), cache).new > 0


def test_the_cost_is_that_of_what_is_new(engine: Engine, server: Stub, tmp_path: Path) -> None:
    endpoint = stage.Endpoint(server.url, "stub-1", price_in=1.0, price_out=2.0)
    cost = stage.estimate(engine, endpoint, stage.Cache(tmp_path / "c.jsonl"))
    assert cost.kept == len(rows(engine)) and 0 < cost.new <= cost.kept
    assert cost.price == pytest.approx((cost.tokens_in + 2 * cost.tokens_out) / 1e6)
    assert not server.seen


@pytest.mark.parametrize(
    "answer", ["I cannot help with that.", "", "[1, 2", '{"answers": 3}', '[{"n": 99, "labels": []}]']
)
def test_a_bad_answer_leaves_the_pipelines_labels(answer: str, engine: Engine, server: Stub, tmp_path: Path) -> None:
    server.reply = lambda _: answer
    before = [(row.key, row.labels, row.by) for row in rows(engine)]
    tally = stage.ask(engine, stage.Endpoint(server.url, "stub-1"), stage.Cache(tmp_path / "c.jsonl"), silent)
    assert tally.stored == 0
    assert [(row.key, row.labels, row.by) for row in rows(engine)] == before


def test_no_label_takes_the_statement_away(engine: Engine, server: Stub, tmp_path: Path) -> None:
    server.reply = lambda asked: json.dumps([{"n": q["n"], "labels": []} for q in asked])
    stage.ask(engine, stage.Endpoint(server.url, "stub-1"), stage.Cache(tmp_path / "c.jsonl"), silent)
    assert rows(engine) == []


def test_a_refusal_is_told_with_its_status(engine: Engine, server: Stub, tmp_path: Path) -> None:
    server.status = 401
    with pytest.raises(ModelError, match="answers 401"):
        stage.ask(engine, stage.Endpoint(server.url, "stub-1"), stage.Cache(tmp_path / "c.jsonl"), silent)


def test_only_our_labels_topics_and_numbers_count() -> None:
    text = '{"answers": [{"n": 1, "labels": ["praise", "agree"], "topic": "weather", "sure": "very"}, {"n": true}, 7]}'
    found = llm.answers(text, 2)
    assert found[0].labels == ("agree",)
    assert found[0].topic is None
    assert found[0].scores["agree"] == 0.5
    assert 1 not in found


def test_a_torn_cache_line_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "c.jsonl").write_text('{"key": "a", "answer": "{}"}\n{"key": "b", "ans', encoding="utf-8")
    assert stage.Cache(tmp_path / "c.jsonl").known == {"a": "{}"}


def test_an_objection_needs_the_commit_whoever_says_so() -> None:
    assert llm.keeps(["post_commit_objection", "disagree"], False) == ("disagree",)
    assert llm.keeps(["post_commit_objection"], True) == ("post_commit_objection",)


def test_mail_goes_out_encrypted_only(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text('[llm]\nurl = "http://llm.example.org/v1"\nmodel = "m"\n', encoding="utf-8")
    with pytest.raises(ConfigError, match="must start with https"):
        load(str(path))


def test_the_command_shows_the_cost_and_asks_only_with_leave(
    tmp_path: Path, server: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    tagged(tmp_path).dispose()
    path = tmp_path / "c.toml"
    path.write_text(
        f'model = "{tmp_path / "model"}"\n[llm]\nurl = "{server.url}"\nmodel = "stub-1"\n', encoding="utf-8"
    )
    words = ["--db", str(tmp_path / "s.db"), "--config", str(path), "tag", "-q", "--workers", "1", "--llm"]
    refused = CliRunner().invoke(cli.main, words)
    assert refused.exit_code == 2
    assert "tokens there" in refused.output
    assert not server.seen
    agreed = CliRunner().invoke(cli.main, [*words, "--yes"])
    assert agreed.exit_code == 0, agreed.output
    assert server.seen
    engine = open_engine(str(tmp_path / "s.db"), create=False)
    assert {row.by for row in rows(engine)} == {"llm stub-1"}
