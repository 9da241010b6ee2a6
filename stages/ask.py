"""Statements that the pipeline kept, asked about at a language model that the configuration names. Off by default.

The endpoint speaks OpenAI's chat completions. Every answer is written to a cache file before it counts, so that an
interrupted run, or the next one, pays for nothing twice. What cannot be answered stays as the pipeline tagged it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import urllib3
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from urllib3.exceptions import HTTPError

from db import reads
from db.models import Message, NodeRow, StatementRow
from db.store import statements, structure
from errors import ModelError
from nlp import llm
from nlp.values import MailText, Statement
from stages import Progress
from stages.link import thread_batches
from stages.passages import mail_texts
from tally import Tally

AROUND = 300  # characters of the sentence's own passage on either side
ABOVE = 600  # of the quoted text above it
TIMEOUT = urllib3.Timeout(connect=10, read=120)
AGAIN = urllib3.Retry(total=3, backoff_factor=1, status_forcelist=(429, 500, 502, 503, 504), allowed_methods=None)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to ask. ``url`` ends before /chat/completions; ``secret`` "" asks without a key; prices are a million
    tokens in and out, None where nobody said."""

    url: str
    model: str
    secret: str = ""
    batch: int = 10
    price_in: float | None = None
    price_out: float | None = None

    @property
    def name(self) -> str:
        return f"llm {self.model}"


@dataclass(frozen=True, slots=True)
class Estimate:
    """What asking will cost, roughly. ``price`` None: no price is configured."""

    kept: int
    new: int
    tokens_in: int
    tokens_out: int
    price: float | None


