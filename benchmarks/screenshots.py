"""Pictures of the app's pages for the documentation, from the sample's database.

Usage: python -m benchmarks.screenshots DATABASE FOLDER [THEME] [WIDTH]. Wants playwright and Chromium.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.served import free_port, served

ROOT = Path(__file__).resolve().parents[1]
FLAGS = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
FLAGS += " --disable-component-update --disable-sync"
PAGES = {
    "guidelines": "",
    "search": "search?q=hypercall+feature",
    "after": "after",
    "review": "review",
    "trends": "trends",
    "sources": "sources",
}


def main() -> None:
    database, folder = sys.argv[1], Path(sys.argv[2])
    theme, width = (*sys.argv[3:], "light", "1280")[:2]
    with served(database, free_port(), LOGNAME="curator") as (address, _), sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS.split())
        size = {"width": int(width), "height": 800}
        page = browser.new_context(viewport=size, color_scheme=theme).new_page()  # type: ignore[arg-type]  # a word
        _draw(page, address, folder)
        browser.close()


def _draw(page: Page, address: str, folder: Path) -> None:
    for name, where in PAGES.items():
        _open(page, f"{address}/{where}")
        if name == "guidelines":
            page.locator("details.rule summary").first.click()
        page.screenshot(path=folder / f"{name}.png")
    _open(page, f"{address}/search?q=label:requirement&in=statements")
    page.locator("article h4 a").first.click()
    _settle(page)
    page.screenshot(path=folder / "thread.png")


def _open(page: Page, address: str) -> None:
    page.goto(address)
    _settle(page)


def _settle(page: Page) -> None:
    page.wait_for_selector("h1")
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
    page.wait_for_timeout(2500)  # charts are drawn after the script has ended


if __name__ == "__main__":
    main()
