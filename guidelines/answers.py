"""Rules to the lines of a series that seem to answer them.

What a series brings along answers a rule of that topic which asks for such a thing in its own words; a rule that asks
for something else in the topic stays open. Any rule seems answered by an added line that says what it says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from guidelines.entries import Entry
from guidelines.likeness import telling
from guidelines.touches import Line, Touch
from nlp.labels import Topic

SHARED, PART = 3, 0.5  # telling words of a rule that one line must share, and the part of them
_ASKS = {
    Topic.DISCOVERY: r"discover\w*|enumerat\w*|advertis\w*|prob(?:e|ed|ing)|detect\w*|bits?|cap(?:s|abilit\w+)?|flags?",
    Topic.CONTROL: r"opt\W?(?:in|out)|opt(?:ed|s)? in\w*|control\w*|disabl\w*|turn\w* (?:it |them )?off|enabl\w*|switch"
    r"|default|hid(?:e|den)|elect\w*|per\W(?:domain|vm)|explicit\w*|(?:not|never|n't)(?: \w+)* expos\w*",
    Topic.LAYOUT: r"pad\w*|reserved|zero\w*|unused|flags?",
    Topic.MIGRATION: r"sav(?:e|ed|ing)|restor\w*|snapshot\w*|(?:pseudo-?)?registers?|records?",
    Topic.DOCUMENTATION: r"document\w*|comments?|descri\w+|spec\w*|docs?",
    Topic.TESTING: r"\w*tests?|tested|testing|xtf|ci|fuzz\w*",
    Topic.INTEGRATION: r"toolstacks?|tools?|vmms?|qemu|users?|userspace|consum\w*|librar\w+|libxl",
    Topic.SECURITY: r"privileg\w*|permission\w*|xsm|flask|allowed|access\w*|trust\w*|check\w*",
}
_ASKING = {topic: re.compile(rf"\b(?:{words})\b", re.IGNORECASE) for topic, words in _ASKS.items()}
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


class Answers:
    """What a series says and brings, to be asked rule by rule."""

    def __init__(self, lines: Iterable[Line], brought: Mapping[str, Sequence[Touch]]) -> None:
        self._brought = brought
        self._said = [(_stems(line.text), line) for line in lines if not line.gone]

    def to(self, rule: Entry) -> Touch | None:
        """The line that seems to answer a rule, the one that shares most words with it; None where it stays open."""
        wanted = telling(rule.text)
        brought = self._brought.get(rule.topic, ())
        if brought and _ASKING[Topic(rule.topic)].search(rule.text):
            return max(brought, key=lambda touch: len(wanted & _stems(touch.text)))
        shared, line = max(
            ((len(wanted & stems), line) for stems, line in self._said), key=lambda row: row[0], default=(0, None)
        )
        if line is None or shared < max(SHARED, PART * len(wanted)):
            return None
        return Touch("words of the rule", line.path, line.number, line.text)


def _stems(line: str) -> frozenset[str]:
    """The telling stems of a line of code or prose, identifiers taken apart."""
    return telling(" ".join(_PARTS.findall(line)))
