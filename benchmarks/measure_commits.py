"""Measures commit histories, links, commit events and timelines on real data; docs/history.md has the figures.

    python benchmarks/measure_commits.py ARCHIVE REPOSITORY... [--listed TSV] [--gold JSONL] [--read 100] [--seed 1]

``--listed`` is a table of commit and Message-ID with equal diffs (header line first), ``--gold`` labelled sentences.
``--read`` prints that many random links and events, to be judged by eye.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import resource
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from ingest.body import Kind, segment
from ingest.commits import Commit, CommitLink, Event, containment, head_state, history
from ingest.credit import credit
from ingest.history.events import events
from ingest.history.evidence import Before, Post
from ingest.history.links import link
from ingest.history.shelf import PatchRef
from ingest.message import Message, parse
from ingest.record import Record
from ingest.revisions.patches import is_posting, read_patch
from ingest.series import PatchMail, postings
from ingest.sources.recognise import open_source
from ingest.subject import parse_subject
from ingest.threads import Node, Ref, forest
from ingest.timeline import around

New = list[tuple[int, int]]


def main() -> None:
    options = _options()
    code = {path: read(path) for path in options.repositories}
    found = (parse(raw) for raw in open_source(options.archive).read(None))
    mails = {mail.mid: mail for mail in found if isinstance(mail, Message)}
    nodes = forest([Ref(m.mid, m.in_reply_to, m.references, m.date) for m in mails.values()])
    refs = patches(list(mails.values()), nodes)
    linked = {path: links(path, refs, commits, options.listed) for path, commits in code.items()}
    new = {mid: _new(mail) for mid, mail in mails.items()}
    said = told(mails, nodes, new)
    commits = [commit for each in code.values() for commit in each]
    every = [found for each in linked.values() for found in each]
    laid = timelines(mails, nodes, new, Record(commits, every, said, refs, _dates(mails)))
    if options.gold:
        objections(laid, options.gold, mails)
    if options.read:
        chance = random.Random(options.seed)
        titles = {
            commit.oid: f"{commit.committed:%Y-%m-%d} {commit.author_name}: {commit.subject}" for commit in commits
        }
        for each in chance.sample(every, min(options.read, len(every))):
            mail = mails[each.mid]
            print(f"{each.oid[:12]} {titles[each.oid]}\n  {each.kind}: {mail.date} {mail.author.name}: {mail.subject}")
            print(f"  {each.evidence}, {each.score}")
        for event in chance.sample(said, min(options.read, len(said))):
            sentence = " ".join(mails[event.mid].body[event.start : event.end].split())
            print(f"{event.kind} | {event.branch} | {event.oid[:12]} | {event.title} | {sentence[:160]}")


def _options() -> argparse.Namespace:
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("archive", type=Path)
    options.add_argument("repositories", type=Path, nargs="+")
    options.add_argument("--listed", type=Path, help="commit and Message-ID by tab: equal diffs")
    options.add_argument("--gold", type=Path, help="labelled sentences, one JSON object a line")
    options.add_argument("--read", type=int, default=0, help="links and events to print for reading")
    options.add_argument("--seed", type=int, default=1)
    return options.parse_args()


def read(path: Path) -> list[Commit]:
    begun = time.perf_counter()
    commits = list(history(path))
    first = time.perf_counter() - begun
    begun = time.perf_counter()
    state = head_state(path)
    again = len(list(history(path, state)))
    second = time.perf_counter() - begun
    begun = time.perf_counter()
    reached = sum(1 for _ in containment(path))
    third = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{path.name}: {len(commits)} commits in {first:.1f} s, {again} in a second reading of {second:.2f} s,")
    print(f"  branches of {reached} in {third:.1f} s, peak {peak} MB")
    return commits


def patches(mails: Sequence[Message], nodes: dict[str, Node]) -> list[PatchRef]:
    found: dict[str, PatchMail] = {}
    for mail in mails:
        subject = parse_subject(mail.subject)
        if is_posting(subject):
            text, node = read_patch(mail.body), nodes[mail.mid]
            found[mail.mid] = PatchMail(
                mail.mid, subject, mail.author.name, mail.author.address, mail.date, node.parent, node.thread,
                text.paths, text.notes, text.listed, text.cited,
            )  # fmt: skip
    bodies = {mail.mid: mail.body for mail in mails}
    refs = []
    for posting in postings(found.values()):
        for number, mid in posting.patches:
            mail_, whose = found[mid], credit(bodies[mid])
            refs.append(
                PatchRef(
                    mid,
                    mail_.subject.title,
                    mail_.subject.version,
                    mail_.author_name,
                    mail_.author_address,
                    mail_.date,
                    whose.from_name,
                    whose.from_address,
                    whose.signed,
                    posting.key,
                    posting.chain,
                    number,
                    mail_.subject.prefixes,
                    whose.upstream,
                    listed=mail_.listed,
                )
            )
    return refs


def links(path: Path, refs: Sequence[PatchRef], commits: Sequence[Commit], listed: Path | None) -> list[CommitLink]:
    begun = time.perf_counter()
    found = link(refs, commits)
    spent = time.perf_counter() - begun
    print(f"{path.name}: {len(found)} links of {len(refs)} patch mails, {spent:.1f} s")
    print(f"  {dict(Counter(each.kind for each in found))}")
    if listed:
        wanted = defaultdict(set)
        with listed.open(newline="") as lines:
            for row in csv.DictReader(lines, delimiter="\t"):
                wanted[row["commit"]].add(row["message_id"].strip("<>"))
        here = {commit.oid for commit in commits} & set(wanted)
        right = {each.oid for each in found if each.mid in wanted.get(each.oid, ())}
        became = {each.oid for each in found if each.kind == "became" and each.mid in wanted.get(each.oid, ())}
        print(
            f"  of {len(here)} listed commits {len(right)} are linked to a listed mail, {len(became)} as what became it"
        )
    return found


def _new(mail: Message) -> New:
    subject = parse_subject(mail.subject)
    parts = segment(mail.body, is_patch=is_posting(subject), flowed=mail.flowed)
    return [(part.start, part.end) for part in parts if part.kind is Kind.NEW]


def told(mails: dict[str, Message], nodes: dict[str, Node], new: dict[str, New]) -> list[Event]:
    begun = time.perf_counter()
    found = [
        event
        for mid, mail in mails.items()
        for event in events(mid, mail.subject, mail.body, new[mid], nodes[mid].parent)
    ]
    spent = time.perf_counter() - begun
    kinds = dict(Counter(event.kind for event in found))
    print(f"{len(found)} events in {len({event.mid for event in found})} mails, {spent:.1f} s; {kinds}")
    return found


def timelines(
    mails: dict[str, Message], nodes: dict[str, Node], new: dict[str, New], record: Record
) -> dict[str, Before]:
    threads: dict[str, list[Post]] = defaultdict(list)
    for mid, mail in mails.items():
        text = "\n".join(mail.body[start:end] for start, end in new[mid])
        node = nodes[mid]
        threads[node.thread].append(Post(mid, node.parent, mail.author.name, mail.date, mail.subject, text))
    begun = time.perf_counter()
    found = {mid: lines[0] for posts in threads.values() for mid, lines in around(posts, record)[0].items()}
    spent = time.perf_counter() - begun
    print(f"{len(threads)} timelines in {spent:.1f} s; {len(found)} messages were sent when a change was in")
    return found


def objections(known: dict[str, Before], gold: Path, mails: dict[str, Message]) -> None:
    """For how many mails with a labelled objection the timeline knows that a change was in."""
    with gold.open() as lines:
        rows = [json.loads(line) for line in lines]
    objecting = {row["message_id"].strip("<>") for row in rows if "post_commit_objection" in row["labels"]}
    here = objecting & set(mails)
    dated = sum(mid in known and known[mid].at is not None for mid in here)
    behind = len(here & set(known))
    print(f"of {len(here)} mails with labelled objections {behind} stand behind a change, {dated} by a date")


def _dates(mails: dict[str, Message]) -> dict[str, datetime]:
    return {mid: mail.date for mid, mail in mails.items() if mail.date}


if __name__ == "__main__":
    main()
