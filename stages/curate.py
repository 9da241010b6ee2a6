"""A curation file into the database: decisions, given numbers and their history, as another database exported them."""

from __future__ import annotations

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from db import rules
from db.store import statements
from db.store.structure import set_mark
from errors import UsageError
from guidelines import curation
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
