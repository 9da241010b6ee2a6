"""Labels of lesser standing: many, given in one quick pass, learnt from beside the gold but never measured by.

A file is JSON lines without any text: a head (``made_by``, ``version``), then one object a mail that was read whole:
``message_id`` and ``sentences``, a list of those that bear a label (``start``, ``end``, ``hash``, ``labels`` and where
they apply ``topic``, ``status``, ``assent``, ``dissent``, as in the annotations). The mail's other sentences bear none.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from errors import ModelError
from nlp.gold import Gold
from nlp.notes import text_hash
from nlp.values import MailText, Passage

Read = dict[str, tuple[Gold, ...]]  # message -> its labelled sentences, whose texts are hashes until a mail is at hand


def read(paths: Iterable[Path]) -> Read:
    """All mails of the files. Raises ModelError for a file of another form."""
    found: Read = {}
    for path in paths:
        try:
            _, *mails = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
            for mail in mails:
                key = mail["message_id"]
                found[key] = tuple(
                    Gold(key, "", "", s["start"], s["end"], s["hash"], frozenset(s["labels"]), s.get("topic"))
                    for s in mail["sentences"]
                )
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ModelError(f"{path} holds no labels to learn from: {error!r}", "see docs/tagger.md") from error
    return found


def holding(rows: Iterable[Gold], mail: MailText) -> list[Gold]:
    """The rows whose words, or their hash, the mail has at their place."""
    return [row for row in rows if any(_holds(row, passage) for passage in mail.passages)]


def _holds(row: Gold, passage: Passage) -> bool:
    if not passage.start <= row.start < row.end <= passage.end:
        return False
    words = passage.text[row.start - passage.start : row.end - passage.start]
    return row.text in (" ".join(words.split()), text_hash(words))
