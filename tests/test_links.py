"""Patches and commits of an invented project, each test one situation in which linking could go wrong."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from ingest.commits import Commit, CommitLink
from ingest.history.alike import identity, near_title, title_key
from ingest.history.commit_text import trailers_of
from ingest.history.links import PatchRef, link

DAY = timedelta(days=1)
START = datetime(2024, 3, 1, 12, tzinfo=UTC)
ADA = ("Ada Pine", "ada@example.org")
BO = ("Bo Elm", "bo@example.org")


def patch(mid: str, title: str, day: float, who: tuple[str, str] = ADA, **more: object) -> PatchRef:
    return PatchRef(mid, title, "1", who[0], who[1], START + day * DAY, **more)  # type: ignore[arg-type]  # keyword fields


def commit(
    oid: str, title: str, day: float, who: tuple[str, str] = ADA, message: str = "", authored: float | None = None
) -> Commit:
    when = START + day * DAY
    wrote = when - timedelta(hours=5) if authored is None else START + authored * DAY
    return Commit(oid * 40, title, who[0], who[1], wrote, when, message, trailers_of(message))


def pairs(links: list[CommitLink], kind: str = "became") -> set[tuple[str, str]]:
    return {(found.mid, found.oid[0]) for found in links if found.kind == kind}


def test_a_message_id_trailer_names_the_mail() -> None:
    patches = [patch("v1", "port: add a doorbell", 0), patch("v2", "port: add a doorbell", 5)]
    links = link(patches, [commit("a", "port: add a doorbell", 9, message="Message-Id: <v1@x>\n")])
    assert pairs(links) == set()  # <v1@x> is not in the archive, so this was another version
    assert pairs(links, "earlier_version") == {("v1", "a"), ("v2", "a")}
    patches = [patch("v1@x", "port: add a doorbell", 0), patch("v2@x", "port: add a doorbell", 5)]
    links = link(patches, [commit("a", "port: add a doorbell", 9, message="Message-Id: <v1@x>\n")])
    assert pairs(links) == {("v1@x", "a")}


def test_a_link_to_a_discussion_is_not_the_patch() -> None:
    patches = [patch("other@x", "port: speed the poll loop up", 0), patch("own@x", "port: add a doorbell", 1)]
    message = "Link: https://lore.kernel.org/r/other@x\n"
    assert pairs(link(patches, [commit("a", "port: add a doorbell", 9, message=message)])) == {("own@x", "a")}


def test_a_link_to_the_cover_letter_leads_to_the_patch_of_that_title() -> None:
    titles = ("A doorbell for ports", "port: make room", "port: add a doorbell")
    mids = ("cover@x", "one@x", "two@x")
    patches = [patch(mids[n], title, 0, posting="cover@x", number=n) for n, title in enumerate(titles)]
    message = "Link: https://lore.kernel.org/r/cover@x\n"
    assert pairs(link(patches, [commit("a", "port: add a doorbell", 9, message=message)])) == {("two@x", "a")}


def test_the_last_version_before_the_commit_became_it() -> None:
    patches = [patch(f"v{n}", "port: add a doorbell", day) for n, day in ((1, 0), (2, 5), (3, 30))]
    links = link(patches, [commit("a", "port: add a doorbell", 9)])
    assert pairs(links) == {("v2", "a")}
    assert pairs(links, "earlier_version") == {("v1", "a")}


def test_an_equal_author_date_tells_the_version() -> None:
    patches = [patch("v1", "port: add a doorbell", 0), patch("v2", "port: add a doorbell", 5)]
    assert pairs(link(patches, [commit("a", "port: add a doorbell", 9, authored=0)])) == {("v1", "a")}


def test_an_author_date_between_mail_and_commit_tells_of_a_version_that_is_not_here() -> None:
    patches = [patch("v1", "port: add a doorbell", 0), patch("v2", "port: add a doorbell", 5)]
    links = link(patches, [commit("a", "port: add a doorbell", 40, authored=30)])
    assert pairs(links) == set()
    assert pairs(links, "earlier_version") == {("v1", "a"), ("v2", "a")}
    assert "a later version" in next(found.evidence for found in links if found.mid == "v2")


def test_a_trailer_kept_from_an_earlier_version_yields_to_the_author_date() -> None:
    patches = [patch("v1@x", "port: add a doorbell", 0), patch("v2@x", "port: add a doorbell", 5)]
    links = link(patches, [commit("a", "port: add a doorbell", 9, message="Message-Id: <v1@x>\n", authored=5)])
    assert pairs(links) == {("v2@x", "a")}
    assert pairs(links, "earlier_version") == {("v1@x", "a")}


def test_a_title_reworded_by_the_committer_is_known_by_the_author_date() -> None:
    patches = [patch("one", "add a doorbell to every port", 0), patch("two", "count interrupts", 0.1)]
    assert pairs(link(patches, [commit("a", "port: add a doorbell", 9, authored=0)])) == {("one", "a")}


def test_an_equal_title_is_stronger_than_an_equal_date_with_another_title() -> None:
    patches = [patch("same", "port: add a doorbell", 0.1), patch("dated", "port: add a doorbell test", 0)]
    assert pairs(link(patches, [commit("a", "port: add a doorbell", 3, authored=0)])) == {("same", "a")}


def test_equal_titles_of_different_authors_are_different_changes() -> None:
    assert link([patch("one", "docs: fix a few typos", 0, BO)], [commit("a", "docs: fix a few typos", 3)]) == []


def test_the_author_may_be_named_in_the_body_or_sign_the_commit_off() -> None:
    title = "port: add a doorbell for the guest"
    relayed = patch("one", title, 0, BO, from_name=ADA[0], from_address=ADA[1])
    assert pairs(link([relayed], [commit("a", title, 3)])) == {("one", "a")}
    signed = commit("a", title, 3, ("Cy Oak", "cy@example.org"), "Signed-off-by: Ada Pine <ada@example.org>\n")
    assert pairs(link([patch("one", title, 0)], [signed])) == {("one", "a")}


def test_one_person_with_two_addresses_is_known_by_the_name() -> None:
    title = "port: add a doorbell"
    assert pairs(link([patch("one", title, 0, ("Pine, Ada", "ada@work.example.org"))], [commit("a", title, 3)]))


def test_patches_of_one_series_that_differ_in_a_word_stay_apart() -> None:
    titles = ["switch the timer to the new handler", "switch the serial to the new handler"]
    patches = [patch(f"p{n}", title, 0) for n, title in enumerate(titles)]
    assert pairs(link(patches, [commit("a", titles[0], 3)])) == {("p0", "a")}
    assert link(patches[1:], [commit("a", titles[0], 3)]) == []


def test_near_equal_titles_need_the_author_and_the_time() -> None:
    near = patch("one", "arm/arm64: initialise the doorbell page", 0)
    assert pairs(link([near], [commit("a", "arm64: initialise the doorbell page", 3)])) == {("one", "a")}
    assert link([near], [commit("a", "arm64: initialise the doorbell page", 3, BO)]) == []
    assert link([near], [commit("a", "arm64: initialise the doorbell page", 700)]) == []


def test_a_number_in_the_title_makes_another_change() -> None:
    assert link([patch("one", "headers: update to 6.7-rc1", 0)], [commit("a", "headers: update to 6.7-rc2", 3)]) == []


def test_a_title_used_again_belongs_to_the_commit_after_it() -> None:
    title = "headers: update from upstream"
    patches = [patch("old", title, 0), patch("new", title, 200)]
    links = link(patches, [commit("a", title, 3), commit("b", title, 203)])
    assert pairs(links) == {("old", "a"), ("new", "b")}
    assert pairs(links, "earlier_version") == set()


def test_a_mail_sent_after_the_commit_is_not_what_became_it() -> None:
    assert link([patch("one", "port: add a doorbell", 30)], [commit("a", "port: add a doorbell", 3)]) == []


def test_an_author_who_pushes_his_own_work_may_post_it_a_little_later() -> None:
    assert pairs(link([patch("one", "port: add a doorbell", 4)], [commit("a", "port: add a doorbell", 3)]))


def test_a_backport_is_linked_as_one() -> None:
    message = f"(cherry picked from commit {'a' * 40})\n"
    commits = [commit("a", "port: add a doorbell", 3), commit("b", "port: add a doorbell", 50, BO, message)]
    links = link([patch("one", "port: add a doorbell", 0)], commits)
    assert pairs(links) == {("one", "a")}
    assert pairs(links, "cherry_pick") == {("one", "b")}


def test_a_posted_backport_became_the_stable_commit() -> None:
    message = f"commit {'a' * 40} upstream.\n"
    commits = [commit("a", "port: add a doorbell", 3), commit("b", "port: add a doorbell", 50, message=message)]
    links = link([patch("one", "port: add a doorbell", 0), patch("stable", "port: add a doorbell", 40)], commits)
    assert pairs(links) == {("one", "a"), ("stable", "b")}
    assert pairs(links, "backport") == {("one", "b")}


def test_a_reworded_earlier_version_is_found_by_its_series_but_not_beside_one_of_the_same_title() -> None:
    title, other = "arm/arm64: drop the low window macro", "arm64: drop the low window macro"
    patches = [
        patch("two", title, 5, chain="c", posting="v2"),
        patch("one", other, 0, chain="c", posting="v1"),
    ]
    made = commit("a", title, 9)
    assert pairs(link(patches, [made]), "earlier_version") == {("one", "a")}
    patches.append(patch("same", title, 0, chain="c", posting="v1"))
    assert pairs(link(patches, [made]), "earlier_version") == {("same", "a")}


def test_a_shortlog_stands_for_patches_that_the_archive_lacks() -> None:
    cover = patch("cover", "A doorbell", 0, BO, number=0, listed=("port: add a doorbell", "port: make room"))
    commits = [commit("a", "port: add a doorbell", 3), commit("b", "port: make room", 3)]
    assert pairs(link([cover], commits), "series") == {("cover", "a"), ("cover", "b")}
    assert link([cover], commits[:1]) == []  # one title alone may be chance: the sender had no hand in it


def test_a_patch_for_another_project_is_left_alone() -> None:
    ref = patch("one", "MAINTAINERS: change an address", 0, prefixes=("PORTLIB", "PATCH"))
    made = commit("a", "MAINTAINERS: change an address", 3)
    assert pairs(link([ref], [made])) == {("one", "a")}
    assert link([ref], [made], foreign=["portlib", "other"]) == []


def test_an_equal_diff_is_enough() -> None:
    ref = patch("one", "a quite different title", 0, BO, patch_id="p")
    made = commit("a", "port: add a doorbell", 3)
    assert pairs(link([ref], [made], {made.oid: "p"})) == {("one", "a")}


def test_a_mail_without_a_date_is_linked_by_a_trailer_alone() -> None:
    undated = PatchRef("one@x", "port: add a doorbell", "1", *ADA, None)
    dated = patch("other@x", "port: count", 0)
    message = "Message-Id: <one@x>\n"
    assert pairs(link([undated, dated], [commit("a", "port: add a doorbell", 3, message=message)])) == {("one@x", "a")}
    assert link([undated, dated], [commit("a", "port: add a doorbell", 3)]) == []


def test_the_order_of_arrival_does_not_matter() -> None:
    titles = ["port: add a doorbell", "port: make room", "arm64: count doorbells"]
    patches = [patch(f"{n}-{v}", title, n + v) for n, title in enumerate(titles) for v in (0, 2)]
    commits = [commit("abc"[n], title, 9 + n) for n, title in enumerate(titles)]
    expected = link(patches, commits)
    chance = random.Random(7)
    for _ in range(5):
        chance.shuffle(patches)
        chance.shuffle(commits)
        assert link(patches, commits) == expected


def test_titles_are_compared_without_case_space_and_quotes() -> None:
    assert title_key("  [PATCH v2] Port:  Don\u2019t  wait. ") == "port: don't wait"
    assert near_title("port: initialise it", "port: initialize it") > 85
    assert near_title("", "port") == 0.0


def test_a_first_name_alone_is_nobody() -> None:
    assert identity(("Ada", ""), "Ada") == frozenset()
    assert identity("J\u00f6rg Pine <j@example.org>") & identity(("Pine, Jorg", ""))


def test_many_commits_by_few_people_are_linked_in_little_time() -> None:
    people = [(f"Ada Pine{chr(97 + n)}", f"ada{n}@example.org") for n in range(20)]
    patches = [patch(f"p{n}", f"port: change number {n} of many", n / 50, people[n % 20]) for n in range(4000)]
    commits = [
        Commit(
            f"{n:040x}", f"port: change number {n} of many", *people[n % 20], START, START + (n / 50 + 1) * DAY, "", ()
        )
        for n in range(10000)
    ]
    assert len(link(patches, commits)) == 4000
