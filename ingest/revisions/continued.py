"""Threads to links between threads: one that goes on under a new subject, or with a series' next version.

Such threads are linked and never merged: who answers whom is told by headers alone. A link rests on what the subject
says ("(was: ...)"), on an answer whose client lost the headers, or on a chained series; each says which.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from ingest.subject import Subject, normal_title, parse_subject

_WAS = re.compile(r"[(\[]\s*(?:was|formerly|previously)\b\s*[:\uff1a]?\s*(.+?)\s*[)\]]?\s*$", re.IGNORECASE)
_WIDE = 300  # characters of a subject's end that are looked at
_LONG = timedelta(days=365)  # how far back a named subject is looked for
_SOON = timedelta(days=60)  # how far back the thread of an answer without headers is looked for
_TELLING = 3  # words that a title needs before it alone may link an answer
NEXT = "the next version of the series: "  # how the reason of a link begins that rests on a chained series


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
    found = {*_by_subject(ordered), *by_version(places, versions)}
    return sorted(found, key=lambda link: (link.thread, link.earlier, link.mid, link.why))


def _rank(mail: Titled) -> tuple[bool, float, str, str]:
    return mail.date is None, mail.date.timestamp() if mail.date else 0.0, mail.mid, mail.subject.title


def by_version(places: Mapping[str, str], versions: Iterable[tuple[str, str, str]]) -> Iterator[ThreadLink]:
    """``places``: mid to thread; ``versions`` as for ``continued``."""
    for mid, before, why in versions:
        if mid in places and before in places and places[mid] != places[before]:
            yield ThreadLink(places[mid], places[before], mid, f"{NEXT}{why}")


def _by_subject(ordered: list[Titled]) -> Iterator[ThreadLink]:
    """Only the first message of a thread can say what the thread goes on from."""
    index: dict[tuple[str, ...], list[tuple[datetime, str]]] = defaultdict(list)  # dates and threads, in order of date
    for mail in ordered:
        if mail.date:
            for key in (_key(mail.subject), (normal_title(mail.subject.title),)):
                index[key].append((mail.date, mail.thread))
    for mail in _openings(ordered):
        assert mail.date
        if (was := _was(mail.subject)) is not None:
            earlier = _latest(index[(was,)], mail.date, _LONG)
            why = "its subject names the one that it had before"
        elif asked(mail.subject) is not None:
            earlier = _latest(index[_key(mail.subject)], mail.date, _SOON)
            why = "it answers under the same subject, but its headers name no message of that thread"
        else:
            continue
        if earlier and earlier != mail.thread:
            yield ThreadLink(mail.thread, earlier, mail.mid, why)


def _openings(ordered: Iterable[Titled]) -> Iterator[Titled]:
    opened: set[str] = set()
    for mail in ordered:
        if mail.thread not in opened and mail.date:
            opened.add(mail.thread)
            yield mail


def opening_titles(mails: Iterable[Titled]) -> set[str]:
    """The titles that the first messages of these threads, given whole, are looked up by."""
    return {title for mail in _openings(sorted(mails, key=_rank)) if (title := asked(mail.subject)) is not None}


def asked(subject: Subject) -> str | None:
    """The title, folded, that a thread which opens with ``subject`` may go on from; None where it cannot."""
    was = _was(subject)
    if was is not None or not subject.is_reply:
        return was
    title = normal_title(subject.title)
    return title if len(title.split()) >= _TELLING else None


def _was(subject: Subject) -> str | None:
    match = _WAS.search(subject.title[-_WIDE:])
    return normal_title(parse_subject(match[1]).title) if match else None


def _key(subject: Subject) -> tuple[str, ...]:
    """An answer names the version that it answers."""
    return normal_title(subject.title), subject.version if subject.is_patch else ""


def _latest(dated: list[tuple[datetime, str]], date: datetime, reach: timedelta) -> str:
    """The thread of the last message before ``date``, "" where the last one lies too far back."""
    place = bisect_left(dated, (date, ""))
    return dated[place - 1][1] if place and date - dated[place - 1][0] <= reach else ""
