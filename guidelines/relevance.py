"""Which of the document's rules a series meets: those of its product that speak of what it touches.

A rule that names things (an identifier, a register) is for series that name them too. Any other is met where its words
speak of the kind of interface that is touched, or of interfaces at large. What comes first in a topic is what is most
like the series.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from guidelines.entries import Entry
from guidelines.likeness import likenesses, words
from guidelines.touches import Touch

_BACKED = 0.25  # what each further person behind a rule adds to its rank
_XEN = ("xen/", "tools/libs", "tools/xl")
_NAME = re.compile(r"\b(?:[A-Za-z]\w*_\w+|[A-Z][A-Z0-9]*\d[A-Z0-9]*|[A-Z]{2,}|[a-z]+[A-Z]\w*)\b")
# Acronyms that name the field, not a thing in it.
_FIELD = frozenset(
    w.upper()
    for w in words(
        "abi api uapi id kvm vmm vm vms xen qemu cpu arm os must should may not and or all any only imo imho afaict "
        "afaik aiui iiuc fwiw btw hw sw io hvc smc cap"
    )
)
_AT_LARGE = frozenset(
    words(
        "interface interfaces abi api uapi guest guests guest-visible feature features userspace vmm vmms toolstack "
        "backwards compatible compatibility hypervisor hypercall hypercalls"
    )
)
_KINDS = {
    "hypercall": "hypercall hypercalls subop subops op ops per-domain probe enumeration",
    "domctl or sysctl": "domctl domctls sysctl sysctls toolstack",
    "public header": "header headers field fields padding structure struct",
    "hypervisor service (SMCCC)": "hypercall hypercalls service services smc smccc firmware psci",
    "KVM capability": "capability capabilities cap caps ioctl flag flags",
    "firmware register": "firmware register registers pseudo-register pseudo-registers bitmap bitmaps",
    "KVM ioctl": "ioctl ioctls flag flags",
    "UAPI header": "header headers ioctl ioctls flag flags field fields padding structure struct",
    "migration record": "migration migrate migrated save saved restore restored stream",
    "device tree or ACPI table for guests": "acpi table tables dt fdt firmware",
}
_ALWAYS = ("documentation", "testing", "process")


def product(touched: Sequence[Touch]) -> str:
    """Whose interfaces these are."""
    return "Xen" if all(t.path.startswith(_XEN) for t in touched) else "KVM"


def met(rules: Sequence[Entry], touched: Sequence[Touch], text: str) -> list[Entry]:
    """The rules that apply to a series whose titles, messages and changed lines are ``text``, the most alike first;
    what more people stand behind counts for more."""
    names = _names(text)
    kinds = _AT_LARGE.union(*(words(_KINDS.get(t.what, "")) for t in touched))
    mine = product(touched)
    found = [rule for rule in rules if _for(rule, mine) and _speaks(rule, kinds, names)]
    alike = likenesses(text, [rule.text for rule in found])
    weight = {rule.id: value * (1 + _BACKED * (_people(rule) - 1)) for rule, value in zip(found, alike, strict=True)}
    return sorted(found, key=lambda rule: (-weight[rule.id], rule.id))


def _people(rule: Entry) -> int:
    """How many stand behind a rule, at least one."""
    return int(match[0]) if (match := re.match(r"[1-9]\d*", rule.strength)) else 1


def _for(rule: Entry, product: str) -> bool:
    return rule.applies_to == "both" or product in rule.applies_to or rule.applies_to not in ("Xen", "KVM/arm64")


def _speaks(rule: Entry, kinds: frozenset[str], names: set[str]) -> bool:
    if named := _names(rule.text):
        return bool(named & names)
    return rule.topic in _ALWAYS or bool(kinds.intersection(words(rule.text)))


def _names(text: str) -> set[str]:
    return {name for name in _NAME.findall(text) if name.upper() not in _FIELD}