class Cache:
    """Answers by question, one JSON object a line; a torn last line is passed over."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.known: dict[str, str] = {}
        if path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                try:
                    row = json.loads(line)
                    self.known[row["key"]] = row["answer"]
                except (ValueError, KeyError, TypeError):
                    continue

    def keep(self, found: dict[str, str]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps({"key": key, "answer": answer}) + "\n" for key, answer in found.items())
        self.known |= found


Kept = tuple[StatementRow, llm.Question]


def kept(session: Session, names: Sequence[str]) -> Iterator[Kept]:
    """The statements of some threads that no person made, with what stands around them."""
    committed = reads.committed(session, names)
    texts = {
        text.key: text for mails in reads.thread_mails(session, names).values() for text in mail_texts(mails, committed)
    }
    query = (
        select(StatementRow, Message.mid)
        .join(Message, Message.id == StatementRow.message_id)
        .join(NodeRow, NodeRow.mid == Message.mid)
        .where(NodeRow.thread.in_(names))
        .order_by(StatementRow.key)
    )
    for row, mid in session.execute(query):
        if row.by not in row.why and mid in texts:  # an annotation names its maker as its reason
            yield row, _question(row, texts[mid])


def _question(row: StatementRow, mail: MailText) -> llm.Question:
    passage = next((p for p in mail.passages if p.start <= row.start < p.end), None)
    before = passage.text[: row.start - passage.start][-AROUND:] if passage else ""
    after = passage.text[row.end - passage.start :][:AROUND] if passage else ""
    above = passage.above[-ABOVE:] if passage else ""
    above, before, after = (" ".join(text.split()) for text in (above, before, after))
    committed = mail.committed_days is not None and mail.committed_days >= 0
    return llm.Question(row.quote, above, before, after, mail.subject, mail.speaker, committed)


def estimate(engine: Engine, endpoint: Endpoint, cache: Cache) -> Estimate:
    """How many statements would be asked about, and for how much."""
    total, new = 0, []
    with Session(engine) as session:
        for names in thread_batches(reads.all_threads(session)):
            for _, question in kept(session, names):
                total += 1
                if llm.key(question, endpoint.model) not in cache.known:
                    new.append(question)
    tokens_in, tokens_out = llm.tokens(new, endpoint.batch)
    priced = endpoint.price_in is not None and endpoint.price_out is not None
    price = (tokens_in * (endpoint.price_in or 0) + tokens_out * (endpoint.price_out or 0)) / 1e6 if priced else None
    return Estimate(total, len(new), tokens_in, tokens_out, price)


def ask(engine: Engine, endpoint: Endpoint, cache: Cache, progress: Progress) -> Tally:
    """Asks about every kept statement that the cache does not know, and puts the answers in the place of the pipeline's
    labels. The tally counts statements: those answered, and those left as they were."""
    pool = urllib3.PoolManager(timeout=TIMEOUT, retries=AGAIN)
    done = answered = 0
    with Session(engine) as session:
        threads = reads.all_threads(session)
    for names in thread_batches(threads):
        with Session(engine) as session, session.begin():
            rows = list(kept(session, names))
            for at in range(0, len(rows), endpoint.batch):
                some = [q for _, q in rows[at : at + endpoint.batch] if llm.key(q, endpoint.model) not in cache.known]
                if some:
                    cache.keep(_answers(pool, endpoint, some))
                progress("asking", done + min(at + endpoint.batch, len(rows)), None)
            answered += _put(session, rows, endpoint, cache, names)
            done += len(rows)
    return Tally(done, answered, done - answered, 0)


def _answers(pool: urllib3.PoolManager, endpoint: Endpoint, some: Sequence[llm.Question]) -> dict[str, str]:
    """Answers by key, as JSON. Raises ModelError where the endpoint does not answer; what it answers may be bad."""
    body = {"model": endpoint.model, "temperature": 0, "messages": llm.messages(some)}
    headers = {"Content-Type": "application/json"}
    if endpoint.secret:
        headers["Authorization"] = f"Bearer {endpoint.secret}"
    address = endpoint.url.rstrip("/") + "/chat/completions"
    try:
        reply = pool.request("POST", address, body=json.dumps(body).encode(), headers=headers, redirect=False)
    except HTTPError as fault:
        raise ModelError(f"{endpoint.url} does not answer: {fault}", "check [llm] in the configuration") from fault
    if reply.status != 200:
        advice = "check [llm] in the configuration, and the key; what was answered is kept"
        raise ModelError(f"{endpoint.url} answers {reply.status}", advice)
    try:
        content = str(reply.json()["choices"][0]["message"]["content"])
    except (ValueError, KeyError, IndexError, TypeError):
        content = ""
    found = llm.answers(content, len(some))
    return {
        llm.key(some[place], endpoint.model): json.dumps(
            {"labels": answer.labels, "topic": answer.topic, "scores": dict(answer.scores)}
        )
        for place, answer in sorted(found.items())
    }


def _put(session: Session, rows: Sequence[Kept], endpoint: Endpoint, cache: Cache, names: Sequence[str]) -> int:
    """Writes the answers; the messages' other statements stay. Returns how many statements were answered."""
    told = {row.key: cache.known.get(llm.key(question, endpoint.model)) for row, question in rows}
    objecting = {row.key: question.committed for row, question in rows}
    touched = {row.message_id for row, _ in rows if told[row.key]}
    if not touched:
        return 0
    mine: dict[int, list[Statement]] = defaultdict(list)
    mids: dict[int, str] = {}
    for row in session.scalars(select(StatementRow).where(StatementRow.message_id.in_(touched))):
        mids[row.message_id] = row.key.rpartition(" ")[0]
        made = _statement(row, told.get(row.key), endpoint, objecting.get(row.key, False))
        mine[row.message_id] += [made] if made.labels else []
    ids = {mid: number for number, mid in mids.items()}
    statements.store_statements(session, ids, [(mids[number], tuple(found)) for number, found in mine.items()])
    statements.forget_seen(session, touched)
    structure.forget(session, "distilled", names)
    return sum(answer is not None for answer in told.values())


def _statement(row: StatementRow, told: str | None, endpoint: Endpoint, may_object: bool) -> Statement:
    why, topic = tuple(row.why), row.topic or None
    if told is None:
        return Statement(
            row.start, row.end, row.quote, tuple(row.labels), row.scores, topic, row.by, why, dict(row.said)
        )
    answer = json.loads(told)
    labels = llm.keeps(answer["labels"], may_object)
    return Statement(row.start, row.end, row.quote, labels, answer["scores"], answer["topic"], endpoint.name, why)
