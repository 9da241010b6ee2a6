"""A rule as HTML: what the guidelines page and the review page both show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from db.queries.rules import RuleView
from guidelines.values import Claim, Stance
from views.html import cell, chip, day, esc, link, mail_link, table

QUOTE = 600


def rule_summary(view: RuleView) -> str:
    by = f" <span class='muted'>(worded by {esc(view.text_by)})</span>" if view.text_by else ""
    tags = chip(view.level, view.level) + chip(view.status, view.status) + chip(view.topic)
    return f"<b>HC-{view.number:03d}</b> {tags} {esc(view.text)}{by}"


def rule_body(view: RuleView) -> str:
    facts = {
        "Applies to": view.applies_to,
        "Since": day(view.since),
        "Strength": f"{view.strength}; confidence {view.confidence:.2f}",
        "Status": f"{view.status}: {view.reason}" if view.reason else view.status,
        "Revision": str(view.revision),
        "Retired": view.retired,
    }
    body = "<dl>" + "".join(f"<dt>{esc(k)}</dt><dd>{esc(v)}</dd>" for k, v in facts.items() if v) + "</dl>"
    concerns = [key for member in view.requirements.values() for key in member.concerns]
    body += _quotes("Rationale", concerns, view.claims)
    body += _evidence(view)
    body += _quotes("Said to the contrary", view.opposing, view.claims)
    body += _quotes("Newer than a decision, and against it", view.against, view.claims)
    if view.decisions:
        body += "<h4>Decisions</h4><ul>" + "".join(f"<li>{esc(line)}</li>" for line in view.decisions) + "</ul>"
    if view.history:
        lines = "".join(f"<li>r{r.revision} {day(r.at)}: {esc(r.what)}</li>" for r in view.history)
        body += f"<h4>History</h4><ul>{lines}</ul>"
    return body


def quoted(claim: Claim) -> str:
    text = claim.text if len(claim.text) <= QUOTE else claim.text[: QUOTE - 1] + "…"
    where = f"{mail_link(claim.mid, 'read it in its thread', claim.start)}"
    source = f", {link(claim.permalink, 'archive')}" if claim.permalink else ""
    return (
        f"<blockquote>{esc(text)}<br><span class='muted'>{esc(claim.author)}, {day(claim.date)}, "
        f"{esc(claim.list_name)}: </span>{where}{source}</blockquote>"
    )


def _once(found: Iterable[Claim]) -> list[tuple[Claim, int]]:
    """Each author's same words once, the earliest first, with how often they were said: patches are posted again."""
    said: dict[tuple[str, str], list[Claim]] = {}
    for claim in sorted(found, key=_when):
        said.setdefault((claim.person, claim.text), []).append(claim)
    return [(claims[0], len(claims)) for claims in said.values()]


def _quotes(title: str, keys: Iterable[str], claims: Mapping[str, Claim]) -> str:
    found = _once(claims[key] for key in dict.fromkeys(keys) if key in claims)
    return f"<h4>{esc(title)}</h4>" + "".join(quoted(claim) for claim, _ in found) if found else ""


def _evidence(view: RuleView) -> str:
    stated = _once(view.claims[key] for key in view.members if key in view.claims)
    rows = [_row(claim, "states it", f"{times} times" if times > 1 else "") for claim, times in stated]
    stances = [stance for each in view.requirements.values() for stance in each.stances]
    unique = {(stance.claim, stance.stance): stance for stance in stances if stance.claim in view.claims}
    ordered = sorted(unique.values(), key=lambda s: _when(view.claims[s.claim]))
    assent = [_stance(s, view) for s in ordered if s.stance == "assent"]
    dissent = [_stance(s, view) for s in ordered if s.stance != "assent"]
    found = "<h4>Evidence</h4>" + table(("Who", "Date", "Stance", "Words", ""), rows + assent)
    return found + ("<h4>Dissent</h4>" + table(("Who", "Date", "Stance", "Words", ""), dissent) if dissent else "")


def _when(claim: Claim) -> tuple[bool, str, str]:
    return claim.date is None, claim.date.isoformat() if claim.date else "", claim.key


def _stance(stance: Stance, view: RuleView) -> tuple[str, ...]:
    words = {"assent": "agrees", "dissent": "objects"}.get(stance.stance, stance.stance)
    return _row(view.claims[stance.claim], words, stance.why)


def _row(claim: Claim, stance: str, why: str) -> tuple[str, ...]:
    text = claim.text if len(claim.text) <= QUOTE else claim.text[: QUOTE - 1] + "…"
    links = mail_link(claim.mid, "thread", claim.start) + " " + link(claim.permalink, "archive")
    note = f"<br><span class='muted'>{esc(why)}</span>" if why else ""
    return esc(claim.author), cell(claim.date), esc(stance) + note, esc(text), links
