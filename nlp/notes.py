"""Labels that people gave to sentences, kept without the text: attached where the archive holds the same words.

A file is JSON lines: a head (``made_by``, ``version``), then one object a sentence: ``message_id``, ``start``, ``end``
(offsets into the decoded body), ``hash`` (SHA-256 of the text with white space folded, 16 hex digits), and where they
apply ``labels``, ``topic``, ``status``, ``assent``, ``dissent`` (Message-IDs). A sentence without labels says that
somebody read it and gave it none, which counts as much.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from errors import ModelError
from nlp.values import Statement


@dataclass(frozen=True, slots=True)
class Note:
    """One annotated sentence; ``said`` holds its status, assent and dissent where it has any."""

    start: int
    end: int
    hash: str
    labels: tuple[str, ...]
    topic: str | None
    said: dict[str, Any]
    by: str


def version(folder: Path) -> str:
    """Changes when any file of ``folder`` does."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.jsonl")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def read(folder: Path) -> dict[str, list[Note]]:
    """All annotations, by Message-ID without angle brackets. Raises ModelError for a file of another form."""
    found: dict[str, list[Note]] = defaultdict(list)
    for path in sorted(folder.glob("*.jsonl")):
        try:
            for mid, notes in parsed(path.read_text(encoding="utf-8").splitlines()).items():
                found[mid] += notes
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ModelError(f"{path} holds no annotations: {error!r}", "mend or remove the file") from error
    return found


def parsed(lines: Iterable[str]) -> dict[str, list[Note]]:
    """The annotations of one file, by Message-ID without angle brackets. Raises ValueError, KeyError, TypeError or
    AttributeError for another form."""
    head, *rows = [json.loads(line) for line in lines if line]
    by = f"{head['made_by']} ({head['version']})"
    found: dict[str, list[Note]] = defaultdict(list)
    for row in rows:
        said = {name: row[name] for name in ("status", "assent", "dissent") if row.get(name)}
        labels = tuple(row.get("labels", ()))
        note = Note(row["start"], row["end"], row["hash"], labels, row.get("topic"), said, by)
        found[row["message_id"].strip("<>")].append(note)
    return found


def overlay(statements: Sequence[Statement], notes: Iterable[Note], body: str) -> tuple[Statement, ...]:
    """The model's statements of one mail with people's labels above them.

    Notes whose text is not in the body any more do not count. Where a note holds, what the model said of the same words
    gives way, also to "no label".
    """
    holding = [note for note in notes if text_hash(body[note.start : note.end]) == note.hash]
    kept = [s for s in statements if not any(same_place(s.start, s.end, n.start, n.end) for n in holding)]
    for note in holding:
        if note.labels:
            text = " ".join(body[note.start : note.end].split())
            scores = dict.fromkeys(note.labels, 1.0)
            kept.append(
                Statement(note.start, note.end, text, note.labels, scores, note.topic, note.by, (note.by,), note.said)
            )
    return tuple(sorted(kept, key=lambda s: (s.start, s.end)))


def text_hash(text: str) -> str:
    return hashlib.sha256(" ".join(text.split()).encode("utf-8", "replace")).hexdigest()[:16]


def same_place(start: int, end: int, other_start: int, other_end: int) -> bool:
    """At least half of the shorter one is shared."""
    shared = min(end, other_end) - max(start, other_start)
    return shared * 2 >= max(1, min(end - start, other_end - other_start))
