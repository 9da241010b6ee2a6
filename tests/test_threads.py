"""Threads: parents, ghosts, loops, order of arrival, depth."""

from __future__ import annotations

import gzip
import random
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.revisions.continued import ThreadLink, Titled, continued
from ingest.subject import parse_subject
from ingest.threads import Node, Ref, forest

START = datetime(2021, 3, 1, tzinfo=UTC)


def ref(mid: str, to: str = "", references: str = "", day: int | None = 0) -> Ref:
    date = None if day is None else START + timedelta(days=day)
    return Ref(mid, tuple(to.split()), tuple(references.split()), date)


def parents(*refs: Ref) -> dict[str, str]:
    return {mid: node.parent for mid, node in forest(refs).items()}


def test_in_reply_to_goes_before_references() -> None:
    assert parents(ref("a"), ref("b"), ref("c", "a", "a b"))["c"] == "a"


def test_without_in_reply_to_the_last_reference_is_the_parent() -> None:
    assert parents(ref("a"), ref("b", "a"), ref("c", "", "a b"))["c"] == "b"


def test_a_message_obeys_its_own_header_not_what_others_say_of_it() -> None:
    assert parents(ref("a"), ref("b"), ref("c", "b", "a b")) == {"a": "", "b": "", "c": "b"}


def test_messages_that_meet_in_one_header_are_one_thread_with_two_roots() -> None:
    nodes = forest([ref("a", day=2), ref("b", day=1), ref("c", "b", "a b", day=3)])
    assert {node.thread for node in nodes.values()} == {"b"}


def test_a_missing_parent_is_kept_as_a_ghost_under_its_own_parent() -> None:
    nodes = forest([ref("a"), ref("c", "b", "a b")])
    assert nodes["b"] == Node("b", "a", "a", 1, True)
    assert nodes["c"].depth == 2


def test_a_ghosts_parent_is_what_most_messages_say() -> None:
    one, two, three = ref("x", "g", "a g"), ref("y", "g", "b g"), ref("z", "g", "b g")
    assert parents(ref("a"), ref("b"), one, two, three)["g"] == "b"


def test_a_ghost_root_counts_with_the_earliest_date_below_it() -> None:
    nodes = forest([ref("late", "ghost", day=1), ref("root", day=2), ref("both", "root", "ghost", day=3)])
    assert nodes["root"].thread == nodes["late"].thread == "ghost"


def test_an_unknown_date_names_a_thread_last() -> None:
    nodes = forest([ref("a", day=None), ref("b", day=5), ref("c", "b", "a", day=6)])
    assert nodes["c"].thread == "b"


def test_a_message_that_answers_itself_is_a_root() -> None:
    assert parents(ref("a", "a", "a")) == {"a": ""}


def test_a_loop_is_cut_at_its_earliest_message() -> None:
    assert parents(ref("a", "b", day=1), ref("b", "c", day=0), ref("c", "a", day=2)) == {"a": "b", "b": "", "c": "a"}


def test_a_loop_through_a_ghost_is_cut_at_the_ghost() -> None:
    assert parents(ref("a", "g"), ref("x", "", "a g")) == {"a": "g", "g": "", "x": "g"}


def test_an_address_in_in_reply_to_does_not_hide_the_parent() -> None:
    assert parents(ref("a"), ref("b", "someone@example.org a"))["b"] == "a"
    assert parents(ref("b", "someone@example.org g", "g"))["b"] == "g"


def test_two_mails_with_one_message_id_are_one_place_under_the_earliest_named_parent() -> None:
    copies = [ref("m", "", "", 1), ref("m", "b", "", 3), ref("m", "a", "", 2)]
    assert parents(ref("a"), ref("b"), *copies)["m"] == "a"
    assert len({node.thread for node in forest([ref("a"), ref("b"), *copies]).values()}) == 1


def test_empty_identifiers_are_ignored() -> None:
    assert forest([Ref("a", ("",), ("", ""), None)]) == {"a": Node("a", "", "a", 0, False)}


def test_no_messages_make_no_forest() -> None:
    assert forest([]) == {}


def test_a_chain_of_five_thousand_does_not_recurse() -> None:
    nodes = forest([ref("m0"), *(ref(f"m{i}", f"m{i - 1}", day=i) for i in range(1, 5000))])
    assert nodes["m4999"].depth == 4999
    assert nodes["m4999"].thread == "m0"


def test_thirty_thousand_messages_take_linear_time() -> None:
    source = random.Random(7)
    refs = [ref(f"m{i}", f"m{source.randrange(i)}" if i % 20 else "", day=i % 900) for i in range(30_000)]
    begun = time.perf_counter()
    assert len(forest(refs)) == 30_000
    assert time.perf_counter() - begun < 10


mids = st.sampled_from([f"m{i}" for i in range(9)])
arbitrary = st.builds(
    Ref,
    mids,
    st.lists(mids, max_size=2).map(tuple),
    st.lists(mids, max_size=5).map(tuple),
    st.one_of(st.none(), st.integers(0, 5).map(lambda day: START + timedelta(days=day))),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(arbitrary, max_size=12), st.randoms(use_true_random=False))
