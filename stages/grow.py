"""New mails into what is linked already: only what they touch is looked at, with the result of linking all anew.

The threads that new mails name are put together anew. Postings are made anew of the patch mails in those threads, and
of what may have been sent in one sitting with one of them; then all postings are chained, of which what is compared is
kept. Links between threads are looked up anew for the threads touched, and for those that ask for a title in them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from db import history, neighbours, reads
from db.store import linked
from db.store.stirred import KEY, stir
from ingest import series, threads
from ingest.record import is_follow_up
from ingest.revisions.continued import by_version, continued, opening_titles
from ingest.revisions.prefixes import version_key
from ingest.series import PatchMail
from ingest.subject import Subject
from ingest.threads import Node
from ingest.watched import FOLLOW_UPS, PATCH, POSTING, question

Who = Mapping[tuple[str, str], str]
Loose = tuple[str, tuple[int, ...], int]  # person, version and total of a series that was sent without threading


@dataclass(frozen=True, slots=True)
class Grown:
    """``fresh``: the mids of the new messages. The nodes of the threads that they touch, ``before`` and ``now``."""

    fresh: frozenset[str]
    before: dict[str, Node]
    now: dict[str, Node]

    @property
    def threads(self) -> set[str]:
        return {node.thread for node in self.now.values()}


def grow_forest(session: Session, last: int) -> Grown:
    """Threads the messages behind the row ``last``."""
    fresh = list(reads.refs(session, last))
    named = {mid for ref in fresh for mid in (ref.mid, *ref.in_reply_to, *ref.references) if mid}
    touched = reads.thread_names(session, named)
    before = neighbours.nodes(session, touched)
    now = threads.forest([*neighbours.refs(session, touched), *fresh])
    linked.store_forest(session, now, touched)
    return Grown(frozenset(ref.mid for ref in fresh), before, now)


def grow_series(session: Session, grown: Grown, who: Who) -> None:
    """Brings the postings up to date with threads that changed, while everybody is who he was."""
    mails = _together(session, grown, who)
    mids = {mail.mid for mail in mails}
    was = history.postings_of(session, mids)
    old = {posting for posting, _ in was.values()}
    bundles = series.bundles(mails, who)
    fresh = [series.view(bundle) for bundle in bundles]
    views = sorted([*neighbours.views(session, old), *fresh], key=lambda view: view.began)
    places = series.chained(views)
    postings = [series.posting(bundle, places[bundle.lead.mid]) for bundle in bundles]
    linked.store_postings(session, postings, fresh, {mail.mid: mail.paths for mail in mails}, old)
    linked.store_places(session, places)
    stir(session, KEY, _questions(mails, was, history.postings_of(session, mids), grown.fresh))


def _questions(
    mails: Iterable[PatchMail],
    was: Mapping[str, tuple[str, int]],
    now: Mapping[str, tuple[str, int]],
    fresh: Collection[str],
) -> Iterator[str]:
    """What timelines may have looked up of patch mails that are new, or elsewhere than they were."""
    for mail in mails:
        before, after = was.get(mail.mid), now[mail.mid]
        if before != after or mail.mid in fresh:
            yield question(PATCH, mail.mid)
            yield from (question(POSTING, place[0]) for place in (before, after) if place)
            if is_follow_up(mail.subject.title):
                yield FOLLOW_UPS


def _together(session: Session, grown: Grown, who: Who) -> list[PatchMail]:
    """The patch mails of the threads that changed, of those that share a posting with one of them, and of those that
    their authors may have sent in one sitting with one that answers no mail, or did not when it was seen last."""
    people: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for pair, person in who.items():
        people[person].append(pair)
    found: dict[str, PatchMail] = {}
    asked: set[Loose] = set()
    done: set[str] = set()
    wanted = grown.threads
    while wanted:
        fresh = neighbours.patch_mails(session, wanted)
        found |= {mail.mid: mail for mail in fresh}
        done |= wanted
        shared = history.postings_of(session, [mail.mid for mail in fresh]).values()
        wanted = neighbours.members(session, {posting for posting, _ in shared})
        alone = [mail for mail in fresh if not mail.parent or _stood_alone(grown, mail.mid)]
        new = {key for mail in alone if (key := _loose(mail.subject, _person(mail, who)))} - asked
        asked |= new
        for person in sorted({person for person, _, _ in new}):
            pairs = people.get(person, [])
            others = neighbours.unthreaded(session, pairs)
            wanted |= {thread for thread, subject in others if _loose(subject, person) in new}
        wanted -= done
    return list(found.values())


def _stood_alone(grown: Grown, mid: str) -> bool:
    return mid in grown.before and not grown.before[mid].parent


def _person(mail: PatchMail, who: Who) -> str:
    return who.get((mail.author_name, mail.author_address), mail.author_address)


def _loose(subject: Subject, person: str) -> Loose | None:
    """What patches without threading are gathered by; None for a patch that is no part of a series."""
    total = subject.total or 1
    return (person, version_key(subject.version), total) if total > 1 else None


def grow_links(session: Session, grown: Grown) -> None:
    """Brings the links between threads up to date, when threads and postings are."""
    moved = {
        mid for mid, node in grown.now.items() if mid not in grown.before or grown.before[mid].thread != node.thread
    }
    gone = {node.thread for node in grown.before.values()}
    asking = neighbours.asking(session, neighbours.titles_of(session, moved | grown.fresh))
    here = grown.threads | (asking - gone)
    mine = neighbours.titled_in(session, here)
    known = [link for link in neighbours.links_by_subject(session) if link.thread not in here | gone]
    found = continued([*mine, *neighbours.titled_as(session, opening_titles(mine))])
    versions = by_version(neighbours.posted_in(session), neighbours.chained(session))
    linked.store_thread_links(session, [*known, *(link for link in found if link.thread in here), *versions])
