"""Names and addresses to people: one person with several addresses and spellings is one person, with the reason.

Pairs of (name, address) are joined by rules, the surest first: overrides and .mailmap, the same address (also as
lists and relays rewrite it), a hidden address whose visible part fits under the same name, the same full name. A
name alone joins only when it is a telling one (``names.telling``); the address of a list joins nobody.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ingest.people.hidden import visible
from ingest.people.mailmap import Entry, parse_mailmap
from ingest.people.names import folded, plain_name, telling

_LIST = re.compile(r".+@(?:(?:lists?|vger|mailman)\..+|(?:.+\.)?(?:googlegroups\.com|groups\.io|dmarc\..+))")
_REWRITTEN = re.compile(r"(?P<user>[^@=]+)=(?:40)?(?P<host>[^@=]+\.[a-z]+)@.+|(?P<plain>.+@.+\..+)\.invalid")
_AT = re.compile(r"\s+at\s+|\s*[\[(]\s*at\s*[\])]\s*|\s\(\)\s", re.IGNORECASE)
_RELAY = "devnull+"  # b4's relay writes user@host as devnull+user.host@
_MANY = 3  # people of different names who write from one address make it a list's or a robot's
_LONG = 320  # characters of an address, by RFC 5321; longer ones are none
_PREFIX = 6  # letters of a nameless hidden address that must be visible


@dataclass(frozen=True, slots=True)
class Person:
    """``key``: the lexically first plain address (or the folded name where no address is known); stable as long as
    the person's addresses are. ``name``: the spelling to show. ``aliases``: (name, address, why merged)."""

    key: str
    name: str
    aliases: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class _Alias:
    """An observed pair, read. ``words`` of the name folded; ``address`` plain ("" where it is hidden, a list's or
    absent); ``note``: why ``address`` is another than the one observed."""

    pair: tuple[str, str]
    name: str
    words: tuple[str, ...]
    address: str
    note: str


_Joins = Iterator[tuple[int, int, str]]  # this alias, to that one, why


def merge(observed: Iterable[tuple[str, str]], mailmap: str = "", overrides: str = "") -> dict[tuple[str, str], Person]:
    """Each observed pair's person. ``overrides`` has the syntax of ``mailmap``, wins over it, and can hold people
    apart: ``<one@example.org> != <other@example.org>``."""
    counts = Counter(observed)
    own, shared = parse_mailmap(overrides), parse_mailmap(mailmap)
    entries = [*((entry, "the mailmap says so") for entry in shared.entries)]
    entries += [(entry, "an override says so") for entry in own.entries]
    aliases = _read(sorted(counts), _by_address(entries))
    groups = _Groups(aliases, (*shared.apart, *own.apart))
    for rule in (_same_address, _relayed, _hidden, _same_name):
        for joins in list(rule(aliases, groups)):
            groups.join(*joins)
    proper = {entry.address: entry.name for entry, _ in entries if entry.name}
    return _people(aliases, groups, counts, proper)


def _by_address(entries: Sequence[tuple[Entry, str]]) -> dict[tuple[str, str], tuple[str, str]]:
    """(seen address, seen name or "") to (address, why); later entries win."""
    return {(entry.seen_address, entry.seen_name.casefold()): (entry.address, why) for entry, why in entries}


def _read(pairs: Sequence[tuple[str, str]], mapped: Mapping[tuple[str, str], tuple[str, str]]) -> list[_Alias]:
    shared = _shared(pairs)
    result: list[_Alias] = []
    for pair in pairs:
        name, _ = plain_name(pair[0])
        address, note = pair[1].strip().lower(), ""
        by_map = mapped.get((address, pair[0].strip().casefold())) or mapped.get((address, ""))
        if by_map:
            address, note = by_map[0], by_map[1] if by_map[0] != address else ""
        elif len(address) <= _LONG and (match := _REWRITTEN.fullmatch(address)):
            address, note = match["plain"] or f"{match['user']}@{match['host']}", "same address, as a list rewrote it"
        elif address not in shared and _AT.search(address):
            address, note = _AT.sub("@", address).replace(" ! ", "."), "same address, as an archive writes it"
        if (
            len(address) > _LONG
            or address in shared
            or "@" not in address
            or _LIST.fullmatch(address)
            or visible(address)
        ):
            address = ""
        user = address.partition("@")[0]  # where no name is given, first.last@ is one
        words = folded(name or (user if "." in user else ""))
        result.append(_Alias(pair, name, words, address, note))
    return result


def _shared(pairs: Iterable[tuple[str, str]]) -> set[str]:
    """Addresses that many write from: lists that rewrite senders, notifiers that send in others' names."""
    found: set[str] = set()
    names: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for name, address in pairs:
        bare, via = plain_name(name)
        mailbox = address.strip().lower()
        if via and not mailbox.startswith(_RELAY):
            found.add(mailbox)
        if telling(words := folded(bare)):
            names[mailbox].add(words)
    for mailbox, several in names.items():
        often = Counter(word for words in several for word in words if len(word) > 1)
        if len(several) >= _MANY and max(often.values()) * 2 <= len(several):
            found.add(mailbox)
    return found


