"""Messages that web pages show: attached to the archive's, or stored where the archive has none.

What is attached and what is stored depends on which pages and mails there are, not on which came first. Of several
pages of one message that the archive lacks, the one that shows most is stored and the others are attached to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, func, insert, or_, select, update
from sqlalchemy.orm import Session

from db.models import Blob, Message, PageRow, Source
from db.queries.full_text import found
from db.queries.search_terms import Term
from db.store import archive
from db.store.removal import drop
from db.store.structure import mark, set_mark
from ingest import message as mail
from ingest.batch import Parsed, read_batch
from ingest.mail.headers import NO_ID
from ingest.packing import unpack
from ingest.sources import Raw
from ingest.sources.pages import facts
from ingest.text.originals import NEAR, Seen, copied, hidden_id, may_be, phrases
from tally import Tally

COMMON = 200  # messages that hold a phrase; one that more hold tells nothing
_PRECISION = ("time", "local", "day", "none")
_Key = tuple[int, str]  # source and origin
_Rank = tuple[bool, int, bool, str]


def store(session: Session, source: Source, parsed: Sequence[Parsed]) -> Tally:
    """Like ``archive.store``, for a source of pages: stored are the messages that are nowhere else."""
    rejected = archive.write(session, source, [item for item in parsed if isinstance(item.result, mail.Reject)])
    shown = [item for item in parsed if isinstance(item.result, mail.Message)]
    for item in shown:
        _note(session, source, item)
    made = settle(session)
    stored = len(made & {(source.id, item.origin) for item in shown})
    if parsed:
        source.cursor = parsed[-1].cursor
    return rejected + Tally(len(shown), stored, len(shown) - stored, 0)


def _note(session: Session, source: Source, item: Parsed) -> None:
    """The page's row, not settled yet; one that is known and did not change is left alone."""
    assert isinstance(item.result, mail.Message)
    page, here = _seen(item.result), (PageRow.source_id == source.id, PageRow.origin == item.origin)
    known = session.execute(select(PageRow.sha256, PageRow.message_id, PageRow.own).where(*here)).first()
    if known and known.sha256 == item.result.sha256:
        return
    if known and known.own:
        drop(session, [known.message_id])
    if session.get(Blob, item.result.sha256) is None:
        session.execute(insert(Blob).values(sha256=item.result.sha256, size=item.size, data=item.blob))
    values: dict[str, Any] = {
        "message_id": None,
        "own": False,
        "likeness": 0.0,
        "sha256": item.result.sha256,
        "mid": page.mid,
    }
    values |= {"date": page.date, "address": facts(item.result.page).get("address", "")}
    if known:
        session.execute(update(PageRow).where(*here).values(values))
    else:
        session.execute(insert(PageRow).values(values | {"source_id": source.id, "origin": item.origin}))


def settle(session: Session) -> set[_Key]:
    """Finds the message of every page that has none, or for which another one has come; returns those that got a row
    of their own."""
    made: set[_Key] = set()
    seen, last = int(mark(session, "pages") or 0), _last(session)
    waiting = set(_pending(session))
    while waiting or last > seen:
        waiting |= set(_touched(session, seen)) if last > seen else set()
        seen = last
        for key in sorted(waiting):
            if _settled(session, key):
                made.add(key)
        waiting, last = set(_pending(session)), _last(session)
    if mark(session, "pages") != str(last):
        set_mark(session, "pages", str(last))
    attached = session.execute(select(PageRow.source_id, PageRow.origin).where(PageRow.own.is_(False))).all()
    return made - {(row.source_id, row.origin) for row in attached}


def _last(session: Session) -> int:
    return session.scalar(select(func.max(Message.id))) or 0


def _pending(session: Session) -> list[_Key]:
    query = select(PageRow.source_id, PageRow.origin).where(PageRow.message_id.is_(None))
    return [(row.source_id, row.origin) for row in session.execute(query)]


def _touched(session: Session, since: int) -> Iterator[_Key]:
    """The pages that a message stored after row ``since`` may be the original of."""
    for row in session.execute(select(PageRow.__table__)).all():
        some: list[ColumnElement[bool]] = (
            [Message.date.between(row.date - NEAR["day"], row.date + NEAR["day"])] if row.date else []
        )
        some += [_by_id(row.mid)] if row.mid else []
        if not row.date:
            some.append(Message.id.in_(_holding(session, _seen(_read(session, row).result), since)))
        new = select(Message.id).where(Message.id > since, or_(*some), Message.id != (row.message_id or 0))
        if session.scalar(new.limit(1)) is not None:
            yield row.source_id, row.origin


