"""Somebody else's patch: the commit message is its author's, what stands below the line is the sender's."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from db.queries.claims import passages
from db.session import open_engine
from guidelines.values import statement_key
from stages import silent
from stages import sync as run
from tests import small
from tests.archives import mbox

PATCH = """From: Ada Author <ada@example.org>

The caller must zero the padding.

Signed-off-by: Ada Author <ada@example.org>
---
I changed the title alone.

diff --git a/x.c b/x.c
index 1111111..2222222 100644
--- a/x.c
+++ b/x.c
@@ -1 +1 @@
-a
+b
"""


def patch(number: int, body: str) -> bytes:
    return (
        f"From: Sam Sender <sam@example.org>\nTo: small@example.org\nSubject: [PATCH] x: zero it, {number}\n"
        f"Message-ID: <{number}@example.org>\nDate: Mon, 4 Mar 2019 10:{number:02}:00 +0000\n\n{body}"
    ).encode()


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    engine = open_engine(str(tmp_path / "s.db"))
    (tmp_path / "s.mbox").write_bytes(mbox([patch(1, PATCH), patch(2, PATCH.partition("\n\n")[2])]))
    small.read(engine, tmp_path / "s.mbox")
    with run.recorded(engine, "link") as report:
        run.process(engine, None, silent, report, "", ("", ""), only="link")
    return engine


@pytest.mark.parametrize(
    ("number", "words", "author"),
    [
        (1, "The caller must zero the padding.", ("Ada Author", "ada@example.org", "ada@example.org")),
        (1, "I changed the title alone.", ("Sam Sender", "sam@example.org", "sam@example.org")),
        (2, "The caller must zero the padding.", ("Sam Sender", "sam@example.org", "sam@example.org")),
    ],
)
def test_a_patchs_words_are_its_authors(engine: Engine, number: int, words: str, author: tuple[str, ...]) -> None:
    body = PATCH if number == 1 else PATCH.partition("\n\n")[2]
    key = statement_key(f"{number}@example.org", body.index(words), body.index(words) + len(words))
    with engine.connect() as connection:
        claim = passages(connection, [key])[key]
    assert (claim.text, claim.author, claim.address, claim.person) == (words, *author)
