"""Text to HTML that stays text. Everything from a mail goes through ``esc``; markup and links are made here alone."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime
from urllib.parse import quote, urlencode

_UNSEEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))


def esc(text: object) -> str:
    """Escaped for text and attributes; control characters and those that turn the writing direction made visible."""
    shown = "".join(
        "\N{REPLACEMENT CHARACTER}" if c not in "\n\t" and unicodedata.category(c) in _UNSEEN else c for c in str(text)
    )
    return html.escape(shown, quote=True)


def day(moment: datetime | None) -> str:
    """2021-03-15, or "no date"."""
    return "no date" if moment is None or moment != moment else f"{moment:%Y-%m-%d}"


def minute(moment: datetime | None) -> str:
    return "no date" if moment is None or moment != moment else f"{moment:%Y-%m-%d %H:%M} UTC"


def cell(moment: datetime | None) -> str:
    """A day for a table's cell, never broken over two lines."""
    return f'<span class="nowrap">{day(moment)}</span>'


def page_url(page: str, **parameters: object) -> str:
    """A link to a page of the app, relative, so that it holds behind a proxy's path as well."""
    given = {name: value for name, value in parameters.items() if value not in (None, "")}
    where = "./" if page == "guidelines" else f"./{page}"  # the first page stands at the root
    return where + (f"?{urlencode(given, quote_via=quote)}" if given else "")


def link(address: str, label: str, title: str = "") -> str:
    """A link that we built: an https address, or one of the app's own. Anything else comes out as its label."""
    if not address.startswith(("https://", "./", "#")):
        return esc(label)
    hint = f' title="{esc(title)}"' if title else ""
    return f'<a href="{esc(address)}" rel="noreferrer noopener"{hint}>{esc(label)}</a>'


def mail_link(mid: str, label: str, start: int | None = None) -> str:
    """To a mail in its thread; with ``start`` to the sentence that begins there."""
    return link(page_url("thread", mid=mid, at=start) + (f"#at-{start}" if start is not None else ""), label)


def chip(text: str, kind: str = "") -> str:
    return f'<span class="chip {esc(kind)}">{esc(text)}</span>'


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], caption: str = "") -> str:
    """A table of cells that are HTML already."""
    head = "".join(f'<th scope="col">{esc(heading)}</th>' for heading in headings)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    title = f"<caption>{esc(caption)}</caption>" if caption else ""
    return f'<div class="wide"><table>{title}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def folded(summary: str, body: str, opened: bool = False, kind: str = "", anchor: str = "") -> str:
    """A part that opens and closes without the server. ``summary`` and ``body`` are HTML already."""
    mark = f' id="{esc(anchor)}"' if anchor else ""
    return f'<details class="{esc(kind)}"{mark}{" open" if opened else ""}><summary>{summary}</summary>{body}</details>'


