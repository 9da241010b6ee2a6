from __future__ import annotations

import json

import pytest

from guidelines.check import as_json, check
from guidelines.markdown import render_check
from guidelines.merge import merge
from guidelines.touches import Patch, brings, changed, interfaces
from guidelines.values import Incident
from tests.attacks import ATTACKS
from tests.speaking import LATE, REQ, WORRY, YES, at, claim, document, keyed, reply, resolved

XEN = """diff --git a/xen/include/public/vcpu.h b/xen/include/public/vcpu.h
--- a/xen/include/public/vcpu.h
+++ b/xen/include/public/vcpu.h
@@ -10,2 +10,4 @@ struct vcpu
 context
+/* A new one. */
+#define VCPUOP_widget 17
 context
"""
DOCS = """--- a/docs/misc/widget.md
+++ b/docs/misc/widget.md
@@ -0,0 +1,1 @@
+# Widgets
"""
BIT = claim("a@x", "Ada Quill", "A guest must be able to discover the call by a bit.", REQ, topic="discovery")
DOC = claim("c@x", "Ada Quill", "A new call must be documented in the tree.", REQ, topic="documentation", thread="c@x")
KVM = claim(
    "k@x", "Ada Quill", "A capability must be off by default.", REQ, topic="control", thread="k@x", list_name="kvmarm"
)
OOPS = claim("f@x", "Finn Oak", "The widget call broke every old guest.", LATE, WORRY, day=20, thread="f@x")
CLAIMS = [BIT, DOC, KVM, OOPS, *(reply(c, f"y{c.mid}", "Ben Marsh", "Agreed.", YES) for c in (BIT, DOC, KVM))]
KNOWN = keyed(*CLAIMS)
INCIDENT = Incident("The widget series", "xen-devel", at(18), "abc", "Link trailer", (OOPS.key,))
DOCUMENT = document(merge(resolved(*CLAIMS), KNOWN)[0], KNOWN, incidents=(INCIDENT,))
SERIES = [Patch("[PATCH 0/1] vcpu: add a widget call", "Guests want widgets.", XEN), Patch("docs", "", DOCS)]


def test_added_lines_are_numbered_as_they_will_stand():
    lines = list(changed(SERIES))
    assert [(x.path, x.number, x.text) for x in lines] == [
        ("xen/include/public/vcpu.h", 11, "/* A new one. */"),
        ("xen/include/public/vcpu.h", 12, "#define VCPUOP_widget 17"),
        ("docs/misc/widget.md", 1, "# Widgets"),
    ]


def test_a_new_hypercall_is_recognised_with_its_line():
    [touch] = interfaces(list(changed(SERIES)))
    assert (touch.what, touch.number) == ("hypercall", 12)


@pytest.mark.parametrize(
    "path, line, what",
    [
        ("include/uapi/linux/kvm.h", "#define KVM_CAP_WIDGET 300", "KVM capability"),
        ("arch/arm64/include/uapi/asm/kvm.h", "#define KVM_REG_ARM_WIDGET 1", "firmware register"),
        ("include/uapi/linux/vfio.h", "__u32 widget;", "UAPI header"),
        ("xen/include/public/domctl.h", "uint32_t widget;", "domctl or sysctl"),
        ("xen/include/public/arch-x86/hvm/save.h", "uint32_t widget;", "migration record"),
        ("xen/include/public/vcpu.h", "uint32_t widget;", "public header"),
        ("include/uapi/linux/kvm.h", "#define KVM_WIDGET _IOW(KVMIO, 0xff, __u64)", "KVM ioctl"),
        ("include/linux/arm-smccc.h", "#define ARM_SMCCC_WIDGET 7", "hypervisor service (SMCCC)"),
    ],
)
def test_interfaces_are_told_apart(path, line, what):
    diff = f"--- a/{path}\n+++ b/{path}\n@@ -1,1 +1,2 @@\n x\n+{line}\n"
    assert [t.what for t in interfaces(list(changed([Patch("", "", diff)])))] == [what]


