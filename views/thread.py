"""One thread: its tree with ghosts, what happened to its patches in time, one of its mails with its tags in place."""

from __future__ import annotations

import shlex

import streamlit as st

from db.queries import thread as queries
from db.queries import threads
from db.queries.thread import Mail, Place
from db.queries.timeline import Moment, timeline
from views.context import Context, show
from views.html import chip, day, esc, folded, link, mail_link, minute, page_url
from views.mail import COLOURS, body, head, reasons

FOLDS = {"all": 0, "beyond 1": 1, "beyond 2": 2, "none": 99}
SHOWN = 150  # lines of a tree on one page


def page(context: Context) -> None:
    st.title("Thread")
    mid = st.query_params.get("mid", "").strip().removeprefix("<").removesuffix(">")
    if not mid:
        _choose(context)
        return
    thread = context.ask(queries.thread_of, mid)
    if not thread:
        st.info("No message of this archive has or mentions that Message-ID.")
        show(link(page_url("search", q=mid), "Search for it"))
        return
    places = context.ask(queries.tree, thread)
    mail = context.ask(queries.mail, mid) or _first(context, mid, places)
    subject, count, first, last = context.ask(threads.thread_head, thread)
    span = f"{count or len(places)} messages, {day(first)} to {day(last)}"
    show(f"<h3>{esc(subject or (mail.subject if mail else mid))}</h3><span class='muted'>{span}</span>")
    _neighbours(context, thread)
    at = st.query_params.get("at", "")
    here = int(at) if at.isdecimal() and len(at) < 10 else None
    _timeline(context, thread, here is None)
    _tree(places, mail.mid if mail else mid, here is None)
    if mail is None:
        st.info("This message is not in the archive; others answer it.")
        return
    _mail(context, mail, places, here)


def _first(context: Context, mid: str, places: tuple[Place, ...]) -> Mail | None:
    """For a thread's name that is a ghost: its first real mail. A ghost that was asked for stays one."""
    if mid == places[0].mid and len(places) > 1:
        known = next((place.mid for place in places if not place.ghost), "")
        return context.ask(queries.mail, known) if known else None
    return None


def _choose(context: Context) -> None:
    st.write("Open a thread by the Message-ID of any of its mails, or from Search and Guidelines.")
    wanted = st.text_input("Message-ID")
    if wanted:
        st.query_params["mid"] = wanted.strip()
        st.rerun()
    rows = context.ask(threads.newest)
    lines = (f"<li>{day(last)} {mail_link(mid, subject or mid)} {count}</li>" for mid, subject, count, last in rows)
    show(f"<h3>Newest</h3><ul>{''.join(lines)}</ul>", "nav", "Newest threads")


def _neighbours(context: Context, thread: str) -> None:
    lines = (
        f"<li>goes on {'from' if other.earlier else 'in'} {mail_link(other.thread, other.subject or other.thread)}"
        f" {day(other.first)} <span class='muted'>{esc(other.why)}</span></li>"
        for other in context.ask(threads.neighbours, thread)
    )
    if items := "".join(lines):
        show(f"<ul>{items}</ul>", "nav", "Threads that this one goes on from or in")


def _timeline(context: Context, thread: str, opened: bool) -> None:
    moments: tuple[Moment, ...] = context.ask(timeline, thread)
    if moments:
        items = "".join(_moment(moment) for moment in moments)
        show(
            folded("<b>What happened</b>", f"<ol class='time'>{items}</ol>", opened and len(moments) <= 12),
            "section",
            "Timeline",
        )


def _moment(moment: Moment) -> str:
    what = moment.what if len(moment.what) <= 240 else moment.what[:239] + "…"
    opened = mail_link(moment.mid, "mail") if moment.mid else ""
    return f'<li class="{esc(moment.kind)}">{day(moment.at)} {chip(moment.kind)} {esc(what)} {opened}</li>'


def _tree(places: tuple[Place, ...], here: str, opened: bool) -> None:
    at = next((number for number, place in enumerate(places) if place.mid == here), 0)
    start = max(0, min(at - SHOWN // 2, len(places) - SHOWN))
    some = places[start : start + SHOWN]
    lines = "".join(_place(place, place.mid == here) for place in some)
    hidden = len(places) - len(some)
    note = f"<p class='muted'>{hidden} further messages before and after these</p>" if hidden else ""
    summary = f"<b>Tree</b> ({len(places)})"
    show(
        folded(summary, f"<ol class='tree'>{lines}</ol>{note}", opened and len(places) <= 40),
        "nav",
        "Tree of the thread",
    )


def _place(place: Place, here: bool) -> str:
    indent = f"padding-left:{min(place.depth, 20) * 0.9:.1f}rem"
    if place.ghost:
        text = f"<span class='muted'>not in the archive: {link(page_url('thread', mid=place.mid), place.mid)}</span>"
    else:
        name = mail_link(place.mid, place.author or "unnamed")
        tags = chip(f"{place.tags} tagged", "requirement") if place.tags else ""
        text = f"{name} <span class='muted'>{day(place.date)} {esc(place.subject)}</span> {tags}"
    return f'<li style="{indent}" class="{"here" if here else ""}">{text}</li>'


def _mail(context: Context, mail: Mail, places: tuple[Place, ...], here: int | None) -> None:
    _steps(mail.mid, queries.tagged_mids(places))
    fold = st.segmented_control("Fold quotes", list(FOLDS), default="beyond 1", key="fold", bind="query-params")
    authors = dict.fromkeys(place.author for place in places if place.author)
    colours = {author: number % COLOURS for number, author in enumerate(authors)}
    jump = link(f"#at-{here}", "To the sentence") if here is not None else ""
    title = f"<h3>{esc(mail.subject)}</h3>{jump}"
    content = title + head(mail) + body(mail, colours, FOLDS.get(fold or "", 1), here)
    show(f"<div class='mail'>{content}</div>{reasons(mail)}", "article", "Mail")
    _take(context, mail)


def _steps(mid: str, tagged: list[str]) -> None:
    """Buttons to the tagged mails before and after this one."""
    at = tagged.index(mid) if mid in tagged else -1
    before = tagged[at - 1] if at > 0 else ""
    after = tagged[at + 1] if at + 1 < len(tagged) else ""
    with st.container(horizontal=True):
        back = st.button("Previous tagged", disabled=not before, shortcut="P")
        on = st.button("Next tagged", disabled=not after, shortcut="N")
    if back or on:
        st.query_params.from_dict({"mid": before if back else after})
        st.rerun()


def _take(context: Context, mail: Mail) -> None:
    """What a reader takes to the command line: the id for b4, the raw mail."""
    st.caption("Apply the series with b4")
    st.code(f"b4 am {_shell(mail.mid)}", language="bash")
    if st.toggle("Raw mail", key="raw", bind="query-params"):
        raw = context.ask(queries.raw, mail.sha256, mail.mid)
        st.download_button("Download", raw, "mail.eml", "message/rfc822", on_click="ignore")
        st.code(raw[:100_000].decode("utf-8", "replace"), language=None, wrap_lines=True)
    st.caption(f"{minute(mail.date)}; SHA-256 of the raw bytes {mail.sha256}")


def _shell(mid: str) -> str:
    """The id as one word of a shell's command line, whatever is in it."""
    return shlex.quote(mid)
