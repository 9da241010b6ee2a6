"""Threads to links between threads: one that goes on under a new subject, or with a series' next version.

Such threads are linked and never merged: who answers whom is told by headers alone. A link rests on what the subject
says ("(was: ...)"), on an answer whose client lost the headers, or on a chained series; each says which.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from ingest.subject import Subject, normal_title, parse_subject

_WAS = re.compile(r"[(\[]\s*(?:was|formerly|previously)\b\s*[:\uff1a]?\s*(.+?)\s*[)\]]?\s*$", re.IGNORECASE)
_WIDE = 300  # characters of a subject's end that are looked at
_LONG = timedelta(days=365)  # how far back a named subject is looked for
_SOON = timedelta(days=60)  # how far back the thread of an answer without headers is looked for
_TELLING = 3  # words that a title needs before it alone may link an answer


@dataclass(frozen=True, slots=True)
class Titled:
    """What linking needs of a message: its place (``thread`` as ``threads.forest`` names it) and its subject."""

    mid: str
    thread: str
    subject: Subject
    date: datetime | None


@dataclass(frozen=True, slots=True)
class ThreadLink:
    """Thread ``thread`` goes on from thread ``earlier``; ``mid`` is the message that says so, ``why`` in words."""

    thread: str
    earlier: str
    mid: str
    why: str


def continued(mails: Iterable[Titled], versions: Iterable[tuple[str, str, str]] = ()) -> list[ThreadLink]:
    """The links, sorted. ``versions``: (mid, mid of the version before, why) of each chained posting."""
    ordered = sorted({mail.mid: mail for mail in sorted(mails, key=_rank, reverse=True)}.values(), key=_rank)
    places = {mail.mid: mail.thread for mail in ordered}
    found = {link for link in (*_by_subject(ordered), *_by_version(places, versions)) if link.thread != link.earlier}
    return sorted(found, key=lambda link: (link.thread, link.earlier, link.mid, link.why))


def _rank(mail: Titled) -> tuple[bool, float, str, str]:
    return mail.date is None, mail.date.timestamp() if mail.date else 0.0, mail.mid, mail.subject.title


def _by_version(places: dict[str, str], versions: Iterable[tuple[str, str, str]]) -> Iterator[ThreadLink]:
    for mid, before, why in versions:
        if mid in places and before in places:
            yield ThreadLink(places[mid], places[before], mid, f"the next version of the series: {why}")


def _by_subject(ordered: list[Titled]) -> Iterator[ThreadLink]:
    """Only the first message of a thread can say what the thread goes on from."""
    index: dict[tuple[str, ...], list[tuple[datetime, str]]] = defaultdict(list)  # dates and threads, in order of date
    for mail in ordered:
        if mail.date:
            for key in (_key(mail.subject), (normal_title(mail.subject.title),)):
                index[key].append((mail.date, mail.thread))
    opened: set[str] = set()
    for mail in ordered:
        if mail.thread in opened or not mail.date:
            continue
        opened.add(mail.thread)
        if was := _WAS.search(mail.subject.title[-_WIDE:]):
            earlier = _latest(index[(normal_title(parse_subject(was[1]).title),)], mail.date, _LONG)
            why = "its subject names the one that it had before"
        elif mail.subject.is_reply and len(normal_title(mail.subject.title).split()) >= _TELLING:
            earlier = _latest(index[_key(mail.subject)], mail.date, _SOON)
            why = "it answers under the same subject, but its headers name no message of that thread"
        else:
            continue
        if earlier:
            yield ThreadLink(mail.thread, earlier, mail.mid, why)


def _key(subject: Subject) -> tuple[str, ...]:
    """An answer names the version that it answers."""
    return normal_title(subject.title), subject.version if subject.is_patch else ""


def _latest(dated: list[tuple[datetime, str]], date: datetime, reach: timedelta) -> str:
    """The thread of the last message before ``date``, "" where the last one lies too far back."""
    place = bisect_left(dated, (date, ""))
    return dated[place - 1][1] if place and date - dated[place - 1][0] <= reach else ""
