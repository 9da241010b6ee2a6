"""Which sentences object after the commit: what the tagger heard in them, against what is known of the commit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ingest.history.complaints import complains, denies
from nlp.labels import Label
from nlp.values import MailText, Statement

PLAIN = 0.6  # the score of an objection in plain words, by mails that stand behind a commit
BY = "plain words after a commit, 1"
WHY = "objects in plain words to what was in"
_LABEL = Label.POST_COMMIT_OBJECTION


def decided(mail: MailText, found: Sequence[Statement], may_object: bool) -> tuple[Statement, ...]:
    """One mail's statements with the label where it belongs, in order.

    What a sentence says is half of an objection after the commit. Without a sign that the change was in when the mail
    was written (the thread's, the repository's, or its own words) it is none, whatever its score; with one, plain words
    are enough, whatever the score. Who denies that anything broke does not object.
    """
    from nlp.sentences import cut  # loads spaCy, which only who tags has

    if not may_object:
        return _without(found, range(len(found)))
    kept = {(s.start, s.end): s for s in _without(found, [at for at, s in enumerate(found) if denies(s.text)])}
    for passage in mail.passages:
        for first, last in cut(passage.text):
            text = " ".join(passage.text[first:last].split())
            if complains(text):
                where = (passage.start + first, passage.start + last)
                kept[where] = _objecting(kept.get(where) or Statement(*where, text, (), {}, None, BY))
    return tuple(kept[where] for where in sorted(kept))


def _objecting(statement: Statement) -> Statement:
    score = statement.scores.get(_LABEL, 0.0)
    if _LABEL in statement.labels and score >= PLAIN:
        return statement
    labels = tuple(dict.fromkeys((*statement.labels, _LABEL.value)))
    scores = {**statement.scores, _LABEL.value: max(score, PLAIN)}
    return replace(statement, labels=labels, scores=scores, why=(WHY, *statement.why))


def _without(found: Sequence[Statement], places: Sequence[int]) -> tuple[Statement, ...]:
    """The statements, those at ``places`` without the label; what then has none is gone."""
    kept = [
        replace(s, labels=tuple(name for name in s.labels if name != _LABEL)) if at in places else s
        for at, s in enumerate(found)
    ]
    return tuple(statement for statement in kept if statement.labels)
