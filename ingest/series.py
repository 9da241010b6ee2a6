"""Patches, cover letters and revisions: mails to postings, and postings to chains of versions.

``bundles`` gathers the mails of one posting, ``chains`` finds the version before it, ``people`` says which names and
addresses are one author. What is decided stands in ``Posting.why`` in words, for the reader to check.

Which mails make a posting is told by their threads and by what their authors sent without threading, which version it
is by all postings. So in an archive that grew the mails near the new ones are bundled anew (``bundles``), and all
postings, of which what is compared (``view``) is kept, are chained anew (``chained``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ingest.revisions.bundles import Bundle, bundles
from ingest.revisions.chains import chain
from ingest.revisions.likeness import View, view
from ingest.revisions.patches import PatchMail, PatchText, Posting, is_posting, read_patch

__all__ = [
    "Bundle",
    "PatchMail",
    "PatchText",
    "Place",
    "Posting",
    "View",
    "bundles",
    "chained",
    "is_posting",
    "posting",
    "postings",
    "read_patch",
    "view",
]


@dataclass(frozen=True, slots=True)
class Place:
    """A posting's place among the versions of its series, as ``Posting`` has it."""

    chain: str
    previous: str
    why: str


def postings(mails: Iterable[PatchMail], who: Mapping[tuple[str, str], str] | None = None) -> list[Posting]:
    """All postings in the order in which they were sent, each chained to the version before it where there is one.

    ``who`` maps (name, address) to a person's key (``people.merge``); an address that it does not know stands for
    itself.
    """
    found = bundles(mails, who or {})
    places = chained([view(bundle) for bundle in found])
    return [posting(bundle, places[bundle.lead.mid]) for bundle in found]


def chained(views: Sequence[View]) -> dict[str, Place]:
    """Every posting's place, by its key; ``views`` of all of them in the order of ``View.began``."""
    links = {link.later: link for link in chain(views)}
    first: list[int] = []
    places: dict[str, Place] = {}
    for place, each in enumerate(views):
        link = links.get(place)
        first.append(first[link.earlier] if link else place)
        alone = "a pull request, no version of a series" if each.pull else "no earlier version found"
        why = "; ".join([link.why if link else alone, *each.whys])
        places[each.key] = Place(views[first[place]].key, views[link.earlier].key if link else "", why)
    return places


def posting(bundle: Bundle, place: Place) -> Posting:
    lead = bundle.lead
    return Posting(
        key=lead.mid,
        chain=place.chain,
        previous=place.previous,
        version=bundle.written,
        title=lead.subject.title,
        author_name=lead.author_name,
        author_address=lead.author_address,
        date=lead.date,
        total=bundle.total,
        patches=tuple((number, mail.mid) for number, mail in bundle.patches),
        changelog=_changelog(bundle),
        why=place.why,
    )


def _changelog(bundle: Bundle) -> str:
    """The notes of the cover, then of each patch under its number."""
    parts: list[str] = []
    for number, mail in bundle.patches:
        if mail.notes:
            numbered = number and bundle.total > 1
            parts.append(f"[{number}/{bundle.total}]\n{mail.notes}" if numbered else mail.notes)
    return "\n\n".join(parts)
