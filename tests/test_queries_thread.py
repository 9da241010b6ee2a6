from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from db.queries import rules, status, thread, threads, timeline, trends
from db.queries.rules import RuleFilter
from tests.invented import at, fill


@pytest.fixture(scope="module")
def engine(new_engine: Callable[[], Engine]) -> Engine:
    engine = new_engine()
    fill(engine)
    return engine


def test_a_tree_has_parents_before_children_and_keeps_ghosts(engine: Engine) -> None:
    places = thread.tree(engine, "cover1@example.org")
    names = [place.mid.partition("@")[0] for place in places]
    assert names == ["cover1", "patch1", "review", "agree", "deep", "lost", "no"]
    assert [place.mid for place in places if place.ghost] == ["lost@example.org"]
    assert {place.mid: place.tags for place in places}["review@example.org"] == 2


def test_a_mail_has_links_pieces_and_tags_with_reasons(engine: Engine) -> None:
    mail = thread.mail(engine, "agree@example.org")
    assert mail is not None
    assert [name for name, _ in mail.links] == ["alpha-devel", "beta-devel"]
    assert [(piece.kind, piece.author) for piece in mail.pieces[:2]] == [
        ("quote", "Ada Quill"),
        ("quote", "Ben Ω Marsh"),
    ]
    assert [(tag.labels, tag.status, tag.why) for tag in mail.tags] == [
        (("agree",), "", ("cue: must",)),
        (("requirement",), "contested", ("cue: must",)),
    ]


def test_the_raw_bytes_come_back_as_archived(engine: Engine) -> None:
    mail = thread.mail(engine, "cover1@example.org")
    assert mail is not None
    assert thread.raw(engine, mail.sha256, mail.mid).startswith(b"From: Ada Quill")
    assert thread.raw(engine, "0" * 64) == b""


def test_a_timeline_runs_over_versions_and_threads(engine: Engine) -> None:
    kinds = [moment.kind for moment in timeline.timeline(engine, "cover2@example.org")]
    assert kinds == ["posted", "posted", "applied", "committed", "objected", "outcome"]


def test_rules_filter_by_everything_that_the_page_offers(engine: Engine) -> None:
    def numbers(**wanted: object) -> list[int]:
        return rules.rules(engine, RuleFilter(**wanted)).number.tolist()  # type: ignore[arg-type]  # names are the test's

    assert numbers() == [1, 2]
    assert numbers(topic="control") == numbers(status="contested") == numbers(level="SHOULD") == [2]
    assert numbers(words="FEATURE bit") == [1]
    assert numbers(words="%") == numbers(retired=True) == numbers(since=at(3)) == []
    assert numbers(product="Alpha") == [1, 2] and numbers(product="Beta") == []


def test_the_version_changes_with_the_data_and_only_then(new_engine: Callable[[], Engine]) -> None:
    engine = new_engine()
    empty = status.data_version(engine)
    assert status.data_version(engine) == empty
    fill(engine)
    assert status.data_version(engine) != empty


def test_sources_count_messages_rejects_and_the_last_good_run(engine: Engine) -> None:
    first = status.sources(engine).to_dict("records")[0]
    assert (first["messages"], first["rejects"], first["last_good_run"].year) == (9, 1, 2021)


def test_trends_count_by_year_topic_and_status(engine: Engine) -> None:
    counted = trends.by_year(engine)
    assert counted[counted.label == "requirement"]["count"].sum() == 3  # one of the two stands on two lists
    assert trends.objected_series(engine).to_dict("records") == [
        {"year": 2021, "series": 1, "objected": 1, "share": 1.0}
    ]
    assert trends.time_to_agreement(engine).to_dict("records") == [
        {"topic": "discovery", "agreed": 1, "median_days": 1.0}
    ]
    assert set(trends.contested(engine).status) == {"agreed", "contested"}


def test_linked_threads_are_named_from_both_ends(engine: Engine) -> None:
    (later,) = threads.neighbours(engine, "cover1@example.org")
    (earlier,) = threads.neighbours(engine, "cover2@example.org")
    assert (later.thread, later.earlier, later.first) == ("cover2@example.org", False, at(9))
    assert (earlier.thread, earlier.earlier, earlier.why) == (
        *("cover1@example.org", True),
        "the next version of the series",
    )
    assert threads.neighbours(engine, "nowhere@example.org") == ()
