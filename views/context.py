"""What every page is given: the database, its version, who is there; and answers cached by that version."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

import streamlit as st
from sqlalchemy import Engine

from db.decisions import Policy
from views.html import STYLE, block

P = ParamSpec("P")
T = TypeVar("T")
PAGE = 25
WIDTH = 156  # of a filter: two stand beside each other on a telephone


@dataclass(frozen=True, slots=True)
class Context:
    """``version`` changes when the data does, ``decided`` when anybody decides. ``user`` is who reads; ``policy`` says
    who may decide."""

    engine: Engine
    version: str
    decided: int
    user: str
    policy: Policy

    @property
    def may_curate(self) -> bool:
        return self.policy.allows(self.user)

    def ask(self, question: Callable[..., T], *given: Any) -> T:
        """``question(engine, *given)``, remembered until the data changes."""
        return self._ask(self.version, question, given)

    def ask_latest(self, question: Callable[..., T], *given: Any) -> T:
        """The same for what depends on decisions: remembered until the next one, by whomever."""
        return self._ask(f"{self.version} {self.decided}", question, given)

    def _ask(self, version: str, question: Callable[..., T], given: tuple[Any, ...]) -> T:
        where = self.engine.url.render_as_string(hide_password=True)
        answer: T = _answer(where, version, f"{question.__module__}.{question.__name__}", given, question, self)
        return answer


@st.cache_data(show_spinner=False, max_entries=2000, ttl=3600)
def _answer(
    where: str, version: str, name: str, given: tuple[Any, ...], _question: Callable[..., Any], _context: Context
) -> Any:
    return _question(_context.engine, *given)


def show(body: str, tag: str = "div", label: str = "") -> None:
    """HTML that ``views.html`` made."""
    st.html(block(body, tag, label))


def style() -> None:
    st.html(STYLE)


def choice(label: str, key: str, options: list[str]) -> str:
    """A select box whose choice stands in the address, as the words that it shows; "any" comes back as ""."""
    picked = st.selectbox(label, ["any", *options], key=key, bind="query-params", width=WIDTH)
    return "" if picked in (None, "any") else str(picked)


def label_choice(labels: Iterable[str]) -> str:
    """A select box of labels, which reads them as words."""
    words = [str(label).replace("_", " ") for label in labels]
    return str(st.selectbox("Label", words, key="label", bind="query-params", width=WIDTH)).replace(" ", "_")


def paging(total: int, size: int = PAGE, key: str = "page") -> int:
    """The page number's first row; draws nothing where one page holds everything."""
    pages = max(1, -(-total // size))
    if pages == 1:
        return 0
    number = st.number_input(f"Page of {pages}", 1, pages, key=key, bind="query-params", width=160)
    return (int(number) - 1) * size
