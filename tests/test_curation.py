from __future__ import annotations

import json
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from errors import UsageError
from guidelines.curation import dump, load
from guidelines.feed import atom
from guidelines.markdown import render
from guidelines.merge import merge
from guidelines.values import Decision, Revision
from tests.attacks import ATTACKS
from tests.speaking import REQ, YES, at, claim, document, keyed, reply, resolved

PAD = claim("a@x", "Ada Quill", "All padding in public structures must be checked to be zero.", REQ, thread="a@x")
YEA = reply(PAD, "y@x", "Yan Ek", "Agreed.", YES)
BIT = claim("c@x", "Cleo Vane", "A guest must discover the hypercall by a feature bit.", REQ, thread="c@x", day=7)
OLD = claim("o@x", "Olaf Dane", "Errors must be documented in the header.", REQ, thread="o@x", day=None, date=at(1, 1))
REWORD = Decision(1, at(20), "Cora Keel", "reword", "HC-002", "New calls have a feature bit.", "", "shorter")


def test_a_rebuilt_database_with_the_curation_file_makes_the_same_document():
    first, history = merge(resolved(PAD, BIT), keyed(PAD, BIT))
    claims = keyed(PAD, YEA, BIT, OLD)
    second, more = merge(resolved(*claims.values()), claims, [REWORD], first)
    revisions = [*history, *more]
    kept = load(dump([REWORD], second, revisions))
    rebuilt, nothing = merge(resolved(*claims.values()), claims, kept.decisions, kept.guidelines)
    assert nothing == []
    before = document(second, claims, revisions=revisions, decisions=(REWORD,))
    after = document(rebuilt, claims, revisions=kept.revisions, decisions=kept.decisions)
    assert render(after) == render(before)


def test_a_file_reads_back_as_what_was_written():
    found, revisions = merge(resolved(PAD, YEA, BIT), keyed(PAD, YEA, BIT), [REWORD])
    kept = load(dump([REWORD], found, revisions))
    assert (kept.decisions, list(kept.guidelines), list(kept.revisions)) == ((REWORD,), found, revisions)


def test_the_order_of_values_does_not_matter():
    found, revisions = merge(resolved(PAD, BIT), keyed(PAD, BIT))
    assert dump([], reversed(found), reversed(revisions)) == dump([], found, revisions)


@settings(max_examples=100, deadline=None)
@given(st.text(), st.text())
def test_any_words_of_a_curator_survive(value, comment):
    decision = Decision(1, at(20), "Cora Keel", "reword", "HC-001", value, "", comment)
    assert load(dump([decision], [], [])).decisions == (decision,)


@pytest.mark.parametrize(
    "text, says",
    [
        ("", ""),
        ("{", "line 1"),
        ("[]", "line 1"),
        ("{}", "format"),
        ('{"format": "precedent-curation/9"}', "format"),
        ("{HEAD}\n{'kind': 'decision'}", "line 2"),
        ('{HEAD}\n{"kind": "wish"}', "no kind 'wish'"),
        ('{HEAD}\n{"kind": "decision", "id": "one"}', "line 2"),
        ('{HEAD}\n{"kind": "decision", "id": 1, "colour": "red"}', "unknown colour"),
        ('{HEAD}\n{"kind": "revision", "number": 1, "at": "soon"}', "line 2"),
        ('{HEAD}\n{"kind": "guideline", "number": 1, "members": [1]}', "line 2"),
    ],
)
def test_a_fault_names_its_line(text, says):
    text = text.replace("{HEAD}", '{"format": "precedent-curation/1"}')
    if not says:
        assert load(text).decisions == ()
        return
    with pytest.raises(UsageError, match=says):
        load(text)


def test_the_file_is_one_json_object_a_line():
    for line in dump([REWORD], [], []).splitlines():
        assert isinstance(json.loads(line), dict)


REVISIONS = [
    Revision(1, 1, at(1), "Padding must be zero.", "layout", "proposed", "SHOULD", "added"),
    Revision(1, 2, at(5), "Padding must be zero.", "layout", "agreed", "MUST", "status: proposed → agreed"),
    Revision(2, 1, None, "Errors must be documented.", "documentation", "proposed", "SHOULD", "added"),
]


def test_the_feed_is_newest_first_and_links_to_the_document():
    feed = ET.fromstring(atom(REVISIONS, address="https://docs.example.org/guidelines.html"))
    ns = {"a": "http://www.w3.org/2005/Atom"}
    ids = [e.text for e in feed.findall("a:entry/a:id", ns)]
    assert ids == ["urn:precedent:hc-001:2", "urn:precedent:hc-001:1", "urn:precedent:hc-002:1"]
    link, updated = feed.find("a:entry/a:link", ns), feed.find("a:updated", ns)
    assert link is not None and updated is not None
    assert link.get("href") == "https://docs.example.org/guidelines.html#hc-001"
    assert updated.text == at(5).isoformat()


def test_the_feed_is_cut_by_date_and_the_same_for_any_order():
    assert atom(REVISIONS[::-1]) == atom(REVISIONS)
    assert "hc-001:1" not in atom(REVISIONS, at(3))


@pytest.mark.parametrize("text", ATTACKS)
def test_no_attack_breaks_the_feed(text):
    revision = Revision(1, 1, at(1), text, "layout", "proposed", "SHOULD", text)
    feed = ET.fromstring(atom([revision], title=text))
    assert [e.tag.rsplit("}")[-1] for e in feed.iter()].count("entry") == 1
