"""Objections after the commit, incident by incident, each as a timeline: committed, objected, outcome."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from db.queries.incidents import incident_views
from guidelines.values import Claim, Incident
from views.context import PAGE, Context, choice, paging, show
from views.html import chip, day, esc, link, mail_link


def page(context: Context) -> None:
    st.title("After the commit")
    found, claims = context.ask(incident_views)
    with st.container(horizontal=True):
        name = choice("List", "list", sorted({incident.list_name for incident in found if incident.list_name}))
        years = {year for incident in found if (year := _year(incident, claims))}
        year = choice("Year", "year", sorted(years, reverse=True))
    some = [
        incident
        for incident in found
        if (not name or incident.list_name == name) and (not year or _year(incident, claims) == year)
    ]
    st.caption(f"{len(some)} incidents, the newest first")
    start = paging(len(some))
    newest = some[::-1][start : start + PAGE]
    show("".join(_incident(incident, claims) for incident in newest), "section", "Incidents")
    if not some:
        st.write("Nobody objected after a commit, as far as this archive tells.")


def _year(incident: Incident, claims: Mapping[str, Claim]) -> str:
    dates = [claims[key].date for key in incident.objections if key in claims]
    return next((f"{date:%Y}" for date in dates if date), "")


def _incident(incident: Incident, claims: Mapping[str, Claim]) -> str:
    said = [claims[key] for key in incident.objections if key in claims]
    first = said[0].mid if said else ""
    steps = []
    commit = f" <span class='mono'>{esc(incident.commit[:12])}</span>" if incident.commit else ""
    when = day(incident.committed_at) if incident.committed_at else "before that"
    steps.append(f"<li class='committed'>{when} {chip('committed')}{commit} {esc(incident.evidence)}</li>")
    for claim in said:
        after = _after(incident, claim)
        link_there = mail_link(claim.mid, "read it", claim.start)
        archive = f", {link(claim.permalink, 'archive')}" if claim.permalink else ""
        steps.append(
            f"<li class='objected'>{day(claim.date)} {chip('objected', 'post_commit_objection')} "
            f"{esc(claim.author)}{after}: {esc(claim.text[:600])} {link_there}{archive}</li>"
        )
    outcome = esc(incident.outcome or "open, as far as the archive tells")
    where = link(incident.outcome_permalink, "mail") if incident.outcome_permalink else ""
    steps.append(f"<li class='outcome'>{chip('outcome')} {outcome} {where}</li>")
    title = mail_link(first, incident.title) if first else esc(incident.title)
    return f"<h3>{title} {chip(incident.list_name)}</h3><ol class='time'>{''.join(steps)}</ol>"


def _after(incident: Incident, claim: Claim) -> str:
    if incident.committed_at is None or claim.date is None or claim.date < incident.committed_at:
        return ""
    days = (claim.date - incident.committed_at).days
    return f" ({days} day{'' if days == 1 else 's'} after)"