def test_a_line_taken_out_changes_an_interface_too():
    diff = (
        "--- a/include/uapi/linux/kvm.h\n+++ b/include/uapi/linux/kvm.h\n@@ -7,1 +7,0 @@\n-#define KVM_CAP_WIDGET 300\n"
    )
    [touch] = interfaces(list(changed([Patch("", "", diff)])))
    assert (touch.what, touch.gone) == ("KVM capability", True)
    assert "(taken out)" in render_check(check([Patch("kvm: drop", "", diff)], DOCUMENT))


def test_an_added_line_that_looks_like_a_file_name_is_none():
    diff = "--- a/notes\n+++ b/notes\n@@ -0,0 +1,2 @@\n+++ b/include/uapi/linux/kvm.h\n+#define KVM_CAP_WIDGET 300\n"
    assert interfaces(list(changed([Patch("", "", diff)]))) == []


@pytest.mark.parametrize(
    "path, line",
    [
        ("tools/include/uapi/linux/kvm.h", "#define KVM_CAP_WIDGET 300"),
        ("include/uapi/linux/kvm.h", "/* only words */"),
        ("include/uapi/linux/kvm.h", "#include <linux/types.h>"),
        ("arch/arm64/kvm/arm.c", "use(KVM_CAP_WIDGET);"),
    ],
)
def test_copies_comments_and_users_of_an_interface_do_not_change_it(path, line):
    diff = f"--- a/{path}\n+++ b/{path}\n@@ -1,1 +1,2 @@\n x\n+{line}\n"
    assert interfaces(list(changed([Patch("", "", diff)]))) == []


def test_a_rule_that_names_things_is_for_series_that_name_them():
    named = claim(
        "n@x",
        "Ada Quill",
        "A guest must read WIDGET_CTRL before any other register.",
        REQ,
        topic="semantics",
        thread="n@x",
    )
    claims = [named, reply(named, "yn@x", "Ben Marsh", "Agreed.", YES)]
    known = keyed(*claims)
    shown = document(merge(resolved(*claims), known)[0], known)
    assert check(SERIES, shown).open == ()
    assert len(check([Patch("use WIDGET_CTRL", "", XEN)], shown).open) == 1


def test_of_many_open_rules_in_a_topic_the_rest_is_counted():
    rules = (
        "Reserved bits of a guest structure must be zero.",
        "Every interface field must have a size that fits all word lengths.",
        "Interface fields should be ordered by alignment, largest first.",
        "Userspace must never see padding that a compiler made.",
    )
    many = [claim(f"m{i}@x", "Ada Quill", r, REQ, topic="layout", thread=f"m{i}@x") for i, r in enumerate(rules)]
    claims = [*many, *(reply(c, f"y{c.mid}", "Ben Marsh", "Agreed.", YES) for c in many)]
    known = keyed(*claims)
    report = check(SERIES, document(merge(resolved(*claims), known)[0], known))
    assert (len(report.open), report.more) == (3, (("Layout", 1),))
    assert "Layout 1." in render_check(report)


def test_a_diffstat_names_what_is_touched_where_the_diff_is_missing():
    cover = Patch("[PATCH 0/1] vcpu: add a widget call", "", "", ("xen/include/public/vcpu.h", "xen/common/sched.c"))
    report = check([cover], DOCUMENT)
    assert [(t.what, t.path) for t in report.interfaces] == [("public header", "xen/include/public/vcpu.h")]
    assert "vcpu.h (named in the diffstat; the diff is not there)" in render_check(report)
    assert check([cover, *SERIES], DOCUMENT).interfaces[0].what == "hypercall"


def test_internal_code_is_no_interface():
    diff = "--- a/xen/common/sched.c\n+++ b/xen/common/sched.c\n@@ -1 +1,2 @@\n+int widget;\n"
    assert check([Patch("sched: x", "", diff)], DOCUMENT).concerns is False


def test_rules_are_answered_by_what_the_series_brings_and_others_stay_open():
    report = check(SERIES, DOCUMENT)
    assert [(a.rule.topic, a.by.path) for a in report.answered] == [("documentation", "docs/misc/widget.md")]
    assert [e.topic for e in report.open] == ["discovery"]
    assert report.open_musts == 1


