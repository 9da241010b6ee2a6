"""Measures threads, series and people on a real archive; see docs/decisions.md for the figures and what they decided.

    python benchmarks/measure_threads.py ARCHIVE [--reference TSV] [--orders 100] [--read 100] [--seed 1]

The reference is a table of Message-ID and thread key (public-inbox's, notmuch's); what is compared is the partition.
``--read`` prints that many random chains of versions and merges of people, to be judged by eye.
"""

from __future__ import annotations

import argparse
import gzip
import random
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ingest.message import Message, parse
from ingest.people.merge import Person, merge
from ingest.revisions.continued import Titled, continued
from ingest.revisions.prefixes import version_key
from ingest.series import PatchMail, Posting, is_posting, postings, read_patch
from ingest.sources.recognise import open_source
from ingest.subject import parse_subject
from ingest.threads import Node, Ref, forest

RUNS = 10  # separate arrivals
DEEP = 5_000  # replies in a row
MANY = 300_000  # messages of the speed check


def main() -> None:
    options = _options()
    source = open_source(options.archive)
    messages = [parsed for raw in source.read(None) if isinstance(parsed := parse(raw), Message)]
    print(f"{len(messages)} messages read")
    refs = [Ref(each.mid, each.in_reply_to, each.references, each.date) for each in messages]
    nodes = threads(refs, options.reference, options.orders, random.Random(options.seed))
    people = persons(messages)
    sent = series(messages, nodes, people)
    links(messages, nodes, sent)
    if options.read:
        read_chains(sent, options.read, random.Random(options.seed))
        read_people(people, options.read // 2, random.Random(options.seed))


def _options() -> argparse.Namespace:
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("archive", type=Path)
    options.add_argument("--reference", type=Path, help="Message-ID and thread key by tab, plain or .gz")
    options.add_argument("--orders", type=int, default=100, help="random orders of arrival (default: %(default)s)")
    options.add_argument("--read", type=int, default=0, help="chains and merges to print for reading")
    options.add_argument("--seed", type=int, default=1)
    return options.parse_args()


def threads(refs: Sequence[Ref], reference: Path | None, orders: int, source: random.Random) -> dict[str, Node]:
    begun = time.perf_counter()
    nodes = forest(refs)
    spent = time.perf_counter() - begun
    real = {node.thread for node in nodes.values() if not node.ghost}
    print(f"threads: {len(real)}, missing parents: {sum(node.ghost for node in nodes.values())}, {spent:.2f} s")
    if reference:
        print(f"threads: {differences(nodes, _table(reference))} messages differ from {reference.name}")
    shuffled = list(refs)
    changed = 0
    for _ in range(orders):
        source.shuffle(shuffled)
        changed += forest(shuffled) != nodes
    print(f"threads: {changed} of {orders} random orders change the forest")
    arrived: list[Ref] = []
    for run in range(RUNS):
        arrived += shuffled[run::RUNS]
        last = forest(arrived)
    print(f"threads: arrival in {RUNS} runs {'gives the same forest' if last == nodes else 'CHANGES the forest'}")
    deep = forest([Ref(f"d{n}", (f"d{n - 1}",) if n else (), (), None) for n in range(DEEP)])
    times = -(-MANY // max(1, len(refs)))
    many = [
        Ref(f"{n}.{ref.mid}", tuple(f"{n}.{mid}" for mid in ref.in_reply_to),
            tuple(f"{n}.{mid}" for mid in ref.references), ref.date)
        for n in range(times) for ref in refs
    ]  # fmt: skip
    begun = time.perf_counter()
    forest(many)
    spent = time.perf_counter() - begun
    print(f"threads: {deep[f'd{DEEP - 1}'].depth + 1} deep at most tried; {len(many)} messages in {spent:.1f} s")
    return nodes


def _table(path: Path) -> dict[str, str]:
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode()
    return dict(line.split("\t") for line in text.splitlines())


def differences(nodes: dict[str, Node], reference: dict[str, str]) -> int:
    """Messages that are missing or whose thread is not the reference's, matched one to one."""
    ours: dict[str, str] = {}
    theirs: dict[str, str] = {}
    wrong = 0
    for mid, key in reference.items():
        node = nodes.get(mid)
        wrong += (
            node is None
            or theirs.setdefault(key, node.thread) != node.thread
            or ours.setdefault(node.thread, key) != key
        )
    return wrong


def persons(messages: Sequence[Message]) -> dict[tuple[str, str], Person]:
    begun = time.perf_counter()
    found = merge((each.author.name, each.author.address) for each in messages)
    spent = time.perf_counter() - begun
    people = {person.key: person for person in found.values()}
    why = Counter(reason for person in people.values() if len(person.aliases) > 1 for _, _, reason in person.aliases)
    print(
        f"people: {len(found)} names and addresses are {len(people)} people, {spent:.2f} s; {dict(why.most_common())}"
    )
    return found


def series(messages: Sequence[Message], nodes: dict[str, Node], people: dict[tuple[str, str], Person]) -> list[Posting]:
    mails = [mail for each in messages if (mail := _patch_mail(each, nodes[each.mid]))]
    begun = time.perf_counter()
    sent = postings(mails, {pair: person.key for pair, person in people.items()})
    spent = time.perf_counter() - begun
    chains: dict[str, list[Posting]] = defaultdict(list)
    for posting in sent:
        chains[posting.chain].append(posting)
    several = sum(len(chain) > 1 for chain in chains.values())
    first = sum(version_key(posting.version) > (1,) and not posting.previous for posting in sent)
    print(f"series: {len(mails)} mails are {len(sent)} postings in {len(chains)} chains, {several} of several versions")
    print(f"series: {first} postings of v2 and later without an earlier version, {spent:.2f} s")
    said = _said(mails, sent)
    blind = postings([replace(mail, cited=()) for mail in mails], {pair: person.key for pair, person in people.items()})
    for name, each in (("read", sent), ("not read", blind)):
        chain = {mid: posting.chain for posting in each for _, mid in posting.patches}
        kept = sum(chain[later] == chain[earlier] for later, earlier in said)
        print(f"series: {kept} of {len(said)} links that authors give to an earlier version are kept, links {name}")
    return sent


def _said(mails: Sequence[PatchMail], sent: Sequence[Posting]) -> list[tuple[str, str]]:
    """Pairs of mails of which the later one gives a link to the earlier one as the version that it is."""
    home = {mid: posting for posting in sent for _, mid in posting.patches}
    return [
        (mail.mid, mid)
        for mail in mails for version, mid in mail.cited
        if version and mid in home and home[mid].key != home[mail.mid].key
        and version_key(home[mid].version) == version_key(version)
        and home[mid].author_address == mail.author_address
    ]  # fmt: skip


def _patch_mail(message: Message, node: Node) -> PatchMail | None:
    subject = parse_subject(message.subject)
    if not is_posting(subject):
        return None
    text = read_patch(message.body)
    author = message.author
    return PatchMail(
        message.mid, subject, author.name, author.address, message.date, node.parent, node.thread,
        text.paths, text.notes, text.listed, text.cited, text.copied,
    )  # fmt: skip


def links(messages: Sequence[Message], nodes: dict[str, Node], sent: Sequence[Posting]) -> None:
    titled = (Titled(m.mid, nodes[m.mid].thread, parse_subject(m.subject), m.date) for m in messages)
    found = continued(titled, [(each.key, each.previous, each.why) for each in sent if each.previous])
    kinds = Counter(link.why.partition(":")[0] for link in found)
    print(f"threads: {len(found)} links to an earlier thread; {dict(kinds.most_common())}")


def read_chains(sent: Sequence[Posting], count: int, source: random.Random) -> None:
    chains: dict[str, list[Posting]] = defaultdict(list)
    for posting in sent:
        chains[posting.chain].append(posting)
    several = sorted((chain for chain in chains.values() if len(chain) > 1), key=lambda chain: chain[0].key)
    for number, chain in enumerate(source.sample(several, min(count, len(several))), 1):
        print(f"\n{number}.")
        for one in chain:
            size = f"{sum(number > 0 for number, _ in one.patches)}/{one.total}"
            date = f"{one.date:%Y-%m-%d}" if one.date else "no date"
            print(f"   {date} v{one.version:4} {size:6} {one.author_name[:20]:20} {one.title[:80]}\n      {one.why}")


def read_people(people: dict[tuple[str, str], Person], count: int, source: random.Random) -> None:
    merged = sorted({person for person in people.values() if len(person.aliases) > 1}, key=lambda person: person.key)
    for number, person in enumerate(source.sample(merged, min(count, len(merged))), 1):
        print(f"\n{number}. {person.name} ({person.key})")
        for name, address, why in person.aliases:
            print(f"   {name} <{address}>: {why}")


if __name__ == "__main__":
    main()
