"""Quotes to their sources, and segments mended by the parent's text."""

from __future__ import annotations

import time
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.body import Kind, segment
from ingest.quotes import Mail, trace
from ingest.text.mend import mend


def mail(mid: str, body: str, parent: str = "", author: str = "", is_patch: bool = False) -> Mail:
    author = author or mid
    return Mail(mid, parent, author, f"{author}@example.org", body, segment(body, is_patch=is_patch))


def traced(*mails: Mail) -> dict[tuple[str, str], tuple[str, str]]:
    """(mid, first line of the quote with text) -> (source, the text there)."""
    known = {each.mid: each for each in mails}
    found = {}
    for item in trace(mails):
        part = known[item.mid].segments[item.position]
        quote = next(line for line in known[item.mid].body[part.start : part.end].split("\n") if line.strip("> "))
        found[item.mid, quote] = (item.source, known[item.source].body[item.start : item.end])
    return found


ROOT = mail(
    "root",
    "The widget must be found by the guest before it is used.\nOtherwise it cannot tell an old host from a new one.\n\n"
    "A second paragraph says that the layout has no room for growth.\n",
)


def test_a_quote_is_traced_to_the_words_in_the_parent() -> None:
    reply = mail("reply", "> Otherwise it cannot tell an old host from a new one.\n\nTrue.\n", "root")
    assert traced(ROOT, reply) == {
        ("reply", "> Otherwise it cannot tell an old host from a new one."): (
            "root",
            "Otherwise it cannot tell an old host from a new one.",
        )
    }


def test_wrapping_and_white_space_do_not_matter() -> None:
    reply = mail("reply", "> The widget   must be found by\n> the guest before it is\n> used.\n\nYes.\n", "root")
    assert next(iter(traced(ROOT, reply).values())) == (
        "root",
        "The widget must be found by the guest before it is used.",
    )


def test_an_elided_quote_spans_what_was_left_out() -> None:
    reply = mail(
        "reply",
        "> The widget must be found by the guest before it is used.\n> [...]\n"
        "> A second paragraph says that the layout has no room for growth.\n",
        "root",
    )
    assert next(iter(traced(ROOT, reply).values())) == ("root", ROOT.body.strip())


def test_a_deeper_quote_is_traced_through_the_reply_between() -> None:
    middle = mail(
        "middle", "> A second paragraph says that the layout has no room for growth.\n\nWhy does it need any?\n", "root"
    )
    quotes = "> > A second paragraph says that the layout has no room for\n> > growth.\n> \n> Why does it need any?\n"
    last = mail("last", f"{quotes}\nSo.\n", "middle")
    found = traced(ROOT, middle, last)
    assert found["last", "> > A second paragraph says that the layout has no room for"][0] == "root"
    assert found["last", "> Why does it need any?"] == ("middle", "Why does it need any?")


def test_a_missing_parent_leaves_its_words_unknown_but_not_those_above_it() -> None:
    ghost = Mail("ghost", "root", "", "", "", ())
    last = mail(
        "last",
        "> > A second paragraph says that the layout has no room for growth.\n> Words of the lost mail.\n",
        "ghost",
    )
    assert {key[1]: value[0] for key, value in traced(ROOT, ghost, last).items()} == {
        "> > A second paragraph says that the layout has no room for growth.": "root"
    }


def test_words_that_no_ancestor_wrote_stay_unknown() -> None:
    sibling = mail("sibling", "These words stand only beside the chain of replies.\n", "root")
    reply = mail("reply", "> These words stand only beside the chain of replies.\n\nHm.\n", "root")
    assert traced(ROOT, sibling, reply) == {}


def test_short_quotes_count_only_as_whole_lines_at_their_depth() -> None:
    parent = mail("parent", "No way. Yes and no.\n\nYes.\n")
    reply = mail("reply", "> Yes.\n\nGood.\n\n> way\n\nWhich way?\n", "parent")
    assert traced(parent, reply) == {("reply", "> Yes."): ("parent", "Yes.")}


