from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from db.queries.exports import COMMITS, SEGMENTS, STATEMENTS, THREADS, commits, segments, statements, threads
from db.queries.links import permalink
from tests.invented import fill


@pytest.fixture(scope="module")
def engine(new_engine: Callable[[], Engine]) -> Engine:
    engine = new_engine()
    fill(engine)
    return engine


def test_every_export_of_an_empty_database_has_its_columns_and_no_rows(new_engine: Callable[[], Engine]) -> None:
    engine = new_engine()
    for table, columns in ((statements, STATEMENTS), (threads, THREADS), (commits, COMMITS)):
        frame = table(engine)
        assert (list(frame.columns), len(frame)) == (columns, 0)
    assert list(segments(engine)) == []


def test_statements_carry_the_contract(engine: Engine) -> None:
    rule = next(row for row in statements(engine).to_dict("records") if row["status"] == "agreed")
    assert rule["message_id"] == "<review@example.org>"
    assert rule["thread_id"] == "<cover1@example.org>"
    assert rule["date"] == "2021-03-02T12:00:00Z"
    assert rule["labels"] == ["abi_concern", "requirement"]
    assert rule["scores"] == {"abi_concern": 0.3, "requirement": 0.9}
    assert rule["topic"] == "discovery"
    assert rule["permalink"] == "https://lore.example.org/r/review@example.org"


def test_statements_say_none_where_topic_and_status_do_not_apply(engine: Engine) -> None:
    agree = next(row for row in statements(engine).to_dict("records") if row["labels"] == ["agree"])
    assert (agree["topic"], agree["status"]) == (None, None)


def test_a_message_on_two_lists_is_one_row_with_both(engine: Engine) -> None:
    rows = threads(engine)
    assert rows[rows.message_id == "<agree@example.org>"].list.tolist() == ["alpha-devel,beta-devel"]


def test_statements_without_a_date_come_last(engine: Engine) -> None:
    dates = statements(engine).date.tolist()
    assert dates == [*sorted(date for date in dates if date), ""]


def test_threads_name_parents_that_are_not_in_the_archive_but_list_no_ghosts(engine: Engine) -> None:
    rows = threads(engine)
    assert "<lost@example.org>" in rows.parent_id.tolist()
    assert "<lost@example.org>" not in rows.message_id.tolist()
    assert rows.parent_id.tolist().count("") == 2


def test_segments_cover_the_body_and_name_the_source_of_a_quote(engine: Engine) -> None:
    rows = [row for row in segments(engine, text=True) if row["message_id"] == "<review@example.org>"]
    assert list(rows[0]) == [*SEGMENTS, "text"]
    assert [row["kind"] for row in rows] == ["attribution", "quote", "new", "signature"]
    assert rows[1]["source_message_id"] == "<patch1@example.org>"
    assert rows[1]["text"] == "> Add the call.\n"
    assert [row["end"] for row in rows[:-1]] == [row["start"] for row in rows[1:]]


def test_segments_have_no_text_unless_asked(engine: Engine) -> None:
    assert all("text" not in row for row in segments(engine))


def test_commits_tell_their_evidence(engine: Engine) -> None:
    row = commits(engine).to_dict("records")[0]
    assert row["message_id"] == "<cover2@example.org>"
    assert (row["repo"], row["committed_at"]) == ("alpha", "2021-03-12T12:00:00Z")
    assert row["evidence"] == "same title and author"


def test_permalink_encodes_what_a_path_cannot_hold() -> None:
    assert permalink("https://x.example/r/{mid}", "a/b?c#d %@e") == "https://x.example/r/a%2Fb%3Fc%23d%20%25@e"
