from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

from markdown_it import MarkdownIt

from guidelines import markdown
from guidelines.document import view
from guidelines.merge import merge
from guidelines.requirements import resolve
from guidelines.values import Decision, Incident
from tests.attacks import ATTACKS
from tests.speaking import LATE, NO, REQ, WORRY, YES, at, claim, document, keyed, reply, resolved

READER = MarkdownIt("commonmark", {"html": True}).enable("table")

WORRY_1 = claim("a@x", "Ada Quill", "A guest that cannot discover the call crashes on an old host.", WORRY)
COLD = claim("a@x", "Ada Quill", "The old manual pages grow mould in their cellar.", WORRY, start=10)
BIT = claim("a@x", "Ada Quill", "A guest must be able to discover the call by a bit.", REQ, start=80, topic="discovery")
BEN = reply(BIT, "b@x", "Ben Marsh", "Agreed.", YES, day=3)
PAD = claim("c@x", "Cleo Vane", "Padding must be checked to be zero.", REQ, topic="layout", day=5, thread="c@x")
DAN = reply(PAD, "d@x", "Dan Ro", "I see no need for that in an output structure.", NO, day=6)
IDEA = claim("e@x", "Eve Hart", "Tests should come with the series.", REQ, topic="testing", day=7, thread="e@x")
OOPS = claim("f@x", "Finn Oak", "This went in and breaks every old guest.", LATE, WORRY, day=20, thread="f@x")
CLAIMS = (WORRY_1, BIT, BEN, PAD, DAN, IDEA, OOPS)
INCIDENT = Incident("A series that broke guests", "xen-devel", at(18), "0123456789abcdef", "Link trailer", (OOPS.key,))


def made(*claims, decisions=(), **given):
    known = keyed(*(claims or CLAIMS))
    found, revisions = merge(resolved(*known.values()), known, decisions)
    given = {"incidents": (INCIDENT,), "decisions": tuple(decisions), **given}
    return document(found, known, revisions=revisions, **given)


TEXT = markdown.render(made())


def between(start, end, text=TEXT):
    return text[text.index(start) : text.index(end, text.index(start) + 1)]


def test_the_agreed_rule_stands_in_its_topic_with_quote_author_date_and_link():
    part = between("## Discovery", "## Open questions")
    assert "### HC-001: A guest must be able to discover the call by…" in part
    assert "> A guest must be able to discover the call by a bit.\n>\n> — Ada Quill, [2021-03-01](" in part
    assert "**MUST** · agreed · applies to Xen · since 2021-03-01 · 2 people, 1 thread, 2021 · revision 1" in part
    assert "| Ben Marsh | [2021-03-03](https://lists.example.org/r/b@x) | agrees | Agreed. |" in part


def test_the_rationale_is_the_concern_in_its_authors_words():
    assert "Answers the concern:\n\n> A guest that cannot discover the call crashes on an old host.\n" in TEXT


def test_a_concern_on_another_matter_is_not_shown():
    for worry, shown in ((WORRY_1, True), (COLD, False)):
        found = made(worry, BIT, BEN)
        assert [r.concerns for r in found.requirements.values()] == [(worry.key,)]
        assert (worry.text in markdown.render(found)) == shown


def test_the_contested_rule_stands_under_open_questions_with_its_dissent():
    part = between("## Open questions", "## Learned")
    assert "> Padding must be checked to be zero." in part
    assert "| Dan Ro | [2021-03-06](https://lists.example.org/r/d@x) | objects |" in part


def test_what_nobody_took_up_is_in_the_appendix_only():
    assert "Tests should come with the series" not in TEXT
    assert "Tests should come with the series" in markdown.render_appendix(made())


def test_an_assent_to_a_passage_is_told_from_one_to_the_sentence():
    end = claim("a@x", "Ada Quill", "Padding must be checked to be zero.", REQ, start=200, topic="layout")
    yes = reply(end, "b@x", "Ben Marsh", "Agreed.", YES, day=3, answers=(BIT.key, end.key))
    found = view(made(BIT, end, yes))
    [around], [straight] = found.appendix[0].entries, found.chapters[0].entries
    assert [(e.text, e.evidence[0].stance) for e in (around, straight)] == [
        (BIT.text, "agrees with the passage"),
        (end.text, "agrees"),
    ]


