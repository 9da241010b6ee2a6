"""What a timeline says of one message: what was in when it was sent, since when, and how that is known, in words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ingest.record import Known, WentIn


@dataclass(frozen=True, slots=True)
class Post:
    """A message of a thread as the timeline needs it. ``text``: the author's own words."""

    mid: str
    parent: str
    author: str
    date: datetime | None
    subject: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Before:
    """Message ``mid`` was sent when a change was in already. ``at`` None where only its words say so; ``days`` between
    the two; ``evidence`` in words; ``oid``/``title`` of the change and ``told_in``, the mail that told of it, as far as
    known; ``start``: offset in the post's text where it names the change, -1 where it does not."""

    mid: str
    at: datetime | None
    days: float | None
    evidence: str
    oid: str
    title: str
    told_in: str
    start: int = -1


def again(post: Post, before: Before) -> Before:
    days = None if before.at is None or post.date is None else round((post.date - before.at) / timedelta(days=1), 2)
    evidence = f"named in a mail above: {before.evidence}"
    return replace(before, mid=post.mid, days=days, evidence=evidence, start=-1)


def went_in_as(known: Known, how: str, rank: int) -> WentIn:
    return WentIn(known.committed, how, known.oid, known.title, "", rank)


def before_of(post: Post, went: WentIn, words: str = "", start: int = -1) -> Before:
    assert post.date is not None
    days = round((post.date - went.at) / timedelta(days=1), 2)
    ago = f", {_span(days)} before" if went.mid != post.mid else ""
    evidence = f"{words}{went.how} on {went.at:%Y-%m-%d}{ago}"
    return Before(post.mid, went.at, days, evidence, went.oid, went.title, went.mid, start)


def _span(days: float) -> str:
    return "less than a day" if days < 1 else "a day" if days < 2 else f"{int(days)} days"
