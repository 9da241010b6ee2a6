"""Labelled sentences, set into the archive's own mails, to a trained pipeline or to its measured quality."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from db import reads
from errors import ModelError
from nlp import evaluate as nlp_evaluate
from nlp import gold
from nlp import train as nlp_train
from nlp.values import MailText
from stages.link import thread_batches
from stages.passages import mail_texts


def read_gold(paths: Sequence[Path]) -> list[gold.Gold]:
    """All rows of the files. Raises ModelError for one that cannot be read or is of another form."""
    rows: list[gold.Gold] = []
    for path in paths:
        try:
            rows += gold.read(path.read_text(encoding="utf-8").splitlines())
        except (OSError, ValueError, KeyError, AttributeError) as error:
            raise ModelError(
                f"{path} holds no labelled sentences: {error}", "see docs/tagger.md for the form"
            ) from error
    if not rows:
        raise ModelError("there is no labelled sentence", "name at least one file of them")
    return rows


def mails_of(engine: Engine, message_ids: Iterable[str]) -> dict[str, MailText]:
    """The mails that gold rows speak of, as far as the archive holds them, with the context of their threads."""
    by_mid = {message_id.strip("<>"): message_id for message_id in message_ids}
    found: dict[str, MailText] = {}
    with Session(engine) as session:
        threads = reads.threads_of(session, list(by_mid))
        for names in thread_batches(threads):
            committed = reads.committed(session, names)
            for mails in reads.thread_mails(session, names).values():
                for text in mail_texts(mails, committed):
                    if text.key in by_mid:
                        found[by_mid[text.key]] = text
    return found


def train(engine: Engine, rows: Sequence[gold.Gold], out: Path, seed: int) -> Path:
    """Writes a pipeline folder that ``--model`` takes."""
    return nlp_train.train(rows, mails_of(engine, {row.message_id for row in rows}), out, seed)


def evaluate(engine: Engine, rows: Sequence[gold.Gold], seed: int) -> tuple[dict[str, Any], str]:
    """Figures of thread-wise cross-validation, and the report as text."""
    return nlp_evaluate.evaluate(rows, mails_of(engine, {row.message_id for row in rows}), seed)
