"""What was asked of an index, so that it can be told whose answers change when something comes in.

A question is named by a short text; a thread is looked at again only where the answer to one of its questions may be
another one. Stored are checksums of the texts: two that are alike by chance cost time and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar, overload
from zlib import crc32

from ingest.commits import Event
from ingest.history.alike import title_key

Value = TypeVar("Value")
Other = TypeVar("Other")

PATCH, POSTING, LINKS, COMMIT, TITLE, HASH = "patch", "posting", "links", "commit", "title", "hash"
FOLLOW_UPS = "follow-ups"
HASH_LENGTH = 7  # characters of a commit's hash that its events are looked up by


def question(kind: str, about: str) -> str:
    return f"{kind} {about}"


def event_questions(event: Event) -> list[str]:
    """What an event is an answer to."""
    return [
        *([question(HASH, event.oid[:HASH_LENGTH])] if event.oid else []),
        *([question(TITLE, title_key(event.title))] if event.title else []),
    ]


def checksum(asked: str) -> str:
    return f"{crc32(asked.encode(errors='surrogatepass')):08x}"


def checksums(asked: Iterable[str]) -> str:
    """Sorted, with spaces between them."""
    return " ".join(sorted(set(map(checksum, asked))))


class Watched(Mapping[str, Value]):
    """A mapping that notes in ``asked`` what it is asked for, under the name ``kind``."""

    def __init__(self, kind: str, known: Mapping[str, Value], asked: set[str]) -> None:
        self._kind, self._known, self._asked = kind, known, asked

    @overload
    def get(self, key: str, /) -> Value | None: ...
    @overload
    def get(self, key: str, /, default: Value | Other) -> Value | Other: ...
    def get(self, key: str, /, default: Any = None) -> Any:
        self._asked.add(question(self._kind, key))
        return self._known.get(key, default)

    def __getitem__(self, key: str) -> Value:
        self._asked.add(question(self._kind, key))
        return self._known[key]

    def __contains__(self, key: object) -> bool:
        self._asked.add(question(self._kind, str(key)))
        return key in self._known

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)
