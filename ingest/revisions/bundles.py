"""Patch mails to bundles: the mails of one posting of one series, before versions are told apart from new series.

Mails of one thread, sender, version and "n of m" belong together unless a number comes twice; then a posting started
anew, or a patch was rolled again. Patches posted without threading are gathered by sender, time, version and total.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from ingest.revisions.patches import PatchMail
from ingest.revisions.prefixes import backport, number, trees, version_key
from ingest.subject import normal_title

NEVER = datetime.max.replace(tzinfo=UTC)  # sorts after every date; stands for "unknown" in comparisons only
_SITTING = timedelta(hours=1)  # between neighbours of a series that was sent without threading
_DAY = timedelta(days=1)


@dataclass(slots=True)
class Bundle:
    """The mails of one posting as (number, mail), in order; the cover is number 0, a patch that was rolled again
    stands twice. ``author`` is a person's key; ``version`` is for comparison, ``written`` as it is read."""

    author: str
    version: tuple[int, ...]
    written: str
    total: int
    patches: list[tuple[int, PatchMail]]
    whys: list[str] = field(default_factory=list)

    @property
    def lead(self) -> PatchMail:
        """The cover letter, else the patch of the lowest number."""
        return self.patches[0][1]

    @property
    def began(self) -> tuple[datetime, int, str]:
        """When it was sent: bundles stand in this order."""
        return min(rank(mail) for _, mail in self.patches)

    @property
    def numbers(self) -> set[int]:
        return {number for number, _ in self.patches}

    def arrange(self) -> None:
        self.patches.sort(key=lambda patch: (patch[0], rank(patch[1])))


def rank(mail: PatchMail) -> tuple[datetime, int, str]:
    """Order in which mails were sent; numbers settle equal seconds."""
    return mail.date or NEVER, number(mail), mail.mid


def bundles(mails: Iterable[PatchMail], who: Mapping[tuple[str, str], str]) -> list[Bundle]:
    """All mails in bundles, in the order in which the bundles began. ``who``: (name, address) to a person's key."""
    first: dict[str, PatchMail] = {}
    for mail in mails:  # under one identifier the earliest counts; the whole mail settles equal dates
        other = first.get(mail.mid)
        if other is None or (rank(mail), repr(mail)) < (rank(other), repr(other)):
            first[mail.mid] = mail
    ordered = sorted(first.values(), key=rank)
    keys = _keys(ordered, who)
    by_key: dict[tuple[object, ...], list[PatchMail]] = defaultdict(list)
    for mail in ordered:
        by_key[keys[mail.mid]].append(mail)
    found = [_bundle(str(key[0]), run) for key, members in by_key.items() for run in _runs(members)]
    found = _mended(_gathered(found))
    return sorted(found, key=lambda bundle: bundle.began)


def _bundle(author: str, run: list[PatchMail]) -> Bundle:
    totals = Counter(mail.subject.total or 1 for mail in run)
    total = max(totals, key=lambda each: (totals[each], each))
    written = max((mail.subject.version for mail in run), key=lambda each: (version_key(each), each))
    bundle = Bundle(author, version_key(written), written, total, [(number(mail), mail) for mail in run])
    bundle.arrange()
    return bundle


def _keys(ordered: list[PatchMail], who: Mapping[tuple[str, str], str]) -> dict[str, tuple[object, ...]]:
    """Per mail what its bundle has in common: person, thread, version, total, stable tree. A patch under its own
    cover (or under the patch before it) takes the key from there: some tools send each patch in its author's name."""
    mails = {mail.mid: mail for mail in ordered}
    keys: dict[str, tuple[object, ...]] = {}
    for mail in ordered:
        walk: dict[str, PatchMail] = {}
        here: PatchMail | None = mail
        while here is not None and here.mid not in keys and here.mid not in walk:
            walk[here.mid] = here
            above = mails.get(here.parent)
            here = above if above is not None and _under(here, above) else None
        for each in reversed(walk.values()):
            above = mails.get(each.parent)
            if above is not None and above.mid in keys and _under(each, above):
                keys[each.mid] = keys[above.mid]
            else:
                person = who.get((each.author_name, each.author_address), each.author_address)
                alone = each.mid if each.subject.total is None else ""
                keys[each.mid] = person, each.thread, each.subject.version, each.subject.total, backport(each), alone
    return keys