def test_any_headers_in_any_order_give_one_forest_without_loops(refs: list[Ref], source: random.Random) -> None:
    nodes = forest(refs)
    shuffled = [*refs, *refs[:3]]
    source.shuffle(shuffled)
    assert list(forest(shuffled).items()) == list(nodes.items())
    assert set(nodes) == {mid for each in refs for mid in (each.mid, *each.in_reply_to, *each.references)}
    for node in nodes.values():
        assert node.depth == (nodes[node.parent].depth + 1 if node.parent else 0)
        assert not node.parent or nodes[node.parent].thread == node.thread
        assert nodes[node.thread].parent == "" and nodes[node.thread].thread == node.thread
        assert node.ghost == (node.mid not in {each.mid for each in refs})
    for each in refs:
        assert {nodes[mid].thread for mid in (*each.in_reply_to, *each.references)} <= {nodes[each.mid].thread}


def titled(mid: str, thread: str, subject: str, day: int | None = 0) -> Titled:
    date = None if day is None else START + timedelta(days=day)
    return Titled(mid, thread, parse_subject(subject), date)


def linked(*mails: Titled) -> list[tuple[str, str]]:
    return [(link.thread, link.earlier) for link in continued(mails)]


def test_a_thread_that_names_its_old_subject_is_linked_to_it() -> None:
    old = titled("a", "a", "zed: What should the ring call return?")
    assert linked(old, titled("b", "b", "Ring errors (was: zed: What should the ring call return?)", 3)) == [("b", "a")]
    assert linked(old, titled("b", "b", "Ring errors [was Re: zed: What should the ring call return?]", 3)) == [
        ("b", "a")
    ]


def test_a_subject_changed_inside_a_thread_links_nothing() -> None:
    old = titled("a", "a", "zed: What should the ring call return?")
    assert linked(old, titled("b", "a", "Ring errors (was: zed: What should the ring call return?)", 3)) == []


def test_an_answer_whose_headers_were_lost_is_linked_by_its_subject() -> None:
    old = titled("a", "a", "[PATCH v2] zed: Map the ring")
    assert linked(old, titled("b", "b", "Re: [PATCH v2] zed: Map the ring", 2)) == [("b", "a")]


def test_an_answer_to_another_version_a_year_later_or_to_a_common_title_is_not_linked() -> None:
    old = titled("a", "a", "[PATCH v2] zed: Map the ring")
    assert linked(old, titled("b", "b", "Re: [PATCH v3] zed: Map the ring", 2)) == []
    assert linked(old, titled("b", "b", "Re: [PATCH v2] zed: Map the ring", 400)) == []
    assert linked(titled("a", "a", "Hello all"), titled("b", "b", "Re: Hello all", 1)) == []


def test_a_new_thread_under_an_old_title_is_not_linked() -> None:
    assert linked(titled("a", "a", "zed: Map the ring"), titled("b", "b", "zed: Map the ring", 2)) == []


def test_the_next_version_in_a_new_thread_is_linked_and_says_why() -> None:
    mails = [
        titled("a", "a", "[PATCH] zed: Map"),
        titled("b", "b", "[PATCH v2] zed: Map", 9),
        titled("c", "b", "Re: x", 9),
    ]
    found = continued(mails, [("b", "a", "same author and title"), ("c", "b", "same thread"), ("b", "gone", "no such")])
    assert found == [ThreadLink("b", "a", "b", "the next version of the series: same author and title")]


def test_links_do_not_depend_on_the_order_of_the_mails() -> None:
    mails = [titled(f"m{n}", f"t{n}", "Re: zed: Map the ring", n % 4) for n in range(12)]
    assert continued(mails) == continued(reversed(mails)) != []


def test_a_mail_without_a_date_continues_nothing() -> None:
    assert linked(titled("a", "a", "zed: Map the ring"), titled("b", "b", "Re: zed: Map the ring", None)) == []


REFERENCE = Path(__file__).resolve().parents[2] / "shared" / "reference" / "threads-public-inbox.tsv.gz"


@pytest.mark.skipif(not REFERENCE.exists(), reason="the reference partition is not on this machine")
def test_the_reference_partition_has_the_shape_that_the_measure_expects() -> None:
    with gzip.open(REFERENCE, "rt", encoding="utf-8") as lines:
        threads = dict(line.rstrip("\n").split("\t") for line in lines)
    assert len(threads) == 21_366 and len(set(threads.values())) == 1_751


def test_a_hostile_subject_takes_no_time() -> None:
    begun = time.perf_counter()
    mail = titled("a", "a", "x")
    continued([mail, Titled("b", "b", replace(mail.subject, title="(was (was " * 20_000, is_reply=True), mail.date)])
    assert time.perf_counter() - begun < 2
