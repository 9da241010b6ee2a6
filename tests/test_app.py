from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from streamlit.testing.v1 import AppTest

from db.models import DecisionRow, Run
from db.session import open_engine
from tests.invented import at, fill, row

PAGES = ("guidelines", "thread", "after", "search", "review", "trends", "sources")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = str(tmp_path_factory.mktemp("app") / "precedent.db")
    fill(open_engine(url))
    return url


@pytest.fixture
def empty(tmp_path: Path) -> str:
    url = str(tmp_path / "empty.db")
    open_engine(url)
    return url


def one_page(name: str) -> None:
    """Runs in the app's own process: the frame's way to one page."""
    import importlib

    import app

    app._drawn(importlib.import_module(f"views.{name}").page)()


def visit(name: str, database: str, monkeypatch: pytest.MonkeyPatch, **parameters: str) -> Any:
    monkeypatch.setenv("PRECEDENT_DB", database)
    test = AppTest.from_function(one_page, args=(name,), default_timeout=30)
    for key, value in parameters.items():
        test.query_params[key] = value
    test.run()
    assert not test.exception, test.exception
    return test


def shown(test: Any) -> str:
    """All that the page says."""
    kinds = ("title", "subheader", "caption", "markdown", "info", "warning", "error", "code")
    html = [element.proto.body for element in test.main if getattr(element, "type", "") == "html"]
    return "\n".join([*html, *(str(each.value) for kind in kinds for each in getattr(test, kind))])


