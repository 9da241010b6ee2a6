"""Whether rules keep their numbers, and whether the changelog tells every change, while an archive grows.

usage: python benchmarks/measure_ids.py DATABASE [FIRST] [STEP]

Replays a synced database: the rules as they were with the first FIRST mails (by date, 15,000), then with STEP (1,000)
more each time, each run working on the numbers of the one before. Mails, tags and links are taken as stored. Prints,
for each step, how many rules there are, how many sentences changed their rule without that being told, and how many
changes of text, topic, status or level have no revision; last, how far the rules equal those made all at once.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import claims, history, rules
from db.models import Message, NodeRow, StatementLabel, StatementRow
from db.session import open_engine
from guidelines.annotated import lay_over
from guidelines.identity import changes
from guidelines.merge import merge
from guidelines.requirements import resolve
from guidelines.values import Claim, Guideline, Requirement, Revision
from nlp.labels import Label


def read(session: Session) -> tuple[dict[str, list[Claim]], dict[str, str], dict[str, str], list[str]]:
    """Claims by thread, what went in, products, and all mids by date."""
    query = (
        select(NodeRow.thread)
        .join(Message, Message.mid == NodeRow.mid)
        .join(StatementRow, StatementRow.message_id == Message.id)
        .join(StatementLabel, StatementLabel.key == StatementRow.key)
        .where(StatementLabel.label == Label.REQUIREMENT)
    )
    threads = sorted(set(session.scalars(query)))
    mids = list(session.scalars(select(Message.mid).order_by(Message.date.is_(None), Message.date, Message.mid)))
    return claims.claims(session, threads), history.went_in(session), rules.products(session.connection()), mids


def weighed(
    threads: Mapping[str, Sequence[Claim]], known: set[str], committed: Mapping[str, str]
) -> tuple[list[Requirement], dict[str, Claim]]:
    """Requirements and claims of the mails that are known."""
    found: list[Requirement] = []
    spoken: dict[str, Claim] = {}
    for mine in threads.values():
        here = [c for c in mine if c.mid in known]
        spoken |= {c.key: c for c in here}
        found += lay_over(resolve(here, committed), here)
    return sorted(found, key=lambda r: r.claim), spoken


def homes(guidelines: Sequence[Guideline]) -> dict[str, int]:
    """Each sentence's rule."""
    return {key: g.number for g in guidelines if not g.retired for key in (*g.members, *g.opposing)}


def untold(before: Sequence[Guideline], after: Sequence[Guideline], revisions: Sequence[Revision]) -> tuple[int, int]:
    """Sentences that left their rule for another while theirs lived on, and changes that no revision names."""
    told = {r.number for r in revisions}
    was, now, alive = homes(before), homes(after), {g.number for g in after if not g.retired}
    moved = sum(now.get(key, number) != number and number in alive for key, number in was.items())
    old = {g.number: g for g in before}
    silent = sum(bool(changes(old.get(g.number), g)) and g.number not in told for g in after)
    return moved, silent


def main(database: str, first: int = 15_000, step: int = 1_000) -> None:
    with Session(open_engine(database, create=False)) as session:
        threads, committed, products, mids = read(session)
    before: list[Guideline] = []
    print(f"{'mails':>7}{'rules':>7}{'retired':>9}{'revisions':>11}{'moved':>7}{'untold':>8}")
    for count in [*range(first, len(mids), step), len(mids)]:
        known = set(mids[:count])
        requirements, spoken = weighed(threads, known, {m: w for m, w in committed.items() if m in known})
        after, revisions = merge(requirements, spoken, (), before, products)
        moved, silent = untold(before, after, revisions)
        retired = sum(bool(g.retired) for g in after)
        print(f"{count:7}{len(after) - retired:7}{retired:9}{len(revisions):11}{moved:7}{silent:8}")
        before = after
    once, _ = merge(requirements, spoken, (), (), products)
    grouped = {frozenset((*g.members, *g.opposing)): g for g in once}
    same = [grouped.get(frozenset((*g.members, *g.opposing))) for g in _live(before)]
    equal = sum(o is not None for o in same)
    numbered = sum(o is not None and o.number == g.number for o, g in zip(same, _live(before), strict=True))
    print(f"all at once: {len(once)} rules, {equal} with the very same sentences, {numbered} with the same number too")


def _live(guidelines: Sequence[Guideline]) -> list[Guideline]:
    return [g for g in guidelines if not g.retired]


if __name__ == "__main__":
    main(sys.argv[1], *(int(word) for word in sys.argv[2:]))