class _Groups:
    """Union-find over aliases that keeps the reason of each join and refuses to join people held apart."""

    def __init__(self, aliases: Sequence[_Alias], apart: Iterable[tuple[str, str]]) -> None:
        self._up = list(range(len(aliases)))
        self._addresses = [{alias.address} - {""} for alias in aliases]
        self._apart: dict[str, set[str]] = defaultdict(set)
        for one, other in apart:
            self._apart[one].add(other)
            self._apart[other].add(one)
        self.why = [alias.note for alias in aliases]

    def find(self, one: int) -> int:
        while self._up[one] != one:
            self._up[one] = self._up[self._up[one]]
            one = self._up[one]
        return one

    def join(self, one: int, other: int, why: str) -> None:
        top, below = self.find(other), self.find(one)
        if top == below:
            return
        if any(self._apart[each] & self._addresses[top] for each in self._addresses[below] if each in self._apart):
            return
        self._up[below] = top
        self._addresses[top] |= self._addresses[below]
        self.why[one] = self.why[one] or why


def _same_address(aliases: Sequence[_Alias], groups: _Groups) -> _Joins:
    first: dict[str, int] = {}
    for place in sorted(range(len(aliases)), key=lambda each: (aliases[each].note, not aliases[each].name, each)):
        alias = aliases[place]
        # A list's address stands for many; only what is written just the same there is one.
        key = alias.address or f"{' '.join(alias.words)} {alias.pair[1].lower()}"
        yield place, first.setdefault(key, place), "same address" if alias.address else "the same name at one list"


def _relayed(aliases: Sequence[_Alias], groups: _Groups) -> _Joins:
    """Sub-addresses (user+tag@host) and what b4's relay makes of an address."""
    plain = {alias.address: place for place, alias in enumerate(aliases)}
    dotted = {address.replace("@", "."): place for address, place in plain.items() if address}
    for place, alias in enumerate(aliases):
        user, plus, tail = alias.address.partition("+")
        tag, _, host = tail.partition("@")
        if plus and user and f"{user}@{host}" in plain:
            yield place, plain[f"{user}@{host}"], "same mailbox, with a +tag"
        elif alias.address.startswith(_RELAY) and tag in dotted:
            yield place, dotted[tag], "same address, as a relay rewrote it"


def _hidden(aliases: Sequence[_Alias], groups: _Groups) -> _Joins:
    """Addresses that an archive made unreadable in part: the name and what is visible must fit one person."""
    named: dict[tuple[str, ...], list[int]] = defaultdict(list)
    started: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place, alias in enumerate(aliases):
        user, _, host = alias.address.partition("@")
        if alias.address:
            named[alias.words].append(place)
            started[user[:_PREFIX], host].append(place)
    for place, alias in enumerate(aliases):
        seen = visible(alias.pair[1])
        if seen is None or not seen.start:
            continue
        nameless = started[seen.start[:_PREFIX], seen.host] if len(seen.start) >= _PREFIX else []
        near = named[alias.words] if alias.words else nameless
        fits = [other for other in near if seen.fits(aliases[other].address)]
        if len({groups.find(other) for other in fits}) == 1:
            yield place, fits[0], "what is visible of the address fits" + (", and the name" if alias.words else "")


def _same_name(aliases: Sequence[_Alias], groups: _Groups) -> _Joins:
    """The same telling name; initials do not count unless they contradict each other."""
    same: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for place, alias in enumerate(aliases):
        if telling(alias.words):
            same[tuple(word for word in alias.words if len(word) > 1)].append(place)
    for places in same.values():
        initials = {tuple(word for word in aliases[place].words if len(word) == 1) for place in places} - {()}
        first: dict[tuple[str, ...], int] = {}
        for place in sorted(places, key=lambda each: (not aliases[each].name, each)):
            key = aliases[place].words if len(initials) > 1 else ()
            yield place, first.setdefault(key, place), "same full name"


def _people(
    aliases: Sequence[_Alias], groups: _Groups, counts: Mapping[tuple[str, str], int], proper: Mapping[str, str]
) -> dict[tuple[str, str], Person]:
    members: dict[int, list[int]] = defaultdict(list)
    for place in range(len(aliases)):
        members[groups.find(place)].append(place)
    result: dict[tuple[str, str], Person] = {}
    for places in members.values():
        mine = [aliases[place] for place in places]
        listed = tuple((*aliases[place].pair, groups.why[place] or "as it stands in the mail") for place in places)
        person = Person(_key(mine), _shown(mine, counts, proper), listed)
        result.update({alias.pair: person for alias in mine})
    return result


def _key(aliases: Sequence[_Alias]) -> str:
    addresses = sorted({alias.address for alias in aliases} - {""})
    if addresses:
        return addresses[0]
    first = min(aliases, key=lambda alias: alias.words)
    name = " ".join(first.words)
    return name if telling(first.words) else f"{name} via {first.pair[1].strip().lower()}".strip()


def _shown(aliases: Sequence[_Alias], counts: Mapping[tuple[str, str], int], proper: Mapping[str, str]) -> str:
    """The mailmap's spelling, else the most frequent, else the one with more of its own letters."""
    mapped = sorted(proper[alias.address] for alias in aliases if alias.address in proper)
    if mapped:
        return mapped[0]
    spelled: Counter[str] = Counter()
    for alias in aliases:
        if alias.name:
            spelled[alias.name] += counts[alias.pair]
    if not spelled:
        return min(alias.address or alias.pair[1] for alias in aliases)
    return min(
        spelled,
        key=lambda name: (-spelled[name], name in (name.upper(), name.lower()), name.isascii(), -len(name), name),
    )
