"""Messages that go: withdrawn by their archive, or made from a web page and found in the archive since."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from db.models import Blob, Message, NodeRow, PageRow, ThreadRow
from db.store.structure import mark, set_mark


def drop(session: Session, messages: Sequence[int]) -> None:
    """Removes messages and what was made of them; the stages look at their threads again."""
    for row in session.execute(select(Message.id, Message.mid).where(Message.id.in_(messages))).all():
        thread = select(NodeRow.thread).where(NodeRow.mid == row.mid).scalar_subquery()
        session.execute(update(ThreadRow).where(ThreadRow.thread == thread).values(traced="", tagged="", distilled=""))
        session.execute(delete(Message).where(Message.id == row.id))
        left = session.scalars(select(Message.id).where(Message.mid == row.mid)).all()
        if len(left) == 1:
            session.execute(update(Message).where(Message.id.in_(left)).values(conflict=False))
    if messages:
        # A row number may be given again: what remembers how far it has come must not take that row for known.
        last = session.scalar(select(func.max(Message.id))) or 0
        if linked := mark(session, "link"):
            set_mark(session, "link", linked.partition(":")[0] + ":")
        if int(mark(session, "pages") or 0) > last:
            set_mark(session, "pages", str(last))


def withdraw(session: Session, message: int, sha256: str) -> None:
    """Removes a message for good: with its raw bytes, and with the pages that show it."""
    pages = session.scalars(select(PageRow.sha256).where(PageRow.message_id == message)).all()
    session.execute(delete(PageRow).where(PageRow.message_id == message))
    drop(session, [message])
    session.execute(delete(Blob).where(Blob.sha256.in_([sha256, *pages])))