def _under(mail: PatchMail, above: PatchMail) -> bool:
    """Is ``above`` the cover or the patch before ``mail`` in one posting?"""
    mine, other = mail.subject, above.subject
    if mine.number is None or abs((mail.date or NEVER) - (above.date or NEVER)) > _DAY:
        return False
    if (
        number(above) == 0
        and mail.author_address == above.author_address
        and ("PULL" in other.prefixes or number(mail))
    ):
        # Some covers miscount; some covers, or their patches, forget the version.
        return mine.version == other.version or "1" in (mine.version, other.version)
    if other.number is None or mine.version != other.version or mine.total != other.total:
        return False
    return other.number == 0 < mine.number or other.number == mine.number - 1


def _runs(members: list[PatchMail]) -> list[list[PatchMail]]:
    """Split mails of one key where a number comes again; a mail goes with its parent, else to the latest run."""
    runs: list[list[PatchMail]] = []
    seen: list[set[int]] = []
    where: dict[str, int] = {}
    for mail in members:
        place = where.get(mail.parent, len(runs) - 1)
        if place < 0 or number(mail) in seen[place]:
            place = len(runs)
            runs.append([])
            seen.append(set())
        runs[place].append(mail)
        seen[place].add(number(mail))
        where[mail.mid] = place
    return runs


def _gathered(found: list[Bundle]) -> list[Bundle]:
    """Join bundles that each are a thread of their own but together count to one total, sent in one sitting."""
    loose: dict[tuple[object, ...], list[Bundle]] = defaultdict(list)
    kept: list[Bundle] = []
    for bundle in found:
        alone = all(not mail.parent for _, mail in bundle.patches) and len(bundle.patches) < bundle.total
        if alone:
            loose[bundle.author, bundle.version, bundle.total, trees(bundle.lead)].append(bundle)
        else:
            kept.append(bundle)
    for group in loose.values():
        group.sort(key=lambda bundle: rank(bundle.lead))
        whole: list[Bundle] = []
        latest: datetime | None = None
        for bundle in group:
            date = bundle.lead.date
            soon = date is not None and latest is not None and date - latest <= _SITTING
            if whole and soon and not whole[-1].numbers & bundle.numbers:
                whole[-1].patches += bundle.patches
                whole[-1].whys = ["gathered from threads of their own by sender, time, version and total"]
            else:
                whole.append(bundle)
            latest = date
        kept += whole
    return kept


def _mended(found: list[Bundle]) -> list[Bundle]:
    """Put a patch that was rolled again inside its series' thread ("[PATCH v5.1 10/12]") into the posting it mends."""
    threads: dict[tuple[str, str], list[Bundle]] = defaultdict(list)
    for bundle in found:
        bundle.arrange()
    for bundle in sorted(found, key=lambda bundle: (rank(bundle.lead), bundle.version)):
        threads[bundle.author, bundle.lead.thread].append(bundle)
    kept: list[Bundle] = []
    for group in threads.values():
        homes: dict[str, tuple[Bundle, int]] = {}  # title -> the latest whole posting that has it, its number there
        latest: dict[int, Bundle] = {}  # total -> the latest whole posting
        for bundle in group:
            titles = [normal_title(mail.subject.title) for _, mail in bundle.patches]
            places = [homes[title] for title in titles if title in homes]
            home = latest.get(bundle.total)
            if len(places) == len(titles) and _mends(bundle, places[0][0], places):
                _mend(bundle, places[0][0], [number for _, number in places])
            elif home and bundle.version[0] == home.version[0] and _mends(bundle, home, []):
                _mend(bundle, home, [number for number, _ in bundle.patches])
            else:
                homes.update({title: (bundle, each) for title, (each, _) in zip(titles, bundle.patches, strict=True)})
                latest[bundle.total] = bundle
                kept.append(bundle)
    for bundle in kept:
        bundle.arrange()
    return kept


def _mends(bundle: Bundle, home: Bundle, places: list[tuple[Bundle, int]]) -> bool:
    """Few patches, later in the thread of a posting, under its total, or under the titles that it has."""
    if home.total < 2 or 2 * len(bundle.patches) > home.total or 0 in bundle.numbers or bundle.version < home.version:
        return False
    if any(each is not home for each, _ in places):
        return False
    if bundle.lead.subject.total is None:
        return bool(places)
    return bundle.total == home.total and (not places or bundle.numbers == {each for _, each in places})


def _mend(bundle: Bundle, home: Bundle, numbers: list[int]) -> None:
    home.patches += [(each, mail) for each, (_, mail) in zip(numbers, bundle.patches, strict=True)]
    said = ", ".join(str(each) for each in numbers)
    newer = f" as v{bundle.written}" if bundle.version > home.version else ""
    home.whys.append(f"patch {said} of {home.total} was posted again{newer}")
