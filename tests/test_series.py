"""Series: what belongs to one posting, which posting is the version before, what a patch mail's body tells."""

from __future__ import annotations

import random
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.revisions.patches import PatchText, is_posting, read_patch
from ingest.series import PatchMail, Posting, postings
from ingest.subject import parse_subject

START = datetime(2022, 5, 2, 9, tzinfo=UTC)
ADA = ("Ada Quill", "ada@example.org")
BEN = ("Ben Okafor", "ben@example.org")
FILES = ("arch/zed/hyp.c",)


def patch(
    mid: str,
    subject: str,
    at: float = 0.0,
    *,
    parent: str = "",
    thread: str = "",
    author: tuple[str, str] = ADA,
    paths: tuple[str, ...] = FILES,
    notes: str = "",
    listed: tuple[str, ...] = (),
    cited: tuple[tuple[str, str], ...] = (),
) -> PatchMail:
    """``at`` in days after the start."""
    date = START + timedelta(days=at)
    return PatchMail(
        mid, parse_subject(subject), *author, date, parent, thread or parent or mid, paths, notes, listed, cited
    )


TITLES = ("zed: Add a ring page", "zed: Map the ring page", "tools: Show the ring page")


def series(
    prefix: str,
    at: float,
    *,
    version: str = "",
    titles: tuple[str, ...] = TITLES,
    cover: str = "zed: A ring page for guests",
    author: tuple[str, str] = ADA,
    listed: bool = False,
    paths: tuple[str, ...] = FILES,
) -> list[PatchMail]:
    total, name = len(titles), f"{prefix}0"
    known = titles if listed else ()
    mails = [patch(name, f"[PATCH{version} 0/{total}] {cover}", at, author=author, listed=known, paths=paths)]
    for number, title in enumerate(titles, 1):
        subject = f"[PATCH{version} {number}/{total}] {title}"
        mails.append(patch(f"{prefix}{number}", subject, at, parent=name, author=author, paths=paths))
    return mails


def chained(mails: list[PatchMail]) -> dict[str, str]:
    return {posting.key: posting.previous for posting in postings(mails)}


def only(mails: list[PatchMail]) -> Posting:
    found = postings(mails)
    assert len(found) == 1, [posting.title for posting in found]
    return found[0]


# One posting


def test_a_cover_letter_and_its_patches_are_one_posting() -> None:
    posting = only(series("a", 0))
    assert posting.key == "a0"
    assert posting.patches == ((0, "a0"), (1, "a1"), (2, "a2"), (3, "a3"))
    assert (posting.title, posting.total, posting.version) == ("zed: A ring page for guests", 3, "1")
    assert posting.chain == "a0" and posting.why == "no earlier version found"


def test_without_a_cover_the_lowest_patch_leads() -> None:
    posting = only([patch("b", "[PATCH 2/2] zed: Use it", parent="a"), patch("a", "[PATCH 1/2] zed: Add it")])
    assert posting.key == "a" and posting.total == 2


def test_patches_sent_each_under_the_one_before_are_one_posting() -> None:
    mails = [patch("a1", "[PATCH 1/3] zed: One"), patch("a2", "[PATCH 2/3] zed: Two", parent="a1", thread="a1")]
    mails.append(patch("a3", "[PATCH 3/3] zed: Three", parent="a2", thread="a1"))
    assert only(mails).patches == ((1, "a1"), (2, "a2"), (3, "a3"))


def test_patches_sent_without_threading_are_gathered_by_sender_time_version_and_total() -> None:
    mails = [patch(f"a{n}", f"[PATCH v2 {n}/3] zed: Part {n}", n / 1000) for n in (1, 2, 3)]
    posting = only(mails)
    assert posting.total == 3 and len(posting.patches) == 3
    assert "gathered" in posting.why


def test_unthreaded_patches_of_another_hour_sender_or_total_stay_apart() -> None:
    mails = [
        patch("a", "[PATCH 1/3] zed: One"),
        patch("b", "[PATCH 2/3] zed: Two", 0.5),
        patch("c", "[PATCH 2/3] zed: Other", author=BEN),
        patch("d", "[PATCH 2/4] zed: More"),
    ]
    assert len(postings(mails)) == 4


