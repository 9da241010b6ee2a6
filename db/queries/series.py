"""A Message-ID to the mails of its series, as they were posted."""

from __future__ import annotations

from sqlalchemy import Connection, Engine, select

from db.models import Message, NodeRow, PatchRow
from db.queries.base import reading

_DEEPEST = 200  # replies followed upwards


def mails(bind: Engine | Connection, mid: str) -> list[tuple[str, str]]:
    """Subject and body of the mails of the posted version that a mail belongs to, or answers, in the order of their
    numbers; of the mail alone where it belongs to none; [] where the archive does not have it."""
    with reading(bind) as connection:
        posting = _posting(connection, mid)
        wanted = select(PatchRow.mid).where(PatchRow.posting == posting) if posting else [mid]
        query = select(Message.mid, Message.subject, Message.body).where(Message.mid.in_(wanted), ~Message.conflict)
        found = {row.mid: (row.subject, row.body) for row in connection.execute(query)}
        order = select(PatchRow.mid).where(PatchRow.posting == posting).order_by(PatchRow.number, PatchRow.mid)
        return [found[m] for m in (connection.scalars(order) if posting else [mid]) if m in found]


def _posting(connection: Connection, mid: str) -> str:
    for _ in range(_DEEPEST):
        found = connection.scalar(select(PatchRow.posting).where(PatchRow.mid == mid))
        if found is not None:
            return found
        mid = connection.scalar(select(NodeRow.parent).where(NodeRow.mid == mid)) or ""
        if not mid:
            break
    return ""
