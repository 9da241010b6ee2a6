from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from db.models import CommittedRow, GuidelineRow, StatementRow
from db.queries.document import load as load_document
from db.queries.document import main_part
from db.queries.objections import objections
from guidelines.document import view
from tests.invented import BEN, OID, Archive, at, fill, row


@pytest.fixture(scope="module")
def engine(new_engine: Callable[[], Engine]) -> Engine:
    engine = new_engine()
    fill(engine)
    return engine


def test_an_empty_database_gives_an_empty_document(new_engine: Callable[[], Engine]) -> None:
    document = load_document(new_engine())
    assert (document.guidelines, document.incidents, document.claims) == ((), (), {})


def test_every_claim_that_the_document_names_is_there(engine: Engine) -> None:
    document = load_document(engine)
    named = {key for rule in document.guidelines for key in rule.members}
    named |= {s.claim for r in document.requirements.values() for s in r.stances}
    named |= {key for r in document.requirements.values() for key in r.concerns}
    named |= {key for incident in document.incidents for key in incident.objections}
    assert named and named <= set(document.claims)


def test_a_rule_carries_its_requirement_with_stances_and_concerns(engine: Engine) -> None:
    document = load_document(engine)
    requirement = document.requirements[document.guidelines[0].text_claim]
    assert [(s.stance, s.author) for s in requirement.stances] == [("assent", "Cleo Vane")]
    assert [document.claims[key].text for key in requirement.concerns] == ["How would an old guest learn of it?"]


def test_an_objection_after_the_commit_becomes_an_incident_with_its_outcome(engine: Engine) -> None:
    (incident,) = load_document(engine).incidents
    assert incident.title == "gadget: add GADGETOP_map"
    assert (incident.commit, incident.outcome) == (OID, "reverted 2021-03-20")


def test_an_incident_names_the_other_commits_and_the_rules_stated_in_answer_to_it(
    new_engine: Callable[[], Engine],
) -> None:
    engine = new_engine()
    fill(engine)
    with Session(engine) as session, session.begin():
        key = session.scalars(select(StatementRow.key).where(StatementRow.key.startswith("late@"))).one()
        session.get_one(GuidelineRow, 2).members = [key]
        session.get_one(CommittedRow, "late@example.org").others = [
            ["7" * 40, "gadget: add GADGETOP_unmap", "2021-03-13"],
            ["5" * 40, "the revert, which is the outcome", "2021-03-20"],
        ]
    (incident,) = load_document(engine).incidents
    assert incident.rules == (2,)
    assert incident.others == (("7" * 40, "gadget: add GADGETOP_unmap", "2021-03-13"),)
    (row,) = objections(engine)
    assert (row["other_commits"], row["rules"]) == (["7" * 40, "5" * 40], ["HC-002"])


def test_what_is_said_of_a_commit_in_another_thread_belongs_to_the_same_incident(
    new_engine: Callable[[], Engine],
) -> None:
    engine = new_engine()
    fill(engine)
    with Session(engine) as session, session.begin():
        archive = Archive(session, fresh=False)
        words = "It broke every old guest."
        place = ("back@example.org", "", "back@example.org", BEN, at(18))
        mail = archive.mail(*place, '[PATCH] Revert "gadget: add GADGETOP_map"', [("new", 0, f"{words}\n")])
        archive.tag(mail, words, {"post_commit_objection": 0.6}, "", "back")
        archive.tag(mail, "old guest", {"post_commit_objection": 0.4}, "", "unsure")
        evidence = f"committed as {OID[:12]}, which this mail names"
        session.add(row(CommittedRow, mid=mail.mid, at=at(12), oid=OID, evidence=evidence))
    (incident,) = load_document(engine).incidents
    assert [key.split()[0] for key in incident.objections] == ["late@example.org", "back@example.org"]
    assert incident.commit == OID


def test_the_document_names_lists_with_their_span_and_counts(engine: Engine) -> None:
    document = load_document(engine)
    assert [(name, count) for name, count, _, _ in document.lists] == [("alpha-devel", 9), ("beta-devel", 1)]
    assert document.counts == {"messages": 9, "statements": 6, "requirements": 2, "threads": 2}


def test_the_main_part_is_what_the_whole_document_shows(engine: Engine) -> None:
    entries = [entry for chapter in view(load_document(engine)).checklist for entry in chapter.entries]
    assert [f"HC-{number:03d}" for number in main_part(engine)] == [entry.id for entry in entries] != []
