"""How fresh and how whole everything is: sources, runs, rejects, the model's measured quality, sizes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import streamlit as st

from db.queries import status
from db.queries.thread import raw
from views.context import PAGE, Context, paging, show
from views.html import esc, folded, link, minute, page_url, table

METRICS = Path(__file__).parents[1] / "data" / "metrics.json"


def page(context: Context) -> None:
    st.title("Sources")
    rows = (
        (
            *(esc(row[name]) for name in ("list", "kind", "location", "messages", "attached")),
            *(minute(row["newest"]), esc(row["rejects"])),
            minute(row["last_good_run"]) if row["last_good_run"] else "never",
        )
        for row in context.ask(status.sources).to_dict("records")
    )
    headings = (
        "List",
        "Kind",
        "Archive",
        "Messages",
        "Pages of known mails",
        "Newest mail",
        "Rejected",
        "Last good run",
    )
    show(table(headings, rows, "Sources"), "section", "Sources")
    _runs(context)
    _rejects(context)
    _model()
    counts = context.ask_latest(status.sizes)
    facts = ((esc(name), f"{number:,}") for name, number in counts.items() if name != "bytes")
    size = ("database", f"{counts['bytes'] / 1e6:,.1f} MB")
    show(table(("What", "How many"), [*facts, size], "Size"), "section", "Size")


def _runs(context: Context) -> None:
    parts: list[str] = []
    for row in context.ask(status.runs).to_dict("records"):
        ended = minute(row["ended"]) if row["ended"] else "has not ended"
        state = f"failed: {row['error']}" if row["error"] else "good" if row["ended"] else "running, or ended by force"
        title = f"<b>{esc(row['command'])}</b> {minute(row['started'])} to {ended}: {esc(state)}"
        body = _tallies("Stage", row["stages"]) + _tallies("Source", row["sources"])
        parts.append(folded(title, body, opened=not parts))
    show("<h3>Last runs</h3>" + ("".join(parts) or "<p>No run yet.</p>"), "section", "Last runs")


def _tallies(name: str, tallies: dict[str, dict[str, Any]]) -> str:
    columns = ("read", "stored", "known", "rejected", "error")
    rows = [(esc(what), *(esc(tally.get(column, "")) for column in columns)) for what, tally in tallies.items()]
    return table((name, *columns), rows) if rows else ""


def _rejects(context: Context) -> None:
    total = context.ask_latest(status.sizes)["rejects"]
    st.subheader("Rejected mails", anchor="rejects")
    if not total:
        st.write("None.")
        return
    wanted = st.query_params.get("raw", "")
    if wanted:
        _raw(context, wanted)
    start = paging(total, PAGE, "rejects")
    found = context.ask(status.rejects, PAGE, start)
    rows = (
        (
            *(esc(row["list"]), esc(f"{row['location']} {row['origin']}"), esc(row["reason"]), esc(row["subject"])),
            f"<span class='mono'>{esc(row['message_id'])}<br>{_raw_link(row['sha256'])}</span>",
        )
        for row in found.to_dict("records")
    )
    show(table(("List", "Where", "Reason", "Subject", "Message-ID, SHA-256 of the raw bytes"), rows))


def _raw_link(sha256: str) -> str:
    return link(page_url("sources", raw=sha256), sha256, "the bytes as archived")


def _raw(context: Context, sha256: str) -> None:
    """The bytes of a rejected mail, as text and to take away."""
    found = context.ask(raw, sha256)
    st.caption(f"Raw bytes {sha256[:64]}" if found else "These bytes are not kept.")
    if found:
        st.download_button("Download", found, "rejected.eml", "message/rfc822", on_click="ignore")
        st.code(found[:20_000].decode("utf-8", "replace"), language=None, wrap_lines=True)


def _model() -> None:
    """data/metrics.json, as `precedent evaluate` left it."""
    st.subheader("Quality of the tagger", anchor="quality")
    if not METRICS.is_file():
        st.write("Not measured yet: `precedent evaluate` does.")
        return
    found = json.loads(METRICS.read_text(encoding="utf-8"))
    labels = {name: value for name, value in found.get("labels", {}).items() if isinstance(value, dict)}
    if not labels:
        st.json(found, expanded=False)
        return
    columns = list(dict.fromkeys(key for value in labels.values() for key in value if key != "curve"))
    rows = [(esc(name), *(esc(_short(value.get(column))) for column in columns)) for name, value in labels.items()]
    show(table(("Label", *columns), rows), "section", "Quality of the tagger")


def _short(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else "" if value is None else str(value)