def test_two_small_series_sent_unthreaded_after_each_other_stay_apart() -> None:
    mails = [patch(f"a{n}", f"[PATCH {n}/2] zed: Ring {n}", n / 10_000) for n in (1, 2)]
    mails += [patch(f"b{n}", f"[PATCH {n}/2] net: Queue {n}", (n + 2) / 10_000) for n in (1, 2)]
    assert [posting.key for posting in postings(mails)] == ["a1", "b1"]


def test_patches_sent_in_their_authors_names_go_with_the_cover() -> None:
    mails = series("a", 0)
    mails[2] = replace(mails[2], author_name=BEN[0], author_address=BEN[1])
    assert only(mails).author_address == ADA[1]


def test_patches_without_the_covers_version_go_with_the_cover() -> None:
    mails = series("a", 0, version=" v4")
    mails[1] = replace(mails[1], subject=parse_subject("[PATCH 1/3] zed: Add a ring page"))
    assert only(mails).version == "4"


def test_a_cover_that_forgets_the_version_keeps_its_patches() -> None:
    mails = series("a", 0, version=" v2")
    mails[0] = replace(mails[0], subject=parse_subject("[PATCH 0/3] zed: A ring page for guests"))
    assert (only(mails).key, only(mails).version) == ("a0", "2")


def test_a_cover_that_miscounts_keeps_its_patches() -> None:
    mails = series("a", 0)
    mails[0] = replace(mails[0], subject=parse_subject("[PATCH 0/5] zed: A ring page for guests"))
    assert only(mails).total == 3


def test_a_patch_of_another_author_in_the_thread_is_a_posting_of_its_own() -> None:
    mails = [*series("a", 0), patch("x", "[PATCH] zed: Do it without a ring", 1, parent="a2", thread="a0", author=BEN)]
    assert [posting.key for posting in postings(mails)] == ["a0", "x"]


def test_a_whole_series_sent_again_in_its_thread_is_a_second_posting() -> None:
    first, again = series("a", 0), series("b", 1)
    again = [replace(mail, thread="a0") for mail in again]
    assert chained([*first, *again]) == {"a0": "", "b0": "a0"}


@pytest.mark.parametrize("subject", ["[PATCH v5.1 2/3] zed: Map the ring page", "[PATCH v5.1] zed: Map the ring page"])
def test_a_single_reroll_inside_the_thread_mends_its_posting(subject: str) -> None:
    mails = [*series("a", 0, version=" v5"), patch("r", subject, 2, parent="review", thread="a0")]
    posting = only(mails)
    assert posting.patches == ((0, "a0"), (1, "a1"), (2, "a2"), (2, "r"), (3, "a3"))
    assert "patch 2 of 3 was posted again as v5.1" in posting.why and posting.version == "5"


def test_a_single_reroll_with_a_new_title_mends_by_its_number() -> None:
    mails = [*series("a", 0, version=" v5"), patch("r", "[PATCH v5.1 2/3] zed: Pin it", 2, parent="a2", thread="a0")]
    assert only(mails).patches[3] == (2, "r")


def test_a_next_version_posted_into_the_old_thread_is_a_posting_of_its_own() -> None:
    second = [replace(mail, thread="a0") for mail in series("b", 3, version=" v2")]
    second[0] = replace(second[0], parent="a0")
    assert chained([*series("a", 0), *second]) == {"a0": "", "b0": "a0"}


def test_the_changelog_holds_the_covers_notes_and_each_patches_under_its_number() -> None:
    mails = series("a", 0)
    mails[0], mails[2] = replace(mails[0], notes="v2: rebased"), replace(mails[2], notes="v2: fix the lock")
    assert only(mails).changelog == "v2: rebased\n\n[2/3]\nv2: fix the lock"


# Versions


