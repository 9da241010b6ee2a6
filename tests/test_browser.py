"""The app in a real browser: links, keys, two people at once, downloads, a narrow screen, and mails that attack."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from db.models import GuidelineRow, RequirementRow
from db.session import open_engine
from stages.export import export
from tests.attacks import ATTACKS
from tests.invented import ADA, Archive, at, fill, row
from tests.served import free_port, served

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or "/usr/bin/chromium"
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
if not Path(CHROMIUM).exists():
    pytest.skip("Chromium is not installed", allow_module_level=True)

ROOT = Path(__file__).resolve().parents[1]
FLAGS = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
FLAGS += " --disable-component-update --disable-sync"
STREAMLIT = [":material/delete:", ":red[red]", ":smile: :rocket:", "$$\\frac{1}{2}$$", ":blue-badge[x]", "# title"]
STORABLE = [text.encode("utf-8", "replace").decode() for text in ATTACKS if text.strip()]
HOSTILE = [*STORABLE[: 220 - len(STREAMLIT)], *STREAMLIT]


def attacked(archive: Archive) -> None:
    """One mail an attack string: as subject, author, body, tagged sentence, and in a guideline's text."""
    for number, text in enumerate(HOSTILE):
        mid = f"attack{number}@example.org"
        folded = " ".join(text.split())
        who = (folded or "nobody", ADA[1])
        body = [("quote", 1, f"> {folded}\n", "cover1@example.org"), ("new", 0, f"{text}\nIt must not run.\n")]
        mail = archive.mail(mid, "", "attacks", who, at(1 + number % 27, 5), folded, body)
        key = archive.tag(mail, "It must not run.", {"requirement": 0.9}, "security")
        requirement = {"key": key, "topic": "security", "status": "proposed", "reason": folded}
        archive.session.add(row(RequirementRow, **requirement))
        fields = {"number": 100 + number, "text": folded, "text_claim": key, "topic": "security", "status": "agreed"}
        fields |= {"level": "MAY", "applies_to": folded, "members": [key], "reason": folded, "strength": folded}
        archive.session.add(row(GuidelineRow, confidence=0.9, **fields))


@dataclass
class App:
    """A running app, and its database."""

    address: str
    database: str
    process: subprocess.Popen[bytes] = field(repr=False)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    database = str(tmp_path_factory.mktemp("browser") / "precedent.db")
    engine = open_engine(database)
    fill(engine)
    with Session(engine) as session, session.begin():
        attacked(Archive(session, fresh=False))
    with served(database, free_port(), PYTHONWARNINGS="default") as (address, process):
        yield App(address, database, process)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One context for all tests, so that the app's own scripts are read once; every tab is a session of its own."""
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
        yield chromium.new_context(viewport={"width": 1280, "height": 1000}, accept_downloads=True)
        chromium.close()


@pytest.fixture
def page(app: App, browser: Any) -> Iterator[Any]:
    tab = browser.new_page()
    tab.strayed = []
    tab.on("request", lambda request: tab.strayed.append(request.url) if _stray(request.url, app) else None)
    tab.on("dialog", lambda dialog: (tab.strayed.append(f"dialog {dialog.message}"), dialog.dismiss()))
    yield tab
    tab.close()
    assert not tab.strayed, "the page reached out, or opened a dialog"


def _stray(url: str, app: App) -> bool:
    host = app.address.removeprefix("http://")
    return not url.startswith((app.address, f"ws://{host}", "data:", "blob:"))


def visit(page: Any, app: App, where: str) -> None:
    page.goto(f"{app.address}/{where}")
    page.wait_for_selector("h1")
    settle(page)


def settle(page: Any) -> None:
    """Until the server has nothing more to send."""
    page.wait_for_timeout(150)
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    page.wait_for_timeout(100)


def test_a_deep_link_opens_the_mail_with_its_sentence_framed(page: Any, app: App) -> None:
    visit(page, app, "thread?mid=review@example.org&at=45")
    assert page.locator("mark.here").inner_text() == "How would an old guest learn of it?"
    assert page.locator("a", has_text="alpha-devel").first.get_attribute("href") == (
        "https://lore.example.org/r/review@example.org"
    )


def test_quotes_fold_by_depth_and_open_again(page: Any, app: App) -> None:
    visit(page, app, "thread?mid=review@example.org&fold=all")
    assert page.locator(".mail").get_by_text("> Add the call.").is_visible()
    visit(page, app, "thread?mid=deep@example.org&fold=all")
    folded = page.locator("details.q").first
    assert not folded.locator("pre").is_visible()
    folded.locator("summary").click()
    assert folded.locator("pre").is_visible()


