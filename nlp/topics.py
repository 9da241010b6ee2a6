"""A sentence's main topic by counting the lexicon's topic cues: for pipelines that assign no topic themselves."""

from __future__ import annotations

from collections import Counter

from nlp import lexicon
from nlp.labels import Topic

ORDER = [topic.value for topic in Topic]


def topic_of(text: str) -> str:
    """The topic with most cues in ``text``; semantics, the commonest, where there is none."""
    words = [word.strip(".,;:!?()\"'") for word in text.lower().split()]
    counts = Counter(name.removeprefix("topic.") for name, _, _ in lexicon.match(words) if name.startswith("topic."))
    return min(ORDER, key=lambda topic: (-counts[topic], topic != Topic.SEMANTICS.value, ORDER.index(topic)))
