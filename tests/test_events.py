"""What is news that a change went in, and what only looks like it. The sentences are written for this file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.commits import Event
from ingest.history.events import events, sentences, title_of
from ingest.history.told import Told, includes, told

TITLE = "port: add a doorbell"


def of(body: str, subject: str = f"Re: [PATCH v2 1/3] {TITLE}", parent: str = "patch@x") -> list[Event]:
    return events("m@x", subject, body, [(0, len(body))], parent)


@pytest.mark.parametrize(
    ("sentence", "kind", "branch"),
    [
        ("Applied, thanks!", "applied", ""),
        ("Applied to next, thanks!", "applied", "next"),
        ("Applied to portlib (master), thanks!", "applied", "portlib (master)"),
        ("Thanks, applied.", "applied", ""),
        ("Queued for 5.3, thanks.", "queued", "5.3"),
        ("Queued patches 1-5, thanks.", "queued", ""),
        ("Both backports now queued up, thanks.", "queued", ""),
        ("Pulled, thanks.", "pulled", ""),
        ("Committed.", "committed", ""),
        ("Pushed, thanks!", "pushed", ""),
        ("Reverted for now.", "reverted", ""),
        ("You're right, I've queued the revert.", "reverted", ""),
        ("I have now committed the series.", "committed", ""),
        ("I've queued this for the next Arm pull request.", "queued", "next"),
        ("I've provisionally applied this to port/next.", "applied", "port/next"),
        ("OK, I've applied this set, minus #17.", "applied", ""),
        ("Looks fine, so I've taken it as part of the fixes for -rc3.", "applied", "-rc3"),
        ("I decided not to wait, so I have committed it there as-is.", "committed", ""),
        ("I see this series has been committed.", "committed", ""),
        ("These patches were merged long ago.", "committed", ""),
        ("FYI, this is queued up for 5.20.", "queued", "5.20"),
        ("Ada already queued it.", "queued", ""),
        ("This is now in staging.", "committed", "staging"),
        ("Patches 1 and 2 are in staging already.", "committed", "staging"),
        ("These are already upstream.", "committed", ""),
        ("This went in as 0123456789ab.", "committed", ""),
        ("The first two patches have gone in.", "committed", ""),
        ("Acked-by me, and applied.", "applied", ""),
        ("Applied after fixing the typo.", "applied", ""),
        ("Added to the 5.10 queue, thanks.", "applied", "5.10"),
        ("I've dropped this patch from the queue.", "reverted", ""),
        ("I've now committed this patch, and the one before it.", "committed", ""),
        ("I've pushed this patch into -next.", "pushed", "-next"),
        ("Pushed to https://git.example.org/port/-/commits/queue", "pushed", ""),
        ("We already have this queued for 5.15.", "queued", "5.15"),
        ("Thanks, patches 3 and 4 of this series applied to my port-next branch.", "applied", "port-next"),
        ("I see that you have merged the whole series to port/queue, which surprised me.", "committed", "port/queue"),
        ("It can wait (this was merged in 4.6).", "committed", "4.6"),
        ("I've gone ahead and merged the tests.", "committed", ""),
        ("Now merged through misc/queue.", "committed", "misc/queue"),
        ("With regrets: applied as a fix for 5.2.", "applied", "5.2"),
        ("Rebased, and queued with the fix that Bo suggested.", "queued", ""),
        ("I queued patches 3-27 on the arm64 for-next/sme, the rest went elsewhere.", "queued", "arm64 (for-next/sme)"),
        ("For now I've queued it, for 5.16 we can do it differently.", "queued", ""),
    ],
)
def test_a_sentence_tells_that_a_change_went_in(sentence: str, kind: str, branch: str) -> None:
    assert told(sentence) == Told(kind, branch)


@pytest.mark.parametrize(
    "sentence",
    [
        "I will apply this tomorrow.",
        "I'll queue it for 5.20.",
        "This will be applied to next once the acks are in.",
        "Once applied, the guest sees the doorbell.",
        "If nobody objects, I have it queued.",
        "Has this been applied?",
        "Was this merged?",
        "This has not been applied yet.",
        "It never got merged.",
        "This should be reverted.",
        "It needs to be applied before the others.",
        "I'd like to have it queued quickly.",
        "I have the fix applied locally, ready for v4.",
        "Is this in staging?",
        "I'd like to see this in staging.",
        "Once this is in mainline, we can go on.",
        "This is not in mainline yet.",
        "I've dropped this patch from the series.",
        "I picked your patches to make it compile.",
        "We need a backport (the code was merged in 4.6).",
        "With this patch applied, the test passes.",
        "With this applied, thanks to the fix, the test passes.",
        "I applied this series on v5.10 and it works.",
        "I have applied the patch and confirm that it works.",
        "I've applied it to the patch and will push out the update.",
        "I've pushed out an updated series here: https://example.org/branch",
        "I've taken this approach because it is simple.",
        "I've taken it for a ride on two boards.",
        "Applied patch port.c cleanly.",
        "Picked up the fix for v3.",
        "The offset is applied to the base address.",
        "The interrupt is taken to EL2.",
        "The event was queued on the ring before.",
        "Please let me know when this is merged.",
        "I think that can be merged separately.",
        "next is stuff that is merged and will be in the next window.",
        "",
    ],
)
def test_the_future_conditions_questions_negations_and_other_senses_tell_nothing(sentence: str) -> None:
    assert told(sentence) is None


def test_an_event_has_its_sentence_the_subjects_title_and_the_mail_that_it_answers() -> None:
    body = "Nice work. Applied to next, thanks!\n\nAda\n"
    (event,) = of(body)
    assert body[event.start : event.end] == "Applied to next, thanks!"
    assert (event.title, event.about, event.oid) == (TITLE, "patch@x", "")


def test_quoted_text_never_counts() -> None:
    body = "> Applied, thanks!\n\nGood to know.\n"
    start = body.index("Good")
    assert events("m@x", f"Re: [PATCH] {TITLE}", body, [(start, len(body))], "p@x") == []


def test_a_patch_itself_tells_nothing_by_its_words() -> None:
    assert of("Queued events were lost.\n\nApplied, thanks.\n", f"[PATCH] {TITLE}", "") == []


def test_a_list_of_titles_and_hashes_makes_one_event_each() -> None:
    body = (
        "Applied to portlib (for-next/doorbell), thanks!\n\n"
        "[1/3] port: add a doorbell\n      commit: 0123456789abcdef0123456789abcdef01234567\n"
        "[2/3] port: ring it\n      https://git.example.org/portlib/c/89abcdef0123\n"
        "[3/3] port: document it\n      (no commit info)\n\nCheers,\n-- \nAda\n"
    )
    found = of(body)
    assert [(e.title, e.oid[:8]) for e in found] == [
        ("port: add a doorbell", "01234567"),
        ("port: document it", ""),
        ("port: ring it", "89abcdef"),
    ]
    assert {e.branch for e in found} == {"portlib (for-next/doorbell)"}


def test_a_list_by_hand_is_read_too() -> None:
    body = "I've queued the following patches:\n\n  0123456789ab port: add a doorbell\n  89abcdef0123 port: ring it\n"
    assert [(e.title, e.oid) for e in of(body)] == [
        ("port: add a doorbell", "0123456789ab"),
        ("port: ring it", "89abcdef0123"),
    ]


def test_a_hash_in_the_sentence_is_kept() -> None:
    (event,) = of("This was committed as 0123456789ab yesterday.\n")
    assert event.oid == "0123456789ab"


def test_a_stable_note_names_title_and_tree() -> None:
    body = "This is a note to let you know that I've just added the patch titled\n\n    port: add a doorbell\n\n"
    body += "to the 5.10-stable tree which can be found at:\n    https://example.org\n"
    (event,) = of(body, f'Patch "{TITLE}" has been added to the 5.10-stable tree', "")
    assert (event.kind, event.title, event.branch) == ("stable", TITLE, "5.10-stable tree")


def test_a_backport_says_that_its_original_is_in() -> None:
    (event,) = of("commit 0123456789abcdef upstream.\n\nText.\n", f"[PATCH 5.10 3/9] {TITLE}", "")
    assert (event.kind, event.oid, event.title) == ("committed", "0123456789abcdef", TITLE)


def test_a_pull_request_says_that_its_patches_are_on_a_branch() -> None:
    body = (
        "The following changes since commit 0123456:\n\n  Linux 5.1 (2024-01-01 00:00:00 +0000)\n\n"
        "are available in the Git repository at:\n\n  https://git.example.org/port.git tags/port-5.2\n\n"
        "for you to fetch changes up to 89abcdef0123:\n\n  port: ring it (2024-02-01 00:00:00 +0000)\n\n"
        "Ada Pine (2):\n      port: add a doorbell\n      port: ring it\n\n port.c | 2 ++\n"
    )
    found = of(body, "[GIT PULL] port updates for 5.2", "")
    assert {e.title for e in found} == {"port: add a doorbell", "port: ring it"}
    assert {e.branch for e in found} == {"tags/port-5.2"}
    assert all(body[e.start : e.end].startswith("port:") for e in found)


def test_the_pull_request_tracker_names_the_merge() -> None:
    body = (
        "The pull request you sent on Mon, 1 Jan 2024 00:00:00 +0000:\n\n> https://git.example.org/p tags/port-5.2\n\n"
        "has been merged into base/linux.git:\nhttps://git.example.org/c/0123456789abcdef\n\nThank you!\n"
    )
    (event,) = events("m@x", "Re: [GIT PULL] port updates", body, [(0, 64), (body.index("has"), len(body))], "p@x")
    assert (event.kind, event.branch, event.oid) == ("pulled", "base/linux.git", "0123456789abcdef")


def test_a_push_report_names_the_tested_revision() -> None:
    tested = "0123456789abcdef0123456789abcdef01234567"
    body = f"version targeted for testing:\n core {tested}\n\nTo host.example.org:/git/core.git\n   "
    body += "89abcdef01..0123456789  0123456789abcdef -> master\n"
    (event,) = of(body, "[core-unstable test] 12345: tolerable FAIL - PUSHED", "")
    assert (event.kind, event.oid, event.branch) == ("tested_push", tested, "core-unstable master")
    assert of(body, "[core-unstable test] 12345: regressions - FAIL", "") == []


@pytest.mark.parametrize(
    ("sentence", "numbers"),
    [
        ("Queued patches 1-3, thanks.", {1, 2, 3}),
        ("Queued 3+5, thanks.", {3, 5}),
        ("Queued 1-2 and 4-5.", {1, 2, 4, 5}),
        ("I've applied patch 1 to port-next; thanks.", {1}),
        ("I've taken the first two patches.", {1, 2}),
        ("Applied the first patch only, thanks!", {1}),
        ("I queued this series for 5.7, apart from patch 4.", {1, 2, 3, 5, 6}),
        ("OK, I've applied this set, minus #6.", {1, 2, 3, 4, 5}),
        ("Applied to port/misc-5.15, thanks!", {1, 2, 3, 4, 5, 6}),
        ("Queued for 5.3, thanks.", {1, 2, 3, 4, 5, 6}),
    ],
)
def test_a_sentence_may_speak_of_a_part_of_a_series(sentence: str, numbers: set[int]) -> None:
    assert {number for number in range(1, 7) if includes(sentence, number)} == numbers


def test_a_notice_of_another_patch_does_not_speak_of_the_parent() -> None:
    (event,) = of("I've queued the following patch on top of it:\n")
    assert (event.title, event.about) == ("", "")


def test_a_subject_line_is_cut_to_its_title() -> None:
    assert title_of(f"Re: (subset) [PATCH v2 1/3] {TITLE} [and 1 more messages]") == TITLE
    assert title_of(f"RE: [XYZ] Fwd: [PATCH] {TITLE} (was: something)") == TITLE


WORDS = st.sampled_from(
    [
        "applied",
        "queued",
        "this",
        "I",
        "I've",
        "to",
        "next",
        "series",
        "(",
        ")",
        ",",
        ".",
        "if",
        "not",
        "patch",
        "was",
        "1-3",
    ]
)


@given(st.lists(WORDS, max_size=40).map(" ".join), st.integers(0, 50))
def test_events_lie_within_the_authors_own_text(text: str, cut: int) -> None:
    start = min(cut, len(text))
    for event in events("m@x", "Re: x", text, [(start, len(text))], "p@x"):
        assert start <= event.start < event.end <= len(text)
        assert text[event.start : event.end].strip()


@given(st.text(max_size=300))
def test_sentences_are_in_order_and_do_not_overlap(text: str) -> None:
    last = 0
    for start, end in sentences(text, 0, len(text)):
        assert last <= start < end <= len(text)
        last = end


def test_a_very_long_line_is_read_in_linear_time() -> None:
    assert of("applied this and " * 20_000) == []
