"""A patch mail's body to whose patch it says it is: in-body ``From:``, sign-offs, the commit that it backports.

git-am(1) takes a ``From:`` on the first line of the body for the author in place of the sender.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_FROM = re.compile(r"\s*From:[ \t]{0,20}([^<\n]{0,300}?)[ \t]{0,20}<([^<>\s]{1,320})>[ \t]*(?:\n|$)")
_SIGNED = re.compile(r"^Signed-off-by:[ \t]*(\S.*)$", re.MULTILINE)
_UPSTREAM = re.compile(
    r"^[ \t]{0,20}\[?[ \t]{0,20}(?:upstream commit ([0-9a-f]{12,40})\b|commit ([0-9a-f]{12,40}) upstream)",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Credit:
    """``from_name`` and ``from_address`` are "" where the body names no author; ``signed`` as written; ``upstream``
    the commit that is backported ("" for none)."""

    from_name: str
    from_address: str
    signed: tuple[str, ...]
    upstream: str


def credit(body: str) -> Credit:
    author = _FROM.match(body)
    upstream = _UPSTREAM.search(body)
    return Credit(
        from_name=author[1].strip(' "') if author else "",
        from_address=author[2].lower() if author else "",
        signed=tuple(_SIGNED.findall(body)),
        upstream=(upstream[1] or upstream[2]).lower() if upstream else "",
    )