def test_versions_of_one_title_are_a_chain() -> None:
    mails = [*series("a", 0), *series("b", 9, version=" v2"), *series("c", 30, version="v3")]
    found = {posting.key: posting for posting in postings(mails)}
    assert [found[key].previous for key in ("a0", "b0", "c0")] == ["", "a0", "b0"]
    assert {posting.chain for posting in found.values()} == {"a0"}
    assert found["b0"].why == "same author and title, 3 of 3 patch titles are the same"


def test_a_missing_version_is_said() -> None:
    later = postings([*series("a", 0), *series("c", 30, version=" v3")])[1]
    assert later.previous == "a0" and "between v1 and v3 was not found" in later.why


def test_a_retitled_series_is_known_by_its_patches() -> None:
    mails = [*series("a", 0), *series("b", 9, version=" v2", cover="Shared memory that guests can ask for")]
    later = postings(mails)[1]
    assert later.previous == "a0" and "retitled" in later.why


def test_a_cover_whose_patches_went_elsewhere_is_known_by_its_shortlog() -> None:
    first, second = series("a", 0), series("b", 9, version=" v2", cover="Shared memory for guests", listed=True)
    assert chained([*first, second[0]]) == {"a0": "", "b0": "a0"}


def test_a_split_series_leads_back_from_both_halves() -> None:
    wide = tuple(f"zed: Step {word}" for word in ("one", "two", "three", "four", "five", "six"))
    mails = series("a", 0, titles=wide, cover="zed: All the steps")
    mails += series("b", 9, version=" v2", titles=wide[:3], cover="zed: Steps, the first half")
    mails += series("c", 9.5, version=" v2", titles=wide[3:], cover="zed: Steps, the second half")
    assert chained(mails) == {"a0": "", "b0": "a0", "c0": "a0"}


def test_a_single_patch_may_grow_into_a_series() -> None:
    mails = [patch("a", "[PATCH] zed: Add a ring page"), *series("b", 9, version=" v2")]
    assert chained(mails) == {"a": "", "b0": "a"}


def test_an_rfc_goes_on_as_a_patch_that_counts_anew() -> None:
    mails = [*series("a", 0, version=" RFC v2"), *series("b", 20)]
    assert chained(mails) == {"a0": "", "b0": "a0"}


def test_a_resend_follows_the_version_that_it_repeats() -> None:
    mails = [*series("a", 0), *series("b", 9, version=" v2"), *series("c", 20, version=" RESEND v2")]
    found = postings(mails)[2]
    assert found.previous == "b0" and "sent again" in found.why


def test_an_equal_version_is_a_repost_only_with_equal_patches() -> None:
    fixes = ("zed: Fix a leak", "zed: Fix a lock")
    mails = [*series("a", 0, cover="zed: Fixes"), *series("b", 30, cover="zed: Fixes", titles=fixes)]
    assert chained(mails) == {"a0": "", "b0": ""}


def test_a_common_title_over_other_patches_to_other_files_is_another_series() -> None:
    fixes = ("net: Fix a leak", "net: Fix a lock")
    mails = series("a", 0, cover="Some fixes for next")
    mails += series("b", 30, version=" v2", cover="Some fixes for next", titles=fixes, paths=("net/queue.c",))
    assert chained(mails) == {"a0": "", "b0": ""}


def test_a_link_with_its_version_chains_a_retitled_patch() -> None:
    first = patch("a", "[PATCH] zed: Drop const from the ring's argument")
    second = patch("b", "[PATCH v2] zed: Make the ring test a macro", 3, cited=(("1", "a"),))
    later = postings([first, second])[1]
    assert later.previous == "a" and later.why == "it gives a link to that mail as v1"


def test_a_link_under_a_wrong_version_counts_as_one_without() -> None:
    first = patch("a", "[PATCH] zed: Add a ring page")
    later = postings([first, patch("b", "[PATCH v3] zed: Add a ring page", 3, cited=(("2", "a"),))])[1]
    assert later.why.startswith("it gives a link to that mail, and 1 of 1 patch titles are the same; what lies between")


def test_a_link_to_what_a_series_depends_on_does_not_chain() -> None:
    first = patch("a", "[PATCH] net: Count dropped packets in the queue", paths=("net/queue.c",))
    second = patch("b", "[PATCH v2] zed: Show the ring to tools", 3, cited=(("", "a"),))
    assert chained([first, second]) == {"a": "", "b": ""}


