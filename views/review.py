"""One candidate at a time, the most useful first: accept, reject, skip, undo, each by a key; nothing is ever lost."""

from __future__ import annotations

import streamlit as st

from db import decisions
from db.queries import review as queries
from db.queries import thread
from db.queries.review import Candidate
from guidelines.decisions import number_of
from nlp.labels import Topic
from views.context import Context, label_choice, show
from views.html import chip, day, esc, link, mail_link, page_url, table
from views.mail import excerpt

NAMES = {"not judged by me": "mine", "judged by nobody": "nobody", "judged only by others": "others"}

ARTICLES = {"requirement": "a", "abi_concern": "an", "post_commit_objection": "a", "agree": "to", "disagree": "to"}


def page(context: Context) -> None:
    st.title("Review")
    if not context.may_curate:
        st.info("Only listed curators decide here. You see what they would; sign in to take part.")
    with st.container(horizontal=True):
        label = label_choice(queries.LABELS)
        which = NAMES[str(st.selectbox("Queue", list(NAMES), key="queue", bind="query-params", width=200))]
    total, mine, anybody = context.ask_latest(queries.progress, label, context.user)
    st.progress(mine / total if total else 0.0, f"{mine} of {total} judged by you, {anybody} by anybody")
    key = _next(context, label, which)
    found = context.ask_latest(queries.candidate, key, label, context.user) if key else None
    with st.container(horizontal=True):
        _buttons(context, found)
        _undo(context, label, which)
    if found is None:
        st.success("Nothing is waiting here. Another label or queue may have more.")
    else:
        _draw(context, found)
        _edit(context, found)
    _agreement(context)


def _words(label: str) -> str:
    return label.replace("_", " ")


def _next(context: Context, label: str, which: str) -> str:
    """The key on view. It stays until it is judged or skipped, whoever else works at the same time."""
    linked = st.query_params.get("statement", "")
    if linked:
        return linked
    held = st.session_state.get("on view")
    if held and held[:2] == (label, which):
        return str(held[2])
    skipped = tuple(st.session_state.get("skipped", ()))
    keys = context.ask_latest(queries.queue, label, context.user, which, skipped)
    st.session_state["on view"] = (label, which, keys[0]) if keys else None
    return keys[0] if keys else ""


def _leave() -> None:
    """On to the next candidate."""
    st.session_state["on view"] = None
    if "statement" in st.query_params:
        del st.query_params["statement"]
    st.rerun()


def _buttons(context: Context, found: Candidate | None) -> None:
    closed = not context.may_curate or found is None
    comment = str(st.session_state.get("comment", ""))
    accept = st.button("Accept", type="primary", shortcut="A", disabled=closed)
    reject = st.button("Reject", shortcut="X", disabled=closed)
    skip = st.button("Skip", shortcut="S", disabled=found is None)
    if found is None:
        return
    if accept or reject:
        _record(context, "accept" if accept else "reject", found.key, found.label, comment)
        _leave()
    if skip:
        skipped = [key for key in st.session_state.get("skipped", []) if key != found.key]
        st.session_state["skipped"] = [*skipped, found.key]
        _leave()


def _undo(context: Context, label: str, which: str) -> None:
    last = queries.last_of(context.engine, context.user) if context.may_curate else None
    said = f"Takes back: {last.action} of {day(last.at)}" if last else "You have decided nothing yet"
    if st.button("Undo", shortcut="U", disabled=last is None, help=said) and last:
        decisions.undo(context.engine, context.user, last.id, policy=context.policy)
        if number_of(last.target) is None and last.action in queries.VERDICTS:
            st.session_state["on view"] = (label, which, last.target)
        st.rerun()


def _record(context: Context, action: str, target: str, value: str, comment: str = "") -> None:
    decisions.record(context.engine, context.user, action, target, value, comment, policy=context.policy)


def _draw(context: Context, found: Candidate) -> None:
    chips = "".join(chip(f"{_words(name)} {found.scores.get(name, 0):.2f}", name) for name in found.labels)
    chips += (chip(found.topic) if found.topic else "") + (chip(found.status, found.status) if found.status else "")
    why = "; ".join((f"by {found.by}", *found.why, *([found.reason] if found.reason else [])))
    others = "".join(f"<li>{esc(who)}: {esc(what)}</li>" for who, what in found.others)
    where = mail_link(found.mid, found.subject or "the mail", found.start)
    own = link(page_url("review", statement=found.key, label=_words(found.label)), "address of this candidate")
    question = f"Is this {ARTICLES[found.label]} {esc(_words(found.label))}?"
    body = (
        f"<h3>{question}</h3><blockquote><b>{esc(found.quote)}</b></blockquote>{chips}<br>"
        f"<span class='muted'>{esc(found.author)}, {day(found.date)}, {where}; {esc(why)}; {own}</span>"
    )
    body += f"<h4>Decided by others</h4><ul>{others}</ul>" if others else ""
    mail = context.ask(thread.mail, found.mid)
    if mail is not None:
        body += f"<h4>In its place</h4><div class='mail'>{excerpt(mail, found.start, found.end)}</div>"
    show(body, "article", "Candidate")


def _edit(context: Context, found: Candidate) -> None:
    """A comment for the next decision; topic of the statement; wording and level of the rule that it stands in."""
    closed = not context.may_curate
    st.text_input("Comment, kept with your next decision", key="comment", disabled=closed)
    topics = [str(topic) for topic in Topic]
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    place = topics.index(found.topic) if found.topic in topics else None
    topic = left.selectbox("Topic", topics, index=place, key=f"topic {found.key}", disabled=closed)
    if right.button("Change topic", disabled=closed or not topic or topic == found.topic, width="stretch"):
        _record(context, "retopic", found.key, str(topic))
        st.rerun()
    if not found.rule:
        return
    name = f"HC-{found.rule:03d}"
    show(f"<h4>It stands in {link(page_url('guidelines', rule=name), name)}</h4>")
    text = st.text_area("Wording of the rule", found.rule_text, key=f"word {name}", disabled=closed)
    if st.button("Reword the rule", disabled=closed or not text or text == found.rule_text):
        _record(context, "reword", name, str(text))
        st.toast("Kept. The document shows it after the next distil.")


def _agreement(context: Context) -> None:
    with st.expander("Two people's decisions side by side"):
        found = context.ask_latest(queries.side_by_side)
        if found.empty:
            st.write("No statement has been judged by two people yet.")
            return
        pairs = [
            (esc(one), esc(other), str(count), f"{equal:.0%}", "" if kappa is None else f"{kappa:.2f}")
            for one, other, count, equal, kappa in queries.agreement(found)
        ]
        people = sorted(found.who.unique())
        judged: dict[tuple[str, str], dict[str, str]] = {}
        for row in found.to_dict("records"):
            judged.setdefault((row["key"], row["quote"]), {})[row["who"]] = row["verdict"]
        rows = [
            (esc(quote[:200]), *(chip(said[who]) if who in said else "" for who in people))
            for (_, quote), said in list(judged.items())[:100]
        ]
        show(
            table(("One", "Other", "Both judged", "Equal", "Cohen's kappa"), pairs, "Agreement")
            + table(("Statement", *people), rows, "Verdicts")
        )
