"""Patches, cover letters and revisions: mails to postings, and postings to chains of versions.

``bundles`` gathers the mails of one posting, ``chains`` finds the version before it, ``people`` says which names and
addresses are one author. What is decided stands in ``Posting.why`` in words, for the reader to check.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ingest.revisions.bundles import Bundle, bundles
from ingest.revisions.chains import chain
from ingest.revisions.patches import PatchMail, PatchText, Posting, is_posting, read_patch
from ingest.revisions.prefixes import marked

__all__ = ["PatchMail", "PatchText", "Posting", "is_posting", "postings", "read_patch"]


def postings(mails: Iterable[PatchMail], who: Mapping[tuple[str, str], str] | None = None) -> list[Posting]:
    """All postings in the order in which they were sent, each chained to the version before it where there is one.

    ``who`` maps (name, address) to a person's key (``people.merge``); an address that it does not know stands for
    itself.
    """
    found = bundles(mails, who or {})
    links = {link.later: link for link in chain(found)}
    first: list[int] = []
    result: list[Posting] = []
    for place, bundle in enumerate(found):
        link = links.get(place)
        first.append(first[link.earlier] if link else place)
        pull = "a pull request, no version of a series" if marked(bundle.lead, "PULL") else "no earlier version found"
        why = "; ".join([link.why if link else pull, *bundle.whys])
        previous = found[link.earlier].lead.mid if link else ""
        result.append(_posting(bundle, found[first[place]].lead.mid, previous, why))
    return result


def _posting(bundle: Bundle, chain: str, previous: str, why: str) -> Posting:
    lead = bundle.lead
    return Posting(
        key=lead.mid,
        chain=chain,
        previous=previous,
        version=bundle.written,
        title=lead.subject.title,
        author_name=lead.author_name,
        author_address=lead.author_address,
        date=lead.date,
        total=bundle.total,
        patches=tuple((number, mail.mid) for number, mail in bundle.patches),
        changelog=_changelog(bundle),
        why=why,
    )


def _changelog(bundle: Bundle) -> str:
    """The notes of the cover, then of each patch under its number."""
    parts: list[str] = []
    for number, mail in bundle.patches:
        if mail.notes:
            numbered = number and bundle.total > 1
            parts.append(f"[{number}/{bundle.total}]\n{mail.notes}" if numbered else mail.notes)
    return "\n\n".join(parts)
