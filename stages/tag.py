"""New text of changed threads to tagged statements."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from db import claims, reads
from db.store import statements, structure
from ingest.history.mentions import mentions
from ingest.subject import parse_subject
from nlp import notes as labelled
from stages import Progress, hearing
from stages.hearing import Heard
from stages.link import thread_batches
from stages.objecting import BY
from stages.passages import mail_texts
from tally import Tally
from workers import FEW, Pool, map_beside, map_ordered, worth_sending

Notes = Mapping[str, Sequence[labelled.Note]]


def tag(
    engine: Engine, executor: Executor | None, progress: Progress, model: str = "", notes: Path | None = None
) -> Tally:
    """Tags every thread that changed since it was last tagged, all of them when the pipeline is another one; of these
    the mails of which the tagger would see something else than it did. Annotations in the folder ``notes`` stand above
    the pipeline's tags. The tally counts threads."""
    version = f"{_version(engine, executor, model or None)}:{BY}"
    version += f":{labelled.version(notes)}" if notes else ""
    with Session(engine) as session, session.begin():
        if structure.mark(session, "tag") != version:
            structure.forget(session, "tagged")
            structure.set_mark(session, "tag", version)
        waiting = reads.unfinished(session, "tagged")
        total = reads.thread_count(session)
    noted = labelled.read(notes) if notes and waiting else {}
    done, mails_in_all = 0, sum(size for _, size in waiting)
    few = mails_in_all <= FEW
    # Few mails are one batch for one worker, which has loaded what that takes while this process did something else.
    if isinstance(executor, Pool):
        executor.settle()
    else:
        executor = worth_sending(executor, mails_in_all)
    with Session(engine) as reader:

        def jobs() -> Iterator[tuple[_Batch, list[Heard]]]:
            for names in thread_batches(waiting, FEW) if few else thread_batches(waiting):
                batch = _read(reader, names, version, noted)
                yield batch, batch.changed

        for batch, tagged in map_beside(executor, partial(hearing.tag, model=model or None), jobs()):
            final = [(mid, labelled.overlay(found, noted.get(mid, ()), batch.mails[mid].body)) for mid, found in tagged]
            ids = {mid: batch.mails[mid].id for mid, _ in final}
            with Session(engine) as session, session.begin():
                statements.store_statements(session, ids, final)
                statements.store_seen(session, {ids[mid]: batch.seen[mid] for mid in ids})
                structure.finish(session, "tagged", batch.threads)
            done += len(batch.mails)
            progress("tagging", done, mails_in_all)
    return Tally(total, len(waiting), total - len(waiting), 0)


@dataclass(frozen=True, slots=True)
class _Batch:
    """Some threads with their mails, a checksum of what the tagger sees of each, and those of which it is another than
    it was."""

    threads: list[str]
    mails: dict[str, reads.Stored]
    seen: dict[str, str]
    changed: list[Heard]


def _read(session: Session, names: list[str], version: str, noted: Notes) -> _Batch:
    grouped = reads.thread_mails(session, names)
    committed = reads.committed(session, names)
    mails = {mail.mid: mail for found in grouped.values() for mail in reversed(found)}
    texts = [text for found in grouped.values() for text in mail_texts(found, committed)]
    objectors = _objectors(mails, committed, reads.tellers(session, names))
    shown = [Heard(text, text.key in objectors) for text in texts]
    seen = {heard.text.key: _checksum(version, heard, noted.get(heard.text.key, ())) for heard in shown}
    known = claims.seen(session, [mails[mid].id for mid in seen])
    changed = [heard for heard in shown if known.get(mails[heard.text.key].id) != seen[heard.text.key]]
    return _Batch(names, mails, seen, changed)


def _checksum(version: str, heard: Heard, notes: Sequence[labelled.Note]) -> str:
    return blake2b(repr((version, heard, notes)).encode(errors="surrogatepass"), digest_size=8).hexdigest()


def _version(engine: Engine, executor: Executor | None, model: str | None) -> str:
    """The pipeline's version, which loading it tells; remembered for as long as nothing that it is made of changes."""
    checksum = hearing.checksum(model)
    with Session(engine) as session:
        known = json.loads(structure.mark(session, "pipeline") or "{}")
    if checksum and known.get("checksum") == checksum:
        return str(known["version"])
    [version] = map_ordered(executor if isinstance(executor, Pool) else None, hearing.version, [model])
    with Session(engine) as session, session.begin():
        structure.set_mark(session, "pipeline", json.dumps({"checksum": checksum, "version": version}))
    return version


def _objectors(mails: Mapping[str, reads.Stored], committed: Collection[str], tellers: Collection[str]) -> set[str]:
    """The mails that may object to what was in: not the one that tells of it, nor a patch or a pull request of its own;
    but one that reverts may."""
    return {mid for mid in committed if mid not in tellers and mid in mails and not _announces(mails[mid].subject)}


def _announces(line: str) -> bool:
    subject = parse_subject(line)
    reverts = any(mention.kind == "revert" for mention in mentions(subject.title, ""))
    return not subject.is_reply and not reverts and (subject.is_patch or "PULL" in subject.prefixes)
