"""Two bundles to what they have in common: titles, patches, files, author, and how the version goes on.

Titles are compared with rapidfuzz; the patches of a series are known from the mails and from the cover's shortlog, so
a list that got only the cover can still tell.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from rapidfuzz import fuzz

from ingest.revisions.bundles import Bundle
from ingest.revisions.prefixes import backport, marked, stable, trees, version_key
from ingest.subject import normal_title

_LONG = timedelta(days=5 * 365)  # nobody expects a reviewer to remember longer
_SOON = timedelta(days=180)  # without a higher version number an equal title means the same patch only within this


@dataclass(frozen=True, slots=True)
class View:
    """What is compared of a bundle. ``key`` and ``thread`` are its lead's, ``began``: when its first mail was sent, to
    put bundles in order. ``tail`` is the title without what stands before its last colon; ``titles`` are those of its
    patches; ``cited``: mid to the versions that it is said to be; ``whys``: what its making rests on."""

    key: str
    began: tuple[datetime, int, str]
    author: str
    thread: str
    date: datetime | None
    total: int
    version: tuple[int, ...]
    title: str
    tail: str
    titles: frozenset[str]
    mids: frozenset[str]
    paths: frozenset[str]
    cited: Mapping[str, frozenset[str]]
    rfc: bool
    resend: bool
    pull: bool
    trees: frozenset[str]
    backport: frozenset[str]
    whys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Likeness:
    """``step``: "next" (a higher version), "promoted" (an RFC became a patch), "resend", "again" (the same version,
    unmarked), "restart" (numbering began anew). ``new``, ``old``: patch titles known of the later and the earlier
    one, ``shared`` by both; ``cites``: the version that a link to the earlier one is said to be, None for no link;
    ``trees``: "same", "half", "other"; ``consecutive``: no version is skipped; ``high``: a number that few reach;
    ``words`` of the title."""

    step: str
    author: bool
    thread: bool
    same_title: bool
    alike: float
    shared: int
    new: int
    old: int
    files: float | None
    cites: str | None
    trees: str
    backport: bool
    whole: bool
    near: bool
    consecutive: bool
    high: bool
    words: int

    @property
    def most(self) -> int:
        return max(self.new, self.old)

    @property
    def mostly(self) -> bool:
        """Half of the longer one's patches came again."""
        return 0 < self.most <= 2 * self.shared

    @property
    def grown(self) -> bool:
        """Nearly all of the earlier one's patches came again, among others."""
        return self.step == "next" and 5 * self.shared >= 4 * self.old

    @property
    def related(self) -> bool:
        """Enough in common to believe a link or a thread that says the rest."""
        return bool(self.shared) or self.alike >= 60 or (self.files or 0) >= 0.3

    @property
    def contrary(self) -> bool:
        """Other patches to other files, or another project's: the same words mean something else."""
        strange = min(self.new, self.old) > 0 and not self.shared and self.files is not None and self.files < 0.1
        if strange or self.trees != "half":
            return strange or self.trees == "other"
        return not self.mostly if self.files is None else self.files < 0.3


def view(bundle: Bundle) -> View:
    mails = [mail for _, mail in bundle.patches]
    titles = {normal_title(title) for mail in mails for title in mail.listed}
    cited: dict[str, set[str]] = defaultdict(set)
    for version, mid in (pair for mail in mails for pair in mail.cited):
        cited[mid].add(version)
    titles |= {normal_title(mail.subject.title) for number, mail in bundle.patches if number}
    lead = bundle.lead
    return View(
        key=lead.mid,
        began=bundle.began,
        author=bundle.author,
        thread=lead.thread,
        date=lead.date,
        total=bundle.total,
        version=bundle.version,
        title=normal_title(lead.subject.title),
        tail=normal_title(lead.subject.title.rpartition(": ")[2]),
        titles=frozenset(titles - {""}),
        mids=frozenset(mail.mid for mail in mails),
        paths=frozenset(path for mail in mails for path in mail.paths),
        cited={mid: frozenset(versions) for mid, versions in cited.items()},
        rfc=any(marked(mail, "RFC") for mail in mails),
        resend=marked(lead, "RESEND", "REPOST"),
        pull=marked(lead, "PULL"),
        trees=trees(lead) - stable(lead),
        backport=frozenset(tree for mail in mails for tree in backport(mail)),
        whys=tuple(bundle.whys),
    )


def compare(later: View, earlier: View) -> Likeness | None:
    """What they have in common; None where ``earlier`` cannot be a version before ``later``."""
    step = _step(later, earlier)
    near = _distance(later, earlier)
    if not step or near > _LONG or later.backport != earlier.backport or later.pull or earlier.pull:
        return None
    common = len(later.paths & earlier.paths)
    smaller = min(len(later.paths), len(earlier.paths))
    return Likeness(
        step=step,
        author=later.author == earlier.author,
        thread=later.thread == earlier.thread,
        same_title=later.title == earlier.title,
        alike=100 if later.title == earlier.title else fuzz.token_sort_ratio(later.title, earlier.title),
        shared=len(later.titles & earlier.titles),
        new=len(later.titles),
        old=len(earlier.titles),
        files=common / smaller if smaller else None,
        cites=_cites(later, earlier),
        trees=_trees(later.trees, earlier.trees),
        backport=bool(later.backport),
        whole=all(len(each.titles) >= each.total for each in (later, earlier)),
        near=near <= _SOON,
        consecutive=step == "promoted" or 0 <= later.version[0] - earlier.version[0] <= 1,
        high=step == "next" and later.version > (3,),
        words=len(later.title.split()),
    )


def _step(later: View, earlier: View) -> str:
    """How the version goes on, "" where it cannot."""
    if earlier.rfc and not later.rfc and later.version == (1,):
        return "promoted"
    if later.version > earlier.version:
        return "next"
    if later.version == earlier.version:
        return "resend" if later.resend else "again"
    return "restart" if later.version == (1,) else ""


def _cites(later: View, earlier: View) -> str | None:
    """The version that links say ``earlier`` is: "" where they say none, or one that it is not."""
    said = sorted(version for mid in later.cited.keys() & earlier.mids for version in later.cited[mid])
    right = (version for version in said if version and version_key(version) == earlier.version)
    return next(right, "") if said else None


def _trees(later: frozenset[str], earlier: frozenset[str]) -> str:
    """Are both for the same project: "same", "other", or "half" where one names more than the other?"""
    if later == earlier:
        return "same"
    return "half" if later < earlier or earlier < later else "other"


def _distance(later: View, earlier: View) -> timedelta:
    """Time between them; nothing where a date is unknown, so that the other evidence decides."""
    one, other = later.date, earlier.date
    return abs(one - other) if one and other else timedelta(0)
