"""The sentences of a passage as the encoder reads them: a run of them at once, with the text that they answer.

A run shares one reading, so that each sentence is read with all those around it (sequential sentence classification,
Cohan et al. 2019) and the text that is answered is read once for all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nlp.features import Sentence, bare_title
from nlp.values import MailText
from nlp.wordpiece import WordPieces

LENGTH = 257  # pieces in all
MARKS = ("[unused0]", "[unused1]")  # pieces that tell the standing of labels: the annotators', or of lesser standing
RUN, SHORTEST, LONGEST = 600, 24, 240  # characters of a run; what a sentence counts at least and at most
OWN, TAIL, ROOM = 64, 16, 176  # pieces of a sentence, of which these from its end; of all sentences of a run
NEAR = 8  # sentences
ABOVE, BEFORE, AFTER = 400, 240, 140  # characters of what is answered (its end) and of the neighbours
SHARES = {"subject": 12, "above": 64, "before": 32, "after": 20}  # pieces; more of what is answered brings nothing


@dataclass(frozen=True, slots=True)
class Window:
    """``texts``: the sentences that are scored; the rest is read beside them."""

    texts: tuple[str, ...]
    place: str
    subject: str
    above: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Seat:
    """A sentence's place: the ``number``-th of ``window``, which those beside it share."""

    window: Window
    number: int


@dataclass(frozen=True, slots=True)
class Pieces:
    """Piece numbers; ``spans``: where each scored sentence stands among them, its closing mark included."""

    ids: list[int]
    spans: list[tuple[int, int]]


def windows(mail: MailText, made: Sequence[Sentence]) -> list[Window]:
    """The windows of one mail, in the order of its sentences, each of which is in one of them."""
    subject = bare_title(mail.subject)
    rows = []
    at = 0
    for run in _runs(made):
        end = at + len(run)
        before = _beside(reversed(made[max(0, at - NEAR) : at]), run[0], BEFORE)
        after = _beside(iter(made[end : end + NEAR]), run[-1], AFTER)
        above = " ".join(run[0].passage.above[-2 * ABOVE :].split())[-ABOVE:]
        texts = tuple(sentence.text for sentence in run)
        rows.append(
            Window(
                texts,
                _place(mail, run[0]),
                subject,
                above,
                " ".join(reversed(before))[-BEFORE:],
                " ".join(after)[:AFTER],
            )
        )
        at = end
    return rows


def seats(mail: MailText, made: Sequence[Sentence]) -> list[Seat]:
    """For each sentence of one mail its seat."""
    return [Seat(window, number) for window in windows(mail, made) for number in range(len(window.texts))]


def _beside(others: Iterator[Sentence], whom: Sentence, room: int) -> list[str]:
    """The nearest sentences of the same passage, as many as the room takes."""
    near: list[str] = []
    for other in others:
        if other.passage is not whom.passage or sum(map(len, near)) >= room:
            break
        near.append(other.text)
    return near


def _runs(made: Sequence[Sentence]) -> Iterator[list[Sentence]]:
    run: list[Sentence] = []
    size = 0
    for sentence in made:
        own = min(max(len(sentence.text), SHORTEST), LONGEST)
        if run and (sentence.passage is not run[-1].passage or size + own > RUN):
            yield run
            run, size = [], 0
        run.append(sentence)
        size += own
    if run:
        yield run


def _place(mail: MailText, sentence: Sentence) -> str:
    parts = ["patch" if mail.is_patch else "reply" if mail.is_reply else "opening", mail.speaker]
    parts.append(sentence.passage.role.split("_")[0])
    if mail.committed_days is not None:
        parts.append("committed" if mail.committed_days >= 0 else "later")
    return " ".join(part for part in parts if part)


def pieces_of(window: Window, pieces: WordPieces, lesser: bool = False) -> Pieces:
    """``lesser``: as if its labels were those of lesser standing. In use it is asked what annotators would say."""
    own = [pieces(text) for text in window.texts]
    limit = OWN if sum(min(len(one), OWN) for one in own) <= ROOM else max(6, ROOM // len(own))
    own = [one if len(one) <= limit else one[: limit - limit // 4] + one[-(limit // 4) :] for one in own]
    head = [
        pieces.opening,
        pieces.known[MARKS[lesser]],
        *pieces(window.place),
        *pieces(window.subject)[: SHARES["subject"]],
        pieces.closing,
    ]
    room = LENGTH - len(head) - sum(len(one) + 1 for one in own) - 3
    before = _last(pieces(window.before), min(room, SHARES["before"]))
    after = pieces(window.after)[: min(room - len(before), SHARES["after"])]
    above = _last(pieces(window.above), min(room - len(before) - len(after), SHARES["above"]))
    numbers = [*head, *above, pieces.closing, *before, pieces.closing]
    spans = []
    for one in own:
        spans.append((len(numbers), len(numbers) + len(one) + 1))
        numbers += [*one, pieces.closing]
    return Pieces([*numbers, *after, pieces.closing], spans)


def _last(numbers: list[int], count: int) -> list[int]:
    return numbers[len(numbers) - count :] if count < len(numbers) else numbers
