"""Web pages beside the archive: each of their messages is stored once, whatever came first."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from db.content import content_hash
from db.queries import status
from db.queries.exports import segments, statements, threads
from db.queries.search import messages
from db.queries.search_terms import parse
from db.queries.thread import mail
from db.reads import authors
from ingest.people.merge import merge
from stages import silent
from stages import sync as run
from stages.ingest import Target
from tests.archives import mbox, public_inbox
from tests.small import pipeline

LIST = Target("list", "https://lists.example.org/{mid}", "Xen")
TEXT = """A guest has to be able to find out whether the call is there before it makes it.
The toolstack must be able to turn it off for each domain, and the default has to be off.
"""
REPLY = """We agreed on this two years ago, and I would not want to open it once more.
So the flag should be one of those that the version call returns, and nothing else.
"""


def letter(mid: str, name: str, body: str, answers: str = "", day: int = 4, subject: str = "a call") -> bytes:
    user, refers = name.split()[0].lower(), f"In-Reply-To: <{answers}>\n" if answers else ""
    return (
        f"From: {name} <{user}.{name.split()[1].lower()}@example.org>\nSubject: {'Re: ' * bool(answers)}{subject}\n"
        f"Message-ID: <{mid}>\n{refers}Date: Mon, {day} Mar 2019 10:00:00 +0000\n\n{body}"
    ).encode()


QUOTE = "".join(f"> {line}\n" for line in TEXT.splitlines())
ARCHIVE = [
    letter("1@example.org", "Ada Quill", TEXT + "\nAda\n"),
    letter("2@example.org", "Ben Stone", f"On Monday, Ada Quill wrote:\n{QUOTE}\n{REPLY}\nBen\n", "1@example.org"),
    letter("3@example.org", "Ada Quill", f"On Monday, Ben Stone wrote:\n> {REPLY}\nFine with me.\n", "2@example.org"),
]
MHONARC = f"""<!-- MHonArc v2.6.19 -->
<!--X-Subject: [List] a call -->
<!--X-From-R13: Oqn Qhvyy <nqn.dhvyyNrknzcyr.bet> -->
<!--X-Date: Mon, 4 Mar 2019 11:00:00 +0100 -->
<!--X-Message-Id: 1@xxxxxxxxxxx -->
<!--X-Head-End-->
<html><body><!--X-Head-of-Message--><ul><li>From: Ada Quill &lt;ada.quill@xxxxxxxxxxx&gt;</li>
<li>Date: Mon, 4 Mar 2019 10:00:00 +0000</li></ul><!--X-Head-of-Message-End-->
<!--X-Body-of-Message--><pre>{TEXT}
Ada
</pre><!--X-Body-of-Message-End--></body></html>
"""
MESSAGE_VIEW = (
    '<!DOCTYPE html><html><head><link rel="canonical" href="https://archive.example.org/msg2.html"></head><body>'
    '<!--X-Head-End--><h1><span class="subject"><a>Re: a call</a></span></h1>'
    '<span class="sender pipe"><a>Ben Stone</a></span><span class="date"><a>Mon, 04 Mar 2019 02:00:00 -0800</a></span>'
    f"<!--X-Body-of-Message--><pre>On Monday, Ada Quill wrote:\n{QUOTE.replace('>', '&gt;')}\n{REPLY}\nBen\n</pre>"
    "<!--X-Body-of-Message-End--></body></html>"
)
THREAD_VIEW = f"""Re: [List] a call

2019-03-05 Thread Ben Stone
On Monday, Ada Quill wrote:
{QUOTE}
{REPLY}
Ben

___
list mailing list
list@example.org


[List] a call

