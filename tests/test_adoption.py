"""A later version whose changelog adopts what a reviewer required stands for its author's assent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from db.adoptions import Squeezed
from db.queries.document import load
from guidelines.adoption import entries
from guidelines.entries import entry
from guidelines.requirements import resolve
from guidelines.values import Entry
from tests.speaking import NO, REQ, claim, reply
from tests.test_went_in import HEAD, status

RULE = claim(
    "r@x", "Ben Marsh", "A widget whose padding is not zero must be refused with an error.", REQ, ancestors=("p@x",)
)


def version(said: str, who: str = "Ada Quill", number: str = "2", day: int | None = 9) -> dict[str, list[Entry]]:
    return {"p@x": [Entry(number, claim(f"v{number}@x", who, said, day=day))]}


def outcome(told, *claims):
    found = resolve([RULE, *claims], None, told)[0]
    return found.status, found.reason


def test_an_entry_that_says_the_same_is_its_authors_assent():
    found, reason = outcome(version("Refuse a widget whose padding is not zero."))
    assert found == "agreed"
    assert reason == "assent by Ada Quill (2021-03-09), adopted in the changelog of v2"


def test_an_entry_that_names_the_reviewer_may_share_fewer_words():
    assert outcome(version("Check that padding of a widget is clear"))[0] == "proposed"
    assert outcome(version("Check that padding of a widget is clear (Ben)"))[0] == "agreed"
    assert outcome(version("Fix the typo in the commit message (Ben)"))[0] == "proposed"


def test_an_entry_that_credits_another_reviewer_is_no_assent_to_this_one():
    assert outcome(version("Refuse a widget whose padding is not zero. [Cleo]"))[0] == "proposed"


def test_ones_own_changelog_and_one_from_before_the_rule_adopt_nothing():
    same = "Refuse a widget whose padding is not zero."
    assert outcome(version(same, who="Ben Marsh"))[0] == "proposed"
    assert outcome(version(same, day=None))[0] == "proposed"


def test_of_several_versions_the_one_whose_words_are_nearest_is_the_evidence():
    near, far = "Refuse a widget whose padding is not zero.", "Widgets with padding that is not zero are freed (Ben)"
    told = {"p@x": [*version(far)["p@x"], *version(near, number="3")["p@x"]]}
    assert "v3" in outcome(told)[1]


def test_adoption_is_its_authors_last_word_and_nobody_elses():
    adopted = version("Refuse a widget whose padding is not zero.")
    first = reply(RULE, "a@x", "Ada Quill", "I do not think so.", NO)
    assert outcome(adopted, first)[0] == "agreed"
    other = reply(RULE, "c@x", "Cleo Vane", "I do not think so.", NO)
    assert outcome(adopted, other)[0] == "contested"


def test_entries_are_bullets_and_paragraphs_without_headings():
    changelog = "Changes since v1:\n - check the\n   padding (Ben)\n * fix\n\nv1 -> v2\n1) use a bitmap of services\n"
    assert entries(changelog) == ["check the padding (Ben)", "use a bitmap of services"]


DIFF = "---\n{notes} w.c | 1 +\n\ndiff --git a/w.c b/w.c\n--- a/w.c\n+++ b/w.c\n@@ -1 +1,2 @@\n x\n+y\n"
FIRST = (
    "From: Ada Quill <ada@example.org>\nSubject: [PATCH] widget: new call\n"
    + HEAD.format(second=1, mid="one")
    + f"\nAdd a call.\n\nSigned-off-by: Ada Quill <ada@example.org>\n{DIFF.format(notes='')}"
)
ANSWER = (
    "From: Ben Marsh <ben@example.org>\nSubject: Re: [PATCH] widget: new call\nIn-Reply-To: <one@example.org>\n"
    + HEAD.format(second=5, mid="answer")
    + "\n> Add a call.\n\nA widget whose padding is not zero must be refused with an error.\n"
)
SECOND = (
    "From: Ada Quill <ada@example.org>\nSubject: [PATCH v2] widget: new call\n"
    + HEAD.format(second=30, mid="two")
    + "\nAdd a call.\n\nSigned-off-by: Ada Quill <ada@example.org>\n"
    + DIFF.format(notes="v2:\n - refuse a widget whose padding\n   is not zero\n\n")
)


def test_a_version_that_comes_later_makes_its_thread_be_weighed_again_and_is_shown_as_evidence(
    tmp_path: Path, new_engine: Callable[[], Engine]
) -> None:
    engine = new_engine()
    assert status(engine, tmp_path, FIRST, ANSWER)[0] == "proposed"
    assert status(engine, tmp_path, FIRST, ANSWER, SECOND) == (
        "agreed",
        "assent by Ada Quill (2019-03-04), adopted in the changelog of v2",
    )
    document = load(engine)
    [rule] = document.guidelines
    [row] = entry(rule, document, ()).evidence
    assert (row.who, row.stance, row.words) == ("Ada Quill", "adopts", "refuse a widget whose padding is not zero")
    assert row.url.endswith("two@example.org")
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT mid FROM stances")) == "two@example.org"


@given(st.text("ab \n\t\u2003"))
def test_a_letter_of_a_squeezed_text_leads_back_to_its_place(body: str) -> None:
    mail = Squeezed("one@example.org", body)
    assert mail.text == " ".join(body.split())
    places = [mail.offset(at) for at, letter in enumerate(mail.text) if letter != " "]
    assert places == [at for at, letter in enumerate(body) if not letter.isspace()]
