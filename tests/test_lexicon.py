"""Cues are found by an index of first and second words, as spaCy's own matcher finds them."""

from __future__ import annotations

import random

import spacy
from spacy.matcher import Matcher
from spacy.tokens import Doc

from nlp import lexicon


def test_the_index_finds_every_phrase_that_spacys_matcher_finds_and_no_other() -> None:
    vocab = spacy.blank("en").vocab
    matcher = Matcher(vocab)
    phrases = [phrase for _, some in lexicon.cues() for phrase in some]
    for name, some in lexicon.cues():
        matcher.add(name, [made for phrase in some for made in lexicon.pattern(phrase)])
    rng = random.Random(5)
    for _ in range(400):
        words = [
            "thing" if word[0] == "*" else rng.choice((word[:-1] if word[1:].endswith("?") else word).split("|"))
            for phrase in rng.sample(phrases, 3)
            for word in phrase.split()
            if word != "^"
        ]
        doc = Doc(vocab, words=words, sent_starts=[True, *[False] * (len(words) - 1)])
        expected = {(vocab.strings[number], start, end) for number, start, end in matcher(doc)}
        assert set(lexicon.match(words)) == expected
        assert expected
