from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from guidelines import escape
from tests.attacks import ATTACKS

# HTML is on, so that whatever an escape lets through shows as a token.
READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
NASTY = st.text(alphabet=st.sampled_from("`*_[]()<>|\\~#-+=.!&;:/@ \n\r\t1a\"'{}$^%w"), max_size=30) | st.text(
    max_size=30
)
FRAMES = (("", ""), ("> ", ""), ("- ", ""), ("1. ", ""), ("### ", ""), ("> > ", ""), ("", " word"))


def words_of(tokens):
    """The text that a reader sees; fails on anything but text."""
    seen = []
    for token in tokens:
        assert token.type not in ("html_block", "fence", "code_block", "hr")
        if token.type == "inline":
            for child in token.children:
                assert child.type in ("text", "code_inline"), child
                seen.append(child.content)
    return "".join(seen)


def check(text):
    wanted = escape.plain(text)
    for before, after in FRAMES:
        tokens = READER.parse(before + escape.markdown(text) + after)
        assert words_of(tokens) == (wanted + after if wanted else after.strip())


@pytest.mark.parametrize("text", ATTACKS)
def test_mail_text_stays_text_in_markdown(text):
    check(text)


@settings(max_examples=600, deadline=None)
@given(NASTY)
def test_any_text_stays_text_in_markdown(text):
    check(text)


@settings(max_examples=600, deadline=None)
@given(NASTY)
def test_any_text_stays_in_its_cell_of_a_table(text):
    tokens = READER.parse(f"| a | b |\n|---|---|\n| {escape.markdown(text)} | end |")
    cells = [tokens[i + 1].children for i, token in enumerate(tokens) if token.type == "td_open"]
    assert ["".join(child.content for child in cell or ()) for cell in cells] == [escape.plain(text), "end"]


@settings(max_examples=500, deadline=None)
@given(st.lists(NASTY, min_size=2, max_size=6))
def test_text_may_be_wrapped_at_any_space(texts):
    lines = [escape.markdown(t) for t in texts if escape.plain(t)]
    tokens = READER.parse("\n".join(lines))
    assert {t.type for t in tokens} <= {"paragraph_open", "inline", "paragraph_close"}


@settings(max_examples=500, deadline=None)
@given(NASTY)
def test_any_text_stays_text_in_html(text):
    tags, words = [], []

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attrs):
            tags.append((tag, attrs))

        def handle_data(self, data):
            words.append(data)

    reader = Reader(convert_charrefs=True)
    reader.feed(f'<p title="{escape.markup(text)}">{escape.markup(text)}</p>')
    reader.close()
    assert tags == [("p", [("title", escape.plain(text))])]
    assert "".join(words) == escape.plain(text)


@settings(max_examples=500, deadline=None)
@given(st.text(max_size=60))
def test_no_control_or_format_character_survives(text):
    assert escape.plain(text).isprintable()


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//evil.example/", "", "https:evil", "ftp://a/b", " https://a/b"]
)
def test_only_web_addresses_become_links(url):
    assert escape.address(url) == ""
    assert escape.link("mail", url) == "mail"


@pytest.mark.parametrize("tail", [")", " ", "(x)", "<b>", '"', "'", "\\", "|", "`", "*", "\n", "]", "[", "\u202e", "ä"])
def test_an_address_cannot_leave_its_link(tail):
    tokens = READER.parse(f"| {escape.link('mail', 'https://lists.example.org/r/' + tail)} | x |\n|---|---|\n")
    [opened] = [c for t in tokens if t.children for c in t.children if c.type == "link_open"]
    assert str(opened.attrs["href"]).startswith("https://lists.example.org/r/")
    assert sum(t.type == "th_open" for t in tokens) == 2


def test_percent_encoded_message_ids_stay_as_they_are():
    url = "https://lists.example.org/r/CA%2Bx%3D1@mail.example.org"
    assert escape.address(url) == url


def test_identifiers_stay_readable():
    for text in ("KVM_CAP_ARM_EL2", "HVMOP_get_param", "foo()->bar", "x86_64", "a & b", "-EINVAL", "don't", "0x1f"):
        assert escape.markdown(text) == text


@settings(max_examples=500, deadline=None)
@given(NASTY | st.sampled_from(ATTACKS))
def test_nothing_outside_code_spans_looks_like_an_address_to_gfm(text):
    for token in READER.parse(escape.markdown(text)):
        for child in token.children or ():
            assert child.type == "code_inline" or not re.search(r"://|www\.|[\w.+-]@\w", child.content, re.IGNORECASE)