def test_a_rule_by_which_somebody_stands_on_both_sides_is_in_the_appendix():
    again = claim("g@x", "Dan Ro", "Padding has to be checked to be zero.", REQ, topic="layout", day=8, thread="g@x")
    assert PAD.text in markdown.render(made(PAD, DAN))
    assert PAD.text not in markdown.render(made(PAD, DAN, again))
    assert PAD.text in markdown.render_appendix(made(PAD, DAN, again))


def test_who_goes_on_to_another_matter_is_not_said_to_state_the_rule_there():
    same = claim("g@x", "Ben Marsh", "Padding has to be checked to be zero.", REQ, topic="layout", day=8, thread="g")
    more = reply(same, "h@x", "Ben Marsh", "Old callers should go on as they are.", REQ, day=9, topic="layout")
    yes = reply(PAD, "i@x", "Dan Ro", "Agreed.", YES, day=10)
    [layout] = view(made(PAD, same, more, yes)).chapters
    [shown] = layout.entries
    assert {row.words for row in shown.evidence} == {same.text, "Agreed."}


def test_what_only_went_in_is_in_the_appendix():
    patch = replace(BIT, is_patch=True)
    found = resolve([patch], {"a@x": "applied by Ben"})
    guidelines, revisions = merge(found, keyed(patch))
    shown = replace(document(guidelines, keyed(patch), revisions=revisions), requirements={r.claim: r for r in found})
    assert guidelines[0].status == "agreed" and patch.text not in markdown.render(shown)
    assert patch.text in markdown.render_appendix(shown)


def test_policy_stands_alone_but_not_ones_own_conclusion_from_it():
    rule = replace(BIT, text="Names of probes are stable ABI, and no release may change them.")
    own = replace(BIT, text="Names of probes are stable ABI, so we should think twice before we add one.")
    assert rule.text in markdown.render(made(rule))
    assert own.text not in markdown.render(made(own))


def test_an_open_question_whose_author_gave_in_is_in_the_appendix():
    well = reply(DAN, "g@x", "Cleo Vane", "Well, okay.", YES, day=7)
    assert PAD.text in markdown.render(made(PAD, DAN))
    assert PAD.text not in markdown.render(made(PAD, DAN, well))


def test_an_assent_with_reservations_carries_no_rule_into_the_main_part():
    half = reply(BIT, "b@x", "Ben Marsh", "While I agree with the sentiment, the reality is bleak.", YES, day=3)
    assert BIT.text not in markdown.render(made(BIT, half))
    assert BIT.text in markdown.render_appendix(made(BIT, half))
    assert BIT.text in markdown.render(made(BIT, half, reply(BIT, "d@x", "Dan Ro", "Yes, please.", YES, day=4)))


def test_every_live_guideline_is_in_exactly_one_of_main_part_and_appendix():
    appendix = markdown.render_appendix(made())
    for name in ("hc-001", "hc-002", "hc-003"):
        assert TEXT.count(f'<a id="{name}"></a>') + appendix.count(f'<a id="{name}"></a>') == 1


def test_the_checklist_comes_first_in_the_order_in_which_an_author_meets_the_topics():
    part = between("## Checklist", "## Discovery")
    assert part.index("**Discovery**") < part.index("**Layout**")
    assert "- [ ] [HC-001](#hc-001) MUST: A guest must be able" in part
    assert "- [ ] [HC-002](#hc-002) SHOULD (contested): Padding must be checked to be zero." in part


def test_every_link_within_the_document_has_its_anchor():
    anchors = set(re.findall(r'<a id="([^"]+)"></a>', TEXT))
    assert set(re.findall(r"\]\(#([^)]+)\)", TEXT)) <= anchors


def test_an_incident_shows_commit_evidence_and_objection():
    part = between("## Learned", "## How to read")
    assert "xen-devel · committed 2021-03-18 as 0123456789ab · Link trailer\n\n| Who |" in part
    assert "This went in and breaks every old guest." in part


