"""Door 2: the frame of the app. Which page, which database, who is there; every error that reaches a page ends here.

The database's address comes from PRECEDENT_DB (`precedent app` sets it), else it is the command line's default.
Where sign-in (OpenID Connect, `st.login`) is configured, PRECEDENT_CURATORS names who may decide and
PRECEDENT_READING=closed keeps everybody out who has not signed in. Without sign-in the
user of this machine decides, and only while the app is bound to it.
"""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable
from typing import Any

import streamlit as st
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

import config
from db.decisions import Policy
from db.queries.status import data_version, is_empty, last_decision, running
from db.session import open_engine
from errors import DatabaseError, PrecedentError
from views import after, guidelines, review, search, sources, thread, trends
from views.context import Context, style
from views.html import minute

PAGES: tuple[tuple[str, str, Callable[[Context], None]], ...] = (
    ("Guidelines", "guidelines", guidelines.page),
    ("Thread", "thread", thread.page),
    ("After the commit", "after", after.page),
    ("Search", "search", search.page),
    ("Review", "review", review.page),
    ("Trends", "trends", trends.page),
    ("Sources", "sources", sources.page),
)
HERE = ("127.0.0.1", "localhost", "::1")


@st.cache_resource(show_spinner=False)
def engine_of(url: str) -> Engine:
    return open_engine(url, create=False)


def main() -> None:
    st.set_page_config(page_title="Precedent", layout="wide", initial_sidebar_state="auto")
    style()
    pages = [
        st.Page(_drawn(page), title=title, url_path=path, default=path == "guidelines") for title, path, page in PAGES
    ]
    st.navigation(pages).run()


def _drawn(page: Callable[[Context], None]) -> Callable[[], None]:
    """The page with its database and its reader, or in words why there is none."""

    def draw() -> None:
        url = os.environ.get("PRECEDENT_DB") or config.default_url()
        try:
            user, policy, closed = _reader()
            if closed:
                _sign_in()
                return
            engine = engine_of(url)
            context = Context(engine, data_version(engine), last_decision(engine), user, policy)
            _notices(engine)
            page(context)
        except DBAPIError as error:
            _trouble(f"the database did not answer: {_first_line(error)}", _remedy(error))
        except DatabaseError as error:
            _trouble(error.what, error.advice)
        except PrecedentError as error:
            _trouble(error.what, error.advice or "Go back and try again.")

    return draw


def _reader() -> tuple[str, Policy, bool]:
    """Who reads, who may decide, and whether the reader has to sign in first."""
    signed = st.user.to_dict()
    if "is_logged_in" in signed:  # sign-in is configured
        named = os.environ.get("PRECEDENT_CURATORS", "").replace(",", " ").split()
        user = _named(signed) if signed["is_logged_in"] else ""
        closed = not user and os.environ.get("PRECEDENT_READING") == "closed"
        if not closed:
            _door(bool(user))
        return user, Policy(curators=frozenset(named)), closed
    if st.get_option("server.address") in HERE and "X-Forwarded-For" not in st.context.headers:
        return getpass.getuser(), Policy(local=getpass.getuser()), False
    return "", Policy(), False


def _named(signed: dict[str, Any]) -> str:
    """The address, unless the provider says that nobody has verified it; then the provider's number for the person."""
    verified = signed.get("email_verified") not in (False, "false")
    return str((signed.get("email") if verified else "") or signed.get("sub") or "")


def _door(inside: bool) -> None:
    with st.sidebar:
        if inside:
            st.button("Sign out", on_click=st.logout)
        else:
            st.button("Sign in", on_click=st.login)


def _sign_in() -> None:
    st.title("Precedent")
    st.info("Reading is open to signed-in people only.")
    st.button("Sign in", on_click=st.login, type="primary")


def _notices(engine: Engine) -> None:
    started = running(engine)
    if started is not None:
        st.info(f"A run that began {minute(started)} has not ended: pages show what it has stored so far.")
    if is_empty(engine):
        st.warning("The database is empty. Fill it with `precedent sync`, or `precedent ingest PATH --list NAME`.")


def _trouble(what: str, advice: str) -> None:
    st.title("Precedent")
    st.error("This page cannot be shown.")
    st.code(f"{what}\n{advice}", language=None, wrap_lines=True)
    st.button("Try again")


def _first_line(error: DBAPIError) -> str:
    return str(error.orig).splitlines()[0] if str(error.orig) else type(error.orig).__name__


def _remedy(error: DBAPIError) -> str:
    if "locked" in str(error.orig).lower():
        return "A run is writing to it. Try again when that has ended."
    return "See whether the file is whole and readable, or start with another: precedent --db URL app"


if __name__ == "__main__":
    main()
