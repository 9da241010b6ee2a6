"""Revisions to an Atom feed (RFC 4287), for those who follow the document in a reader.

Identifiers and dates come from the revisions alone, so that the feed of an unchanged document is the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from xml.etree import ElementTree as ET

from guidelines import escape
from guidelines.decisions import identifier
from guidelines.markdown import since_then
from guidelines.values import Revision

_ATOM = "http://www.w3.org/2005/Atom"
_NEVER = "0001-01-01T00:00:00+00:00"  # Atom wants a date in every entry; nobody takes this for one


def atom(revisions: Iterable[Revision], since: datetime | None = None, title: str = "", address: str = "") -> str:
    """The feed, newest first. ``address``: where the document is published, for links; "" for none."""
    ET.register_namespace("", _ATOM)
    shown = since_then(revisions, since)
    root = ET.Element(f"{{{_ATOM}}}feed")
    _add(root, "title", title or "Changes to the guidelines")
    _add(root, "id", address or "urn:precedent:guidelines")
    _add(root, "updated", max((_when(r) for r in shown), default=_NEVER))
    _add(_add(root, "author"), "name", "Precedent")
    for revision in shown:
        name = identifier(revision.number)
        entry = _add(root, "entry")
        _add(entry, "title", f"{name}: {revision.what}")
        _add(entry, "id", f"urn:precedent:{name.lower()}:{revision.revision}")
        _add(entry, "updated", _when(revision))
        _add(entry, "content", f"{revision.level} · {revision.status} · {revision.topic}: {revision.text}", type="text")
        if target := escape.address(address):
            _add(entry, "link", href=f"{target}#{name.lower()}")
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _add(parent: ET.Element, tag: str, text: str = "", **given: str) -> ET.Element:
    made = ET.SubElement(parent, f"{{{_ATOM}}}{tag}", given)
    made.text = escape.plain(text) or None
    return made


def _when(revision: Revision) -> str:
    return revision.at.isoformat() if revision.at else _NEVER