def _settled(session: Session, key: _Key) -> bool:
    """Attaches the page to the best of its copies, or gives it a row; True for the latter."""
    here = (PageRow.source_id == key[0], PageRow.origin == key[1])
    row = session.execute(select(PageRow.__table__).where(*here)).one()
    item = _read(session, row)
    result, page = item.result, _seen(item.result)
    copies = [copy for copy in _copies(session, row, page) if copy[0] is None or copy[0] <= _rank(page, row.sha256)]
    if copies:
        _, likeness, _, _, message = min(copies, key=lambda copy: (copy[0] is not None, -copy[1], *copy[2:4]))
        if row.own:
            drop(session, [row.message_id])
        session.execute(update(PageRow).where(*here).values(message_id=message, own=False, likeness=likeness))
    elif row.message_id is None and isinstance(result, mail.Message):
        source = session.get_one(Source, key[0])
        archive.write(session, source, [item])
        stored = select(Message.id).where(Message.mid == result.mid, Message.content == result.content)
        message = session.scalars(stored).one()
        session.execute(update(PageRow).where(*here).values(message_id=message, own=True, likeness=1.0))
        return True
    return False


def _copies(session: Session, row: Row[Any], page: Seen) -> Iterator[tuple[_Rank | None, float, str, str, int]]:
    """(rank, likeness, mid, content, row) of the messages that the page is a copy of; archives' mails have no rank."""
    own = {r.message_id: r for r in session.execute(select(PageRow.__table__).where(PageRow.own))}
    for message in _candidates(session, row, page):
        other = _known(message, "")
        if message.id != row.message_id or not row.own:
            same = page.mid and hidden_id(other.mid) == hidden_id(page.mid)
            if same or may_be(page, other):
                body = session.scalar(select(Message.body).where(Message.id == message.id)) or ""
                other = _known(message, body)
                if score := copied(page, other):
                    rank = _rank(other, message.sha256) if message.id in own else None
                    yield rank, score, message.mid, message.content, message.id


def _candidates(session: Session, row: Row[Any], page: Seen) -> Iterable[Row[Any]]:
    columns = (Message.id, Message.mid, Message.content, Message.sha256, Message.author_name, Message.author_address)
    query = select(*columns, Message.date, Message.subject, Message.defects)
    some: list[ColumnElement[bool]] = [_by_id(page.mid)] if page.mid else []
    if page.date:
        near = NEAR[page.precision]
        some.append(Message.date.between(page.date - max(near, NEAR["day"]), page.date + max(near, NEAR["day"])))
    else:
        some.append(Message.id.in_(_holding(session, page, 0)))
    return session.execute(query.where(or_(*some)).order_by(Message.id)).all()


def _by_id(mid: str) -> ColumnElement[bool]:
    left = hidden_id(mid)
    return Message.mid.startswith(left + "@", autoescape=True) if left != mid else Message.mid == mid


def _holding(session: Session, page: Seen, since: int) -> list[int]:
    """Messages after row ``since`` that hold some of the page's phrases."""
    dialect = session.get_bind().dialect.name
    ids: set[int] = set()
    for words in phrases(page.body, page.lost):
        matching = found([Term(words)], dialect)
        if matching is not None:
            query = select(Message.id).where(Message.id.in_(matching)).limit(COMMON + 1)
            new = set(session.scalars(query.where(Message.id > since)))
            if new and len(new if since == 0 else session.scalars(query).all()) <= COMMON:
                ids |= new
    return sorted(ids)


def _read(session: Session, row: Row[Any]) -> Parsed:
    blob = session.scalars(select(Blob.data).where(Blob.sha256 == row.sha256)).one()
    data = unpack(blob, "")
    return read_batch([Raw(data, row.origin, "", page=True)])[0]


def _seen(message: mail.Message | mail.Reject) -> Seen:
    """What a page shows of its message."""
    assert isinstance(message, mail.Message)
    shown = facts(message.page)
    return Seen(
        *(_mid(message.mid), message.author.name, message.author.address, message.date),
        *(shown.get("date", "none"), message.subject, message.body),
        lost=mail.QUOTING_LOST in message.defects,
        signed=shown.get("sender") == "signed",
    )


def _known(row: Row[Any], body: str) -> Seen:
    """What is known of a stored message."""
    return Seen(
        *(_mid(row.mid), row.author_name, row.author_address, row.date),
        *("day" if mail.DAY_ONLY in row.defects else "time", row.subject, body),
        lost=mail.QUOTING_LOST in row.defects,
    )


def _mid(mid: str) -> str:
    return "" if mid.endswith(f"@{NO_ID}") else mid


def _rank(seen: Seen, sha256: str) -> _Rank:
    """The less, the more is known: of several pages of a message the one that is stored."""
    date = _PRECISION.index(seen.precision) if seen.date else len(_PRECISION)
    return not seen.mid, date, seen.lost, sha256
