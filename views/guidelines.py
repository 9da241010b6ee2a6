"""The living document: checklist, filters, each rule with rationale, evidence, dissent and history; downloads."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time
from importlib.metadata import version

import pandas as pd
import streamlit as st

from db.queries.document import load, main_part
from db.queries.rules import RuleFilter, RuleView, changes, products, rule_views, rules
from guidelines import markdown
from nlp.labels import Topic
from views.context import PAGE, WIDTH, Context, choice, paging, show
from views.html import day, esc, folded, link, page_url
from views.rule import rule_body, rule_summary

PARTS = ("document", "all", "retired")


def page(context: Context) -> None:
    st.title("Hypercall addition guidelines")
    wanted = st.query_params.get("rule", "")
    if wanted:
        _one(context, wanted)
        return
    chosen, part = _filters(context)
    found = context.ask(rules, chosen)
    main = context.ask(main_part)
    if part == "document" and len(found):
        found = found[found.number.isin(main)]
    order = {number: place for place, number in enumerate(main)}
    found = found.assign(place=[order.get(n, len(order) + n) for n in found.number]).sort_values("place")
    st.caption(f"{len(found)} rule" + ("" if len(found) == 1 else "s"))
    _checklist(found)
    start = paging(len(found))
    some = tuple(int(number) for number in found.number[start : start + PAGE])
    show("".join(_rule(view) for view in context.ask(rule_views, some)), "section", "Rules")
    _changed(context)
    _downloads(context)


def _rule(view: RuleView) -> str:
    """Shut; it opens in the browser, and has an address of its own."""
    name = f"HC-{view.number:03d}"
    own = f"<p>{link(page_url('guidelines', rule=name), f'Address of {name}')}</p>"
    return folded(rule_summary(view), rule_body(view) + own, kind="rule", anchor=name)


def _one(context: Context, wanted: str) -> None:
    digits = wanted.upper().removeprefix("HC-")
    views = context.ask(rule_views, (int(digits),)) if digits.isdecimal() and len(digits) < 8 else []
    show(link(page_url("guidelines"), "All rules"))
    if not views:
        st.info("There is no such rule.")
        return
    show(f"<h3>{rule_summary(views[0])}</h3>{rule_body(views[0])}", "article", "Rule")
    st.caption("Address of this rule")
    st.code(f"{st.context.url or ''}?rule=HC-{views[0].number:03d}", language=None)


def _filters(context: Context) -> tuple[RuleFilter, str]:
    with st.container(horizontal=True):
        topic = choice("Topic", "topic", [str(topic) for topic in Topic])
        status = choice("Status", "status", ["agreed", "contested", "proposed", "superseded"])
        level = choice("Level", "level", ["MUST", "SHOULD", "MAY"])
        product = choice("Applies to", "product", context.ask(products))
        since = st.date_input(
            "Said since", None, key="since", min_value=date(1990, 1, 1), bind="query-params", width=WIDTH
        )
        words = st.text_input("Words", key="words", bind="query-params", width=WIDTH) or ""
        part = str(st.selectbox("Part", PARTS, key="part", bind="query-params", width=WIDTH))
    return RuleFilter(topic, status, level, product, _midnight(since), words, part == "retired"), part


def _midnight(chosen: object) -> datetime | None:
    return datetime.combine(chosen, time(), UTC) if isinstance(chosen, date) else None


def _checklist(found: pd.DataFrame) -> None:
    """One line a rule, by topic in the document's order."""
    parts = []
    for topic in dict.fromkeys(found.topic):
        lines = "".join(_line(row) for row in found[found.topic == topic].itertuples())
        parts.append(f"<h4>{esc(topic)}</h4><ul>{lines}</ul>")
    if parts:
        show(folded(f"<b>Checklist</b> ({len(found)})", "".join(parts)), "nav", "Checklist")


def _line(row: object) -> str:
    number = int(getattr(row, "number", 0))
    name = f"HC-{number:03d}"
    text = str(getattr(row, "text", ""))
    short = text if len(text) <= 160 else text[:159] + "…"
    return f"<li>{link(page_url('guidelines', rule=name), name)} {esc(getattr(row, 'level', ''))}: {esc(short)}</li>"


def _changed(context: Context) -> None:
    with st.expander("What changed since a date"):
        chosen = st.date_input("Changed since", None, key="changed", min_value=date(1990, 1, 1), bind="query-params")
        since = _midnight(chosen)
        if since is None:
            return
        found = context.ask(changes, since)
        if found.empty:
            st.write("Nothing.")
        show("<ul>" + "".join(_change_lines(found.itertuples())) + "</ul>")


def _change_lines(rows: Iterable[object]) -> Iterable[str]:
    for row in rows:
        number, revision = int(getattr(row, "number", 0)), getattr(row, "revision", "")
        name = f"HC-{number:03d}"
        what, text = getattr(row, "what", ""), str(getattr(row, "text", ""))
        where = f"{day(getattr(row, 'at', None))} {link(page_url('guidelines', rule=name), name)}"
        yield f"<li>{where} r{esc(revision)} {esc(what)}: {esc(text)}</li>"


def _downloads(context: Context) -> None:
    """The files that `precedent export guidelines` writes, made when they are asked for."""
    forms: tuple[tuple[str, str, str, Callable[..., str]], ...] = (
        ("Markdown", "guidelines.md", "text/markdown", markdown.render),
        ("HTML", "guidelines.html", "text/html", markdown.render_html),
        ("JSON", "guidelines.json", "application/json", markdown.render_json),
    )
    st.subheader("Download")
    with st.container(horizontal=True):
        for label, name, kind, render in forms:
            st.download_button(label, _maker(context, render), name, kind, on_click="ignore", key=f"get-{name}")


def _maker(context: Context, render: Callable[..., str]) -> Callable[[], bytes]:
    return lambda: render(load(context.engine, version("precedent"))).encode()
