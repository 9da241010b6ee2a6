"""Segments: whose words each line of a mail is."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.body import Kind, above, fold, notes, paths, segment, unfold


def kinds(body: str, **options: bool) -> list[tuple[str, int, str]]:
    """(kind, depth, stripped text) of each segment."""
    return [(str(s.kind), s.depth, body[s.start : s.end].strip("\n")) for s in segment(body, **options)]


def new_text(body: str, **options: bool) -> str:
    return "".join(body[s.start : s.end] for s in segment(body, **options) if s.kind is Kind.NEW)


def kind_of(body: str, line: str, **options: bool) -> tuple[str, int]:
    """Kind and depth of the segment in which a line stands."""
    place = body.index(line)
    return next((str(s.kind), s.depth) for s in segment(body, **options) if s.start <= place < s.end)


PATCH = """\
From: Ada Example <ada@example.org>

The widget hypercall has no way to be found. Add a feature bit.

Fixes: 0123456789ab ("widget: add hypercall")
Signed-off-by: Ada Example <ada@example.org>
---
v2: take the next free bit

 include/public/widget.h | 3 ++-
 1 file changed, 2 insertions(+), 1 deletion(-)

diff --git a/include/public/widget.h b/include/public/widget.h
index 1111111..2222222 100644
--- a/include/public/widget.h
+++ b/include/public/widget.h
@@ -1,3 +1,4 @@
 #define WIDGET_A 1
-#define WIDGET_B 2
+#define WIDGET_B 3
+#define WIDGET_C 4
 #define WIDGET_END
-- 
2.30.2

