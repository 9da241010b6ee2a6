"""New text of changed threads to tagged statements."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import Executor
from functools import partial
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from db import reads
from db.store import statements, structure
from ingest.history.mentions import mentions
from ingest.subject import parse_subject
from nlp import notes as labelled
from nlp.pipeline import tag as tag_mails
from nlp.pipeline import version as pipeline_version
from nlp.values import MailText
from stages import Progress
from stages.link import thread_batches
from stages.objecting import BY, decided
from stages.passages import mail_texts
from tally import Tally
from workers import map_beside, worth_sending

Beside = tuple[list[str], dict[str, reads.Stored], list[MailText], set[str]]  # a batch's threads, mails, who objects


def tag(
    engine: Engine, executor: Executor | None, progress: Progress, model: str = "", notes: Path | None = None
) -> Tally:
    """Tags every thread that changed since it was last tagged, all of them when the pipeline is another one.
    Annotations in the folder ``notes`` stand above the pipeline's tags. The tally counts threads."""
    version = f"{pipeline_version(model or None)}:{BY}" + (f":{labelled.version(notes)}" if notes else "")
    with Session(engine) as session, session.begin():
        if structure.mark(session, "tag") != version:
            structure.forget(session, "tagged")
            structure.set_mark(session, "tag", version)
        waiting = reads.unfinished(session, "tagged")
        total = reads.thread_count(session)
    noted = labelled.read(notes) if notes and waiting else {}
    done, mails_in_all = 0, sum(size for _, size in waiting)
    executor = worth_sending(executor, mails_in_all)
    with Session(engine) as reader:

        def jobs() -> Iterator[tuple[Beside, list[MailText]]]:
            for names in thread_batches(waiting):
                grouped = reads.thread_mails(reader, names)
                committed = reads.committed(reader, names)
                by_mid = {mail.mid: mail for mails in grouped.values() for mail in reversed(mails)}
                texts = [text for mails in grouped.values() for text in mail_texts(mails, committed)]
                objectors = _objectors(by_mid, committed, reads.tellers(reader, names))
                yield (names, by_mid, texts, objectors), texts

        for beside, tagged in map_beside(executor, partial(tag_mails, model=model or None), jobs()):
            names, by_mid, texts, objectors = beside
            final = [
                (mid, labelled.overlay(decided(text, found, mid in objectors), noted.get(mid, ()), by_mid[mid].body))
                for text, (mid, found) in zip(texts, tagged, strict=True)
            ]
            with Session(engine) as session, session.begin():
                statements.store_statements(session, {mid: mail.id for mid, mail in by_mid.items()}, final)
                structure.finish(session, "tagged", names)
            done += len(by_mid)
            progress("tagging", done, mails_in_all)
    return Tally(total, len(waiting), total - len(waiting), 0)


def _objectors(mails: Mapping[str, reads.Stored], committed: Collection[str], tellers: Collection[str]) -> set[str]:
    """The mails that may object to what was in: not the one that tells of it, nor a patch or a pull request of its own;
    but one that reverts may."""
    return {mid for mid in committed if mid not in tellers and mid in mails and not _announces(mails[mid].subject)}


def _announces(line: str) -> bool:
    subject = parse_subject(line)
    reverts = any(mention.kind == "revert" for mention in mentions(subject.title, ""))
    return not subject.is_reply and not reverts and (subject.is_patch or "PULL" in subject.prefixes)
