"""Words of a search line to a condition on messages, and the piece of a body that shows them.

SQLite has FTS5 (sqlite.org/fts5.html), PostgreSQL text search (postgresql.org/docs/current/textsearch.html). Every word
goes in as a quoted string or a plain lexeme, so nothing in a search line is syntax of either. Pieces are cut here:
both servers cut differently, and PostgreSQL's parser, which would mark them, divides words differently.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import CompoundSelect, Select, cast, column, except_, intersect, literal_column, select, table

from db.queries.search_terms import Term
from db.words import folded, words

OPEN, CLOSE = "\x02", "\x03"  # marks round a found word in a piece; no decoded text keeps them
WIDTH = 32  # words of a piece

_WORD = re.compile("\\w[\\w\u0300-\u036f]*")


def found(terms: Sequence[Term], dialect: str) -> Select[Any] | CompoundSelect[Any] | None:
    """The ids of the messages that hold the words, some twice; None where there is nothing to look for."""
    if all(term.without for term in terms):
        return None
    return _by_vectors(terms) if dialect == "postgresql" else _by_fts5(terms)


def _by_fts5(terms: Sequence[Term]) -> Select[Any] | CompoundSelect[Any]:
    def string(term: Term) -> str:
        return '"' + " ".join(term.words) + '"' + ("*" if term.prefix else "")

    wanted = " AND ".join(string(term) for term in terms if not term.without)
    expression = " ".join([f"({wanted})", *(f"NOT {string(term)}" for term in terms if term.without)])
    index: Select[Any] = select(literal_column("rowid")).select_from(table("messages_fts"))
    return index.where(literal_column("messages_fts").op("MATCH")(expression))


def _by_vectors(terms: Sequence[Term]) -> Select[Any] | CompoundSelect[Any]:
    """Term by term, because a long message has several vectors."""
    from sqlalchemy.dialects.postgresql import TSQUERY  # and all of that dialect, which SQLite does without

    vectors = table("messages_fts", column("message_id"), column("words"))

    def holding(term: Term) -> Select[Any]:
        phrase = " <-> ".join(f"'{word}'" for word in words(" ".join(term.words))) + (":*" if term.prefix else "")
        return select(vectors.c.message_id).where(vectors.c.words.op("@@")(cast(phrase, TSQUERY)))

    wanted = [holding(term) for term in terms if not term.without]
    unwanted = [holding(term) for term in terms if term.without]
    every = intersect(*wanted) if len(wanted) > 1 else wanted[0]
    return except_(every, *unwanted) if unwanted else every


def piece(body: str, terms: Sequence[Term]) -> str:
    """About WIDTH words of the body, those with most of the terms, the found ones between OPEN and CLOSE."""
    spans = [match.span() for match in _WORD.finditer(body)]
    hits = list(_hits([folded(body[start:end]) for start, end in spans], terms))
    if not spans:
        return ""
    first = max((max(0, at - 4) for at, _, _ in hits), key=lambda begin: _told(hits, begin), default=0)
    last = min(first + WIDTH, len(spans)) - 1
    begin, end = spans[first][0] if first else 0, spans[last][1] if last + 1 < len(spans) else len(body)
    shown, done = [" … "] if first else [], begin
    for at, to, _ in hits:
        if first <= at and to <= last and spans[at][0] >= done:
            shown += [body[done : spans[at][0]], OPEN, body[spans[at][0] : spans[to][1]], CLOSE]
            done = spans[to][1]
    return "".join([*shown, body[done:end], " … " if last + 1 < len(spans) else ""])


def _told(hits: Sequence[tuple[int, int, int]], begin: int) -> int:
    """How many of the terms a piece from word ``begin`` on shows."""
    return len({number for at, to, number in hits if begin <= at and to < begin + WIDTH})


def _hits(here: Sequence[str], terms: Sequence[Term]) -> Iterator[tuple[int, int, int]]:
    """(first word, last word, number of the term) of each place where a term stands, in order."""
    wanted = [(words(" ".join(term.words)), term.prefix) for term in terms if not term.without]
    for at, word in enumerate(here):
        for number, (phrase, prefix) in enumerate(wanted):
            to = at + len(phrase)
            if phrase and (word == phrase[0] or len(phrase) == 1) and to <= len(here):
                same = here[to - 1].startswith(phrase[-1]) if prefix else here[to - 1] == phrase[-1]
                if same and list(here[at : to - 1]) == phrase[:-1]:
                    yield at, to - 1, number