def test_another_author_does_not_continue_a_series_by_a_like_title_alone() -> None:
    mails = [patch("a", "[PATCH] zed: Fix the ring"), patch("b", "[PATCH v2] zed: Fix a ring", 3, author=BEN)]
    assert chained(mails) == {"a": "", "b": ""}


def test_a_series_taken_over_is_chained_and_says_so() -> None:
    later = postings([*series("a", 0, version=" v3"), *series("b", 60, version=" v4", author=BEN)])[1]
    assert later.previous == "a0" and "another sender took it over" in later.why


def test_another_sender_without_a_new_number_needs_title_and_patches() -> None:
    assert chained([*series("a", 0), *series("b", 9, author=BEN)]) == {"a0": "", "b0": "a0"}
    applied = series("b", 9, author=BEN, cover="Updates for the next release")
    assert chained([*series("a", 0), *applied]) == {"a0": "", "b0": ""}


def test_one_person_with_two_addresses_is_one_author() -> None:
    moved = ("Ada Quill", "quill@example.com")
    mails = [patch("a", "[PATCH] zed: Pin the ring"), patch("b", "[PATCH v2] zed: Pin the ring", 3, author=moved)]
    assert postings(mails)[1].why == "the same title, 1 of 1 patch titles are the same; another sender took it over"
    known = postings(mails, {ADA: "ada@example.org", moved: "ada@example.org"})[1]
    assert known.why == "same author and title, 1 of 1 patch titles are the same"


def test_projects_do_not_mix_under_one_title() -> None:
    kernel = patch("a", "[PATCH] Add support for rings", paths=("arch/zed/ring.c",))
    tool = patch("b", "[PATCH zedtool v2] Add support for rings", 3, paths=("zed/ring.c",))
    tests = patch("c", "[zed-unit-tests PATCH v2] Add support for rings", 3, paths=("tests/ring.c",))
    assert chained([kernel, tool, tests])["c"] == ""


@pytest.mark.parametrize("prefix", ["[PATCH stable 5.4]", "[PATCH 5.4.y]", "[PATCH AUTOSEL 5.4 3/9]"])
def test_a_backport_is_no_new_version(prefix: str) -> None:
    mails = [patch("a", "[PATCH] zed: Add a ring page"), patch("b", f"{prefix} zed: Add a ring page", 30)]
    assert chained(mails)["b"] == ""


def test_a_backport_that_only_its_message_names_is_no_new_version() -> None:
    copy = replace(patch("b", "[PATCH] zed: Add a ring page", 30), copied=True)
    assert chained([patch("a", "[PATCH] zed: Add a ring page"), copy])["b"] == ""


def test_versions_for_one_stable_tree_are_a_chain_however_it_is_written() -> None:
    mails = [patch("a", "[PATCH 5.4.y] zed: Fix the ring"), patch("b", "[PATCH stable-5.4 v2] zed: Fix the ring", 3)]
    mails.append(patch("c", "[PATCH stable 5.10 v2] zed: Fix the ring", 3))
    assert chained(mails) == {"a": "", "b": "a", "c": ""}


def test_patches_in_a_pull_request_are_no_new_version() -> None:
    pull = patch("p", "[GIT PULL] zed updates", 20)
    applied = [patch(f"p{n}", f"[PATCH {n}/3] {title}", 20, parent="p") for n, title in enumerate(TITLES, 1)]
    found = postings([*series("a", 0, version=" RFC"), pull, *applied])
    assert [posting.previous for posting in found] == ["", ""]
    assert found[1].key == "p" and found[1].why == "a pull request, no version of a series"


def test_list_and_project_prefixes_do_not_hide_the_version() -> None:
    mails = [patch("a", "[XEN PATCH 1/1] x86: Count the rings"), patch("b", "[XEN PATCHv2] x86: Count the rings", 3)]
    mails.append(patch("c", "[PATCH for-4.18 v3] x86: Count the rings", 9))
    mails.append(patch("d", "[Zed-devel] [PATCH v4 for 4.18] x86: Count the rings", 12))
    assert chained(mails) == {"a": "", "b": "a", "c": "b", "d": "c"}


