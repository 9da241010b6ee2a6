"""Concerns, objections and requirements over the years; every mark opens the list behind it."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from db.queries import search, trends
from db.queries.search_terms import parse
from nlp.labels import Label
from views.context import Context, choice, label_choice, show
from views.html import esc, folded, link, page_url, table
from views.search import hit_article

LABELS = (Label.REQUIREMENT, Label.ABI_CONCERN, Label.POST_COMMIT_OBJECTION)
HEIGHT = 420
COLOURS = alt.Scale(scheme="tableau20")


def page(context: Context) -> None:
    st.title("Trends")
    counts = context.ask(trends.by_year)
    if counts.empty:
        st.write("No tagged sentence yet.")
        return
    with st.container(horizontal=True):
        label = label_choice(LABELS)
        name = choice("List", "list", sorted(counts["list"].unique()))
    chosen = counts[(counts.label == label) & ((counts["list"] == name) | (name == ""))]
    _years(context, chosen, label, name)
    _contested(context)
    _objected(context)
    _agreement(context)


def _query(label: str, name: str, topic: str = "", year: int | None = None) -> str:
    parts = [f"label:{label}", f"list:{name}" if name else "", f"topic:{topic}" if topic else ""]
    parts += [f"after:{year}", f"before:{year + 1}"] if year else []
    return " ".join(part for part in parts if part)


def _open(query: str, text: str) -> str:
    return link(page_url("search", q=query, **{"in": "statements"}), text)


def _years(context: Context, chosen: pd.DataFrame, label: str, name: str) -> None:
    st.subheader("By topic and year", anchor="years")
    summed = chosen.groupby(["topic", "year"])["count"].sum().reset_index()
    summed["topic"] = summed.topic.where(summed.topic != "", "none")
    picked = alt.selection_point(name="mark", fields=["topic", "year"])
    chart = (
        alt.Chart(summed)
        .mark_bar()
        .encode(
            x=alt.X("year:O", title=None, axis=alt.Axis(labelAngle=0)),
            y=alt.Y("count:Q", title="sentences"),
            color=alt.Color("topic:N", title=None, legend=alt.Legend(orient="bottom", columns=2), scale=COLOURS),
            opacity=alt.condition(picked, alt.value(1.0), alt.value(0.35)),
            tooltip=["topic:N", "year:O", "count:Q"],
        )
        .add_params(picked)
    )
    event = st.altair_chart(chart, on_select="rerun", selection_mode="mark", key=f"years {label} {name}", height=HEIGHT)
    _behind(context, event, label, name)
    years = sorted(summed.year.unique())
    cells = {(row["topic"], row["year"]): int(row["count"]) for row in summed.to_dict("records")}
    rows = [
        (
            esc(topic),
            *(
                _cell(cells.get((topic, year)), label, name, "" if topic == "none" else topic, int(year))
                for year in years
            ),
        )
        for topic in sorted(summed.topic.unique())
    ]
    show(folded("The same as a table", table(("Topic", *map(str, years)), rows)), "section", "By topic and year")


def _cell(count: int | None, label: str, name: str, topic: str, year: int) -> str:
    return _open(_query(label, name, topic, year), str(count)) if count else ""


def _behind(context: Context, event: Any, label: str, name: str) -> None:
    """The list behind the mark that was picked."""
    points = event.get("selection", {}).get("mark", []) if event else []
    if not points:
        return
    topic, year = str(points[0].get("topic", "")), int(points[0].get("year", 0))
    query = _query(label, name, "" if topic == "none" else topic, year)
    terms = parse(query)
    hits, total = context.ask(search.statements, terms, 10), context.ask(search.count, terms, "statements")
    title = f"<h4>{esc(topic)}, {year}: {_open(query, f'all {total}')}</h4>"
    show(title + "".join(hit_article(hit) for hit in hits), "section", "Behind the mark")


def _contested(context: Context) -> None:
    st.subheader("Most contested topics", anchor="contested")
    found = context.ask(trends.contested)
    if found.empty:
        st.write("No requirement yet.")
        return
    totals = found.groupby("topic")["count"].sum()
    disputed = found[found.status == "contested"].set_index("topic")["count"]
    share = (disputed.reindex(totals.index).fillna(0) / totals).sort_values(ascending=False)
    order = list(share.index)
    chart = (
        alt.Chart(found)
        .mark_bar()
        .encode(
            x=alt.X("count:Q", title="requirements"),
            y=alt.Y("topic:N", title=None, sort=order, axis=alt.Axis(labelOverlap=False)),
            color=alt.Color(
                "status:N",
                title=None,
                legend=alt.Legend(orient="bottom"),
                scale=alt.Scale(
                    domain=["agreed", "contested", "proposed", "superseded"],
                    range=["#2a9650", "#d78214", "#3c78dc", "#888888"],
                ),
            ),
            tooltip=["topic:N", "status:N", "count:Q"],
        )
    )
    st.altair_chart(chart, height=26 * len(order) + 90)
    rows = [
        (
            _open(f"label:requirement topic:{topic} status:contested", topic),
            str(int(disputed.get(topic, 0))),
            str(int(totals[topic])),
            f"{share[topic]:.0%}",
        )
        for topic in order
    ]
    show(folded("The same as a table", table(("Topic", "Contested", "Requirements", "Share"), rows)))


def _objected(context: Context) -> None:
    st.subheader("Series with objections after the commit", anchor="objected")
    found = context.ask(trends.objected_series)
    rows = [
        (
            link(page_url("after", year=row["year"]), str(row["year"])),
            *(str(row["series"]), str(row["objected"]), f"{row['share']:.1%}"),
        )
        for row in found.to_dict("records")
    ]
    show(table(("First posted", "Series", "Objected to", "Share"), rows) if rows else "<p>No series yet.</p>")


def _agreement(context: Context) -> None:
    st.subheader("Time to agreement", anchor="agreement")
    found = context.ask(trends.time_to_agreement)
    rows = [
        (
            _open(f"label:requirement topic:{row['topic']} status:agreed", row["topic"]),
            *(str(row["agreed"]), f"{row['median_days']:.1f}"),
        )
        for row in found.sort_values("median_days").to_dict("records")
    ]
    show(table(("Topic", "Agreed", "Median days"), rows) if rows else "<p>No agreed requirement with dates yet.</p>")