BITMAP = """--- a/arch/arm64/include/uapi/asm/kvm.h
+++ b/arch/arm64/include/uapi/asm/kvm.h
@@ -1,1 +1,2 @@
 x
+#define KVM_REG_ARM_WIDGET_BMAP 1
"""


@pytest.mark.parametrize(
    "topic, rule, answered",
    [
        ("control", "Userspace must be able to turn off every new service of a guest.", True),
        ("control", "Userspace must get one file descriptor for each guest.", False),
        ("migration", "Userspace must save and restore every new register of a guest.", True),
        ("migration", "A guest must not be migrated to an older kernel.", False),
    ],
)
def test_what_a_series_brings_answers_the_rules_that_ask_for_it_and_not_the_whole_topic(topic, rule, answered):
    said = claim("t@x", "Ada Quill", rule, REQ, topic=topic, thread="t@x", list_name="kvmarm")
    claims = [said, reply(said, "yt@x", "Ben Marsh", "Agreed.", YES)]
    known = keyed(*claims)
    report = check([Patch("kvm: widgets", "", BITMAP)], document(merge(resolved(*claims), known)[0], known))
    assert (len(report.answered), len(report.open)) == ((1, 0) if answered else (0, 1))


def test_a_line_that_shares_a_rules_telling_words_answers_it_whatever_its_topic():
    text = "A hypercall must refuse frozen contexts whose runstate area is unmapped."
    said = claim("t@x", "Ada Quill", text, REQ, topic="semantics", thread="t@x")
    claims = [said, reply(said, "yt@x", "Ben Marsh", "Agreed.", YES)]
    known = keyed(*claims)
    shown = document(merge(resolved(*claims), known)[0], known)
    line = "    if ( frozen_context(v) && !runstate_area_unmapped(v) ) return refuse(v);"
    code = f"--- a/xen/common/w.c\n+++ b/xen/common/w.c\n@@ -4,1 +4,2 @@\n x\n+{line}\n"
    [answer] = check([Patch("vcpu: widgets", "", XEN), Patch("", "", code)], shown).answered
    assert (answer.by.path, answer.by.number) == ("xen/common/w.c", 5)
    assert check([Patch("vcpu: widgets", "", XEN)], shown).answered == ()
    gone = code.replace("\n+    if", "\n-    if").replace("-4,1 +4,2", "-4,2 +4,1")
    assert check([Patch("vcpu: widgets", "", XEN), Patch("", "", gone)], shown).answered == ()


def test_rules_of_another_product_do_not_apply():
    assert not any(e.applies_to == "KVM/arm64" for e in check(SERIES, DOCUMENT).open)


def test_the_nearest_incident_is_told():
    report = check(SERIES, DOCUMENT)
    assert [(p.lesson.title, p.said.words) for p in report.precedents] == [("The widget series", OOPS.text)]
    text = render_check(report)
    assert "In 2021 a series like this was objected to after the commit: The widget series (xen-devel," in text
    assert "- [ ] HC-001 MUST: A guest must be able to discover the call by a bit." in text


def test_the_report_reads_as_json():
    assert json.loads(as_json(check(SERIES, DOCUMENT)))["open_musts"] == 1


def test_an_empty_series_is_no_fault():
    assert check([], DOCUMENT).concerns is False
    assert "Nothing to check" in render_check(check([], DOCUMENT))


def test_a_series_brings_a_bit_a_control_and_tests():
    diff = "+++ b/tools/tests/x.c\n@@ -1 +1,2 @@\n+#define XENFEAT_widget 1\n+x = XEN_DOMCTL_CDF_widget;\n"
    assert {"discovery", "control", "testing"} <= set(brings(list(changed([Patch("", "", diff)]))))


@pytest.mark.parametrize("text", [a for a in ATTACKS if a.strip()][::7])
def test_hostile_series_cannot_add_headings(text):
    diff = XEN.replace("VCPUOP_widget", "VCPUOP_widget " + text.replace("\n", " ").replace("\r", " "))
    report = render_check(check([Patch(text, text, diff)], DOCUMENT))
    assert {x for x in report.split("\n") if x.startswith(("#", "<"))} <= {
        report.split("\n")[0],
        "## Open",
        "## Precedents",
    }
