from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from db.queries.context import before
from tests.invented import BEN, Archive, at
from tests.speaking import claim

RULE = "So they must be zero."


@pytest.fixture
def said(new_engine: Callable[[], Engine]) -> Iterator[Callable[[str], str]]:
    engine = new_engine()

    def ask(body: str) -> str:
        with Session(engine) as session, session.begin():
            place = ("a@example.org", "", "a@example.org", BEN, at(1))
            Archive(session).mail(*place, "Widgets", [("new", 0, body)])
        rule = claim("a@example.org", "Ben Marsh", RULE, start=body.index(RULE))
        with engine.connect() as connection:
            return before(connection, [rule]).get(rule.key, "")

    yield ask


@pytest.mark.parametrize(
    "body, found",
    [
        (f"I see. Old hosts read\nthe bits. {RULE} Else it fails.\n", "Old hosts read the bits."),
        (f"Old hosts read the bits.\n{RULE}\n", "Old hosts read the bits."),
        (f"Old hosts read the bits.\n\n{RULE}\n", ""),
        (f"{RULE}\n", ""),
        (f"I see. {RULE}\n", ""),
        (f"{'Old hosts read the bits and ' * 20}stop. {RULE}\n", ""),
    ],
)
def test_the_sentence_before_is_of_the_same_paragraph_and_says_something(
    said: Callable[[str], str], body: str, found: str
) -> None:
    assert said(body) == found