_______________________________________________
widgets mailing list
widgets@lists.example.org
https://lists.example.org/mailman/listinfo/widgets
"""


def test_a_patch_mail_falls_into_message_trailers_notes_diffstat_diff_signature_and_footer() -> None:
    found = [(str(s.kind), s.role) for s in segment(PATCH, is_patch=True)]
    assert found == [
        ("forwarded", ""),
        ("new", "commit_message"),
        ("trailer", ""),
        ("diff", ""),
        ("new", "notes"),
        ("diffstat", ""),
        ("diff", ""),
        ("signature", ""),
        ("footer", ""),
    ]


def test_notes_are_what_stands_between_the_rule_and_the_diff() -> None:
    assert notes(PATCH, segment(PATCH, is_patch=True)) == "v2: take the next free bit"


def test_paths_are_the_files_that_the_diff_touches() -> None:
    assert paths(PATCH, segment(PATCH, is_patch=True)) == ("include/public/widget.h",)


def test_a_deleted_file_is_named_by_its_old_path() -> None:
    body = "diff --git a/old.c b/old.c\n--- a/old.c\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n"
    assert paths(body, segment(body, is_patch=True)) == ("old.c",)


def test_a_cover_letter_is_plain_new_text_without_a_role() -> None:
    body = "This series adds widgets.\n\nAda Example (2):\n  widget: one\n  widget: two\n\n a.c | 2 +-\n"
    assert {s.role for s in segment(body, is_patch=True)} == {""}
    assert kinds(body, is_patch=True) == [
        ("new", 0, "This series adds widgets."),
        ("diffstat", 0, body[body.index("Ada") :].strip("\n")),
    ]


def test_mercurials_header_above_a_patch_is_no_text() -> None:
    body = "# HG changeset patch\n# User ada\n# Date 1\nwidget: fix\n\ndiff -r 1 -r 2 a.c\n--- a/a.c\n+++ b/a.c\n"
    assert new_text(body, is_patch=True) == "widget: fix\n\n"


def test_pgp_armour_is_no_text() -> None:
    body = (
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nYes.\n"
        "-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----\n"
    )
    assert new_text(body).strip() == "Yes."


def test_answers_between_quoted_lines_are_new_at_every_depth() -> None:
    body = "On 1 Jul 2020, Ada Example wrote:\n> > one\n> \n> two\nAnswer.\n>>> three\n"
    assert kinds(body) == [
        ("attribution", 0, "On 1 Jul 2020, Ada Example wrote:"),
        ("quote", 2, "> > one"),
        ("quote", 1, "> \n> two"),
        ("new", 0, "Answer."),
        ("quote", 3, ">>> three"),
    ]


@pytest.mark.parametrize(
    "attribution",
    [
        "On Thu, Jan 05, 2023 at 11:09:58PM +0000, Ada Example wrote:",
        "On 2023/1/3 20:39, Ada Example wrote:",
        "On 07.11.2022 22:56, Ada Example wrote:",
        "On Tue, 03 Jan 2023 17:59:12 +0000,\nAda Example <ada@example.org> wrote:",
        "On Mon, Nov 28, 2022 at 10:36 AM Ada Example\n<ada@example.org> wrote:",
        "On Mon, Nov 28, 2022 at 10:36 AM A Very Long Name Of Somebody\nWith Many Names\n<ada@example.org> wrote:",
        "Am 03.11.22 um 00:18 schrieb Ada Example:",
        "Le 26/02/2020 à 11:56, Ada Example a écrit\xa0:",
        "El vie., 10 abr. 2020 a las 4:49, Ada Example (<ada@example.org>) escribió:",
        "Il ven 23 set 2022, 20:26 Ada Example <ada@example.org> ha scritto:",
        "在 2022/5/9 21:37, Ada Example 写道:",
        "Ada Example <ada@example.org> 于2021年11月9日周二 上午12:42写道：",
        'Ada Example writes ("[PATCH v3] widget: allow several of them"):',
        "Ada Example <ada@example.org> writes:",
        "At 12:29 +0100 on 03 Feb (1391426957), Ada Example wrote:",
        "Excerpts from Ada Example's message of June 24, 2021 10:41 pm:",
        "* Ada Example (ada@example.org) wrote:",
        "* Ada Example:",
        "Quoting Ada Example <ada@example.org>:",
        "----- On Aug 10, 2022, at 8:29 AM, Ada Example ada@example.org wrote:",
        "\ufeffOn Dec 17, 2020, at 07:13, Ada Example <ada@example.org> wrote:",
        "Ada Example wrote:",
        "Le ven. 5 mars 2021 à 10:11, Ada Example <ada@example.org> a\nécrit :",
        "Il giorno ven 5 mar 2021 alle ore 10:11 Ada Example <ada@example.org> ha\nscritto:",
        "Em sex., 5 de mar. de 2021 às 10:11, Ada Example <ada@example.org>\nescreveu:",
        "Den 05.03.2021 kl. 10.11 skrev Ada Example:",
        "pe 5. maalisk. 2021 klo 10.11 Ada Example (ada@example.org) kirjoitti:",
        "pt., 5 mar 2021 o 10:11 Ada Example <ada@example.org> napisał(a):",
        "Dne petek, 15. november 2019 00:01:38 GMT+1 je uporabnik Ada Example <ada@example.org> napisal:",
        "пт, 5 мар. 2021 г. в 10:11, Ada Example <ada@example.org>:",
        "пт, 5 бер. 2021 р. о 10:11 Ada Example <ada@example.org> пише:",
        "2021年3月5日(金) 10:11 Ada Example <ada@example.org>:",
        "2021년 3월 5일 (금) 오전 10:11, Ada Example <ada@example.org>님이 작성:",
        "\u202bבתאריך יום ו׳, 5 במרץ 2021 ב-10:11 מאת \u202aAda\u202c\u200f <\u202aada@example.org\u202c\u200f>:\u202c",
        "Ada Example <ada@example.org> ezt írta (időpont: 2021. márc. 5., P, 10:11):",
        "În vin., 5 mar. 2021 la 10:11, Ada Example <ada@example.org> a scris:",
        "Στις 2021-03-05 10:11, Ada Example έγραψε:",
        "ada@example.org wrote on 03/05/2021 10:11:12 AM:",
        "On Fri, Mar 5, 2021 at 10:11 AM Ada Longfirstname\nLongersecondname Example\n<ada@example.org> wrote:",
        "\u2010\u2010\u2010 Original Message \u2010\u2010\u2010\nOn Friday, 5 March 2021, Ada <a@example.org> wrote:",
    ],
)
def test_attributions_of_many_clients_are_recognised(attribution: str) -> None:
    body = f"Hi,\n\n{attribution}\n> quoted\n\nAnswer.\n"
    assert kinds(body) == [
        ("new", 0, "Hi,"),
        ("attribution", 0, attribution),
        ("quote", 1, "> quoted"),
        ("new", 0, "Answer."),
    ]


def test_groupwise_marks_before_an_attribution_say_nothing_about_its_depth() -> None:
    body = ">>> On 01.07.16 at 18:42, <ada@example.org> wrote:\n> quoted\n\nAnswer.\n"
    assert kinds(body)[:2] == [("attribution", 0, body.splitlines()[0]), ("quote", 1, "> quoted")]


def test_an_attribution_inside_a_quote_has_the_depth_of_the_quote_around_it() -> None:
    body = "> On 1 Jul 2020, Ada Example wrote:\n> > deep\n> shallow\n"
    assert [(k, d) for k, d, _ in kinds(body)] == [("attribution", 1), ("quote", 2), ("quote", 1)]


def test_prose_that_ends_in_a_colon_is_no_attribution() -> None:
    body = "As the manual of 12 May 2020 says:\n\nno.\n\nI wrote this:\n\n> quoted\n"
    assert new_text(body).startswith("As the manual")


def test_a_signature_ends_the_new_text() -> None:
    body = "Agreed.\n\n-- \nAda\nWidgets Ltd\n"
    assert kinds(body) == [("new", 0, "Agreed."), ("signature", 0, "-- \nAda\nWidgets Ltd")]


def test_two_dashes_above_a_long_text_are_a_divider() -> None:
    text = "\n".join(f"Line {n} of a longer thought about widgets." for n in range(12))
    assert new_text(f"First.\n\n--\n{text}\n").endswith(text + "\n")


def test_a_business_card_without_a_mark_is_a_signature() -> None:
    body = "Many calls are missing.\n\nThanks\n\nAda Example | Widget Developer\n\nWidgets Ltd\n\nweb: https://example.org\n"
    assert new_text(body).strip() == "Many calls are missing.\n\nThanks"


def test_a_list_footer_is_cut_also_under_a_signature() -> None:
    footer = (
        "_" * 47 + "\nwidgets mailing list\nwidgets@lists.example.org\nhttps://lists.example.org/mailman/listinfo/w\n"
    )
    assert kinds("Yes.\n-- \nAda\n\n" + footer)[-1] == ("footer", 0, footer.strip("\n"))


def test_trailers_in_a_reply_are_not_new_text() -> None:
    body = "Looks good.\n\nReviewed-by: Ada Example <ada@example.org>\n\nThanks\n"
    assert new_text(body) == "Looks good.\n\nThanks\n"


def test_a_note_between_trailers_belongs_to_them() -> None:
    body = (
        "Text.\n\nSigned-off-by: A <a@example.org>\n[b: rebased]\nSigned-off-by: B <b@example.org>\n---\n a.c | 1 +\n"
    )
    assert kind_of(body, "[b: rebased]", is_patch=True) == ("trailer", 0)


def test_a_diff_proposed_in_a_reply_is_never_new_text() -> None:
    diff = PATCH[PATCH.index("diff --git") : PATCH.index("-- \n")]
    body = f"> quoted\n\nHow about:\n\n{diff}\nThat would do.\n"
    assert new_text(body) == "How about:\n\nThat would do.\n"


def test_a_bare_hunk_and_a_wrapped_one_are_diffs() -> None:
    body = (
        "Like so:\n\n@@ -1,2 +1,2 @@ static int widget(struct widget *w, unsigned int first, unsigned\n int last)\n"
        "-	return a_rather_long_function_name(with_some, arguments, that_make, the_line,\nlong);\n"
        "+	return 0;\n }\n\nOK?\n"
    )
    assert new_text(body) == "Like so:\n\nOK?\n"


def test_lines_of_a_diff_that_look_like_quotes_stay_diff() -> None:
    body = "--- a/x\n+++ b/x\n@@ -1,2 +1,3 @@\n > text\n+more\n > text\n"
    assert [k for k, _, _ in kinds(body)] == ["diff"]


def test_a_whole_patch_in_a_reply_has_its_message_marked() -> None:
    body = (
        "Something like this?\n\n-- >8 --\nSubject: [PATCH] widget: fix it\n\nThe bit is wrong.\n\n"
        + PATCH[PATCH.index("Signed-off") : PATCH.index("-- \n")]
    )
    parts = {body[s.start : s.end].strip(): s for s in segment(body) if s.kind is Kind.NEW}
    assert parts["The bit is wrong."].role == "commit_message"
    assert parts["Something like this?"].role == ""


def test_text_under_a_forwarded_header_block_is_another_persons() -> None:
    body = (
        "Please see below.\n\n________________________________\nFrom: Ada Example <ada@example.org>\n"
        "Sent: Friday, 5 August 2022 11:18\nTo: Bo Example <bo@example.org>\nSubject: widgets\n\nWidgets are broken.\n"
    )
    assert new_text(body) == "Please see below.\n\n"
    assert kind_of(body, "Widgets are broken.") == ("quote", 1)


def test_a_header_block_above_marked_quotes_leaves_the_answers_new() -> None:
    body = (
        "-----Original Message-----\nFrom: Ada <ada@example.org>\nSent: 5 August 2022\nTo: Bo <bo@example.org>\n"
        "Subject: widgets\n\n> Widgets?\n\nYes.\n"
    )
    assert new_text(body) == "Yes.\n"


def test_in_a_reply_without_marks_all_below_the_attribution_is_quote() -> None:
    body = "I agree.\n\nOn 5 Aug 2022, at 11:18, Ada Example <ada@example.org> wrote:\n\nWidgets are broken.\n"
    assert kind_of(body, "Widgets are broken.") == ("quote", 1)
    assert new_text(body) == "I agree.\n\n"


def test_a_quote_that_the_client_indented_leaves_the_unindented_answers_new() -> None:
    body = "\ufeffOn 2020/4/21, Ada Example <ada@example.org> wrote:\n\n    One.\n    > older\n\nAnswer.\n\n    Two.\n"
    assert [(k, d) for k, d, _ in kinds(body)] == [
        ("attribution", 0), ("quote", 1), ("quote", 2), ("new", 0), ("quote", 1)
    ]  # fmt: skip
    assert new_text(body) == "Answer.\n\n"


def test_odd_spaces_and_marks_count_as_quote_marks() -> None:
    assert [d for _, d, _ in kinds("\xa0> a\n>\xa0> b\n")] == [1, 2]
    assert kinds("&gt; &gt; a\n")[0][:2] == ("quote", 2)


def test_initials_before_the_mark_are_quotes_when_they_repeat() -> None:
    assert [k for k, _, _ in kinds("AE> one\nAE> two\n\nNo.\n")] == ["quote", "new"]
    assert kinds("At the prompt type\nSQL> select\n")[0][0] == "new"


def test_in_flowed_text_a_stuffed_mark_is_no_quote() -> None:
    assert kinds(" > not a quote\n> quote\n", flowed=True)[0][0] == "new"


def test_an_elision_belongs_to_the_quote_that_it_shortens() -> None:
    assert [k for k, _, _ in kinds("> one\n[...]\n> two\n\nYes.\n")] == ["quote", "new"]


def test_an_empty_line_of_a_quote_does_not_split_it() -> None:
    assert kinds("> > one\n> \n> > two\n")[0][:2] == ("quote", 2)


def test_logs_and_code_are_excerpts_and_the_prose_around_them_is_not() -> None:
    body = (
        "This is what I see here:\n\n[   12.345678] widget: broken\n[   12.345679] Call trace:\n\n"
        "because the check is wrong:\n\n\tif (!widget)\n\t\treturn -EINVAL;\n\nPlease fix.\n"
    )
    assert [k for k, _, _ in kinds(body)] == ["new", "code", "new", "code", "new"]


def test_a_kernel_configuration_is_an_excerpt_and_a_sentence_that_names_an_option_is_not() -> None:
    body = (
        "I use\n\nCONFIG_WIDGET=y\n# CONFIG_GADGET is not set\n\nand it fails without\nCONFIG_WIDGET=y in the guest.\n"
    )
    assert [k for k, _, _ in kinds(body)] == ["new", "code", "new"]


def test_a_list_of_points_is_text() -> None:
    body = (
        "Two things:\n\n  - the widget must be found by the guest\n  - it should be versioned; see above\n\n1) more\n"
    )
    assert [k for k, _, _ in kinds(body)] == ["new"]


def test_marks_without_text_belong_to_the_quote_beside_them() -> None:
    body = "On 1 Jul 2020, Ada Example wrote:\n>\n>> deep\n> >\n> shallow\n>\n\nNo.\n>\n"
    assert [(k, d) for k, d, _ in kinds(body)] == [
        ("attribution", 0), ("quote", 2), ("quote", 1), ("new", 0), ("quote", 1)
    ]  # fmt: skip


def test_the_mark_that_an_mbox_puts_before_from_is_none_of_a_quote() -> None:
    body = "> > One widget is made here.\n> > >From the spec it must be found.\n> > So be it.\n\nNo.\n"
    assert [(k, d) for k, d, _ in kinds(body)] == [("quote", 2), ("new", 0)]
    assert new_text("It is\n>From the spec\nindeed.\n") == "It is\n>From the spec\nindeed.\n"
    assert kinds("Look:\n\n>From the spec\n\nindeed.\n")[1][:2] == ("quote", 1)


def test_from_and_a_date_head_a_quoted_mail() -> None:
    body = "> From: Ada Example <ada@example.org>\n> Sent: Friday, 5 August 2022 11:18\n>\n> quoted\n\nYes.\n"
    assert [k for k, _, _ in kinds(body)] == ["forwarded", "quote", "new"]


@pytest.mark.parametrize(
    "attribution",
    [
        "On Oct 2, 2023, at 23:11, Ada Example <ada@example.org> wrote:",
        "On 2 Oct 2023, at 10:07 AM, Ada Example <ada@example.org> wrote:",
        "Am 02.10.2023 um 23:11 schrieb Ada Example <ada@example.org>:",
        "Le 2 oct. 2023 à 23:11, Ada Example <ada@example.org> a écrit :",
    ],
)
def test_an_attribution_within_its_own_quote_as_apples_clients_write_it_is_one_less_deep(attribution: str) -> None:
    assert kinds(f"Hi,\n\n> {attribution}\n> \n> quoted\n\nYes.\n")[1:3] == [
        ("attribution", 0, f"> {attribution}"),
        ("quote", 1, "> \n> quoted"),
    ]
    deeper = f"On 3 Oct 2023, Bo Example wrote:\n>> {attribution}\n>>\n>> quoted\n> answer\n"
    assert [(k, d) for k, d, _ in kinds(deeper)] == [("attribution", 0), ("attribution", 1), ("quote", 2), ("quote", 1)]


def test_an_attribution_whose_quote_was_cut_keeps_its_depth() -> None:
    body = "On 3 Oct 2023, Bo Example wrote:\n> On 2 Oct 2023, Ada Example wrote:\n>\n> answer of Bo's\n"
    assert [(k, d) for k, d, _ in kinds(body)] == [("attribution", 0), ("attribution", 1), ("quote", 1)]


def test_quotes_that_became_indents_are_deeper() -> None:
    body = (
        "On Fri, 8 Oct 2021, Bo Example wrote:\n> On Fri, 8 Oct 2021, 20:07 Ada Example, <ada@example.org> wrote:\n"
        ">       On 06/10/2021 18:40, Cy Example wrote:\n>       > first\n>\n>       second\n>\n> third\n\nfourth\n"
    )
    assert [(k, d) for k, d, _ in kinds(body)] == [
        ("attribution", 0), ("attribution", 1), ("attribution", 2), ("quote", 3), ("quote", 2), ("quote", 1), ("new", 0)
    ]  # fmt: skip


def test_each_header_block_of_a_top_posted_chain_goes_one_deeper() -> None:
    block = (
        "________________________________\nFrom: {0} <{0}@example.org>\nSent: 5 August 2022\nTo: list\nSubject: w\n\n"
    )
    bo = f"{block.format('bo')}On 1 Aug 2022, Cy Example wrote:\n\n> Cy's.\n\nBo's.\n"
    body = f"Mine.\n\n{block.format('ada')}Ada's.\n\n{bo}"
    assert [(k, d) for k, d, _ in kinds(body)] == [
        ("new", 0), ("forwarded", 0), ("quote", 1), ("forwarded", 1), ("attribution", 2), ("quote", 3), ("quote", 2)
    ]  # fmt: skip


def test_a_trailer_of_two_words_stands_among_trailers() -> None:
    body = "Suggested-by: Ada <ada@example.org>\nCoverity ID: 1234567\nSigned-off-by: Bo <bo@example.org>\n"
    assert [k for k, _, _ in kinds(body)] == ["trailer"]


@pytest.mark.parametrize(
    "excerpt",
    [
        "    widget_put(vcpu)",
        "\tlock_widgets();\n\tfind_widget() // says where it is\n\t__run()",
        "kvm [1]: widgets: 40 bits\nkvm [1]: widgets initialised",
        "BUG: sleeping function called from invalid context at widget.c:27\nin_atomic(): 0, pid: 1, name: init/0",
        "     CPU0                     CPU1\n     load for w0\n                              store w0\n     set w0",
        "--->8---\nwidget found\nCall trace:\n widget_find+0x80/0xc4\n at boot\n--->8---",
    ],
)
def test_calls_logs_and_diagrams_are_excerpts(excerpt: str) -> None:
    assert kinds(f"It says\n\n{excerpt}\n\nand stops.\n")[1:2] == [("code", 0, excerpt)]


@pytest.mark.parametrize(
    "text",
    [
        '    0123456789ab ("widget: say where it is")',
        "  * Say where it is                       (Ada/Bo)\n  * Find it                               (Ada)",
        "                         Ada",
    ],
)
def test_titles_credits_and_a_name_at_the_right_are_no_excerpts(text: str) -> None:
    assert [k for k, _, _ in kinds(f"It says\n\n{text}\n")] == ["new"]


def test_what_an_author_cites_with_its_attribution_and_an_indent_is_quote() -> None:
    body = "See\n\n  On Mon, 2 Dec 2019, Ada Example wrote:\n  > one\n  > two\n\nwhich is still so.\n"
    assert [(k, d) for k, d, _ in kinds(body)] == [("new", 0), ("attribution", 0), ("quote", 1), ("new", 0)]
    quoted = "> See\n>\n>   On Mon, 2 Dec 2019, Ada Example wrote:\n>   > one\n>\n> which is so.\n\nYes.\n"
    assert [(k, d) for k, d, _ in kinds(quoted)] == [
        ("quote", 1), ("attribution", 1), ("quote", 2), ("quote", 1), ("new", 0)
    ]  # fmt: skip


def test_an_elision_between_an_attribution_and_a_deeper_quote_belongs_to_the_quote() -> None:
    body = "On 2 Jan 2020, Bo Example wrote:\n> On 1 Jan 2020, Ada Example wrote:\n[...]\n> > deep\n> one\n"
    assert [(k, d) for k, d, _ in kinds(body)] == [
        ("attribution", 0), ("attribution", 1), ("quote", 2), ("quote", 1)
    ]  # fmt: skip


def test_a_bar_is_a_quote_mark_below_an_attribution() -> None:
    assert [(k, d) for k, d, _ in kinds("Ada Example wrote:\n| one\n|\n| two\n\nYes.\n")] == [
        ("attribution", 0), ("quote", 1), ("new", 0)
    ]  # fmt: skip


def test_supercites_attribution_is_no_quote_and_its_names_are_marks() -> None:
    body = '>>>>> "Ada" == Ada Example <ada@example.org> writes:\n\n    Ada> one\n    Ada> two\n\nYes.\n'
    assert [(k, d) for k, d, _ in kinds(body)] == [("attribution", 0), ("quote", 1), ("new", 0)]


@pytest.mark.parametrize(
    "footer",
    [
        "________________________________\nW -- w@example.org\nTo unsubscribe send an email to w@example.org",
        "-=-=-=-=-=-=-=-=-=-=-=-\nGroups.io Links: You receive all messages.\n-=-=-=-=-=-=-=-=-=-=-=-",
        '--\nTo unsubscribe from this list: send the line "unsubscribe w" in\nthe body of a message to m@example.org',
        "---\n0-DAY CI Kernel Test Service\nhttps://example.org",
        "External email: Use caution opening links or attachments",
    ],
)
def test_footers_of_lists_robots_and_gateways_are_no_text(footer: str) -> None:
    assert kinds(f"Yes.\n\n{footer}\n") == [("new", 0, "Yes."), ("footer", 0, footer)]


@pytest.mark.parametrize(
    "line", ["Sent from my iPhone", "Get Outlook for iOS<https://example.org>", "Envoyé de mon iPhone"]
)
def test_what_a_telephone_adds_is_a_signature(line: str) -> None:
    assert kinds(f"Yes.\n\n{line}\n")[1:] == [("signature", 0, line)]


def test_above_is_the_quote_right_above_without_its_marks() -> None:
    body = "> > deep\n> first\n> second\n\nYes.\n\n> third\n\nNo.\n"
    segments = segment(body)
    answers = [above(body, segments, n) for n, part in enumerate(segments) if part.kind is Kind.NEW]
    assert answers == ["first\nsecond", "third"]


LINE = st.one_of(
    st.sampled_from(
        [
            "", " ", ">", "> ", "> > a", ">> b", "text", "-- ", "--", "---", "diff --git a/x b/x", "--- a/x", "+++ b/x",
            "@@ -1,2 +1,2 @@", "+x", "-y", " z", "Signed-off-by: A <a@example.org>", "On 1 Jul 2020, A wrote:",
            "From: A <a@example.org>", "Sent: now", "To: b@example.org", "Subject: c", "_" * 40, "x mailing list",
            " a | 2 +-", " 1 file changed", "-- >8 --", "[...]", "\tif (x) {", "AC> x", "[  1.000000] log", "| a | b |",
            "From " + "a" * 40 + " Mon Sep 17 00:00:00 2001", ">>> On 01.07.16 at 18:42, <a@example.org> wrote:",
        ]
    ),
    st.text(alphabet="ab >\t|-+:.<\xa0", max_size=30),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(LINE, max_size=40).map("\n".join), st.booleans(), st.booleans())
def test_segments_cover_every_character_once_and_in_order(body: str, is_patch: bool, flowed: bool) -> None:
    place = 0
    for part in segment(body, is_patch=is_patch, flowed=flowed):
        assert part.start == place < part.end
        place = part.end
    assert place == len(body)


@settings(max_examples=100, deadline=None)
@given(st.lists(LINE, max_size=40).map("\n".join), st.booleans())
def test_segments_survive_being_unfolded_to_lines_and_folded_again(body: str, is_patch: bool) -> None:
    segments = segment(body, is_patch=is_patch)
    if segments:
        assert fold(unfold(body, segments), len(body)) == segments


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200))
def test_any_text_at_all_is_covered(body: str) -> None:
    assert "".join(body[s.start : s.end] for s in segment(body)) == body


@pytest.mark.parametrize(
    "piece",
    [
        ">", "> ", "\n", "a", "From: a@example.org\n", "On 1 Jul 2020, A wrote:\n", "@@ -1,9 +1,9 @@\n", "--\n",
        "diff --git a b\n", "From: a <a@example.org>\nDate: x\nSubject: y\n\n", "a=", "_" * 30 + "\n",
        "Reviewed-by: a\n", "> a\nb\n", "(", " | ", "\tx\n\n", "[...]\n", "-----\n", "Cc: a@example.org\n",
        "--8<--\nif (a)\n    b();\n", "> > a\n>From b\n> >\n", "    On 1 Jul 2020, A wrote:\n", "> a\n>> b\n",
    ],
)  # fmt: skip
def test_long_and_odd_bodies_take_linear_time(piece: str) -> None:
    def seconds(size: int) -> float:
        body = piece * (size // len(piece))
        taken = []
        for _ in range(3):  # the least of three: a collection of garbage may fall into any one
            start = time.process_time()
            segment(body)
            taken.append(time.process_time() - start)
        return min(taken)

    seconds(10_000)
    assert seconds(200_000) < 20 * max(seconds(50_000), 0.01)
