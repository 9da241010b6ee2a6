"""The rules of ``nlp/rules/`` (data) to a matcher over lower-case words, and to interface patterns.

A cue is a list of phrases. In a phrase ``a|b`` is either word, a trailing ``?`` makes the word optional, ``*`` is any
one word, ``*3`` up to three, and a leading ``^`` binds the phrase to the start of a sentence. Words are spaCy tokens in
lower case, so "don't" is written ``do n't``. ``spacy.matcher.Matcher`` tries every pattern at every token, which costs
ten times this index by first word; ``pattern`` still gives the same phrase in spaCy's notation.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

RULES = Path(__file__).parent / "rules"
INTERFACES = "interfaces.json"
Step = frozenset[str] | None  # None: any word
Phrase = tuple[str, bool, tuple[Step, ...]]  # cue, bound to the sentence's start, what follows the first word


def _variants(words: Sequence[str]) -> Iterator[tuple[Step, ...]]:
    """A phrase without optional parts: one variant for each way of taking or leaving them."""
    if not words:
        yield ()
        return
    word, rest = words[0], list(_variants(words[1:]))
    gap = re.fullmatch(r"\*(\d?)", word)
    if gap:
        for length in range(int(gap.group(1)) + 1) if gap.group(1) else (1,):
            yield from ((None,) * length + tail for tail in rest)
        return
    optional = len(word) > 1 and word.endswith("?")
    choices = frozenset((word[:-1] if optional else word).split("|"))
    yield from ((choices, *tail) for tail in rest)
    if optional:
        yield from rest


def pattern(phrase: str) -> list[list[dict[str, Any]]]:
    """One phrase as patterns for ``spacy.matcher.Matcher``."""
    words = phrase.split()
    anchored = words[0] == "^"
    made: list[list[dict[str, Any]]] = []
    for steps in _variants(words[anchored:]):
        items: list[dict[str, Any]] = [{"LOWER": {"IN": sorted(step)}} if step else {} for step in steps]
        if anchored:
            items[0]["SENT_START"] = True
        made.append(items)
    return made


@cache
def cues() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Every cue as ("family.name", phrases), in the order of the files' names and then of the file."""
    return tuple(
        (f"{data['family']}.{name}", tuple(phrases))
        for path in sorted(RULES.glob("*.json"))
        if path.name != INTERFACES
        for data in [json.loads(path.read_text(encoding="utf-8"))]
        for name, phrases in data["cues"].items()
    )


@cache
def index() -> dict[str, dict[str, tuple[Phrase, ...]]]:
    """First word -> the word behind it -> the phrases that may start there; "" stands for all other words."""
    made: dict[str, set[Phrase]] = {}
    for cue, phrases in cues():
        for phrase in phrases:
            words = phrase.split()
            anchored = words[0] == "^"
            for first, *rest in _variants(words[anchored:]):
                for word in first or ():
                    made.setdefault(word, set()).add((cue, anchored, tuple(rest)))
    key = lambda p: (p[0], p[1], [sorted(step or ()) for step in p[2]])  # noqa: E731 - used once, right here
    return {word: _by_second(sorted(found, key=key)) for word, found in made.items()}


def _by_second(phrases: Sequence[Phrase]) -> dict[str, tuple[Phrase, ...]]:
    seconds = {"", *(word for _, _, rest in phrases for word in (rest and rest[0]) or ())}
    return {
        word: tuple(phrase for phrase in phrases if not phrase[2] or phrase[2][0] is None or word in phrase[2][0])
        for word in seconds
    }


def match(words: Sequence[str]) -> list[tuple[str, int, int]]:
    """(cue, start, end) of every phrase in one sentence's lower-case words."""
    known = index()
    count = len(words)
    found = []
    for at, word in enumerate(words):
        if word not in known:
            continue
        seconds = known[word]
        second = words[at + 1] if at + 1 < count else ""
        for cue, anchored, rest in seconds.get(second, seconds[""]):
            end = at + 1 + len(rest)
            if end > count or (anchored and at):
                continue
            if len(rest) < 2 or all(step is None or words[at + 1 + i] in step for i, step in enumerate(rest)):
                found.append((cue, at, end))
    return found


@cache
def interfaces() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """(kind, expression that a whole token must match), the most telling kind first."""
    entries = json.loads((RULES / INTERFACES).read_text(encoding="utf-8"))
    return tuple((entry["kind"], re.compile(entry["regex"])) for entry in entries)