def test_a_quoted_diff_is_traced_into_the_patch() -> None:
    patch = mail(
        "patch",
        "Text.\n---\n a.c | 2 +-\n\n--- a/a.c\n+++ b/a.c\n@@ -1 +1 @@\n"
        "-\told_function(widget);\n+\tnew_function(widget);\n",
        is_patch=True,
    )
    reply = mail("reply", "> +\tnew_function(widget);\n\nWhy?\n", "patch")
    assert next(iter(traced(patch, reply).values())) == ("patch", "+\tnew_function(widget);")


def test_a_quote_over_two_hands_words_is_traced_to_whose_words_are_more() -> None:
    said = "The widget must be found by the guest before it is used by any of its drivers.\n"
    cover = mail("cover", f"Hello,\n\n{said}\nBye.\n", author="ada")
    parts = [
        mail(
            "patch",
            f"{said}\n{'Another long paragraph says more about the widget and its drivers. ' * 4}\n",
            "cover",
            "ada",
        )
    ]
    repeated = (
        replace(parts[0].segments[0], kind=Kind.QUOTE, end=len(said)),
        replace(parts[0].segments[0], start=len(said)),
    )
    patch = replace(parts[0], segments=repeated)
    reply = mail("reply", "".join(f"> {line}\n" for line in patch.body.rstrip().split("\n")) + "\nNo.\n", "patch")
    assert [item.source for item in trace([cover, patch, reply]) if item.mid == "reply"] == ["patch"]


def test_the_order_of_the_mails_does_not_matter() -> None:
    middle = mail(
        "middle", "> Otherwise it cannot tell an old host from a new one.\n\nWho cares about old hosts?\n", "root"
    )
    last = mail(
        "last", "> > Otherwise it cannot tell an old host from a new one.\n> Who cares about old hosts?\n", "middle"
    )
    assert trace([ROOT, middle, last]) == trace([last, ROOT, middle]) == trace([middle, last, ROOT])


def test_a_loop_of_parents_does_no_harm() -> None:
    assert (
        trace([mail("a", "> one line of some length here\n", "b"), mail("b", "> another line of some length\n", "a")])
        == []
    )


WORDS = st.sampled_from(["alpha beta", "gamma", "delta epsilon zeta", "eta"])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.lists(WORDS)), max_size=6))
def test_every_source_is_an_ancestor_and_its_offsets_lie_in_its_body(replies: list[tuple[int, list[str]]]) -> None:
    mails = [ROOT]
    for number, (to, words) in enumerate(replies):
        parent = mails[to % len(mails)]
        quoted = "".join(f"> {line}\n" for line in parent.body.split("\n"))
        mails.append(mail(f"m{number}", quoted + "\n" + " ".join(words) + f" {number}\n", parent.mid))
    known = {each.mid: each for each in mails}
    for item in trace(mails):
        above = known[item.mid].parent
        while above != item.source:
            above = known[above].parent
        assert 0 <= item.start < item.end <= len(known[item.source].body)


def test_long_threads_and_mails_are_traced_in_near_linear_time() -> None:
    def seconds(count: int) -> float:
        mails = [ROOT]
        for number in range(count):
            above = mails[-1]
            quoted = "\n".join(f"> {line}" for line in above.body.split("\n")[-40:])
            mails.append(
                mail(f"m{number:05}", f"{quoted}\n\nAnswer number {number} to the mail above it.\n", above.mid)
            )
        start = time.process_time()
        trace(mails)
        mend(mails)
        return time.process_time() - start

    def least(count: int) -> float:  # garbage is collected, and processors are shared, at any moment
        return min(seconds(count) for _ in range(3))

    seconds(50)
    assert least(1000) < 30 * max(least(100), 0.01)


def test_quotes_that_are_nowhere_do_not_slow_a_large_mail_down() -> None:
    parent = mail("parent", "".join(f"A line of the parent with the number {n} in it.\n" for n in range(20_000)))
    reply = mail("reply", "".join(f"> Nothing that the parent has, number {n}.\n" for n in range(20_000)), "parent")
    start = time.process_time()
    assert trace([parent, reply]) == []
    assert time.process_time() - start < 15


def new_lines(mended: Mail) -> list[str]:
    return [
        line
        for part in mended.segments
        if part.kind is Kind.NEW
        for line in mended.body[part.start : part.end].split("\n")
        if line
    ]


def after_mending(*mails: Mail) -> list[Mail]:
    found = mend(mails)
    done = [replace(each, segments=found.get(each.mid, each.segments)) for each in mails]
    assert mend(done) == {}
    return done