def test_an_incident_names_what_else_was_in_and_the_rules_that_came_out_of_it():
    incident = replace(INCIDENT, others=(("fedcba9876543210", "port: ring", "2021-03-19"),), rules=(1, 3))
    document = made(incidents=(incident,))
    part = between("## Learned", "## How to read", markdown.render(document))
    assert "Also in by then: fedcba987654 port: ring (2021-03-19)\n" in part
    assert "Rules that came out of it: [HC-001](#hc-001), HC-003\n" in part
    page = markdown.render_html(document)
    assert 'Rules that came out of it: <a href="#hc-001">HC-001</a>, HC-003</p>' in page
    assert json.loads(markdown.render_json(document))["lessons"][0]["rules"] == [["HC-001", "hc-001"], ["HC-003", ""]]


def test_an_incident_that_is_not_about_an_interface_is_left_out():
    build = replace(OOPS, labels=(LATE,))
    assert "A series that broke guests" not in markdown.render(made(BIT, build))


def test_sections_without_entries_are_left_out():
    text = markdown.render(made(IDEA, incidents=()))
    assert "## Open questions" not in text and "## Learned" not in text and "## Retired" not in text


def test_an_empty_document_still_renders():
    for write in (markdown.render, markdown.render_appendix, markdown.render_html, markdown.render_json):
        assert write(document([], {}, lists=()))


def test_a_long_quote_is_cut_at_forty_words_in_tables_but_never_as_the_rule():
    rule = replace(BIT, text="A guest must be able to discover the call " + " and again" * 20 + " by a bit.")
    yes = reply(rule, "b@x", "Ben Marsh", "Agreed, " + "very " * 60 + "much.", YES)
    text = markdown.render(made(rule, yes))
    assert "by a bit.\n" in text
    row = next(line for line in text.split("\n") if line.startswith("| Ben Marsh"))
    assert row.count("very") <= 40 and "…" in row


def test_a_curators_wording_names_the_curator_and_keeps_the_mail():
    reword = Decision(1, at(25), "Cora Keel", "reword", "HC-001", "New calls announce themselves by a feature bit.")
    known = keyed(*CLAIMS)
    before, _ = merge(resolved(*CLAIMS), known)
    found, _ = merge(resolved(*CLAIMS), known, [reword], before)
    text = markdown.render(document(found, known, decisions=(reword,)))
    assert "New calls announce themselves by a feature bit.\n\nWorded by Cora Keel, after:\n\n> A guest must" in text
    assert "- reword by Cora Keel, 2021-03-25" in text


def test_evidence_against_a_decision_is_shown():
    accept = Decision(1, at(4), "Cora Keel", "accept", "HC-002", "")
    known = keyed(*CLAIMS)
    before, _ = merge(resolved(*CLAIMS), known)
    found, _ = merge(resolved(*CLAIMS), known, [accept], before)
    text = markdown.render(document(found, known, decisions=(accept,)))
    assert "Newer than the decision, and against it:" in text


def test_a_retired_guideline_keeps_its_anchor_and_its_reason():
    known = keyed(*CLAIMS)
    before, _ = merge(resolved(*CLAIMS), known)
    found, _ = merge(resolved(PAD, DAN), known, (), before)
    text = markdown.render(document(found, known))
    assert '- <a id="hc-001"></a>HC-001: “A guest must be able to discover the call by…” (its evidence is gone' in text


def test_the_main_part_holds_no_more_rules_than_asked_for_and_the_best_stay():
    shown = view(made(), longest=1)
    assert [e.id for c in shown.checklist for e in c.entries] == ["HC-001"]
    assert {e.id for c in shown.appendix for e in c.entries} == {"HC-002", "HC-003"}


def test_equal_values_make_equal_bytes_whatever_order_they_come_in():
    first = made()
    second = replace(
        first,
        claims=dict(reversed(first.claims.items())),
        requirements=dict(reversed(first.requirements.items())),
        revisions=tuple(reversed(first.revisions)),
    )
    for write in (markdown.render, markdown.render_appendix, markdown.render_html, markdown.render_json):
        assert write(first) == write(second)


def test_changes_come_newest_first_and_since_cuts():
    _, revisions = merge(resolved(*CLAIMS), keyed(*CLAIMS))
    text = markdown.render_changes(revisions)
    assert text.index("HC-003") < text.index("HC-001")
    later = markdown.render_changes(revisions, at(6))
    assert "since 2021-03-06" in later and "HC-003" in later and "HC-001" not in later
    assert "None." in markdown.render_changes([], at(6))


def test_json_holds_what_the_document_holds():
    data = json.loads(markdown.render_json(made()))
    assert data["chapters"][0]["entries"][0]["source"]["who"] == "Ada Quill"


