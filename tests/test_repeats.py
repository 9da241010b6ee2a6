"""What an author posts a second time is not said anew."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ingest.body import Kind, above, segment
from ingest.quotes import Mail, trace
from ingest.text.kinds import COMMIT_MESSAGE
from ingest.text.repeats import repeats

SAID = "The widget page must be found by the guest before it is used,\nor an old host leaves it without a clue.\n"
DIFF = "---\n widget.c | 1 +\n 1 file changed, 1 insertion(+)\n\ndiff --git a/widget.c b/widget.c\n"
HUNK = "--- a/widget.c\n+++ b/widget.c\n@@ -1 +1,2 @@\n int a;\n+int b;\n"


def mail(mid: str, body: str, parent: str = "", author: str = "ada", is_patch: bool = True) -> Mail:
    return Mail(mid, parent, author, f"{author}@example.org", body, segment(body, is_patch=is_patch))


def patch(mid: str, message: str, parent: str, author: str = "ada") -> Mail:
    return mail(mid, f"{message}\nSigned-off-by: A <{author}@example.org>\n{DIFF}{HUNK}", parent, author)


def own(found: Mail) -> str:
    return "".join(found.body[part.start : part.end] for part in found.segments if part.kind is Kind.NEW)


def corrected(*mails: Mail) -> list[Mail]:
    found = repeats(mails)
    return [replace(each, segments=found.get(each.mid, each.segments)) for each in mails]


COVER = mail("cover", f"Hello,\n\n{SAID}\nComments are welcome.\n")


def test_a_paragraph_of_the_cover_letter_is_a_quote_of_it() -> None:
    cover, one = corrected(COVER, patch("one", f"{SAID}\nAdd the page that tells it.\n", "cover"))
    repeated = [part for part in one.segments if part.kind is Kind.QUOTE]
    assert [(part.depth, one.body[part.start : part.end].strip()) for part in repeated] == [(0, SAID.strip())]
    assert own(one).strip() == "Add the page that tells it."
    assert cover.segments == COVER.segments
    (source,) = trace([cover, one])
    assert (source.mid, source.source, cover.body[source.start : source.end]) == ("one", "cover", SAID.strip())


def test_the_segments_still_cover_the_body() -> None:
    _, one = corrected(COVER, patch("one", f"New words come first.\n\n{SAID}\nAnd some last.\n", "cover"))
    assert "".join(one.body[part.start : part.end] for part in one.segments) == one.body
    assert [part.role for part in one.segments if part.kind is Kind.NEW] == [COMMIT_MESSAGE, COMMIT_MESSAGE]


def test_new_wrapping_and_a_sentence_changed_next_to_it_do_not_matter() -> None:
    message = f"{SAID.replace(chr(10), ' ').strip()}\nThis sentence was not there before.\n"
    _, one = corrected(COVER, patch("one", message, "cover"))
    assert own(one).strip() == "This sentence was not there before."


@pytest.mark.parametrize(
    ("second", "why"),
    [
        (patch("one", SAID, "cover", author="bob"), "another's words in one's own message are that one's statement"),
        (patch("one", "Comments are welcome.\n", "cover"), "a short formula is written twice without being repeated"),
        (patch("one", SAID, "elsewhere"), "the cover is not above it"),
        (mail("one", SAID, "cover", is_patch=False), "who insists in a reply says it again"),
        (patch("one", SAID.replace("must", "may"), "cover"), "one word makes another statement"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_stays_new(second: Mail, why: str) -> None:
    assert corrected(COVER, second)[1].segments == second.segments, why


def test_a_reply_to_the_repetition_answers_where_it_was_said_first() -> None:
    first = patch("v1", SAID, "")
    second = patch("v2", f"{SAID}\nIt also tells the size of the page that follows it.\n", "v1")
    third = patch("v3", f"{SAID}\nIt also tells the size of the page that follows it.\n", "v2")
    quote = "".join(f"> {line}\n" for line in SAID.splitlines())
    reply = mail("reply", f"{quote}\nI disagree.\n", "v3", author="bob", is_patch=False)
    mails = corrected(first, second, third, reply)
    assert own(mails[2]).strip() == ""
    assert {item.source for item in trace(mails) if item.mid == "reply"} == {"v1"}


def test_a_repetition_is_not_what_the_words_below_it_answer() -> None:
    _, one = corrected(COVER, patch("one", f"{SAID}\nAdd the page that tells it.\n", "cover"))
    position = next(index for index, part in enumerate(one.segments) if part.kind is Kind.NEW)
    assert above(one.body, one.segments, position) == ""


def test_rings_and_long_threads_end() -> None:
    ring = [patch("a", SAID, "b"), patch("b", SAID, "a")]
    assert len(repeats(ring)) == 1
    chain = [patch(f"m{n:04}", SAID, f"m{n - 1:04}" if n else "") for n in range(2000)]
    assert "m0000" not in repeats(chain)