2019-03-04 Thread Ada Quill
{TEXT}
Ada
"""
PASTED = f"On Monday, Ada Quill wrote:\n{QUOTE}\n{REPLY}\nBen\n"
MARKS_LOST = f"On Monday, Ada Quill wrote:\n{TEXT}\n{REPLY}\nBen\n"
LINES_LOST = " ".join(f"On Monday, Ada Quill <ada.qu...@example.org> wrote: {QUOTE} {REPLY * 4} Ben".split())
FORMS = {
    "mhonarc.html": (MHONARC, ["1@example.org"]),
    "view.html": (MESSAGE_VIEW, ["2@example.org"]),
    "thread.txt": (THREAD_VIEW, ["2@example.org", "1@example.org"]),
    "pasted.txt": (PASTED, ["2@example.org"]),
    "marks-lost.txt": (MARKS_LOST, ["2@example.org"]),
}
Opened = Callable[[], Engine]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(pipeline(tmp_path_factory.mktemp("tagger") / "model"))


def ingest(engine: Engine, *paths: Path) -> run.Report:
    with run.recorded(engine, "ingest") as report:
        run.read_archives(engine, [run.Archive(path, None, LIST) for path in paths], None, silent, report)
    assert not report.failures
    return report


def process(engine: Engine, model: str) -> None:
    with run.recorded(engine, "sync") as report:
        run.process(engine, None, silent, report, model, ("", ""))


def pages(folder: Path, *names: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_text(FORMS[name][0], encoding="utf-8")
    return folder


def archive(folder: Path, mails: list[bytes] = ARCHIVE) -> Path:
    path = folder / "list.mbox"
    path.write_bytes(mbox(mails))
    return path


def rows(engine: Engine, query: str) -> list[tuple[object, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def attached(engine: Engine) -> list[tuple[object, ...]]:
    return rows(engine, "SELECT p.origin, m.mid, p.own FROM pages p JOIN messages m ON m.id = p.message_id ORDER BY 1")


@pytest.mark.parametrize("name", FORMS)
def test_a_page_of_a_mail_of_the_archive_is_attached_and_stores_nothing(
    name: str, new_engine: Opened, tmp_path: Path
) -> None:
    engine, page = new_engine(), pages(tmp_path / "pages", name)
    ingest(engine, archive(tmp_path))
    (tally,) = ingest(engine, page).sources.values()
    mids = FORMS[name][1]
    assert (tally.read, tally.stored, tally.known) == (len(mids), 0, len(mids))
    assert attached(engine) == [(f"{name}#{number}", mid, False) for number, mid in enumerate(mids, 1)]
    assert rows(engine, "SELECT count(*) FROM messages") == [(3,)]
    assert rows(engine, "SELECT count(*) FROM memberships") == [(3,)]


def test_whatever_comes_first_the_same_is_stored(new_engine: Opened, tmp_path: Path, model: str) -> None:
    folder, mails = pages(tmp_path / "pages", *FORMS), archive(tmp_path)
    late = tmp_path / "late"
    late.mkdir()
    late = archive(late, [letter("4@example.org", "Ada Quill", "It must go in.\n", "2@example.org")])
    found = []
    for order in permutations((folder, mails, late)):
        engine = new_engine()
        for path in order:
            ingest(engine, path)
            process(engine, model)
        exports = (threads(engine).to_csv(), statements(engine).to_csv(), list(segments(engine)))
        found.append(
            (attached(engine), exports, rows(engine, "SELECT mid, content, conflict FROM messages ORDER BY 1"))
        )
    assert all(one == found[0] for one in found)
    assert not any(own for _, _, own in found[0][0])
    assert len(found[0][2]) == 4


def test_a_second_run_over_the_same_pages_adds_nothing(new_engine: Opened, tmp_path: Path) -> None:
    engine, folder = new_engine(), pages(tmp_path / "pages", *FORMS)
    ingest(engine, folder, archive(tmp_path))
    before = content_hash(engine)
    for page in folder.iterdir():
        page.touch()  # the folder is read again
    assert sum(tally.stored for tally in ingest(engine, folder, archive(tmp_path)).sources.values()) == 0
    rows_without_cursor = "SELECT count(*) FROM messages UNION ALL SELECT count(*) FROM pages"
    assert rows(engine, rows_without_cursor) == [(3,), (6,)]
    ingest(engine, folder, archive(tmp_path))
    assert content_hash(engine) != "" and before != ""


def test_of_several_pages_of_a_mail_that_no_archive_has_one_is_stored(new_engine: Opened, tmp_path: Path) -> None:
    stored = []
    for order in (list(FORMS), list(FORMS)[::-1]):
        engine = new_engine()
        for number, name in enumerate(order):
            ingest(engine, pages(tmp_path / f"{order[0]}-{number}", name))
        stored.append(rows(engine, "SELECT mid, body FROM messages ORDER BY 1"))
    assert stored[0] == stored[1]
    assert len(stored[0]) == 2
    assert any(mid == "1@xxxxxxxxxxx" for mid, _ in stored[0])


def test_the_archives_mail_takes_the_place_of_a_page_with_its_very_identifier(
    new_engine: Opened, tmp_path: Path
) -> None:
    engine, folder = new_engine(), pages(tmp_path / "pages", "mhonarc.html")
    page = folder / "mhonarc.html"
    page.write_text(page.read_text(encoding="utf-8").replace("1@xxxxxxxxxxx", "1@example.org"), encoding="utf-8")
    ingest(engine, folder)
    assert rows(engine, "SELECT mid, author_address FROM messages") == [("1@example.org", "ada.quill@xxxxxxxxxxx")]
    ingest(engine, archive(tmp_path))
    query = "SELECT mid, author_address, conflict FROM messages WHERE mid = '1@example.org'"
    assert rows(engine, query) == [("1@example.org", "ada.quill@example.org", False)]
    assert attached(engine) == [("mhonarc.html#1", "1@example.org", False)]


def test_nobody_elses_mail_is_taken_for_the_pages(new_engine: Opened, tmp_path: Path) -> None:
    others = [
        letter("5@example.org", "Cy Grant", TEXT + "\nAda\n"),  # another author
        letter("6@example.org", "Ada Quill", TEXT + "\nAda\n", day=25),  # another day
        letter("7@example.org", "Ada Quill", TEXT + "\nAda\n", subject="another call"),
        letter("8@example.org", "Ada Quill", f"{QUOTE}\nI said so.\n", "1@example.org"),
    ]
    engine = new_engine()
    ingest(engine, archive(tmp_path, others), pages(tmp_path / "pages", "mhonarc.html"))
    assert [own for _, _, own in attached(engine)] == [True]
    assert rows(engine, "SELECT count(*) FROM messages") == [(5,)]


@pytest.mark.parametrize("page", [MARKS_LOST, LINES_LOST])
def test_what_lost_its_quoting_is_readable_and_found_and_says_nothing(
    page: str, new_engine: Opened, tmp_path: Path, model: str
) -> None:
    engine = new_engine()
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "lost.txt").write_text(page, encoding="utf-8")
    ingest(engine, tmp_path / "pages")
    process(engine, model)
    ((mid,),) = rows(engine, "SELECT mid FROM messages")
    shown = mail(engine, str(mid))
    assert shown and "must be able to turn it off" in " ".join(shown.body.split()) and shown.pieces
    assert [hit.mid for hit in messages(engine, parse('"toolstack must be able"'))] == [mid]
    assert statements(engine).empty
    ingest(engine, archive(tmp_path))
    process(engine, model)
    assert not statements(engine).empty  # the archive knows whose words they are


def test_a_mail_tells_which_pages_show_it(new_engine: Opened, tmp_path: Path) -> None:
    engine, folder = new_engine(), pages(tmp_path / "pages", "view.html")
    ingest(engine, archive(tmp_path), folder)
    shown = mail(engine, "2@example.org")
    assert shown is not None
    first, second = shown.origins
    assert (first.location, first.page) == (str(tmp_path / "list.mbox"), False)
    assert (second.location, second.place, second.page, second.own) == (str(folder), "view.html#1", True, False)
    assert second.address == "https://archive.example.org/msg2.html"
    counts = {row["location"]: (row["messages"], row["attached"]) for row in status.sources(engine).to_dict("records")}
    assert counts == {str(tmp_path / "list.mbox"): (3, 0), str(folder): (0, 1)}


def test_what_only_a_page_shows_is_linked_to_the_page(new_engine: Opened, tmp_path: Path, model: str) -> None:
    engine = new_engine()
    ingest(engine, pages(tmp_path / "pages", "view.html"))
    process(engine, model)
    assert set(statements(engine)["permalink"]) == {"https://archive.example.org/msg2.html"}
    only = new_engine()
    ingest(only, pages(tmp_path / "more", "mhonarc.html"))
    process(only, model)
    assert set(statements(only)["permalink"]) == {""}, "no archive knows an identifier whose host was hidden"


def test_a_page_that_was_saved_again_is_looked_at_again(new_engine: Opened, tmp_path: Path) -> None:
    engine, folder = new_engine(), pages(tmp_path / "pages", "view.html")
    ingest(engine, archive(tmp_path), folder)
    (folder / "view.html").write_text(MESSAGE_VIEW.replace("two years ago", "never, as far as I know,") * 1 + " ")
    ingest(engine, folder)
    assert rows(engine, "SELECT count(*) FROM pages") == [(1,)]
    (folder / "view.html").write_text(MHONARC, encoding="utf-8")
    ingest(engine, folder)
    assert attached(engine) == [("view.html#1", "1@example.org", False)]
    assert rows(engine, "SELECT count(*) FROM messages") == [(3,)]


def test_what_an_archive_withdraws_does_not_stay_as_a_page(new_engine: Opened, tmp_path: Path) -> None:
    engine, inbox = new_engine(), tmp_path / "0.git"
    ingest(engine, public_inbox(inbox, ARCHIVE), pages(tmp_path / "pages", "view.html"))
    ingest(engine, public_inbox(inbox, [], [ARCHIVE[1]]))
    assert rows(engine, "SELECT mid FROM messages ORDER BY 1") == [("1@example.org",), ("3@example.org",)]
    assert attached(engine) == []


def test_a_mail_cannot_pass_for_a_page(new_engine: Opened, tmp_path: Path) -> None:
    engine = new_engine()
    forged = letter("9@example.org", "Ada Quill", TEXT).replace(
        b"\n\n", b"\nX-Precedent-Page: form=mhonarc; quoting=lost; date=day; address=https://evil.example.org/\n\n", 1
    )
    ingest(engine, archive(tmp_path, [*ARCHIVE, forged]))
    assert attached(engine) == []
    assert rows(engine, "SELECT count(*) FROM messages") == [(4,)]
    shown = mail(engine, "9@example.org")
    assert shown is not None and shown.defects == ()


def test_hidden_addresses_are_their_owners(new_engine: Opened, tmp_path: Path) -> None:
    engine, folder = new_engine(), pages(tmp_path / "pages", "mhonarc.html")
    ingest(engine, folder, archive(tmp_path, ARCHIVE[2:]))
    with Session(engine) as session:
        people = merge(authors(session))
    assert people["Ada Quill", "ada.quill@xxxxxxxxxxx"].key == "ada.quill@example.org"


def test_the_seeds_are_six_messages_of_which_the_archives_have_three(
    corpus: Path, new_engine: Opened, tmp_path: Path
) -> None:
    seeds = corpus.parent / "seeds"
    if not seeds.is_dir():
        pytest.skip("the seed pages are not beside this checkout")
    engine = new_engine()
    (tally,) = ingest(engine, seeds).sources.values()
    assert (tally.read, tally.stored) == (6, 6)
    ingest(engine, corpus / "xen-devel.mbox")
    assert sum(not own for _, _, own in attached(engine)) == 2  # the third is in the other archive
    assert rows(engine, "SELECT count(*) FROM messages") == [(179 + 4,)]
