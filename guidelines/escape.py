"""Text of a mail to text that stays text: in Markdown (CommonMark and GFM), in its tables, in HTML, in addresses.

Everything that comes from a mail (sentences, names, list names, commit ids) goes through here on its way into a
document. Line breaks are folded, control and format characters (among them those that turn the writing direction)
become U+FFFD, and every character that Markdown could read is escaped, so that the rendered text is the mail's own.
What GFM would turn into a link by itself (addresses of sites and mailboxes) stands in a code span.
"""

from __future__ import annotations

import html
import re
import unicodedata
from urllib.parse import quote

# Control, format (zero width, writing direction), surrogate, private and unassigned characters; line separators.
_HIDDEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
_AUTOLINK = re.compile(r"://|www\.|\S@\S|(?:mailto|xmpp):", re.IGNORECASE)
_APART = re.compile(r"([`|\\])")
_SPECIAL = re.compile(r"[*\[\]~{}$]|!(?=\[)")
_BORDER = re.compile(r"(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")
# Alone at the start of a line these make headings, lists, rules and tables; wrapping may put any word there.
_MARKER = re.compile(r"([-+=#:]+|\d{1,9}(?=[.)]$))")
_LINK = re.compile(r"https?://[A-Za-z0-9.-]+(?::\d+)?(?:/.*)?", re.DOTALL)


def plain(text: str) -> str:
    """One line of visible characters: white space folded, control and format characters made visible."""
    folded = " ".join(text.split())
    return "".join("\N{REPLACEMENT CHARACTER}" if unicodedata.category(c) in _HIDDEN else c for c in folded)


def markdown(text: str) -> str:
    """Escape for Markdown's running text, a heading, a list item, a block quote or a table's cell."""
    return " ".join(_word(word) for word in plain(text).split(" "))


def _word(word: str) -> str:
    if match := _MARKER.match(word):
        if match.end() == len(word):
            return "\\" + word
        if word[match.end() :] in (".", ")"):
            return word[:-1] + "\\" + word[-1]
    return "".join(_part(part) for part in _APART.split(word) if part)


def _part(part: str) -> str:
    if _APART.fullmatch(part):
        return "\\" + part
    if _AUTOLINK.search(part):
        return f"`{part}`"
    part = re.sub(r"&(?=[a-zA-Z#])", "&amp;", part).replace("<", "&lt;")
    part = "&gt;" + part[1:] if part.startswith(">") else part
    return _BORDER.sub(r"\\_", _SPECIAL.sub(r"\\\g<0>", part))


def markup(text: str) -> str:
    """Escape for HTML's text and quoted attributes."""
    return html.escape(plain(text), quote=True)


def address(url: str) -> str:
    """A permalink fit for Markdown's and HTML's link targets; "" for anything that is not http(s)."""
    return quote(url, safe="/:?#=%@+,;~.-_!$", errors="replace") if _LINK.fullmatch(url) else ""


def link(text: str, url: str) -> str:
    """A Markdown link, or the text alone where the address is not one."""
    target = address(url)
    return f"[{markdown(text)}]({target})" if target else markdown(text)
