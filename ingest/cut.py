"""The mails of a thread to their segments, where their quotes come from, and what they tell: handed to a worker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ingest import quotes
from ingest.body import Kind, Segment, segment
from ingest.commits import Event
from ingest.history.before import cites
from ingest.history.events import events
from ingest.subject import parse_subject
from ingest.text.mend import mend
from ingest.text.repeats import repeats


@dataclass(frozen=True, slots=True)
class Thread:
    """A thread's mails, ghosts among them, as yet without segments; subjects by mid; the mids in format=flowed."""

    mails: tuple[quotes.Mail, ...]
    subjects: dict[str, str]
    flowed: set[str]


Cut = tuple[dict[str, tuple[Segment, ...]], list[quotes.QuoteSource], list[Event], list[str]]


def cut_batch(batch: Sequence[Thread]) -> list[Cut]:
    """The segments, the quotes' sources, the commit events and the mails that cite, of several threads; pure.

    Segments are cut from the bodies each time, then mended by what the mails answer, so that they do not depend on
    which mails had arrived when a thread was cut first.
    """
    return [_cut(thread) for thread in batch]


def _cut(thread: Thread) -> Cut:
    mails = [replace(mail, segments=_segments(mail, thread)) for mail in thread.mails]
    for correct in (mend, repeats):
        corrected = correct(mails)
        mails = [replace(mail, segments=corrected.get(mail.mid, mail.segments)) for mail in mails]
    told: list[Event] = []
    citing = []
    for mail in mails:
        if mail.mid in thread.subjects:
            subject, new = thread.subjects[mail.mid], _new(mail)
            here = list(events(mail.mid, subject, mail.body, new, mail.parent))
            told += here
            if here or cites(subject, "\n".join(mail.body[start:end] for start, end in new)):
                citing.append(mail.mid)
    return {mail.mid: mail.segments for mail in mails}, quotes.trace(mails), told, citing


def _segments(mail: quotes.Mail, thread: Thread) -> tuple[Segment, ...]:
    subject = parse_subject(thread.subjects.get(mail.mid, ""))
    patch = subject.is_patch and not subject.is_reply
    return segment(mail.body, is_patch=patch, flowed=mail.mid in thread.flowed)


def _new(mail: quotes.Mail) -> list[tuple[int, int]]:
    return [(segment.start, segment.end) for segment in mail.segments if segment.kind == Kind.NEW]
