"""Where a message was found: the archives that have it, and the web pages that show it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, select

from db.models import MailingList, Membership, PageRow, Source
from db.queries.base import chunks, reading


@dataclass(frozen=True, slots=True)
class Origin:
    """``place``: where in the archive at ``location``. Of a web page ``address`` is its own ("" unknown), ``likeness``
    how much its text has in common with the message, 0 to 1; ``own``: the message was made from the page."""

    list_name: str
    location: str
    place: str
    page: bool = False
    address: str = ""
    likeness: float = 1.0
    own: bool = False


def origins(bind: Engine | Connection, message: int) -> tuple[Origin, ...]:
    """The archives first, then the pages, each in order of list, location and place."""
    archives = (
        select(MailingList.name, Source.location, Membership.origin)
        .join(Source, Source.id == Membership.source_id)
        .join(MailingList, MailingList.id == Membership.list_id)
        .where(Membership.message_id == message, Source.kind != "page")
        .order_by(MailingList.name, Source.location)
    )
    pages = (
        select(MailingList.name, Source.location, PageRow.origin, PageRow.address, PageRow.likeness, PageRow.own)
        .join(Source, Source.id == PageRow.source_id)
        .join(MailingList, MailingList.id == Source.list_id)
        .where(PageRow.message_id == message)
        .order_by(MailingList.name, Source.location, PageRow.origin)
    )
    with reading(bind) as connection:
        found = [Origin(*row) for row in connection.execute(archives)]
        for name, location, place, address, likeness, own in connection.execute(pages):
            found.append(Origin(name, location, place, True, address, likeness, own))
    return tuple(found)


def page_addresses(connection: Connection, messages: Iterable[int]) -> dict[int, str]:
    """Row id to the address of the page that a message was made from, for those that no archive has: the one place
    where a reader can see it."""
    found: dict[int, str] = {}
    for some in chunks(sorted(messages)):
        query = select(PageRow.message_id, PageRow.address).where(PageRow.own, PageRow.message_id.in_(some))
        for message, address in connection.execute(query.order_by(PageRow.message_id, PageRow.address.desc())):
            if message is not None and address.startswith("https://"):
                found[message] = address
    return found
