"""Signing in with a real browser at an OpenID Connect provider: who may read, who may decide."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from db.session import open_engine
from tests.invented import fill
from tests.served import free_port, served

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytest.importorskip("authlib", reason="precedent[oidc] is not installed")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
if not CHROMIUM:
    pytest.skip("Chromium is not installed", allow_module_level=True)

from tests.provider import CLIENT, Provider  # noqa: E402 - wants joserfc, which Authlib brings

DORA: dict[str, Any] = {"sub": "1", "email": "dora@example.org", "email_verified": True}
MALLORY = {"sub": "2", "email": "mallory@example.org", "email_verified": True}
PRETENDER = {"sub": "3", "email": "dora@example.org", "email_verified": False}


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    provider = Provider()
    yield provider
    provider.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, provider: Provider) -> Iterator[str]:
    """A running app with sign-in, closed to others, whose one curator is Dora."""
    folder = tmp_path_factory.mktemp("sign-in")
    database = str(folder / "precedent.db")
    fill(open_engine(database))
    port = free_port()
    secrets = folder / "secrets.toml"
    secrets.write_text(
        f'[auth]\nredirect_uri = "http://127.0.0.1:{port}/oauth2callback"\ncookie_secret = "{os.urandom(16).hex()}"\n'
        f'client_id = "{CLIENT}"\nclient_secret = "invented"\n'
        f'server_metadata_url = "{provider.address}/.well-known/openid-configuration"\n'
    )
    who = {"PRECEDENT_READING": "closed", "PRECEDENT_CURATORS": str(DORA["email"])}
    with served(database, port, f"--secrets.files={secrets}", **who) as (address, _):
        yield address


@pytest.fixture
def page() -> Iterator[Any]:
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield chromium.new_page()
        chromium.close()


def sign_in(page: Any, address: str) -> None:
    page.goto(address)
    page.get_by_test_id("stMain").get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Sign out").wait_for()
    page.get_by_role("link", name="Review").click()
    page.get_by_role("heading", name="Review").wait_for()
    page.get_by_role("button", name="Accept").wait_for()


def test_closed_reading_shows_nothing_before_sign_in(page: Any, address: str) -> None:
    page.goto(f"{address}/guidelines")
    page.get_by_text("signed-in people only").wait_for()
    assert "HC-0" not in page.content()


def test_who_is_listed_may_decide(page: Any, address: str, provider: Provider) -> None:
    provider.claims = DORA
    sign_in(page, address)
    assert page.get_by_role("button", name="Accept").is_enabled()


@pytest.mark.parametrize("claims", [MALLORY, PRETENDER], ids=["another", "address not verified"])
def test_who_is_not_listed_may_only_read(page: Any, address: str, provider: Provider, claims: dict[str, Any]) -> None:
    provider.claims = claims
    sign_in(page, address)
    assert not page.get_by_role("button", name="Accept").is_enabled()


def test_signing_out_shuts_the_door(page: Any, address: str, provider: Provider) -> None:
    provider.claims = DORA
    sign_in(page, address)
    page.get_by_role("button", name="Sign out").click()
    page.get_by_text("signed-in people only").wait_for()
