"""A mail as HTML: its text in a monospace face, quotes folded by depth, tagged sentences marked where they stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from db.queries.origins import Origin
from db.queries.thread import Mail, Piece, Tag
from views.html import chip, esc, folded, link, mail_link, minute

ASIDE = {
    "diff": "diff",
    "diffstat": "diffstat",
    "trailer": "trailers",
    "signature": "signature",
    "footer": "list footer",
    "code": "code or log",
}
COLOURS = 6
LONGEST = 200_000  # characters of a body that are drawn; the raw mail has the rest


def head(mail: Mail) -> str:
    """The header, with links to every archive that has it."""
    to = ", ".join(_people(mail.recipients.get("to", ())))
    copied = ", ".join(_people(mail.recipients.get("cc", ())))
    facts = {
        "From": esc(f"{mail.author} <{mail.address}>" if mail.author != mail.address else mail.address),
        "Date": esc(minute(mail.date)) + ("" if mail.date_from in ("date", "none") else f" ({esc(mail.date_from)})"),
        "To": esc(to),
        "Cc": esc(copied if len(copied) <= 300 else copied[:299] + "…"),
        "Message-ID": f"<span class='mono'>{esc(mail.message_id)}</span>",
        "Archives": ", ".join(link(address, name) for name, address in mail.links if address),
        "Found in": "<br>".join(_origin(origin) for origin in mail.origins),
        "Odd": esc("; ".join(mail.defects) + ("; another mail has the same Message-ID" if mail.conflict else "")),
    }
    return "<dl>" + "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in facts.items() if value) + "</dl>"


def _origin(origin: Origin) -> str:
    """An archive that has the mail, or a web page that shows it."""
    place = esc(f"{origin.list_name}: {origin.location} {origin.place}")
    if not origin.page:
        return place
    told = "web page, the only copy" if origin.own else f"web page, text alike to {origin.likeness:.0%}"
    web = origin.address.startswith(("https://", "http://"))
    return f"{place} ({told}{', ' + link(origin.address, origin.address) if web else ''})"


def _people(pairs: Sequence[Sequence[str]]) -> list[str]:
    return [f"{name} <{address}>" if name else address for name, address in pairs[:100]]


def body(mail: Mail, colours: Mapping[str, int], fold: int, here: int | None = None) -> str:
    """The text. Quotes deeper than ``fold`` are shut; ``colours``: author to the number of a colour; the
    sentence that begins at ``here`` is framed."""
    pieces = [piece for piece in mail.pieces if piece.start < LONGEST]
    if not pieces:
        return f"<pre>{esc(mail.body[:LONGEST])}</pre>"
    parts = [_group(mail, kind, list(some), colours, fold, here) for kind, some in groupby(pieces, key=_sort)]
    cut = "<p class='muted'>The rest is in the raw mail.</p>" if len(mail.body) > LONGEST else ""
    return "".join(parts) + cut


def _sort(piece: Piece) -> tuple[str, int, str]:
    """Neighbours with the same sort are drawn as one."""
    return piece.kind, piece.depth, piece.author if piece.kind == "quote" else piece.role


def _group(
    mail: Mail, sort: tuple[str, int, str], some: list[Piece], colours: Mapping[str, int], fold: int, here: int | None
) -> str:
    kind, depth, _ = sort
    text = "".join(_marked(mail, piece, here) for piece in some)
    lines = mail.body[some[0].start : some[-1].end].strip("\n").count("\n") + 1
    size = f"{lines} line" + ("s" if lines != 1 else "")
    if kind == "quote":
        who = some[0].author
        shut = (depth > fold and lines > 1) or not depth
        name = f"{size} said before" if not depth else f"{size} of {who}" if who else f"{size} quoted"
        label = f"<span class='muted'>{esc(name)}</span>"
        where = f" {mail_link(some[0].source, 'source')}" if some[0].source else ""
        inner = f"<pre>{text}</pre>"
        kind_class = f"q w{colours.get(who, '-')}"
        return (
            folded(label + where, inner, kind=kind_class) if shut else f'<div class="{esc(kind_class)}">{inner}</div>'
        )
    if kind in ASIDE and lines > 3:
        note = f"<span class='muted'>{esc(ASIDE[kind])}, {size}</span>"
        return folded(note, f"<pre>{text}</pre>", kind == "code", "aside")
    return f'<div class="{"aside" if kind in ASIDE or kind == "attribution" else ""}"><pre>{text}</pre></div>'


def _marked(mail: Mail, piece: Piece, here: int | None) -> str:
    """The piece's text with its tagged sentences marked, each followed by its labels, which open to the reasons."""
    found, position = [], piece.start
    for tag in mail.tags:
        start, end = max(tag.start, position), min(tag.end, piece.end)
        if start >= end:
            continue
        found.append(esc(mail.body[position:start]))
        kind = (tag.labels[0] if tag.labels else "") + (" here" if tag.start == here else "")
        found.append(f'<mark id="at-{tag.start}" class="{esc(kind)}">')
        found.append(esc(mail.body[start:end]) + "</mark>" + "".join(_label(tag, label) for label in tag.labels))
        position = end
    found.append(esc(mail.body[position : piece.end]))
    return "".join(found)


def _label(tag: Tag, label: str) -> str:
    score = tag.scores.get(label)
    return chip(f"{label.replace('_', ' ')} {score:.2f}" if score is not None else label, label)


def excerpt(mail: Mail, start: int, end: int, before: int = 700, after: int = 400) -> str:
    """The text round a sentence, cut at line ends."""
    first = mail.body.rfind("\n", 0, max(0, start - before)) + 1 if start > before else 0
    last = mail.body.find("\n", end + after)
    last = len(mail.body) if last < 0 else last + 1
    near = [
        replace(piece, start=max(piece.start, first), end=min(piece.end, last))
        for piece in mail.pieces
        if piece.start < last and piece.end > first
    ]
    return body(replace(mail, pieces=tuple(near)), {}, 1, start)


def reasons(mail: Mail) -> str:
    """Each tagged sentence once more, with everything that is known about why."""
    items = []
    for tag in mail.tags:
        scores = ", ".join(f"{name.replace('_', ' ')} {score:.2f}" for name, score in sorted(tag.scores.items()))
        status = f"; {tag.status}: {tag.reason}" if tag.status else ""
        why = "; ".join(("", *tag.why))
        items.append(
            f"<li>{link(f'#at-{tag.start}', tag.quote[:160])} "
            f"{''.join(chip(label.replace('_', ' '), label) for label in tag.labels)}"
            f"{chip(tag.topic) if tag.topic else ''}<br>"
            f"<span class='muted'>{esc(f'{scores}; by {tag.by}{why}{status}')}</span></li>"
        )
    return f"<h3>Tags of this mail</h3><ol>{''.join(items)}</ol>" if items else ""
