"""Threads of an invented project: what was in when a mail was sent, and what became of it."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from ingest.commits import Commit, CommitLink, Event
from ingest.history.before import cites
from ingest.history.commit_text import trailers_of
from ingest.history.evidence import Before, Post
from ingest.history.mentions import in_use, mentions, sender_in
from ingest.history.outcomes import Outcome
from ingest.history.shelf import PatchRef
from ingest.record import Record
from ingest.timeline import around

DAY = timedelta(days=1)
START = datetime(2024, 3, 1, 12, tzinfo=UTC)
TITLE = "port: add a doorbell"
A, B, C = "a1" * 20, "b2" * 20, "c3" * 20


def at(day: float) -> datetime:
    return START + day * DAY


def post(mid: str, day: float, parent: str = "", subject: str = f"Re: [PATCH v2 1/2] {TITLE}", text: str = "") -> Post:
    return Post(mid, parent, "Bo Elm", at(day), subject, text)


def ref(mid: str, day: float, title: str = TITLE, **more: object) -> PatchRef:
    return PatchRef(mid, title, "2", "Ada Pine", "ada@example.org", at(day), **more)  # type: ignore[arg-type]  # fields


def commit(
    oid: str, day: float, title: str = TITLE, message: str = "", release: str = "", refs: str = "master"
) -> Commit:
    people = ("Ada Pine", "ada@example.org")
    return Commit(oid, title, *people, at(day), at(day), message, trailers_of(message), tuple(refs.split()), release)


def told(mid: str, title: str = TITLE, about: str = "patch", kind: str = "committed", oid: str = "") -> Event:
    return Event(mid, kind, 0, 10, title, oid, "next", about)


def record(
    commits: tuple[Commit, ...] = (),
    links: tuple[CommitLink, ...] = (),
    events: tuple[Event, ...] = (),
    patches: tuple[PatchRef, ...] = (),
    dates: dict[str, float] | None = None,
) -> Record:
    return Record(commits, links, events, patches, {mid: at(day) for mid, day in (dates or {}).items()})


def became(mid: str, oid: str = A) -> CommitLink:
    return CommitLink(mid, oid, "same title", 0.95)


@dataclass(frozen=True, slots=True)
class Timeline:
    before: dict[str, tuple[Before, ...]]
    outcomes: dict[str, tuple[Outcome, ...]]


def timeline_of(thread: list[Post], index: Record) -> Timeline:
    return Timeline(*around(thread, index))


def best(timeline: Timeline, mid: str) -> Before:
    return timeline.before[mid][0]


def test_a_reply_sent_after_the_commit_knows_its_date_and_hash() -> None:
    index = record((commit(A, 3),), (became("patch"),), (), (ref("patch", 0),))
    thread = [post("patch", 0, subject=f"[PATCH] {TITLE}"), post("early", 2, "patch"), post("late", 14, "early")]
    timeline = timeline_of(thread, index)
    assert "early" not in timeline.before and "patch" not in timeline.before
    assert best(timeline, "late").days == 11
    assert best(timeline, "late").oid == A
    assert best(timeline, "late").at == at(3)
    assert best(timeline, "late").evidence == f"committed as {A[:12]} on 2024-03-04, 11 days before"


def test_a_reply_to_the_cover_letter_speaks_of_the_series() -> None:
    series = (
        ref("cover", 0, "A doorbell", posting="cover", number=0),
        ref("one", 0, posting="cover", number=1),
        ref("two", 0, "port: ring it", posting="cover", number=2),
    )
    index = record((commit(A, 3), commit(B, 4, "port: ring it")), (became("one"), became("two", B)), (), series)
    thread = [post("cover", 0, subject="[PATCH v2 0/2] A doorbell"), post("late", 9, "cover")]
    assert {b.oid for b in timeline_of(thread, index).before["late"]} == {A, B}


def test_a_series_is_not_in_because_one_of_its_many_patches_is() -> None:
    series = tuple(ref(f"p{n}", 0, f"port: step {n}", posting="p0", number=n) for n in range(5))
    index = record((commit(A, 3, "port: step 1"),), (became("p1"),), (), series)
    thread = [post("p0", 0), post("p1", 0, "p0"), post("on-all", 9, "p0"), post("on-one", 9, "p1")]
    timeline = timeline_of(thread, index)
    assert "on-all" not in timeline.before
    assert best(timeline, "on-one").oid == A


def test_under_the_fix_of_what_a_commit_broke_the_words_tell_which_is_meant() -> None:
    line = f"port: fix the build after {A[:12]}"
    index = record((commit(A, 1), commit(B, 5, line)), (became("fix", B),), (), (ref("fix", 4, line),))
    subject = f"[PATCH] {line}"
    thread = [post("fix", 4, subject=subject), post("early", 4.5, "fix", f"Re: {subject}")]
    thread += [post("mend", 6, "fix", f"Re: {subject}", text="This mends little.")]
    thread += [post("back", 6, "fix", f"Re: {subject}", text="The original series needs reverting.")]
    timeline = timeline_of(thread, index)
    assert best(timeline, "fix").oid == best(timeline, "early").oid == A
    assert [b.oid for b in timeline.before["mend"]] == [B, A]
    assert [b.oid for b in timeline.before["back"]] == [A, B]


def test_what_is_told_in_the_thread_serves_without_a_repository() -> None:
    index = record((), (), (told("news"),), (ref("patch", 0),), {"news": 3})
    thread = [post("patch", 0, subject=f"[PATCH] {TITLE}"), post("news", 3, "patch"), post("late", 4, "patch")]
    timeline = timeline_of(thread, index)
    assert best(timeline, "late").told_in == "news"
    assert best(timeline, "late").evidence == "told on the list: committed to next on 2024-03-04, a day before"


def test_a_list_of_titles_speaks_of_its_patches_alone() -> None:
    series = (ref("one", 0, posting="one", number=1), ref("two", 0, "port: ring it", posting="one", number=2))
    index = record((), (), (told("news", about="one"),), series, {"news": 3})
    thread = [post("one", 0), post("two", 0, "one"), post("news", 3, "one")]
    thread += [post("on-one", 5, "one"), post("on-two", 5, "two")]
    timeline = timeline_of(thread, index)
    assert "on-one" in timeline.before and "on-two" not in timeline.before


def test_a_part_of_a_series_is_counted_up() -> None:
    series = tuple(ref(f"p{n}", 0, f"port: step {n}", posting="p0", number=n) for n in range(4))
    index = record((), (), (told("news", "port: step 0", "p0"),), series, {"news": 3})
    thread = [post("p0", 0), *(post(f"p{n}", 0, "p0") for n in (1, 2, 3))]
    thread += [post("news", 3, "p0", text="Queued patches 1-2, thanks."), post("on-2", 5, "p2"), post("on-3", 5, "p3")]
    timeline = timeline_of(thread, index)
    assert "on-2" in timeline.before and "on-3" not in timeline.before


def test_a_pull_request_in_another_thread_tells_of_the_patch() -> None:
    index = record((), (), (told("pull", about=""),), (ref("patch", 0),), {"pull": 3})
    timeline = timeline_of([post("patch", 0), post("late", 9, "patch")], index)
    assert best(timeline, "late").told_in == "pull"


def test_a_mail_may_say_itself_that_the_change_is_in() -> None:
    index = record((), (), (told("late", about=""),), (), {"late": 9})
    timeline = timeline_of([post("late", 9)], index)
    assert best(timeline, "late").evidence.startswith("this mail says so")
    words = timeline_of([post("other", 9, text="I bisected it to this patch. It points to this.")], record())
    assert best(words, "other").at is None


def test_a_patch_that_the_archive_lacks_is_known_by_the_subject_line() -> None:
    timeline = timeline_of([post("late", 9, "ghost")], record((commit(A, 3),)))
    assert (best(timeline, "late").oid, best(timeline, "late").days) == (A, 6)


def test_the_senders_address_in_a_message_id_leads_to_a_missing_series() -> None:
    index = record((commit(A, 3, "port: make room"),))
    ghost = "cover.1700000000.git.ada@example.org"
    thread = [post("late", 4, ghost, "Re: [PATCH 0/9] Rework ports", "Staging is broken.")]
    assert best(timeline_of(thread, index), "late").oid == A
    calm = [post("calm", 4, ghost, "Re: [PATCH 0/9] Rework ports", "Looks fine.")]
    assert "calm" not in timeline_of(calm, index).before


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("[BUG] no boot", f"Commit {A[:12]} broke it."),
        (f'[PATCH] Revert "{TITLE}"', ""),
        (f"doorbell broken? (was Re: [PATCH v2 1/2] {TITLE})", ""),
        ("no boot", f'Could we revert "{TITLE}" for now?'),
    ],
)
def test_an_objection_in_another_thread_is_found_by_what_it_names(subject: str, text: str) -> None:
    timeline = timeline_of([post("late", 9, "", subject, text)], record((commit(A, 3),)))
    assert (best(timeline, "late").oid, best(timeline, "late").at) == (A, at(3))


def test_a_hash_with_a_title_serves_without_a_repository() -> None:
    text = f'This broke with {A[:12]} ("{TITLE}").'
    alone = timeline_of([post("late", 9, "", "no boot", text)], record())
    assert (best(alone, "late").oid, best(alone, "late").at) == (A[:12], None)
    heard = record((), (), (told("news", oid=A[:10]),), (), {"news": 3})
    assert best(timeline_of([post("late", 9, "", "no boot", text)], heard), "late").at == at(3)


def test_a_commit_shown_as_git_shows_it_is_named_with_its_title() -> None:
    text = (
        f"I found that\n\ncommit {A}\nAuthor: Ada Pine <ada@example.org>\nDate: Fri Mar 1\n\n    {TITLE}\n\nbroke it."
    )
    found = timeline_of([post("late", 9, "", "no boot", text)], record()).before["late"]
    assert (found[0].oid, found[0].title) == (A, TITLE)


def test_a_commit_that_is_only_referred_to_is_not_objected_to() -> None:
    text = f"See {A[:12]} for how the ring is laid out."
    assert timeline_of([post("calm", 9, "", "a question", text)], record((commit(A, 3),))).before == {}


def test_a_commit_named_as_the_cure_is_not_objected_to() -> None:
    index = record((commit(A, 3),))
    text = f"You spoke of a bug, I guess the fix for this is {A[:12]}? It was a regression on old hosts."
    assert "late" not in timeline_of([post("late", 9, subject="A question", text=text)], index).before


def test_in_a_bug_report_the_replies_speak_of_what_the_first_mail_names() -> None:
    thread = [post("bug", 9, "", "no boot", f"Commit {A[:12]} broke it."), post("reply", 10, "bug", "Re: no boot")]
    timeline = timeline_of(thread, record((commit(A, 3),)))
    assert (best(timeline, "reply").oid, best(timeline, "reply").days) == (A, 7)
    assert best(timeline, "reply").evidence.startswith("named in a mail above")


def test_a_mail_without_a_date_stands_nowhere_on_the_line() -> None:
    undated = Post("late", "patch", "Bo Elm", None, f"Re: [PATCH] {TITLE}")
    index = record((commit(A, 3),), (became("patch"),), (), (ref("patch", 0),))
    assert timeline_of([post("patch", 0), undated], index).before == {}


def outcome_of(*commits: Commit, thread: tuple[Post, ...] = (), patches: tuple[PatchRef, ...] = ()) -> tuple[str, str]:
    index = record((commit(A, 3), *commits), (became("patch"),), (), (ref("patch", 0), *patches))
    found = timeline_of([post("patch", 0), post("late", 9, "patch"), *thread], index).outcomes["late"]
    return found[0].kind, found[0].source


def test_a_revert_is_the_outcome() -> None:
    assert outcome_of(commit(B, 12, f'Revert "{TITLE}"', f"This reverts commit {A}.")) == ("reverted", B)
    assert outcome_of(commit(B, 12, f'Revert "{TITLE}"')) == ("reverted", B)


def test_a_revert_is_the_outcome_for_those_who_speak_after_it_too() -> None:
    assert outcome_of(commit(B, 5, f'Revert "{TITLE}"', f"This reverts commit {A}.")) == ("reverted", B)


def test_a_fix_is_the_outcome_when_it_follows_and_not_when_it_came_before() -> None:
    assert outcome_of(commit(B, 12, "port: fix it", f'Fixes: {A[:12]} ("{TITLE}")')) == ("fixed", B)
    assert outcome_of(commit(B, 8, "port: fix it", f'Fixes: {A[:12]} ("{TITLE}")'))[0] == "open"


def test_a_fix_long_after_comes_behind_the_release() -> None:
    fix = commit(B, 300, "port: fix it", f'Fixes: {A[:12]} ("{TITLE}")')
    assert outcome_of(fix)[0] == "fixed_later"
    index = record((commit(A, 3, release="v2.0"), fix), (became("patch"),), (), (ref("patch", 0),))
    found = timeline_of([post("patch", 0), post("late", 9, "patch")], index).outcomes["late"]
    assert [o.kind for o in found] == ["released", "fixed_later"]


def test_the_commit_that_credits_the_speaker_is_the_answer() -> None:
    fix = commit(B, 10, "port: align it", f'Fixes: {A[:12]} ("{TITLE}")')
    answer = commit(C, 11, "port: let the host turn it off", f"After {A[:12]}.\n\nReviewed-by: Bo Elm <bo@example.org>")
    assert outcome_of(fix, answer) == ("followed_up", C)


def test_a_patch_posted_in_answer_is_a_follow_up() -> None:
    answer = post("more", 10, "late", "[PATCH] port: let the host turn it off")
    patches = (ref("more", 10, "port: let the host turn it off"),)
    assert outcome_of(thread=(answer,), patches=patches) == ("followed_up", "more")


def test_a_series_called_a_follow_up_by_the_same_poster_is_one() -> None:
    assert outcome_of(patches=(ref("more", 10, "Follow-up for doorbells"),)) == ("followed_up", "more")


def test_without_a_tag_the_stable_branch_tells_the_release() -> None:
    index = record((commit(A, 3, refs="master stable-4.9 stable-4.18"),), (became("patch"),), (), (ref("patch", 0),))
    (found,) = timeline_of([post("patch", 0), post("late", 9, "patch")], index).outcomes["late"]
    assert found.words == "released with it in the branch stable-4.9"


def test_the_list_may_tell_that_it_was_taken_out_again() -> None:
    events = (told("news"), told("gone", kind="reverted"))
    index = record((), (), events, (ref("patch", 0),), {"news": 3, "gone": 11})
    thread = [post("patch", 0), post("news", 3, "patch"), post("late", 9, "patch"), post("gone", 11, "patch")]
    assert timeline_of(thread, index).outcomes["late"][0].kind == "dropped"


def test_the_order_of_messages_commits_and_events_does_not_matter() -> None:
    commits = [commit(A, 3), commit(B, 12, "port: fix it", f"Fixes: {A[:12]}"), commit(C, 13, "x y z", f"see {A[:12]}")]
    thread = [post("patch", 0), post("one", 4, "patch"), post("two", 9, "one", text=f"{A[:10]} broke it")]
    patches = [ref("patch", 0), ref("other", 2, "port: ring it")]
    expected = timeline_of(thread, record(tuple(commits), (became("patch"),), (told("one"),), tuple(patches)))
    chance = random.Random(3)
    for _ in range(5):
        for items in (commits, thread, patches):
            chance.shuffle(items)
        assert expected == timeline_of(
            thread, record(tuple(commits), (became("patch"),), (told("one"),), tuple(patches))
        )


def test_a_loop_of_parents_ends() -> None:
    thread = [post("one", 1, "two"), post("two", 2, "one", text="Staging is broken.")]
    assert set(timeline_of(thread, record()).before) == {"two"}


def test_a_text_names_commits_titles_and_mails() -> None:
    found = mentions("x", f'{A[:12]} ("{TITLE}") and https://lore.kernel.org/r/1-2-ada@example.org')
    assert [(m.kind, m.value, m.title) for m in found] == [
        ("hash", A[:12], TITLE),
        ("mail", "1-2-ada@example.org", ""),
    ]
    assert mentions("x", "0xdeadbeef 1234567 decade <1a2b3c4d@example.org>") == ()


def test_words_that_cite_nothing_need_not_be_read() -> None:
    texts = [
        "Looks good to me.",
        f"Bisected to {A[:12]}, which broke it.",
        "Staging is broken.",
        'Please revert "x y z".',
    ]
    texts += [
        "See https://lore.kernel.org/r/1-2-ada@example.org please.",
        "It was broken in 5.2.",
        "Why not revert it?",
    ]
    posts = [post(f"m{n}", 5 + n, "patch" if n % 2 else "gone", text=text) for n, text in enumerate(texts)]
    posts.append(
        post("fix", 20, "patch", f"Re: [PATCH] {TITLE} after {A[:12]}", "The original patch should be dropped.")
    )
    posts.append(post("nay", 21, "patch", f"Re: [PATCH] {TITLE}", "The original patch should be dropped."))
    given = record((commit(A, 0, "x y z"),), (became("patch"),), (), (ref("patch", -1),))
    kept = [replace(p, text=p.text if cites(p.subject, p.text) else "") for p in posts]
    assert 0 < sum(not p.text for p in kept) < len(kept)
    assert around(kept, given) == around(posts, given)


def test_words_that_say_it_is_in_are_told_from_those_that_suppose_it() -> None:
    assert in_use("x", "This is a regression since v5.3 or so: a regression from 5.2.")
    assert in_use("[PATCH 5.4 000/100] 5.4.100-rc1 review", "Builds fail.")
    assert in_use("x", "It was broken in 5.2.") and not in_use("x", "It was broken in 5.2.", under_patch=True)
    assert not in_use("x", "Thanks for having bisected it!")
    assert not in_use("x", "A bisection would point to the wrong patch.")


def test_only_gits_own_message_ids_tell_the_sender() -> None:
    assert sender_in("20240301120000.123-4-ada@example.org") == "ada@example.org"
    assert sender_in("0123@example.org") == ""


def test_hostile_texts_are_read_in_linear_time() -> None:
    for text in ("a1b2c3d4 " * 20_000, '("' * 20_000, "commit " + "a1" * 20 + "\nA: b\n" * 20_000, "revert " * 20_000):
        mentions("x", text)
        in_use("x", text)


def test_a_thread_of_thousands_costs_each_of_its_mails_the_same() -> None:
    """A bug report whose every mail answers the one before it: each is about what the first one names."""

    def took(size: int) -> float:
        first = post("m0", 1, subject="crash on boot", text=f"Bisected to {A[:12]}, which broke it.\n")
        answers = [post(f"m{n}", 3 + n / size, f"m{n - 1}", "Re: crash on boot", "Same here.") for n in range(1, size)]
        began = time.process_time()
        timeline = timeline_of([first, *answers], record(commits=(commit(A, 0),)))
        assert timeline.before[f"m{size - 1}"][0].evidence.startswith("named in a mail above")
        return time.process_time() - began

    assert min(took(4000) for _ in range(3)) < 8 * min(
        took(1000) for _ in range(3)
    )  # 16 where each walks the whole way