def test_an_unknown_date_does_not_break_the_chain() -> None:
    later = replace(patch("b", "[PATCH v2] zed: Add a ring page"), date=None)
    assert chained([patch("a", "[PATCH] zed: Add a ring page"), later]) == {"a": "", "b": "a"}


def test_no_mails_make_no_postings() -> None:
    assert postings([]) == []


def test_a_title_that_thousands_share_takes_linear_time() -> None:
    mails = [patch(f"m{n}", f"[PATCH v{n % 7 + 1}] zed: Fix the ring page", n / 50) for n in range(4_000)]
    mails += [patch(f"s{n}", f"[PATCH {n % 90 + 1}/90] zed: Ring {n}", n / 50, thread="t") for n in range(4_000)]
    begun = time.perf_counter()
    assert len(postings(mails)) > 4_000
    assert time.perf_counter() - begun < 12


pieces = st.builds(
    lambda name, version, number, title, day, parent, author: patch(
        f"m{name}",
        f"[PATCH{version} {number}/3] {title}" if number >= 0 else f"[PATCH{version}] {title}",
        day,
        parent=parent,
        thread="t",
        author=author,
    ),
    st.integers(0, 30),
    st.sampled_from(["", " v2", " v2.1", " v3", " RFC", " RESEND v2"]),
    st.integers(-1, 3),
    st.sampled_from(TITLES),
    st.integers(0, 3),
    st.sampled_from(["", "m1", "m2", "gone"]),
    st.sampled_from([ADA, BEN]),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(pieces, max_size=14), st.randoms(use_true_random=False))
def test_every_mail_stands_in_one_posting_whatever_the_order(mails: list[PatchMail], source: random.Random) -> None:
    found = postings(mails)
    shuffled = list(mails)
    source.shuffle(shuffled)
    assert postings(shuffled) == found
    placed = [mid for posting in found for _, mid in posting.patches]
    assert sorted(placed) == sorted({mail.mid for mail in mails})
    keys = {posting.key: place for place, posting in enumerate(found)}
    assert len(keys) == len(found)
    for place, posting in enumerate(found):
        assert not posting.previous or keys[posting.previous] < place
        assert posting.chain == (found[keys[posting.previous]].chain if posting.previous else posting.key)
        assert posting.why


# What a body tells


MESSAGE = """The ring page was never unmapped.

Signed-off-by: Ada Quill <ada@example.org>
---
v1 -> v2:
 - take the lock
 arch/zed/hyp.c | 4 ++--
 1 file changed, 2 insertions(+), 2 deletions(-)

diff --git a/arch/zed/hyp.c b/arch/zed/hyp.c
index 1111111..2222222 100644
--- a/arch/zed/hyp.c
+++ b/arch/zed/hyp.c
@@ -1 +1 @@
-old
+new
--
2.30.0
"""

COVER = """This gives guests a ring page. In v2 the page moved.

v1: https://lists.example.org/zed/20220502.1@example.org/

Changes since v1:
 * Took the lock
   in both places

 * Dropped patch 4

It is tested with four guests.

Ada Quill (2):
  zed: Add a ring page
  zed: Map the ring page where the guest
    asks for it

Ben Okafor (1):
  tools: Show the ring page

 arch/zed/hyp.c     | 4 ++--
 tools/.../show.c   | 2 +-
 tools/zed/ring.c   | 2 +-
 3 files changed, 4 insertions(+), 4 deletions(-)

--
2.30.0
"""


def test_notes_are_what_stands_under_the_rule_without_the_diffstat() -> None:
    found = read_patch(MESSAGE)
    assert found.notes == "v1 -> v2:\n - take the lock"
    assert found.paths == ("arch/zed/hyp.c",)


