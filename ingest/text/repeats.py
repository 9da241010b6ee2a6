"""Sentences of a commit message that their author has posted before in the same thread, word for word.

A patch often repeats its cover letter, and a version posted as a reply repeats the one before. Such words are not
said anew: they become a quote without marks (depth 0), so that one sentence is one statement, with the date on which it
was first made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ingest.body import fold, unfold
from ingest.quotes import Mail, ancestors, parents_first
from ingest.text.kinds import COMMIT_MESSAGE, Kind, Segment
from ingest.text.layers import squeeze
from ingest.text.marks import Lines

_LONG = 40  # characters, white space aside, below which a line may be a formula that one writes twice
_EFFORT = 200  # characters looked through for each character of the mails before searching stops


def repeats(mails: Sequence[Mail]) -> dict[str, tuple[Segment, ...]]:
    """The corrected segments of those mails of a thread that repeat their author's own words, by mid."""
    known = {mail.mid: mail for mail in sorted(mails, key=lambda mail: (mail.mid, mail.body), reverse=True)}
    found: dict[str, tuple[Segment, ...]] = {}
    for mail in parents_first(known):
        if any(part.role == COMMIT_MESSAGE for part in mail.segments):
            said = [_own(known[mid], found.get(mid)) for mid in _before(mail, known)]
            segments = _fold_repeats(mail, [text for text in said if len(text) >= _LONG])
            if segments != mail.segments:
                found[mail.mid] = segments
    return found


def _before(mail: Mail, known: Mapping[str, Mail]) -> Iterator[str]:
    """The mails of the same hand among those that this one answers, nearest first."""
    hand = mail.author_address.casefold()
    return (mid for mid in ancestors(mail, known) if hand and known[mid].author_address.casefold() == hand)


def _own(mail: Mail, corrected: tuple[Segment, ...] | None) -> str:
    parts = corrected or mail.segments
    return "\n".join(squeeze(mail.body[part.start : part.end]) for part in parts if part.kind is Kind.NEW)


def _fold_repeats(mail: Mail, said: list[str]) -> tuple[Segment, ...]:
    if not said:
        return mail.segments
    effort = _EFFORT * (len(mail.body) + sum(map(len, said))) + 20_000_000
    lines, changed = unfold(mail.body, mail.segments), False
    for first, stop in _units(lines):
        text = squeeze("".join(lines.raw[first:stop]))
        if len(text) >= _LONG and effort > 0:
            effort -= sum(map(len, said))
            if any(text in earlier for earlier in said):
                lines.claim(first, stop, Kind.QUOTE, 0)
                lines.role[first:stop] = [""] * (stop - first)
                changed = True
    return fold(lines, len(mail.body)) if changed else mail.segments


def _units(lines: Lines) -> Iterator[tuple[int, int]]:
    """Runs of commit message lines up to an empty one or to the end of a sentence that is the end of its line, so that
    no sentence is torn."""
    first = 0
    for index in range(len(lines) + 1):
        within = index < len(lines) and lines.raw[index].strip() and lines.role[index] == COMMIT_MESSAGE
        if not within:
            if first < index:
                yield first, index
            first = index + 1
        elif lines.raw[index].rstrip()[-1] in ".!?:":
            yield first, index + 1
            first = index + 1
