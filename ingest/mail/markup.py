"""HTML of a mail to text by inscriptis, with the quoting kept: a blockquote's lines get the quote marks of plain mail.

Without them the words of the person quoted would read as the author's own.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import lxml.html  # type: ignore[import-untyped]  # lxml ships no types

_MAX = 400_000
_MAX_QUOTES = 15
_OPEN, _CLOSE = "\ue000", "\ue001"  # private use: they stand for a blockquote's bounds while it is laid out
_TOKEN = re.compile(r"<!--.*?(?:-->|\Z)|<(/?)([a-zA-Z][a-zA-Z0-9]*)[^<>]*>?", re.DOTALL)
_HIDDEN = frozenset(("script", "style", "head", "title"))
_BREAKS = frozenset(("br", "p", "div", "tr", "li", "h1", "h2", "h3", "h4", "blockquote", "pre", "table"))
_LINE = re.compile(r"border-left(?:-style|-width)?\s*:(?!\s*(?:0|none))", re.IGNORECASE)
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ue000\ue001\ufffe\uffff]")


def to_text(source: str) -> str:
    """The text that a reader sees, LF line ends, no trailing blanks. Markup beyond reading loses its tags, no more."""
    source = _NOT_XML.sub(" ", source)
    if len(source) > _MAX:
        return _stripped(source)
    # Most archives of lists hold hardly a mail of HTML, and every process would load this.
    from inscriptis import Inscriptis
    from inscriptis.css_profiles import STRICT_CSS_PROFILE
    from inscriptis.model.config import ParserConfig
    from lxml.etree import LxmlError  # type: ignore[import-untyped]  # as above
    from lxml.html import document_fromstring

    try:
        tree = document_fromstring(re.sub(r"^\s*<\?xml[^>]*>", "", source))
        for quote in filter(_is_quote, tree.iter("blockquote", "div")):
            quote.text = f"\n{_OPEN}{quote.text or ''}"
            quote.tail = f"{_CLOSE}{quote.tail or ''}"
        text = Inscriptis(tree, ParserConfig(css=STRICT_CSS_PROFILE)).get_text()
    except (LxmlError, RecursionError, ValueError, AttributeError, IndexError, KeyError, TypeError):
        return _stripped(source)
    return _quoted(text)


def _is_quote(element: lxml.html.HtmlElement) -> bool:
    """A blockquote, or what looks like one: Outlook and others draw a line left of what they quote."""
    return element.tag == "blockquote" or bool(_LINE.search(element.get("style") or ""))


def _stripped(source: str) -> str:
    """The text between the tags, in one pass: for markup that is too large or too broken to be laid out."""
    kept, at, hidden = [], 0, ""
    for token in _TOKEN.finditer(source):
        if not hidden:
            kept.append(source[at : token.start()])
        at = token.end()
        name = (token[2] or "").lower()
        if name in _HIDDEN and name == (hidden or name):
            hidden = "" if token[1] else name
        if name in _BREAKS:
            kept.append("\n")
    kept.append("" if hidden else source[at:])
    return re.sub(r"\n{3,}", "\n\n", html.unescape("".join(kept))).strip() + "\n"


def _quoted(text: str) -> str:
    depth, lines = 0, []
    for line in text.split("\n"):
        opened = line.count(_OPEN)
        closes_first = line.lstrip().startswith(_CLOSE)
        if closes_first:
            depth = max(0, depth - line.count(_CLOSE))
        depth += opened
        bare = line.replace(_OPEN, "").replace(_CLOSE, "").rstrip()
        lines.append(f"{'>' * min(depth, _MAX_QUOTES)} {bare.strip()}".rstrip() if depth else bare)
        if not closes_first:
            depth = max(0, depth - line.count(_CLOSE))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(_without_edges(lines))).strip("\n") + "\n"


def _without_edges(lines: list[str]) -> list[str]:
    """The lines without empty quoted ones at the edges of a quote, and no two of them in a row."""
    kept: list[str] = []
    for line, after in zip(lines, [*lines[1:], ""], strict=True):
        before = kept[-1] if kept else ""
        inside = len(before) > len(line) and after.startswith(line)
        if not line or line.strip(">") or inside:
            kept.append(line)
    return kept
