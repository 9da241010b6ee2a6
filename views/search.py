"""Full text and filters over messages or statements; every query has an address, and goes to CSV or mbox."""

from __future__ import annotations

from collections.abc import Iterator

import streamlit as st

from db.queries import search as queries
from db.queries.full_text import CLOSE, OPEN
from db.queries.search import EXPORT, MOST, Hit
from db.queries.search_terms import FILTERS, Terms, parse
from views.context import PAGE, Context, paging, show
from views.html import chip, day, esc, link, mail_link

HELP = (
    'Words, `"phrases"`, `prefix*`, `-without`; `from:`, `list:`, `label:`, `topic:`, `status:`, `after:2021-03`, '
    "`before:2022`, `file:public/`, `id:` or a bare Message-ID."
)
MAILS = 1000


def page(context: Context) -> None:
    st.title("Search")
    line = st.text_input("Search for", key="q", bind="query-params", type="search", help=HELP) or ""
    kind = st.segmented_control(
        "In", ["messages", "statements"], default="messages", key="in", bind="query-params", required=True
    )
    terms = parse(line)
    for fault in terms.faults:
        st.warning(fault)
    if terms.empty and kind != "statements":
        st.markdown(HELP)
        st.caption("Filters: " + ", ".join(FILTERS))
        return
    total = context.ask(queries.count, terms, kind)
    found = f"more than {MOST}" if total > MOST else str(total)
    st.caption(f"{found} {kind if total != 1 else str(kind).removesuffix('s')}, the newest first")
    if not total:
        st.info("Nothing was found. Fewer words, a prefix* or another filter may find more.")
        return
    results = st.container()  # drawn above the page number, which has to be known first
    start = paging(min(total, MOST), PAGE)
    hits = context.ask(queries.statements if kind == "statements" else queries.messages, terms, PAGE, start)
    with results:
        show("".join(hit_article(hit) for hit in hits), "section", "Results")
    _exports(context, terms, str(kind))


def hit_article(hit: Hit) -> str:
    snippet = "".join(
        f"<mark>{esc(inside)}</mark>{esc(rest)}" if mark else esc(inside + rest)
        for mark, inside, rest in _split(hit.snippet)
    )
    return (
        f"<article><h4>{mail_link(hit.mid, hit.subject or '(no subject)', _start(hit.key))}</h4>"
        f"<span class='muted'>{esc(hit.author)}, {day(hit.date)}, {esc(', '.join(hit.lists))} "
        f"{link(hit.permalink, 'archive')}</span> {_tags(hit)}<blockquote>{snippet}</blockquote></article>"
    )


def _split(snippet: str) -> Iterator[tuple[bool, str, str]]:
    """Parts of a snippet: whether it begins with a found word, that word, what follows."""
    first, *parts = snippet.split(OPEN)
    yield False, "", first
    for part in parts:
        inside, _, rest = part.partition(CLOSE)
        yield True, inside, rest


def _start(key: str) -> int | None:
    """A statement's key ends in START-END."""
    start = key.rpartition(" ")[2].partition("-")[0]
    return int(start) if start.isdecimal() else None


def _tags(hit: Hit) -> str:
    found = "".join(chip(label.replace("_", " "), label) for label in hit.labels)
    return found + (chip(hit.topic) if hit.topic else "") + (chip(hit.status, hit.status) if hit.status else "")


def _exports(context: Context, terms: Terms, kind: str) -> None:
    ask = queries.statements if kind == "statements" else queries.messages

    def csv() -> bytes:
        hits = ask(context.engine, terms, EXPORT)
        return queries.frame(hits).to_csv(index=False).encode()

    def mbox() -> bytes:
        hits = ask(context.engine, terms, MAILS)
        return b"".join(queries.mbox(context.engine, [hit.mid for hit in hits]))

    with st.container(horizontal=True):
        st.download_button("CSV", csv, "precedent.csv", "text/csv", on_click="ignore", help=f"at most {EXPORT} rows")
        st.download_button(
            "mbox", mbox, "precedent.mbox", "application/mbox", on_click="ignore", help=f"at most {MAILS}"
        )