def test_a_covers_changelog_shortlog_files_and_links_are_read() -> None:
    found = read_patch(COVER)
    assert found == PatchText(
        paths=("arch/zed/hyp.c", "tools/zed/ring.c"),
        notes="v1: https://lists.example.org/zed/20220502.1@example.org/\n\n"
        "Changes since v1:\n * Took the lock\n   in both places\n\n * Dropped patch 4",
        listed=(
            "zed: Add a ring page",
            "zed: Map the ring page where the guest asks for it",
            "tools: Show the ring page",
        ),
        cited=(("1", "20220502.1@example.org"),),
    )


def test_a_footnotes_version_is_the_one_said_where_it_is_used() -> None:
    body = "Changes since v6 [1]:\n - less\nIt needs [2].\n\n[1] https://example.org/r/six@x\n[2] https://example.org/r/o@x\n"
    assert read_patch(body).cited == (("6", "six@x"), ("", "o@x"))


def test_of_two_versions_before_a_link_either_can_be_meant() -> None:
    assert read_patch("v1 -> v2: https://example.org/r/two@x\n").cited == (("1", "two@x"), ("2", "two@x"))


def test_a_changelog_in_the_commit_message_is_found() -> None:
    body = MESSAGE.replace("v1 -> v2:\n - take the lock\n", "").replace(
        "unmapped.\n", "unmapped.\n\nv2: take the lock\n"
    )
    assert read_patch(body).notes == "v2: take the lock"


@pytest.mark.parametrize(
    "heading",
    [
        "Changes since v1:", "Changelog:", "v1..v2:", "v2:", "* From v1 [1]", "RFC -> v1", "v2 changes:", "History:",
        "Addressed the comments on the previous version:", "[v2]", "Changes in v2 (all small):", "Since RFC v1:",
    ],
)  # fmt: skip
def test_the_headings_of_changelogs_are_known(heading: str) -> None:
    body = f"The ring is mapped now.\n\n{heading}\n - take the lock\n\nIt was tested in v2 of the tool.\n"
    assert read_patch(body).notes == f"{heading}\n - take the lock"


def test_a_committers_link_trailer_is_no_link_to_an_earlier_version() -> None:
    body = MESSAGE.replace("Signed-off-by", "Link: https://example.org/r/one@x\nSigned-off-by", 1)
    assert read_patch(body).cited == ()


@pytest.mark.parametrize(
    "line",
    [
        "commit 0123456789abcdef0123456789abcdef01234567 upstream.",
        "[ Upstream commit 0123456789abcdef0123456789abcdef01234567 ]",
        "(cherry picked from commit 0123456789abcdef0123456789abcdef01234567)",
    ],
)
def test_a_backport_says_what_it_copies(line: str) -> None:
    assert read_patch(f"{line}\n\n{MESSAGE}").copied
    assert not read_patch(MESSAGE).copied


def test_new_removed_and_subversion_files_are_paths_too() -> None:
    diff = "---\n\n--- /dev/null\n+++ b/zed/new.c\n@@ -0,0 +1 @@\n+x\n"
    assert read_patch(diff).paths == ("zed/new.c",)
    assert read_patch("Index: zed/old.c\n===\n--- zed/old.c\n+++ zed/old.c\n@@ -1 +1 @@\n").paths == ("zed/old.c",)


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        ("[PATCH] zed: Ring", True),
        ("Re: [PATCH] zed: Ring", False),
        ("[RFC 0/3] zed: Ring", True),
        ("[GIT PULL] zed fixes", True),
        ("zed: a question", False),
    ],
)
def test_patches_covers_and_pull_requests_are_postings_but_replies_are_not(subject: str, said: bool) -> None:
    assert is_posting(parse_subject(subject)) is said


@pytest.mark.parametrize(
    "line", ["http://" * 30_000, "*" * 300_000, "v1 -> " * 40_000, "[" * 200_000, " " * 200_000 + "|", "a | " * 60_000]
)
def test_hostile_lines_take_no_time(line: str) -> None:
    begun = time.perf_counter()
    read_patch(f"{line}\n\nAda Quill (1):\n {line}\n---\n{line}\ndiff --git a/x b/x\n--- {line}\n")
    assert time.perf_counter() - begun < 2