def test_a_search_has_an_address_and_finds_words(page: Any, app: App) -> None:
    visit(page, app, "search")
    page.get_by_role("searchbox").fill("reverted before")
    page.keyboard.press("Enter")
    page.wait_for_selector("mark:has-text('reverted')")
    assert "q=reverted" in page.url
    visit(page, app, page.url.removeprefix(app.address + "/"))
    assert page.locator("mark", has_text="reverted").count() == 1


def judged(page: Any) -> int:
    return int(page.locator("[data-testid=stProgress]").inner_text().split(" of ")[0].strip())


def judged_now(page: Any, count: int) -> None:
    page.locator("[data-testid=stProgress]").get_by_text(re.compile(rf"^{count} of ")).wait_for()
    settle(page)


def test_ten_candidates_are_judged_by_keyboard_and_the_last_taken_back(page: Any, app: App) -> None:
    visit(page, app, "review")
    before = judged(page)
    for number in range(10):
        page.keyboard.press("a" if number % 2 else "x")
        judged_now(page, before + number + 1)
    page.keyboard.press("u")
    judged_now(page, before + 9)
    visit(page, app, "review")
    assert judged(page) == before + 9


def test_two_sessions_at_once_lose_no_decision(page: Any, app: App) -> None:
    other = page.context.new_page()
    visit(page, app, "review")
    visit(other, app, "review")
    before = judged(page)
    quote = other.locator("article blockquote").first.inner_text()
    page.keyboard.press("a")
    judged_now(page, before + 1)
    assert other.locator("article blockquote").first.inner_text() == quote
    other.keyboard.press("s")
    settle(other)
    other.keyboard.press("a")
    judged_now(other, before + 2)
    other.close()


def test_the_downloaded_document_is_the_command_lines(page: Any, app: App, tmp_path: Path) -> None:
    visit(page, app, "")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Markdown").click()
    waiting.value.save_as(tmp_path / "guidelines.md")
    wanted = "".join(export(open_engine(app.database, create=False), "guidelines"))
    assert (tmp_path / "guidelines.md").read_text(encoding="utf-8") == wanted


def test_a_finished_run_shows_without_a_restart(page: Any, app: App) -> None:
    visit(page, app, "search?q=afterwards")
    assert page.get_by_text("Nothing was found").is_visible()
    with Session(open_engine(app.database)) as session, session.begin():
        words = [("new", 0, "It came afterwards.\n")]
        Archive(session, fresh=False).mail("new@example.org", "", "new@example.org", ADA, at(2, 6), "New", words)
    visit(page, app, "search?q=afterwards")
    assert page.locator("mark", has_text="afterwards").is_visible()


def unharmed(page: Any) -> None:
    """Nothing ran, nothing was made of mail text but text, and every link is ours."""
    assert page.locator("[data-testid=stException]").count() == 0
    inside = "[data-testid=stMain] .p-page"
    forbidden = ("script", "iframe", "img", "svg", "object", "embed", "form", "input", "video", "audio", "base", "meta")
    for name in (*forbidden, "[onerror]", "[onload]", "[ontoggle]", "[style*='url']"):
        assert page.locator(f"{inside} {name}").count() == 0, name
    links = page.eval_on_selector_all(f"{inside} a[href]", "found => found.map(a => a.getAttribute('href'))")
    assert all(link.startswith(("./", "#at-", "https://lore.example.org/r/")) for link in links)


@pytest.mark.parametrize("start", range(0, len(HOSTILE), 25))
def test_attacks_stay_text_in_search_and_guidelines(start: int, page: Any, app: App) -> None:
    number = start // 25 + 1
    visit(page, app, f"search?q=must+not+run&page={number}")
    page.locator("article").first.wait_for()
    unharmed(page)
    visit(page, app, f"?part=all&topic=security&page={number}")
    page.locator("details.rule").first.wait_for()
    unharmed(page)


def test_an_attack_stays_text_in_its_mail(page: Any, app: App) -> None:
    for number in range(0, len(HOSTILE), 31):
        visit(page, app, f"thread?mid=attack{number}@example.org")
        unharmed(page)
        for details in page.locator(".mail details:not([open]) > summary").all():
            details.click()
        assert any("It must not run." in text for text in page.locator(".mail pre").all_inner_texts())


NARROW = [
    *((where, "light") for where in ("", "thread?mid=agree@example.org", "after", "search?q=gadget", "review")),
    *(("sources", "dark"), ("trends", "dark")),
]


@pytest.mark.parametrize(("where", "scheme"), NARROW)
def test_a_narrow_screen_needs_no_sideways_scrolling(where: str, scheme: str, page: Any, app: App) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.emulate_media(color_scheme=scheme)
    visit(page, app, where)
    widths = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert widths[0] <= widths[1]
    main = page.evaluate("(m => [m.scrollWidth, m.clientWidth])(document.querySelector('[data-testid=stMain]'))")
    assert main[0] <= main[1]
