"""New text of changed threads to tagged statements."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from functools import partial
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from db import reads
from db.store import statements, structure
from nlp import notes as labelled
from nlp.labels import Label
from nlp.pipeline import tag as tag_mails
from nlp.pipeline import version as pipeline_version
from nlp.values import MailText, Statement
from stages import Progress
from stages.link import thread_batches
from stages.passages import mail_texts
from tally import Tally
from workers import map_ordered


def tag(
    engine: Engine, executor: Executor | None, progress: Progress, model: str = "", notes: Path | None = None
) -> Tally:
    """Tags every thread that changed since it was last tagged, all of them when the pipeline is another one.
    Annotations in the folder ``notes`` stand above the pipeline's tags. The tally counts threads."""
    version = pipeline_version(model or None) + (f":{labelled.version(notes)}" if notes else "")
    with Session(engine) as session, session.begin():
        if structure.mark(session, "tag") != version:
            structure.forget(session, "tagged")
            structure.set_mark(session, "tag", version)
        waiting = reads.unfinished(session, "tagged")
        total = reads.thread_count(session)
    noted = labelled.read(notes) if notes and waiting else {}
    done, mails_in_all = 0, sum(size for _, size in waiting)
    with Session(engine) as reader:
        names_in_order: list[tuple[list[str], dict[str, reads.Stored], set[str]]] = []

        def inputs() -> Iterator[list[MailText]]:
            for names in thread_batches(waiting):
                grouped = reads.thread_mails(reader, names)
                committed = reads.committed(reader, names)
                by_mid = {mail.mid: mail for mails in grouped.values() for mail in reversed(mails)}
                texts = [text for mails in grouped.values() for text in mail_texts(mails, committed)]
                patches = {text.key for text in texts if text.is_patch}
                names_in_order.append((names, by_mid, set(committed) - patches - reads.tellers(reader, names)))
                yield texts

        for tagged in map_ordered(executor, partial(tag_batch, model=model), inputs()):
            names, by_mid, objectors = names_in_order.pop(0)
            final = [
                (mid, labelled.overlay(_confirmed(found, mid in objectors), noted.get(mid, ()), by_mid[mid].body))
                for mid, found in tagged
            ]
            with Session(engine) as session, session.begin():
                statements.store_statements(session, {mid: mail.id for mid, mail in by_mid.items()}, final)
                structure.finish(session, "tagged", names)
            done += len(by_mid)
            progress("tagging", done, mails_in_all)
    return Tally(total, len(waiting), total - len(waiting), 0)


def _confirmed(found: Sequence[Statement], may_object: bool) -> tuple[Statement, ...]:
    """What a sentence says is half of an objection after the commit: without a sign that the change was in when the
    mail was written (the thread's, the repository's, or its own words) it is none, whatever its score. Nor does a
    patch's message object, or the mail that tells of the commit."""
    if may_object:
        return tuple(found)
    kept = (replace(s, labels=tuple(name for name in s.labels if name != Label.POST_COMMIT_OBJECTION)) for s in found)
    return tuple(statement for statement in kept if statement.labels)


def tag_batch(mails: Sequence[MailText], model: str = "") -> list[tuple[str, tuple[Statement, ...]]]:
    """Module-level, so that a worker process finds it by name."""
    return tag_mails(mails, model or None)
