from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from db.queries import search
from db.queries.full_text import CLOSE, OPEN
from db.queries.search_terms import Term, parse
from tests.attacks import ATTACKS
from tests.invented import fill


@pytest.fixture(scope="module")
def engine(new_engine: Callable[[], Engine]) -> Engine:
    engine = new_engine()
    fill(engine)
    return engine


def found(engine: Engine, line: str) -> list[str]:
    return [hit.mid.partition("@")[0] for hit in search.messages(engine, parse(line), 50)]


def said(engine: Engine, line: str) -> list[str]:
    return [hit.snippet.replace(OPEN, "").replace(CLOSE, "") for hit in search.statements(engine, parse(line), 50)]


def test_words_phrases_prefixes_and_exclusions_are_told_apart() -> None:
    assert parse('gadget "feature bit" discover* -revert').terms == (
        Term(("gadget",)),
        Term(("feature", "bit")),
        Term(("discover",), prefix=True),
        Term(("revert",), without=True),
    )


def test_filters_dates_and_ids_are_no_words() -> None:
    terms = parse('from:ada list:alpha label:agree topic:control after:2021-03 before:2022 file:"a b" id:<x@y> word')
    assert terms.terms == (Term(("word",)),)
    assert set(terms.filters) == {"from", "list", "label", "topic", "file"}
    assert terms.filters["file"] == ("a b",)
    assert (terms.after, terms.before) == (datetime(2021, 3, 1, tzinfo=UTC), datetime(2022, 1, 1, tzinfo=UTC))
    assert terms.mid == "x@y"


def test_a_bare_message_id_is_looked_up(engine: Engine) -> None:
    assert found(engine, "<no@example.org>") == found(engine, "no@example.org") == ["no"]


def test_a_date_that_is_none_is_a_fault_in_words() -> None:
    for wrong in ("after:soon", "before:2021-13", "after:0000", "before:99999"):
        assert "wants a date" in parse(wrong).faults[0]


def test_all_words_must_be_there_and_the_newest_comes_first(engine: Engine) -> None:
    assert found(engine, "reverted ack") == ["late"]
    assert found(engine, "gadget")[:2] == ["late", "applied"]


def test_phrases_keep_their_order(engine: Engine) -> None:
    assert found(engine, '"feature bit"') == ["cover2", "agree", "review"]
    assert found(engine, '"bit feature"') == []


def test_prefixes_and_exclusions(engine: Engine) -> None:
    assert found(engine, "discover*") == ["agree", "review"]
    assert found(engine, "discover* -agreed") == ["review"]


def test_an_identifier_with_underscores_is_one_word(engine: Engine) -> None:
    assert "cover1" in found(engine, "GADGETOP_map")
    assert found(engine, "GADGETOP") == []


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("from:marsh", {"late", "deep", "review"}),
        ("from:ben@example.org", {"late", "deep", "review"}),
        ("list:beta", {"agree"}),
        ("label:disagree", {"no"}),
        ("label:agree label:disagree", {"agree", "no"}),
        ("topic:control", {"agree"}),
        ("status:contested", {"agree"}),
        ("file:gadget.h", {"cover2", "patch1"}),
        ("after:2021-03-12", {"applied", "late"}),
        ("before:2021-03-02", {"cover1", "patch1"}),
        ("reverted from:ben", {"late"}),
    ],
)
def test_filters_narrow(line: str, wanted: set[str], engine: Engine) -> None:
    assert set(found(engine, line)) == wanted


def test_statements_are_searched_by_their_own_words(engine: Engine) -> None:
    assert said(engine, "feature bit") == ["Any new call must be discoverable by a feature bit."]
    assert said(engine, "label:disagree") == ["I do not think that is needed."]
    assert said(engine, "status:agreed") == ["Any new call must be discoverable by a feature bit."]


def test_counts_and_pages_agree(engine: Engine) -> None:
    for kind, ask in (("messages", search.messages), ("statements", search.statements)):
        terms = parse("")
        total = search.count(engine, terms, kind)
        pages = [hit for start in range(0, total, 3) for hit in ask(engine, terms, 3, start)]
        assert len({(hit.mid, hit.key) for hit in pages}) == total == len(pages)


def test_a_snippet_marks_the_found_words(engine: Engine) -> None:
    (hit,) = search.messages(engine, parse("reverted"))
    assert f"{OPEN}reverted{CLOSE}" in hit.snippet


def test_a_found_statement_marks_words_and_phrases(engine: Engine) -> None:
    (hit,) = search.statements(engine, parse('"feature bit" any'))
    assert hit.snippet == f"{OPEN}Any{CLOSE} new call must be discoverable by a {OPEN}feature bit{CLOSE}."


def test_percent_and_underscore_stand_for_themselves_in_filters(engine: Engine) -> None:
    assert found(engine, "from:%") == found(engine, "from:_da") == found(engine, "file:g%h") == []


@pytest.mark.parametrize("text", ATTACKS)
def test_no_search_line_breaks_the_search(text: str, engine: Engine) -> None:
    line = text.encode("utf-8", "replace").decode()
    for kind, ask in (("messages", search.messages), ("statements", search.statements)):
        assert search.count(engine, parse(line), kind) >= len(ask(engine, parse(line), 5)[:0])


@settings(max_examples=150, deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=80))
def test_no_text_breaks_the_search(engine: Engine, text: str) -> None:
    search.messages(engine, parse(text), 3)
    search.statements(engine, parse(text), 3)


def test_an_mbox_holds_the_raw_mails_with_from_lines_escaped(engine: Engine) -> None:
    data = b"".join(search.mbox(engine, ["cover1@example.org", "late@example.org"]))
    assert data.count(b"\nFrom mboxrd@z") + data.startswith(b"From mboxrd@z") == 2
    assert search._mboxrd(b"A: b\n\nFrom here\n>From there\n", None).count(b"\n>From here\n>>From there\n") == 1


def test_a_csv_has_a_row_for_each_hit(engine: Engine) -> None:
    frame = search.frame(search.statements(engine, parse(""), 50))
    assert len(frame) == 6 and set(frame.columns) >= {"message_id", "labels", "permalink", "text"}
