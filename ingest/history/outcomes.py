"""What became of a change after somebody spoke up: reverted, fixed, followed up, dropped, released with it, or open.

A repository knows best; without one, the revert or follow-up that was posted or told on the list speaks. A fix that
came long after the message is listed, but behind the release that went out without it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ingest.history.alike import title_key
from ingest.history.shelf import PatchRef
from ingest.record import Known, Record

_KINDS = {"reverts": "reverted", "fixes": "fixed", "names": "followed_up"}
_WORDS = {"reverted": "reverted by", "fixed": "fixed by", "followed_up": "followed up by"}
_ORDER = ("reverted", "fixed", "followed_up", "dropped", "released", "fixed_later", "open")
_ANSWERS = ("reverted", "fixed", "followed_up")
_PROMPT = timedelta(days=90)
_FOLLOW = timedelta(days=30)
_STABLE = re.compile(r"(?:^|/)(?:stable|linux|release|branch)[-/]v?(\d+(?:\.\d+)+)")
_LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Outcome:
    """``kind`` is "reverted", "fixed", "followed_up", "dropped", "released", "fixed_later" or "open"; ``at`` None where
    no date is known; ``source`` the commit or mail that it rests on ("" for open)."""

    kind: str
    at: datetime | None
    words: str
    source: str


def outcomes(
    record: Record,
    oids: Sequence[str],
    titles: Sequence[str],
    since: datetime,
    posted: Sequence[PatchRef] = (),
    speaker: str = "",
) -> tuple[Outcome, ...]:
    """What became of the commits ``oids`` (and of ``titles`` where no commit is known) after ``since``, the one that
    weighs most first. ``posted``: patches that were posted in the same thread after that; ``speaker``: who spoke up:
    a later commit that credits this person is the answer."""
    found = [
        *_in_repository(record, oids, since),
        *_posted(record, oids, posted),
        *(line for title in titles for line in _told(record, title, since)),
        *_follow_ups(record, oids, titles, since),
        *_released(record, oids),
    ]

    def weight(line: Outcome) -> tuple[bool, int, datetime, str]:
        answer = line.kind in _ANSWERS and record.credits(line.source, speaker)
        return not answer, _ORDER.index(line.kind), line.at or _LAST, line.source

    lines = sorted(found, key=weight)
    kept = {line.source: line for line in reversed(lines)}
    return tuple(line for line in lines if kept[line.source] is line) or (Outcome("open", None, "nothing known", ""),)


def _in_repository(record: Record, oids: Sequence[str], since: datetime) -> Iterator[Outcome]:
    for oid in oids:
        for relation, known in record.later(oid):
            kind = _KINDS[relation]
            # What was reverted stays reverted for whoever speaks of it later.
            if known.oid not in oids and (kind == "reverted" or known.committed > since):
                late = kind == "fixed" and known.committed - since > _PROMPT
                if kind != "followed_up" or known.committed - since < _PROMPT:
                    yield _by("fixed_later" if late else kind, known)


def _posted(record: Record, oids: Sequence[str], posted: Sequence[PatchRef]) -> Iterator[Outcome]:
    for ref in posted:
        known = [k for _, k in record.links.get(ref.mid, ()) if k.oid not in oids]
        yield from (_by("followed_up", k) for k in known)
        if not known:
            yield Outcome("followed_up", ref.date, f"followed up by the patch {ref.title}", ref.mid)


def _told(record: Record, title: str, since: datetime) -> Iterator[Outcome]:
    """The list says that it was taken out again, or that a revert of that title went in."""
    for event, at in record.told_of(title_key(title), since):
        if event.kind == "reverted":
            yield Outcome("dropped", at, "told on the list: taken out again", event.mid)
    for event, at in record.told_of(title_key(f'Revert "{title}"'), since):
        yield Outcome("reverted", at, f"told on the list: its revert was {event.kind}", event.mid)


def _follow_ups(record: Record, oids: Sequence[str], titles: Sequence[str], since: datetime) -> Iterator[Outcome]:
    """A posting called a follow-up, by the one who posted the change, in the weeks after."""
    linked = [record.patch[link.mid] for oid in oids for link in record.mails.get(oid, ()) if link.mid in record.patch]
    people = {ref.author_address.casefold() for ref in linked}
    for ref in record.follow_ups:
        near = ref.date is not None and since < ref.date < since + _FOLLOW
        if near and ref.author_address.casefold() in people:
            commits = [known for other in record.series(ref) for _, known in record.links.get(other.mid, ())]
            yield from (_by("followed_up", known) for known in commits if known.oid not in oids)
            if not commits:
                yield Outcome("followed_up", ref.date, f"followed up by the series {ref.title}", ref.mid)


def _released(record: Record, oids: Sequence[str]) -> Iterator[Outcome]:
    for oid in oids:
        known = record.commits.get(oid)
        if known is None:
            continue
        lines = sorted((tuple(map(int, m[1].split("."))), ref) for ref in known.refs if (m := _STABLE.search(ref)))
        where = known.release or (f"the branch {lines[0][1]}" if lines else "")
        if where:
            yield Outcome("released", None, f"released with it in {where}", oid)
            return


def _by(kind: str, known: Known) -> Outcome:
    words = _WORDS[kind.removesuffix("_later")]
    return Outcome(kind, known.committed, f"{words} {known.oid[:12]} ({known.title})", known.oid)