@pytest.mark.parametrize("name", PAGES)
def test_every_page_opens_on_an_empty_database(name: str, empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "The database is empty" in shown(visit(name, empty, monkeypatch))


@pytest.mark.parametrize("name", PAGES)
def test_every_page_opens_on_a_filled_database(name: str, filled: str, monkeypatch: pytest.MonkeyPatch) -> None:
    visit(name, filled, monkeypatch)


def test_without_a_database_the_page_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = shown(visit("guidelines", str(tmp_path / "none.db"), monkeypatch))
    assert "precedent sync" in said
    assert not (tmp_path / "none.db").exists()


def test_a_rule_shows_evidence_rationale_and_history(filled: str, monkeypatch: pytest.MonkeyPatch) -> None:
    said = shown(visit("guidelines", filled, monkeypatch, rule="HC-001"))
    assert "Any new call must be discoverable by a feature bit." in said
    assert "How would an old guest learn of it?" in said
    assert "Cleo Vane" in said and "agrees" in said
    assert "first seen" in said


def test_a_rule_that_does_not_exist_says_so(filled: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for wrong in ("HC-999", "x", "HC-99999999999999999999"):
        assert "no such rule" in shown(visit("guidelines", filled, monkeypatch, rule=wrong))


def test_filters_come_from_the_address(filled: str, monkeypatch: pytest.MonkeyPatch) -> None:
    test = visit("guidelines", filled, monkeypatch, part="all", status="contested")
    assert "turn it off" in shown(test) and "HC-001" not in shown(test)
    test = visit("guidelines", filled, monkeypatch, part="all", words="feature")
    assert "HC-001" in shown(test) and "HC-002" not in shown(test)


def test_changes_since_a_date_name_the_revision(filled: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "first seen" in shown(visit("guidelines", filled, monkeypatch, changed="2021-03-01"))


def test_a_thread_shows_ghosts_versions_commits_and_tags(filled: str, monkeypatch: pytest.MonkeyPatch) -> None:
    said = shown(visit("thread", filled, monkeypatch, mid="agree@example.org"))
    for part in (
        "not in the archive",
        "lost@example.org",
        "version 2",
        "444444444444",
        "requirement 0.70",
        "cue: must",
    ):
        assert part in said
    assert "b4 am agree@example.org" in said
    assert "goes on in" in said and "the next version of the series" in said


def test_a_ghost_has_a_page_of_its_own(filled: str, monkeypatch: pytest.MonkeyPatch) -> None:
    said = shown(visit("thread", filled, monkeypatch, mid="lost@example.org"))
    assert "not in the archive; others answer it" in said


def test_the_raw_mail_is_sent_only_when_asked_for(filled: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "From: Cleo Vane" not in shown(visit("thread", filled, monkeypatch, mid="agree@example.org"))
    assert "From: Cleo Vane" in shown(visit("thread", filled, monkeypatch, mid="agree@example.org", raw="true"))


def test_an_unknown_message_is_offered_to_search(filled: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "No message of this archive" in shown(visit("thread", filled, monkeypatch, mid="<a b'\"&>"))


def test_quotes_are_coloured_by_author_and_folded_by_depth(filled: str, monkeypatch: pytest.MonkeyPatch) -> None:
    said = shown(visit("thread", filled, monkeypatch, mid="deep@example.org", fold="beyond 1"))
    assert '<details class="q w' in said
    said = shown(visit("thread", filled, monkeypatch, mid="deep@example.org", fold="beyond 2"))
    assert '<details class="q w' not in said


def test_search_finds_words_filters_and_ids(filled: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "<mark>reverted</mark>" in shown(visit("search", filled, monkeypatch, q="reverted"))
    assert "1 statement," in shown(visit("search", filled, monkeypatch, q="label:disagree", **{"in": "statements"}))
    assert "1 message," in shown(visit("search", filled, monkeypatch, q="<no@example.org>"))
    assert "wants a date" in shown(visit("search", filled, monkeypatch, q="after:yesterday gadget"))


def test_the_second_page_of_a_search_comes_from_the_address(filled: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("views.search.PAGE", 4)
    first = shown(visit("search", filled, monkeypatch, q="gadget"))
    second = shown(visit("search", filled, monkeypatch, q="gadget", page="2"))
    assert "late@example.org" in first and "late@example.org" not in second


def test_incidents_filter_by_year(filled: str, monkeypatch: pytest.MonkeyPatch) -> None:
    said = shown(visit("after", filled, monkeypatch, year="2021"))
    assert "This went in without my ack." in said and "3 days after" in said and "reverted 2021-03-20" in said


def test_sources_name_rejects_with_reason_and_hash(filled: str, monkeypatch: pytest.MonkeyPatch) -> None:
    said = shown(visit("sources", filled, monkeypatch))
    assert "nested deeper than 20 parts" in said and "0" * 64 in said


def test_a_run_that_has_not_ended_is_announced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = str(tmp_path / "running.db")
    with Session(open_engine(url)) as session, session.begin():
        session.add(row(Run, command="sync", started=at(1), ended=None, stages={}, sources={}))
    assert "has not ended" in shown(visit("guidelines", url, monkeypatch))


def test_a_locked_database_says_to_wait(filled: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*_: object) -> str:
        raise OperationalError("SELECT", {}, sqlite3.OperationalError("database is locked"))

    monkeypatch.setattr("app.data_version", locked)
    assert "Try again when that has ended" in shown(visit("guidelines", filled, monkeypatch))


def test_a_database_of_a_newer_version_is_left_alone(empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with sqlite3.connect(empty) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    assert "newer version" in shown(visit("guidelines", empty, monkeypatch))


@pytest.fixture
def own(tmp_path: Path) -> str:
    """A filled database for tests that decide."""
    url = str(tmp_path / "own.db")
    fill(open_engine(url))
    return url


def press(test: Any, label: str) -> None:
    next(button for button in test.button if button.label == label).click()
    test.run()
    assert not test.exception, test.exception


def rows(url: str) -> list[tuple[Any, ...]]:
    with open_engine(url).connect() as connection:
        return [
            (r.action, r.target, r.value, r.by, r.undoes) for r in connection.execute(select(DecisionRow.__table__))
        ]


def test_accept_reject_and_undo_append_rows_by_the_local_user(own: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("getpass.getuser", lambda: "dora")
    test = visit("review", own, monkeypatch)
    press(test, "Accept")
    press(test, "Reject")
    press(test, "Undo")
    found = rows(own)
    assert [(action, value) for action, _, value, _, _ in found] == [
        ("accept", "requirement"),
        ("reject", "requirement"),
        ("undo", "reject"),
    ]
    assert {by for *_, by, _ in found} == {"dora"}
    assert found[2][4] == 2 and found[1][1] == found[2][1] != found[0][1]


def test_a_skipped_candidate_comes_back_last_and_is_no_decision(own: str, monkeypatch: pytest.MonkeyPatch) -> None:
    test = visit("review", own, monkeypatch)
    before = shown(test)
    press(test, "Skip")
    assert shown(test) != before
    press(test, "Skip")
    assert shown(test) == before
    assert rows(own) == []


def test_a_topic_can_be_changed_in_place(own: str, monkeypatch: pytest.MonkeyPatch) -> None:
    test = visit("review", own, monkeypatch)
    next(box for box in test.selectbox if box.label == "Topic").select("testing").run()
    press(test, "Change topic")
    assert [(action, value) for action, _, value, _, _ in rows(own)] == [("retopic", "testing")]


def test_a_rule_can_be_reworded_in_place(own: str, monkeypatch: pytest.MonkeyPatch) -> None:
    test = visit("review", own, monkeypatch)
    test.text_area[0].input("A new call must be discoverable.").run()
    press(test, "Reword the rule")
    assert rows(own)[0][0] == "reword" and rows(own)[0][1].startswith("HC-00")


def test_two_peoples_verdicts_stand_side_by_side(own: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for who, first, second in (("dora", "Accept", "Accept"), ("emil", "Accept", "Reject")):
        monkeypatch.setattr("getpass.getuser", lambda who=who: who)
        test = visit("review", own, monkeypatch)
        press(test, first)
        press(test, second)
    said = shown(test)
    assert "dora" in said and "emil" in said and "50%" in said


def test_who_is_not_bound_to_this_machine_may_only_read(own: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.HERE", ("elsewhere",))
    test = visit("review", own, monkeypatch)
    assert "Only listed curators decide" in shown(test)
    assert all(button.disabled for button in test.button if button.label in ("Accept", "Reject", "Undo"))


class SignedIn:
    """Stands in for ``st.user`` where sign-in is configured."""

    def __init__(self, email: str) -> None:
        self.email = email

    def to_dict(self) -> dict[str, Any]:
        return {"is_logged_in": bool(self.email), "email": self.email}


@pytest.mark.parametrize(("email", "may"), [("", False), ("mallory@example.org", False), ("dora@example.org", True)])
def test_where_people_sign_in_only_listed_ones_decide(
    email: str, may: bool, own: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRECEDENT_CURATORS", "dora@example.org, emil@example.org")
    monkeypatch.setattr("streamlit.user", SignedIn(email))
    test = visit("review", own, monkeypatch)
    assert next(button for button in test.button if button.label == "Accept").disabled is not may


def test_closed_reading_shows_nothing_before_sign_in(own: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRECEDENT_READING", "closed")
    monkeypatch.setattr("streamlit.user", SignedIn(""))
    said = shown(visit("guidelines", own, monkeypatch))
    assert "signed-in people only" in said and "HC-0" not in said
    monkeypatch.setattr("streamlit.user", SignedIn("reader@example.org"))
    assert "HC-0" in shown(visit("guidelines", own, monkeypatch))


def test_a_rejected_mail_has_a_page(filled: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "not kept" in shown(visit("sources", filled, monkeypatch, raw="0" * 64))
