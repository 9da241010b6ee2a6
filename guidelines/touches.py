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
    """One patch as posted: its title, the text above the diff, the diff; ``paths``: what its diffstat names."""

    title: str
    message: str
    diff: str
    paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A line that a diff adds, where it will stand, or takes out (``gone``), where the next one will."""

    path: str
    number: int
    text: str
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Touch:
    """An interface that a series adds or changes, or something that it brings along, with the line that shows it."""

    what: str
    path: str
    number: int
    text: str
    gone: bool = False


_HUNK = re.compile(r"^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_HEADERS = r"^(?:arch/\w+/)?include/uapi/"  # what tools/ keeps are copies
_ANYTHING = r"\w"
_INTERFACES = (  # what, path, line; the first that fits names the file's kind, a rarer one before a wider one
    (
        "migration record",
        r"include/public/(?:.*/)?save\.h$|migration-stream|libxl-migration|(?:xg|xc|libxl)_sr_",
        r"\w",
    ),
    ("hypercall", r"xen/include/public/", r"#\s*define\s+(?:__HYPERVISOR_\w+|\w+OP_\w+|XEN(?:MEM|VER)_\w+)\s+\S"),
    ("domctl or sysctl", r"xen/include/public/(?:domctl|sysctl)\.h$", _ANYTHING),
    ("public header", r"xen/include/public/", _ANYTHING),
    ("hypervisor service (SMCCC)", r"^include/linux/arm-smccc\.h$", r"#\s*define\s+ARM_SMCCC_\w+"),
    ("hypervisor service (SMCCC)", r"kvm/hypercalls?\.c$", r"case\s+(?:ARM_SMCCC|PSCI|SMCCC)_\w+"),
    ("KVM capability", _HEADERS + r"linux/kvm\.h$", r"#\s*define\s+KVM_CAP_\w+"),
    ("firmware register", _HEADERS, r"#\s*define\s+KVM_REG_ARM_\w+"),
    ("KVM ioctl", _HEADERS + r"linux/kvm\.h$", r"#\s*define\s+\w+\s+_IO[RW]*\("),
    ("UAPI header", _HEADERS, _ANYTHING),
    ("migration record", r"^(?:hw|target|migration)/", r"\bVMSTATE_\w+\("),
    ("device tree or ACPI table for guests", r"libxl_(?:arm|x86)_acpi|hw/acpi/|aml-build", _ANYTHING),
)
_BRINGS = (  # topic, what, path, added line
    (
        Topic.DISCOVERY,
        "a bit to discover it by",
        r"\.[ch]$",
        r"#\s*define\s+(?:XENFEAT|KVM_CAP|XEN_SYSCTL_PHYSCAP|XEN_CPUID|CPUID)_\w+|case\s+KVM_CAP_\w+",
    ),
    (
        Topic.CONTROL,
        "a control",
        r"",
        r"\bXEN_DOMCTL_CDF_\w+|\bKVM_ENABLE_CAP\b|kvm_vm_ioctl_enable_cap|\bLIBXL_HAVE_\w+"
        r"|#\s*define\s+KVM_REG_ARM_\w+_BMAP\b",
    ),
    (
        Topic.LAYOUT,
        "a check of padding or reserved bits",
        r"\.c$",
        r"\bif\b.*(?:[._>]pad\d*\b|reserved|rsvd|flags\s*&\s*~)",
    ),
    (Topic.MIGRATION, "saving and restoring", r"\.[ch]$", r"HVM_REGISTER_SAVE_RESTORE|\bVMSTATE_\w+\(|xc_sr_\w+"),
    (Topic.MIGRATION, "a register that the VMM saves", r"\.[ch]$", r"#\s*define\s+KVM_REG_ARM_\w+"),
    (Topic.DOCUMENTATION, "documentation", r"^(?:docs|Documentation)/", r"\w"),
    (Topic.TESTING, "tests", r"(?:^|/)(?:tests?|selftests)/|kvm-unit-tests|xtf", r"\w"),
    (Topic.INTEGRATION, "a user of it", r"^tools/(?:libs|xl|libxl)/|^(?:target|hw)/", r"\w"),
    (Topic.SECURITY, "a permission check", r"\.c$", r"\bxsm_\w+\(|\bIS_PRIV\b|\bcapable\("),
)
_NO_MATTER = re.compile(r"^(?:/\*|\*|//)|^#\s*(?:include|ifndef|endif|if|else)\b|^SPDX|^#\s*define\s+\w+_H_*$")


def changed(patches: Sequence[Patch]) -> Iterator[Line]:
    """Every line that a diff adds or takes out. Hunks are measured by their counts, so that no line of a file is taken
    for a file's name."""
    for patch in patches:
        path, number, old, new = "", 0, 0, 0
        for line in patch.diff.split("\n"):
            if old <= 0 and new <= 0:
                if match := _HUNK.match(line):
                    old, number, new = int(match[1] or 1), int(match[2]), int(match[3] or 1)
                elif line.startswith(("--- ", "+++ ")) and (name := _path(line[4:])):
                    path = name  # of a file that goes, the old name
            elif line.startswith("+"):
                yield Line(path, number, line[1:].strip())
                number, new = number + 1, new - 1
            elif line.startswith("-"):
                yield Line(path, number, line[1:].strip(), gone=True)
                old -= 1
            elif not line.startswith("\\"):
                number, old, new = number + 1, old - 1, new - 1


def _path(field: str) -> str:
    name = field.split("\t")[0].strip()
    return "" if name == "/dev/null" else re.sub(r"^[abiw]/", "", name)


def interfaces(lines: Sequence[Line]) -> list[Touch]:
    """The interfaces that a series adds to or changes: for each file the most telling kind, with its first line; an
    added line tells more than one that goes."""
    found: dict[str, tuple[tuple[int, bool], Touch]] = {}
    for line in lines:
        if _NO_MATTER.search(line.text):
            continue
        for rank, (what, path, text) in enumerate(_INTERFACES):
            if re.search(path, line.path) and re.search(text, line.text):
                order = (rank, line.gone)
                if line.path not in found or order < found[line.path][0]:
                    found[line.path] = (order, Touch(what, line.path, line.number, line.text, line.gone))
                break
    return [touch for _, touch in found.values()]


def named(patches: Sequence[Patch], lines: Sequence[Line]) -> list[Touch]:
    """The interfaces whose files diffstats name and no diff holds; no line shows what is done to them."""
    shown = {line.path for line in lines}
    paths = dict.fromkeys(path for patch in patches for path in patch.paths if path not in shown)
    kinds = [(what, pattern) for what, pattern, text in _INTERFACES if text == _ANYTHING]
    return [
        Touch(found, path, 0, "")
        for path in paths
        if (found := next((what for what, pattern in kinds if re.search(pattern, path)), ""))
    ]


def brings(lines: Sequence[Line]) -> dict[str, list[Touch]]:
    """What a series brings along that a reviewer would ask for, by topic, with the lines that show it."""
    found: dict[str, list[Touch]] = {}
    for line in lines:
        for topic, what, path, text in _BRINGS if not line.gone else ():
            if re.search(path, line.path) and re.search(text, line.text):
                found.setdefault(topic, []).append(Touch(what, line.path, line.number, line.text))
    return found
