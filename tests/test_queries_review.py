from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count

import pytest
from sqlalchemy import Engine

from db import decisions
from db.decisions import Policy
from db.queries import review
from errors import UsageError
from tests.invented import fill

BOTH = Policy(curators=frozenset({"dora", "emil"}))


@pytest.fixture
def filled(new_engine: Callable[[], Engine]) -> tuple[Engine, dict[str, str]]:
    engine = new_engine()
    return engine, fill(engine)


def clock() -> Callable[[], datetime]:
    days = count(1)
    return lambda: datetime(2022, 1, next(days), tzinfo=UTC)


def test_only_those_whom_the_policy_names_may_decide(filled: tuple[Engine, dict[str, str]]) -> None:
    engine, keys = filled
    for by in ("", "mallory"):
        with pytest.raises(UsageError, match="may not decide"):
            decisions.record(engine, by, "accept", keys["rule"], policy=BOTH)
        with pytest.raises(UsageError, match="may not decide"):
            decisions.undo(engine, by, 1, policy=BOTH)
    assert review.decisions(engine) == ()


def test_nobody_may_decide_under_an_empty_policy() -> None:
    assert not Policy().allows("") and not Policy().allows("dora")
    assert Policy(local="dora").allows("dora") and not Policy(local="").allows("")


def test_a_decision_keeps_what_stood_before(filled: tuple[Engine, dict[str, str]]) -> None:
    engine, keys = filled
    decisions.record(engine, "dora", "retopic", keys["rule"], "testing", "a reason", policy=BOTH)
    decisions.record(engine, "dora", "reword", "HC-001", " New words. ", policy=BOTH)
    decisions.record(engine, "dora", "level", "HC-002", "MUST", policy=BOTH)
    found = review.decisions(engine)
    assert [(d.before, d.value) for d in found] == [
        ("discovery", "testing"),
        ("Any new call must be discoverable by a feature bit.", "New words."),
        ("SHOULD", "MUST"),
    ]
    assert found[0].comment == "a reason"


@pytest.mark.parametrize(
    ("action", "target", "value"),
    [
        ("explode", "HC-001", ""),
        ("retopic", "HC-001", "cookery"),
        ("level", "HC-001", "PERHAPS"),
        ("reword", "HC-001", "  "),
        ("accept", "HC-999", ""),
        ("accept", "nothing@example.org 1-2", ""),
    ],
)
def test_what_makes_no_sense_is_refused(
    action: str, target: str, value: str, filled: tuple[Engine, dict[str, str]]
) -> None:
    engine, _ = filled
    with pytest.raises(UsageError):
        decisions.record(engine, "dora", action, target, value, policy=BOTH)
    assert review.decisions(engine) == ()


def test_an_undo_takes_back_once_and_an_undone_undo_restores(filled: tuple[Engine, dict[str, str]]) -> None:
    engine, keys = filled
    first = decisions.record(engine, "dora", "accept", keys["rule"], "requirement", policy=BOTH, now=clock())
    second = decisions.undo(engine, "dora", first, policy=BOTH)
    assert review.decisions(engine) == ()
    with pytest.raises(UsageError, match="already"):
        decisions.undo(engine, "dora", first, policy=BOTH)
    decisions.undo(engine, "dora", second, policy=BOTH)
    assert [d.id for d in review.decisions(engine)] == [first]
    with pytest.raises(UsageError, match="no decision"):
        decisions.undo(engine, "dora", 99, policy=BOTH)


def test_the_queue_begins_with_what_is_disputed_and_uncertain(filled: tuple[Engine, dict[str, str]]) -> None:
    engine, keys = filled
    assert review.queue(engine, "requirement", "dora", limit=9) == [keys["off"], keys["rule"]]


def test_the_queues_tell_mine_nobodys_and_others_apart(filled: tuple[Engine, dict[str, str]]) -> None:
    engine, keys = filled
    decisions.record(engine, "emil", "accept", keys["off"], "requirement", policy=BOTH)

    def queue(who: str, which: str) -> list[str]:
        return review.queue(engine, "requirement", who, which, limit=9)

    assert queue("dora", "mine") == [keys["off"], keys["rule"]]
    assert queue("dora", "nobody") == [keys["rule"]]
    assert queue("dora", "others") == [keys["off"]]
    assert queue("emil", "mine") == [keys["rule"]]
    assert queue("emil", "others") == []


def test_what_was_skipped_comes_last(filled: tuple[Engine, dict[str, str]]) -> None:
    engine, keys = filled
    assert review.queue(engine, "requirement", "dora", skipped=[keys["off"]], limit=9) == [keys["rule"], keys["off"]]


def test_a_candidate_names_its_rule_and_what_others_said(filled: tuple[Engine, dict[str, str]]) -> None:
    engine, keys = filled
    decisions.record(engine, "emil", "reject", keys["rule"], "requirement", policy=BOTH)
    found = review.candidate(engine, keys["rule"], "requirement", "dora")
    assert found is not None
    assert (found.rule, found.others) == (1, (("emil", "reject"),))
    assert review.candidate(engine, "nothing 1-2", "requirement", "dora") is None


def test_progress_counts_me_and_anybody(filled: tuple[Engine, dict[str, str]]) -> None:
    engine, keys = filled
    decisions.record(engine, "emil", "reject", keys["rule"], "requirement", policy=BOTH)
    decisions.record(engine, "dora", "accept", keys["off"], "requirement", policy=BOTH)
    assert review.progress(engine, "requirement", "dora") == (2, 1, 2)


def test_agreement_is_counted_over_what_both_judged(filled: tuple[Engine, dict[str, str]]) -> None:
    engine, keys = filled
    for who, verdicts in (("dora", ("accept", "reject")), ("emil", ("accept", "reject"))):
        for key, verdict in zip((keys["rule"], keys["off"]), verdicts, strict=True):
            decisions.record(engine, who, verdict, key, "requirement", policy=BOTH)
    assert review.agreement(review.side_by_side(engine)) == [("dora", "emil", 2, 1.0, 1.0)]
    decisions.record(engine, "emil", "accept", keys["off"], "requirement", policy=BOTH)
    ((_, _, shared, equal, kappa),) = review.agreement(review.side_by_side(engine))
    assert (shared, equal, kappa) == (2, 0.5, 0.0)
