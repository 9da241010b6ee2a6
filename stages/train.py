"""Labelled sentences and people's decisions, set into the archive's own mails, to a trained pipeline or its quality."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from db import reads, rules
from db.models import Message, StatementRow
from errors import ModelError
from guidelines.decisions import in_force, number_of
from guidelines.values import statement_place
from nlp import evaluate as nlp_evaluate
from nlp import gold, learnt, notes
from nlp import train as nlp_train
from nlp.adapt import adapt
from nlp.encoder import Encoder
from nlp.examples import Examples, deal
from nlp.labels import Label, Topic
from nlp.pipeline import MODEL, version
from nlp.values import MailText
from nlp.weights import Array
from stages.link import thread_batches
from stages.passages import mail_texts


def read_gold(engine: Engine, paths: Sequence[Path]) -> list[gold.Gold]:
    """All rows of the files: with their text, or annotations without, which get it from the archive as far as it has
    the same words. Raises ModelError for a file that cannot be read or is of another form."""
    rows: list[gold.Gold] = []
    for path in paths:
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
            rows += _annotated(engine, lines) if lines and "made_by" in json.loads(lines[0]) else gold.read(lines)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ModelError(
                f"{path} holds no labelled sentences: {error}", "see docs/tagger.md for the form"
            ) from error
    if paths and not rows:
        raise ModelError(
            "there is no labelled sentence", "name files that hold some, or first sync the archive that they speak of"
        )
    return rows


def _annotated(engine: Engine, lines: Sequence[str]) -> list[gold.Gold]:
    noted = notes.parsed(lines)
    rows = []
    with Session(engine) as session:
        bodies, names = reads.bodies(session, list(noted)), reads.memberships(session)
        titles = reads.titles(session, list(noted))
        for mid, found in noted.items():
            for note in found:
                text = " ".join(bodies.get(mid, "")[note.start : note.end].split())
                if text and notes.text_hash(text) == note.hash:
                    where = (f"<{mid}>", titles.get(mid, ""), next(iter(names.get(mid, ())), ""))
                    rows.append(gold.Gold(*where, note.start, note.end, text, frozenset(note.labels), note.topic))
    return rows


def read_more(paths: Sequence[Path]) -> learnt.Read:
    """Labels that are learnt from only. Raises ModelError."""
    return learnt.read(paths)


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


def _decided(session: Session) -> dict[str, tuple[set[str], set[str], str | None]]:
    """Statement key -> labels that people gave it and took from it, and its topic; the later decision wins."""
    found: dict[str, tuple[set[str], set[str], str | None]] = {}
    for decision in in_force(rules.decisions(session.connection())):
        if number_of(decision.target) is not None or decision.target.count(" ") != 1:
            continue
        has, has_not, topic = found.get(decision.target, (set(), set(), None))
        label = decision.value or Label.REQUIREMENT.value
        if decision.action in ("accept", "reject") and label in set(Label):
            yes, no = (has, has_not) if decision.action == "accept" else (has_not, has)
            yes.add(label)
            no.discard(label)
        elif decision.action == "retopic" and decision.value in set(Topic):
            topic = decision.value
        found[decision.target] = (has, has_not, topic)
    return found


def verdicts(engine: Engine) -> list[gold.Verdict]:
    """People's decisions on statements, with the words from the archive; those on mails that it lacks are left out."""
    made = []
    with Session(engine) as session:
        for key, (has, has_not, topic) in sorted(_decided(session).items()):
            mid, start, end = statement_place(key) or ("", 0, 0)
            mail = session.scalars(select(Message).where(Message.mid == mid).order_by(Message.id)).first()
            if mail is None:
                continue
            known = session.get(StatementRow, key)
            text = " ".join(mail.body[start:end].split())
            labels = frozenset(known.labels) if known else frozenset[str]()
            row = gold.Gold(
                f"<{mid}>",
                mail.subject,
                "",
                start,
                end,
                text,
                labels,
                (known.topic or None) if known else None,
            )
            made.append(gold.Verdict(row, frozenset(has), frozenset(has_not), topic))
    return made


def train(
    engine: Engine,
    rows: Sequence[gold.Gold],
    out: Path,
    seed: int,
    decisions: bool = False,
    encoder: bool = False,
    tell: Callable[[str], None] = print,
    more: learnt.Read | None = None,
) -> str:
    """Writes a pipeline folder that ``--model`` takes; says what it was made from. ``decisions``: people's, over
    ``rows``. ``encoder``: tunes one, which takes PyTorch and an hour; ``tell`` hears how far it is. ``more``: labels
    that are learnt from only."""
    decided = verdicts(engine) if decisions else []
    whole = gold.overrule(rows, decided)
    mails = mails_of(engine, {row.message_id for row in whole} | set(more or {}))
    nlp_train.train(whole, mails, out, seed, _tuned(seed, tell) if encoder else None, more)
    told = f"trained on {len(whole)} sentences" + (f", {len(decided)} of them decided by people" if decisions else "")
    return told + (f", and on {len(set(more) & set(mails))} mails of lesser standing" if more else "")


def _tuned(seed: int, tell: Callable[[str], None]) -> nlp_train.Tuned:
    from nlp import finetune  # needs PyTorch, which only this needs

    def tuned(data: Examples) -> tuple[Encoder, Array]:
        base = finetune.Base(finetune.Task(data.seats, data.labels, data.topics, data.gold))
        held, made = finetune.out_of_fold(base, deal(data, finetune.FOLDS, seed), seed, tell)
        return finetune.encoder(base, made, seed, tell), held

    return tuned


def adapted(engine: Engine, model: str, out: Path) -> str:
    """Writes the pipeline ``model`` ("": the shipped one) with scores that follow people's decisions."""
    by = version(model or None)
    judged: dict[str, list[tuple[float, bool]]] = defaultdict(list)
    with Session(engine) as session:
        for key, (has, has_not, _) in sorted(_decided(session).items()):
            known = session.get(StatementRow, key)
            if known is not None and known.by == by:
                for label in (has | has_not) & set(known.scores):
                    judged[label].append((known.scores[label], label in has))
    if not judged:
        advice = "judge candidates in the app or with `precedent curation`, after tagging with this very pipeline"
        raise ModelError("nobody has decided on a statement that this pipeline tagged", advice)
    used = adapt(model or None, judged, out)
    words = ", ".join(f"{label} {count}" for label, count in used.items()) or "none: a label needs 10 of either kind"
    return f"adapted by decisions: {words}"


def evaluate(
    engine: Engine, rows: Sequence[gold.Gold], seed: int, model: str = "", more: learnt.Read | None = None
) -> tuple[dict[str, Any], str]:
    """Figures of thread-wise cross-validation, and the report as text. ``model``: the pipeline ("": the shipped one)
    whose encoder's held-out scores count, where it keeps any. ``more``: labels that are learnt from only."""
    mails = mails_of(engine, {row.message_id for row in rows} | set(more or {}))
    return nlp_evaluate.evaluate(rows, mails, seed, Path(model or MODEL) / "statements", more)
