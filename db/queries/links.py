"""Message-IDs to links: a list's permalink template with the percent-encoded id put in (RFC 3986, section 2.1)."""

from __future__ import annotations

import re
from urllib.parse import quote

from ingest.mail.headers import NO_ID

_HIDDEN = re.compile(r"@x{3,}\Z")


def permalink(template: str, mid: str) -> str:
    """``template`` with ``{mid}`` filled; "@" stays as it is, "/" does not: lore takes both so. "" for an identifier
    that we gave, and for one whose host a web page hid ("1@xxxxxxx"): no archive knows it."""
    if mid.endswith(f"@{NO_ID}") or _HIDDEN.search(mid):
        return ""
    return template.replace("{mid}", quote(mid, safe="@")) if template else ""


def bracketed(mid: str) -> str:
    """The normal form of a Message-ID as headers write it; "" stays ""."""
    return f"<{mid}>" if mid else ""
