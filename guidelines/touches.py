"""A patch series to the interfaces that it touches and to what it brings along, each with the line that shows it.

Recognised by path and by added line, with the names under which Xen, Linux and QEMU keep such things.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nlp.labels import Topic


@dataclass(frozen=True, slots=True)
class Patch:
    """One patch as posted: its title, the text above the diff, the diff."""

    title: str
    message: str
    diff: str


@dataclass(frozen=True, slots=True)
class Added:
    """An added line, where it will stand."""

    path: str
    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Touch:
    """An interface that a series adds or changes, or something that it brings along, with the line that shows it."""

    what: str
    path: str
    number: int
    text: str


_HUNK = re.compile(r"^@@ -\d+(?:,\d+)? \+(\d+)")
_INTERFACES = (  # what, path, added line
    ("hypercall", r"xen/include/public/", r"#\s*define\s+(?:__HYPERVISOR_|\w+OP_)\w+"),
    ("domctl or sysctl", r"xen/include/public/(?:domctl|sysctl)\.h$", r"\S"),
    ("public header", r"xen/include/public/", r"\S"),
    ("hypervisor service (SMCCC)", r"arm-smccc|hypercalls?\.[ch]$", r"ARM_SMCCC_\w+"),
    ("KVM capability", r"include/uapi/linux/kvm\.h$", r"#\s*define\s+KVM_CAP_\w+"),
    ("firmware register", r"include/uapi/", r"#\s*define\s+KVM_REG_ARM_\w+"),
    ("UAPI header", r"(?:^|/)include/uapi/", r"\S"),
    ("migration record", r"arch-x86/hvm/save\.h$|migration-stream|libxl-migration|xc_sr_", r"\S"),
    ("device tree or ACPI table for guests", r"libxl_arm_acpi|hw/acpi/|aml-build", r"\S"),
)
_BRINGS = (  # topic, what, path, added line
    (Topic.DISCOVERY, "a bit to discover it by", r"", r"XENFEAT_\w+|KVM_CAP_\w+|XEN_SYSCTL_PHYSCAP_\w+|CPUID\w*_\w+"),
    (Topic.CONTROL, "a control", r"", r"XEN_DOMCTL_CDF_\w+|KVM_ENABLE_CAP|kvm_vm_ioctl_enable_cap|LIBXL_HAVE_\w+"),
    (
        Topic.LAYOUT,
        "a check of padding or reserved bits",
        r"",
        r"(?:\bpad\d*\b|reserved|flags\s*&\s*~).*(?:EINVAL|if\b)",
    ),
    (Topic.MIGRATION, "saving and restoring", r"", r"HVM_REGISTER_SAVE_RESTORE|KVM_GET_REG_LIST|VMSTATE_\w+|xc_sr_\w+"),
    (Topic.DOCUMENTATION, "documentation", r"^(?:docs|Documentation)/", r"\S"),
    (Topic.TESTING, "tests", r"(?:^|/)(?:tests?|selftests)/|kvm-unit-tests|xtf", r"\S"),
    (Topic.INTEGRATION, "a user of it", r"^tools/(?:libs|xl|libxl)/|^(?:target|hw)/|^arm/", r"\S"),
    (Topic.SECURITY, "a permission check", r"", r"xsm_\w+\(|IS_PRIV|capable\("),
)


def added(patches: Sequence[Patch]) -> Iterator[Added]:
    """Every added line of every diff."""
    for patch in patches:
        path, number = "", 0
        for line in patch.diff.split("\n"):
            if line.startswith("+++ "):
                path = re.sub(r"^b/", "", line[4:].split("\t")[0].strip())
            elif match := _HUNK.match(line):
                number = int(match.group(1))
            elif line.startswith("+"):
                yield Added(path, number, line[1:].strip())
                number += 1
            elif not line.startswith(("-", "\\")):
                number += 1


def interfaces(lines: Sequence[Added]) -> list[Touch]:
    """The interfaces that a series adds to or changes: for each file the most telling kind, with its first line."""
    found: dict[str, tuple[int, Touch]] = {}
    for line in lines:
        for rank, (what, path, text) in enumerate(_INTERFACES):
            if re.search(path, line.path) and re.search(text, line.text) and not _comment(line.text):
                if line.path not in found or rank < found[line.path][0]:
                    found[line.path] = (rank, Touch(what, line.path, line.number, line.text))
                break
    return [touch for _, touch in found.values()]


def brings(lines: Sequence[Added]) -> dict[str, Touch]:
    """What a series brings along that a reviewer would ask for, by topic, with the first line that shows it."""
    found: dict[str, Touch] = {}
    for line in lines:
        for topic, what, path, text in _BRINGS:
            if topic not in found and re.search(path, line.path) and re.search(text, line.text):
                found[topic] = Touch(what, line.path, line.number, line.text)
    return found


def _comment(text: str) -> bool:
    return text.startswith(("/*", "*", "//"))