DECISION = Decision(1, at(25), "Cora Keel", "accept", BIT.key, "", comment="as discussed")
BASE = made(decisions=[DECISION])
LINK = "https://lists.example.org/r/"


def hostile(text):
    """A document in which every string of a mail, a list or a curator is ``text``."""
    claims = {
        key: replace(
            c,
            text=text + " this is long enough to be a concern",
            author=text,
            address=text,
            list_name=text,
            permalink=LINK + text,
            subject=text,
        )
        for key, c in BASE.claims.items()
    }
    said = {"text": text, "text_by": text, "applies_to": text, "strength": text, "reason": text}
    incident = replace(INCIDENT, title=text, list_name=text, commit=text, evidence=text, outcome=text)
    return replace(
        BASE,
        title=text,
        guidelines=tuple(replace(g, **said) for g in BASE.guidelines),
        claims=claims,
        revisions=tuple(replace(r, text=text, what=text) for r in BASE.revisions),
        incidents=(replace(incident, outcome_permalink=LINK + text),),
        decisions=(replace(DECISION, by=text, comment=text),),
        lists=((text, 1, at(1), None),),
        counts={text: 1},
        version=text,
    )


def built(text):
    """What a Markdown reader makes of a document, without its words and links' targets."""
    shape: list[object] = []
    links: list[str] = []
    for token in READER.parse(text):
        shape.append(token.type)
        for child in token.children or ():
            if child.type == "link_open":
                links.append(str(child.attrs["href"]))
            if child.type in ("html_inline", "image", "link_open", "em_open", "hardbreak", "strong_open"):
                shape.append((child.type, child.content))
        if token.type == "html_block":
            shape.append(token.content)
    return shape, links


def test_no_attack_changes_what_a_document_is_built_of():
    plain = hostile("word")
    for write in (markdown.render, lambda found: markdown.render_appendix(found, 1)):
        wanted, _ = built(write(plain))
        for attack in ATTACKS:
            if not attack.strip():
                continue
            shape, links = built(write(hostile(attack)))
            assert shape == wanted, attack
            assert all(link.startswith(("#", "https://lists.example.org/r/")) for link in links), attack


class Tags(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.seen = []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, sorted(name for name, _ in attrs)))
        for name, value in attrs:
            if name == "href":
                assert value.startswith(("#", "https://lists.example.org/r/")), value

    def handle_comment(self, data):
        raise AssertionError(data)


def tags_of(text):
    reader = Tags()
    reader.feed(text)
    reader.close()
    return reader.seen


def test_no_attack_changes_what_the_page_is_built_of():
    wanted = tags_of(markdown.render_html(hostile("word")))
    for attack in ATTACKS:
        if attack.strip():
            assert tags_of(markdown.render_html(hostile(attack))) == wanted, attack


def test_documents_can_always_be_written_as_utf_8():
    found = hostile("lone \ud800 surrogate")
    for write in (markdown.render, markdown.render_appendix, markdown.render_html, markdown.render_json):
        write(found).encode("utf-8")


def test_what_was_said_before_the_rule_is_not_shown_as_an_answer_to_it():
    early = claim(
        "z@x", "Zoe Lund", "Guests should be able to ask, yes.", YES, day=None, date=at(1, 1), thread=BIT.thread
    )
    found = made(BIT, BEN, early, incidents=())
    requirement = found.requirements[BIT.key]
    stance = replace(requirement.stances[0], claim=early.key, mid=early.mid, person=early.person, author=early.author)
    requirement = replace(requirement, stances=(*requirement.stances, stance))
    text = markdown.render(replace(found, requirements={BIT.key: requirement}))
    assert "| said before | Guests should be able to ask, yes. |" in text
    assert "| agrees | Agreed. |" in text


def test_what_one_person_said_again_in_the_same_words_is_one_row():
    again = [replace(BIT, mid=f"v{n}@x", key=f"v{n}@x 0-9", date=at(n), thread=f"v{n}@x") for n in (3, 4, 5)]
    yes = reply(BIT, "b@x", "Ben Marsh", "Agreed.", YES, day=9)
    text = markdown.render(made(BIT, yes, *again))
    assert text.count("states, 3 times until 2021-03-05") == 1
    assert text.count("| Ada Quill |") == 1
