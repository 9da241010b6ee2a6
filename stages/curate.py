"""People's decisions into the database: one of somebody's own, or a curation file with decisions, given numbers and
their history, as another database exported them."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from db import decisions, rules
from db.store import statements
from db.store.structure import set_mark
from errors import UsageError
from guidelines import curation
from guidelines.decisions import in_force
from guidelines.values import Decision
from tally import Tally


def load(engine: Engine, text: str) -> Tally:
    """Takes over what the file says; the next ``distil`` works it in. The file's numbers replace those that this
    database has computed, so that a database built anew makes the same document. A database with decisions that the
    file does not know would lose them: that is a UsageError, and nothing is changed."""
    file = curation.load(text)
    theirs = {decision.id: decision for decision in file.decisions}
    with Session(engine) as session, session.begin():
        mine = rules.decisions(session.connection())
        odd = next((decision.id for decision in mine if theirs.get(decision.id) != decision), None)
        if odd is not None:
            raise UsageError(
                f"decision {odd} of this database is not in the file",
                "export this database's curation first, and bring the two files together in git",
            )
        known = {decision.id for decision in mine}
        statements.store_decisions(session, [d for d in file.decisions if d.id not in known])
        statements.store_guidelines(session, file.guidelines, file.revisions, anew=True)
        set_mark(session, "merge", "")
    return Tally(len(theirs), len(theirs) - len(known), len(known), 0)


def decide(
    engine: Engine, action: str, target: str, value: str, by: str, comment: str, curators: Collection[str] = ()
) -> int:
    """Adds a decision, "undo" of the decision ``target`` among them, and returns its id; the next ``distil`` works it
    in. Where ``curators`` are named, only they may; else whoever may write to the database. Raises UsageError."""
    policy = decisions.Policy(curators=frozenset(curators), local="" if curators else by)
    if action == "undo":
        return decisions.undo(engine, by, int(target), comment, policy=policy)
    return decisions.record(engine, by, action, target.strip(), value, comment, policy=policy)


def lines(engine: Engine) -> list[str]:
    """Every decision as a line, oldest first; what was taken back says so."""
    with engine.connect() as connection:
        found = rules.decisions(connection)
    stand = {decision.id for decision in in_force(found)}
    return [_line(decision, decision.id in stand or decision.action == "undo") for decision in found]


def _line(decision: Decision, stands: bool) -> str:
    value = f"decision {decision.undoes}" if decision.undoes is not None else " ".join(decision.value.split())
    words = (
        f"{decision.id}  {decision.at:%Y-%m-%d}  {decision.by}: {decision.action} {decision.target} {value}".rstrip()
    )
    return words + (f" ({decision.comment})" if decision.comment else "") + ("" if stands else "  [taken back]")