def test_answers_in_a_reply_without_marks_are_told_from_the_parents_lines() -> None:
    reply = mail(
        "reply",
        "On 5 Aug 2022, at 11:18, Ada Example <ada@example.org> wrote:\n\n"
        "The widget must be found by the guest before it is used.\nAgreed.\n\n"
        "A second paragraph says that the layout has no room for growth.\n\nI shall add padding then.\n",
        "root",
    )
    assert new_lines(after_mending(ROOT, reply)[1]) == ["Agreed.", "I shall add padding then."]


def test_the_unmarked_tail_of_a_wrapped_quote_is_quote() -> None:
    parent = mail(
        "parent",
        "This is a rather long line that some client has to wrap because it is rather long indeed.\nNext line.\n",
    )
    reply = mail(
        "reply",
        "> This is a rather long line that some client has to wrap because it is\nrather long indeed.\n"
        "> Next line.\n\nYes.\n",
        "parent",
    )
    assert new_lines(after_mending(parent, reply)[1]) == ["Yes."]


def test_a_tail_that_lost_one_of_two_marks_keeps_the_depth_of_its_line() -> None:
    parent = mail(
        "parent", "> A quoted line that is long enough to be wrapped by the next client on its way.\nAn answer to it.\n"
    )
    reply = mail(
        "reply",
        "> > A quoted line that is long enough to be wrapped by the next client on\n> its way.\n"
        "> An answer to it.\n\nNo.\n",
        "parent",
    )
    done = after_mending(parent, reply)[1]
    assert [(str(part.kind), part.depth) for part in done.segments] == [("quote", 2), ("quote", 1), ("new", 0)]


def test_a_tail_within_a_deeper_quote_gets_its_marks_back() -> None:
    parent = mail(
        "parent",
        "On 1 Jul 2020, Ada Example wrote:\n> A quoted line that is long enough to be wrapped by the next client on"
        " it\n> and the one that follows it, which nobody has wrapped.\n> One more.\n",
    )
    reply = mail(
        "reply",
        "> > A quoted line that is long enough to be wrapped by the next client\n> on it\n"
        "> > and the one that follows it, which nobody has wrapped.\n> Indeed.\n> > One more.\n\nNo.\n",
        "parent",
    )
    done = after_mending(parent, reply)[1]
    assert [(str(part.kind), part.depth) for part in done.segments] == [
        ("quote", 2), ("quote", 1), ("quote", 2), ("new", 0)
    ]  # fmt: skip


def test_in_a_top_posted_chain_a_short_line_of_the_parents_is_no_answer() -> None:
    def block(name: str) -> str:
        return (
            f"\n________________________________\nFrom: {name} <{name}@example.org>\nSent: 5 August 2022 11:18\n"
            f"To: Widgets <widgets@example.org>; {', '.join(f'{who}@example.org' for who in 'abcdefghij')}\n"
            "Subject: w\n\n"
        )

    ada = mail("ada", "Hi,\n\nThe widget must be found by the guest before it is used.\n")
    bo = mail("bo", f"It is.\n{block('ada')}{ada.body}", "ada")
    cy = mail("cy", f"Is it?\n{block('bo')}{bo.body}", "bo")
    assert [new_lines(each) for each in after_mending(ada, bo, cy)[1:]] == [["It is."], ["Is it?"]]


def test_a_paragraph_of_the_parent_pasted_without_marks_is_quote() -> None:
    reply = mail(
        "reply",
        "You say\n\n  A second paragraph says that the layout has no\n  room for growth.\n\nbut it has.\n",
        "root",
    )
    assert new_lines(after_mending(ROOT, reply)[1]) == ["You say", "but it has."]


def test_an_author_may_repeat_his_own_words() -> None:
    again = mail(
        "again", "A second paragraph says that the layout has no room for growth.\n\nAny thoughts?\n", "root", "root"
    )
    assert mend([ROOT, again]) == {}


def test_a_typed_line_right_under_a_quote_stays_an_answer() -> None:
    reply = mail(
        "reply", "> Otherwise it cannot tell an old host from a new one.\nIt can.\n> A second paragraph says\n", "root"
    )
    assert new_lines(after_mending(ROOT, reply)[1]) == ["It can."]
