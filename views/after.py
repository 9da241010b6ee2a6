"""Objections after the commit, incident by incident, each as a timeline: posted, committed, objected, outcome."""

from __future__ import annotations

import streamlit as st

from db.queries.incidents import Shown, incident_views
from guidelines.decisions import identifier
from guidelines.values import Claim, Incident
from views.context import PAGE, Context, choice, paging, show
from views.html import chip, day, esc, link, mail_link, page_url


def page(context: Context) -> None:
    st.title("After the commit")
    found = context.ask(incident_views)
    with st.container(horizontal=True):
        name = choice("List", "list", sorted({each.incident.list_name for each in found if each.incident.list_name}))
        year = choice("Year", "year", sorted({year for each in found if (year := _year(each))}, reverse=True))
    some = [
        each for each in found if (not name or each.incident.list_name == name) and (not year or _year(each) == year)
    ]
    st.caption(f"{len(some)} incident{'' if len(some) == 1 else 's'}, the newest first")
    start = paging(len(some))
    show("".join(_shown(each) for each in some[::-1][start : start + PAGE]), "section", "Incidents")
    if not some:
        st.write("Nobody objected after a commit, as far as this archive tells.")


def _year(each: Shown) -> str:
    return next((f"{claim.date:%Y}" for claim in each.claims if claim.date), "")


def _shown(each: Shown) -> str:
    incident = each.incident
    steps = []
    if each.cover:
        steps.append(
            f"<li class='posted'>{day(each.posted)} {chip('posted')} {mail_link(each.cover, 'first version')}</li>"
        )
    commit = f" <span class='mono'>{esc(incident.commit[:12])}</span>" if incident.commit else ""
    when = day(incident.committed_at) if incident.committed_at else "before that"
    steps.append(f"<li class='committed'>{when} {chip('committed')}{commit} {esc(incident.evidence)}</li>")
    for oid, name, date in incident.others:
        hash_ = f"<span class='mono'>{esc(oid[:12])}</span>"
        steps.append(f"<li class='committed'>{esc(date)} {chip('committed')} {hash_} {esc(name)}</li>")
    steps += [_objection(incident, claim) for claim in each.claims]
    outcome = esc(incident.outcome or "open, as far as the archive tells")
    where = link(incident.outcome_permalink, "mail") if incident.outcome_permalink else ""
    steps.append(f"<li class='outcome'>{chip('outcome')} {outcome} {where}</li>")
    if incident.rules:
        came = ", ".join(
            link(page_url("guidelines", rule=identifier(number)), identifier(number)) for number in incident.rules
        )
        steps.append(f"<li class='outcome'>{chip('rules')} that came out of it: {came}</li>")
    title = mail_link(each.claims[0].mid, incident.title) if each.claims else esc(incident.title)
    return f"<article><h3>{title} {chip(incident.list_name)}</h3><ol class='time'>{''.join(steps)}</ol></article>"


def _objection(incident: Incident, claim: Claim) -> str:
    archive = f", {link(claim.permalink, 'archive')}" if claim.permalink else ""
    return (
        f"<li class='objected'>{day(claim.date)} {chip('objected', 'post_commit_objection')} "
        f"{esc(claim.author)}{_after(incident, claim)}: {esc(claim.text[:600])} "
        f"{mail_link(claim.mid, 'read it', claim.start)}{archive}</li>"
    )


def _after(incident: Incident, claim: Claim) -> str:
    if incident.committed_at is None or claim.date is None or claim.date < incident.committed_at:
        return ""
    days = (claim.date - incident.committed_at).days
    return " (within a day)" if days == 0 else f" ({days} day{'' if days == 1 else 's'} after)"
