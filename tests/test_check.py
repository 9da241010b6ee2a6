from __future__ import annotations

import json

import pytest

from guidelines.check import as_json, check
from guidelines.markdown import render_check
from guidelines.merge import merge
from guidelines.touches import Patch, added, brings, interfaces
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
    lines = list(added(SERIES))
    assert [(x.path, x.number, x.text) for x in lines] == [
        ("xen/include/public/vcpu.h", 11, "/* A new one. */"),
        ("xen/include/public/vcpu.h", 12, "#define VCPUOP_widget 17"),
        ("docs/misc/widget.md", 1, "# Widgets"),
    ]


def test_a_new_hypercall_is_recognised_with_its_line():
    [touch] = interfaces(list(added(SERIES)))
    assert (touch.what, touch.number) == ("hypercall", 12)


@pytest.mark.parametrize(
    "path, line, what",
    [
        ("include/uapi/linux/kvm.h", "#define KVM_CAP_WIDGET 300", "KVM capability"),
        ("arch/arm64/include/uapi/asm/kvm.h", "#define KVM_REG_ARM_WIDGET 1", "firmware register"),
        ("include/uapi/linux/vfio.h", "__u32 widget;", "UAPI header"),
        ("xen/include/public/domctl.h", "uint32_t widget;", "domctl or sysctl"),
        ("xen/include/public/arch-x86/hvm/save.h", "uint32_t widget;", "public header"),
    ],
)
def test_interfaces_are_told_apart(path, line, what):
    diff = f"--- a/{path}\n+++ b/{path}\n@@ -1,1 +1,2 @@\n x\n+{line}\n"
    assert [t.what for t in interfaces(list(added([Patch("", "", diff)])))] == [what]


def test_internal_code_is_no_interface():
    diff = "--- a/xen/common/sched.c\n+++ b/xen/common/sched.c\n@@ -1 +1,2 @@\n+int widget;\n"
    assert check([Patch("sched: x", "", diff)], DOCUMENT).concerns is False


def test_rules_are_answered_by_what_the_series_brings_and_others_stay_open():
    report = check(SERIES, DOCUMENT)
    assert [(a.rule.topic, a.by.path) for a in report.answered] == [("documentation", "docs/misc/widget.md")]
    assert [e.topic for e in report.open] == ["discovery"]
    assert report.open_musts == 1


def test_rules_of_another_product_do_not_apply():
    assert not any(e.applies_to == "KVM/arm64" for e in check(SERIES, DOCUMENT).open)


def test_the_nearest_incident_is_told():
    report = check(SERIES, DOCUMENT)
    assert [x.title for x in report.precedents] == ["The widget series"]
    text = render_check(report)
    assert "The widget series (xen-devel, committed 2021-03-18) was objected to after the commit:" in text
    assert "- [ ] HC-001 MUST: A guest must be able to discover the call by a bit." in text


def test_the_report_reads_as_json():
    assert json.loads(as_json(check(SERIES, DOCUMENT)))["open_musts"] == 1


def test_an_empty_series_is_no_fault():
    assert check([], DOCUMENT).concerns is False
    assert "Nothing to check" in render_check(check([], DOCUMENT))


def test_a_series_brings_a_bit_a_control_and_tests():
    diff = "+++ b/tools/tests/x.c\n@@ -1 +1,2 @@\n+use(XENFEAT_widget);\n+x = XEN_DOMCTL_CDF_widget;\n"
    assert {"discovery", "control", "testing"} <= set(brings(list(added([Patch("", "", diff)]))))


@pytest.mark.parametrize("text", [a for a in ATTACKS if a.strip()][::7])
def test_hostile_series_cannot_add_headings(text):
    diff = XEN.replace("VCPUOP_widget", "VCPUOP_widget " + text.replace("\n", " ").replace("\r", " "))
    report = render_check(check([Patch(text, text, diff)], DOCUMENT))
    assert {x for x in report.split("\n") if x.startswith(("#", "<"))} <= {
        report.split("\n")[0],
        "## Open",
        "## Precedents",
    }