STYLE = """<style>
.p-page{font-size:.95rem;line-height:1.5;overflow-wrap:anywhere}
.stMainBlockContainer{padding-top:3rem}
.p-page a{text-underline-offset:.15em;color:color-mix(in srgb,currentColor 30%,#2f74dd)}
.p-page pre,.p-page .mono{font-family:ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace;font-size:.82rem}
.p-page pre{white-space:pre-wrap;overflow-wrap:anywhere;margin:0;padding:0;background:none;border:0;tab-size:8}
.p-page .muted{opacity:.72}
.p-page .chip{display:inline-block;font:600 .72rem/1.35 system-ui,sans-serif;padding:.05rem .4rem;border-radius:.6rem;
 border:1px solid rgba(128,128,128,.45);margin:0 .15rem;white-space:nowrap;vertical-align:baseline}
.p-page .MUST,.p-page .agreed{background:rgba(40,150,80,.2)}
.p-page .SHOULD,.p-page .proposed{background:rgba(60,120,220,.2)}
.p-page .MAY{background:rgba(128,128,128,.18)}
.p-page .contested,.p-page .disagree{background:rgba(215,120,20,.24)}
.p-page .superseded{background:rgba(128,128,128,.3)}
.p-page .abi_concern{background:rgba(225,165,0,.26)}
.p-page .requirement{background:rgba(60,120,220,.26)}
.p-page .post_commit_objection{background:rgba(215,55,55,.26)}
.p-page .agree{background:rgba(40,150,80,.26)}
.p-page mark{color:inherit;background:rgba(225,165,0,.3);border-radius:.15rem;padding:.05rem 0;scroll-margin-top:5rem}
.p-page mark:target,.p-page mark.here{outline:2px solid currentColor}
.p-page details{margin:.15rem 0}
.p-page summary{cursor:pointer}
.p-page summary:focus-visible,.p-page a:focus-visible{outline:2px solid currentColor;outline-offset:2px}
.p-page details.rule{border:1px solid rgba(128,128,128,.35);border-radius:.5rem;padding:.5rem .75rem;margin:.5rem 0}
.p-page details.rule>summary{font-weight:500}
.p-page blockquote{margin:.35rem 0;padding:.1rem 0 .1rem .75rem;border-left:3px solid rgba(128,128,128,.45)}
.p-page h3{font-size:1.05rem;margin:1rem 0 .3rem;padding:0}
.p-page article h4{margin-top:.9rem}
.p-page ul,.p-page ol{padding-left:1.2rem}.p-page li{font-size:.9rem}.p-page .nowrap{white-space:nowrap}
.p-page h4{font-size:.9rem;margin:.7rem 0 .2rem;padding:0}
.p-page .wide{overflow-x:auto}
.p-page table{border-collapse:collapse;font-size:.85rem;width:100%}
.p-page caption{text-align:left;font-weight:600;padding:.3rem 0}
.p-page th{white-space:nowrap}
.p-page td{overflow-wrap:break-word}.p-page td .mono{overflow-wrap:anywhere}
.p-page th,.p-page td{text-align:left;vertical-align:top;padding:.25rem .6rem .25rem 0;
 border-bottom:1px solid rgba(128,128,128,.28)}
.p-page ol.tree{list-style:none;margin:0;padding:0;font-size:.85rem}
.p-page ol.tree li{padding:.1rem .25rem;margin:0;border-radius:.25rem}
.p-page ol.tree li.here{background:rgba(60,120,220,.18);font-weight:600}
.p-page ol.time{list-style:none;margin:.3rem 0 .3rem .35rem;padding:0;border-left:2px solid rgba(128,128,128,.45)}
.p-page ol.time li{position:relative;padding:.1rem 0 .25rem 1rem;margin:0;font-size:.88rem}
.p-page ol.time li::before{content:"";position:absolute;left:-.38rem;top:.5rem;width:.6rem;height:.6rem;
 border-radius:50%;background:#888}
.p-page ol.time li.committed::before,.p-page ol.time li.applied::before{background:#2a9650}
.p-page ol.time li.objected::before,.p-page ol.time li.reverted::before{background:#d73737}
.p-page ol.time li.posted::before{background:#3c78dc}
.p-page .mail{border:1px solid rgba(128,128,128,.35);border-radius:.5rem;padding:.6rem .75rem}
.p-page .q{border-left:3px solid;padding-left:.5rem;margin:0}
.p-page .q pre{opacity:.85}
.p-page .aside pre{opacity:.7}
.p-page .w0{border-color:#3c78dc}.p-page .w1{border-color:#2a9650}.p-page .w2{border-color:#d78214}
.p-page .w3{border-color:#9a4fd0}.p-page .w4{border-color:#c8385f}.p-page .w5{border-color:#1795a5}
.p-page .w-{border-color:#888}
.p-page dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem .8rem;
 margin:.2rem 0 .6rem;padding:0;font-size:.88rem}
.p-page dt{opacity:.72;margin:0}.p-page dd{margin:0;padding:0;overflow-wrap:anywhere}
@media (max-width:640px){.p-page dl{grid-template-columns:1fr}.p-page dt{margin-top:.2rem}
 .p-page ol.tree li{padding-left:0!important}.p-page .wide table{min-width:36rem}}
</style>"""


def block(body: str, tag: str = "div", label: str = "") -> str:
    """A part of a page; with a label it is a landmark for screen readers."""
    named = f' aria-label="{esc(label)}"' if label else ""
    return f'<{tag} class="p-page"{named}>{body}</{tag}>'
