"""Measures segments and quotes on a real archive; see docs/decisions.md for the figures and what they decided.

    python benchmarks/measure_structure.py ARCHIVE [--gold JSONL] [--lines 10000] [--read 30] [--seed 1]

The gold file holds labelled sentences with offsets into the decoded body. ``--read`` prints that many random replies
segment by segment, to be judged by eye. Threads, series and people are measured by ``measure_threads.py``.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from ingest.body import Kind, Segment, segment
from ingest.message import Message, parse
from ingest.quotes import Mail, QuoteSource, trace
from ingest.sources.recognise import open_source
from ingest.subject import parse_subject
from ingest.text.marks import bare
from ingest.text.mend import mend
from ingest.text.repeats import repeats
from ingest.threads import Node, Ref, forest

LONG = 25  # characters of a line that is looked for in other mails


@dataclass(frozen=True)
class Archive:
    """What is measured: mails with their final segments, the forest, the traced quotes, and which are replies."""

    mails: Mapping[str, Mail]
    nodes: Mapping[str, Node]
    sources: Mapping[tuple[str, int], QuoteSource]
    replies: frozenset[str]

    def ancestors(self, mid: str) -> Iterator[str]:
        mid = self.nodes[mid].parent
        while mid:
            yield mid
            mid = self.nodes[mid].parent


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("archive", type=Path)
    options.add_argument("--gold", type=Path, help="labelled sentences, one JSON object a line")
    options.add_argument("--lines", type=int, default=10_000, help="lines of new text to try (default: %(default)s)")
    options.add_argument("--read", type=int, default=0, help="replies to print for reading")
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    archive = load(given.archive)
    if given.gold:
        labelled(archive, given.gold)
    repeated(archive, given.lines, random.Random(given.seed))
    traced(archive)
    read_replies(archive, given.read, random.Random(given.seed))


def load(path: Path) -> Archive:
    messages = [parsed for raw in open_source(path).read(None) if isinstance(parsed := parse(raw), Message)]
    subjects = [parse_subject(message.subject) for message in messages]
    begun = time.process_time()
    cut = [
        segment(message.body, is_patch=subject.is_patch and not subject.is_reply, flowed=message.flowed)
        for message, subject in zip(messages, subjects, strict=True)
    ]
    print(f"segments: {sum(map(len, cut))} in {len(messages)} messages, {time.process_time() - begun:.1f} s")
    nodes = forest(Ref(each.mid, each.in_reply_to, each.references, each.date) for each in messages)
    mails: dict[str, Mail] = {}
    for message, parts in zip(messages, cut, strict=True):
        author = message.author
        mails[message.mid] = Mail(
            message.mid, nodes[message.mid].parent, author.name, author.address, message.body, parts
        )
    threads: defaultdict[str, list[Mail]] = defaultdict(list)
    for mid, node in nodes.items():
        threads[node.thread].append(mails.get(mid) or Mail(mid, node.parent, "", "", "", ()))
    mails, sources = connect(threads, mails)
    replies = frozenset(each.mid for each, subject in zip(messages, subjects, strict=True) if subject.is_reply)
    return Archive(mails, nodes, sources, replies)


def connect(
    threads: Mapping[str, list[Mail]], mails: Mapping[str, Mail]
) -> tuple[dict[str, Mail], dict[tuple[str, int], QuoteSource]]:
    begun, spent = time.process_time(), 0.0
    done = dict(mails)
    sources: dict[tuple[str, int], QuoteSource] = {}
    mended = 0
    for members in threads.values():
        started = time.process_time()
        final = members
        for correct in (mend, repeats):
            found = correct(final)
            mended += len(found)
            final = [replace(each, segments=found.get(each.mid, each.segments)) for each in final]
        spent += time.process_time() - started
        done.update((each.mid, each) for each in final if each.mid in done)
        sources.update(((item.mid, item.position), item) for item in trace(final))
    print(f"segments: {mended} messages corrected, {spent:.1f} s")
    print(f"quotes: {len(sources)} traced, {time.process_time() - begun - spent:.1f} s")
    return done, sources


def labelled(archive: Archive, gold: Path) -> None:
    """How many sentences with a label lie wholly within new text."""
    whole, within, lost = Counter[str](), Counter[str](), Counter[str]()
    for line in gold.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        mail = archive.mails.get(row["message_id"].strip("<>"))
        if mail is None:
            continue
        other = {
            str(part.kind)
            for part in mail.segments
            if part.kind is not Kind.NEW
            and mail.body[max(part.start, row["start"]) : max(min(part.end, row["end"]), row["start"])].strip()
        }
        group = "labelled" if row["labels"] else "unlabelled"
        whole[group] += 1
        within[group] += not other
        lost.update(f"{group}: {kind}" for kind in other)
    for group in sorted(whole):
        share = 100 * within[group] / whole[group]
        print(f"gold: {within[group]} of {whole[group]} {group} sentences in new text ({share:.2f} %)")
    print(f"gold: outside: {dict(sorted(lost.items()))}")


def repeated(archive: Archive, count: int, source: random.Random) -> None:
    """How many random lines taken as new text stand verbatim in an ancestor."""
    lines = [
        (mid, folded(line))
        for mid, mail in sorted(archive.mails.items())
        for part in mail.segments
        if part.kind is Kind.NEW
        for line in mail.body[part.start : part.end].split("\n")
        if line.strip()
    ]

    @lru_cache(maxsize=4000)
    def text(mid: str) -> str:
        return "\n".join(folded(bare(line)) for line in archive.mails[mid].body.split("\n"))

    for name, chosen in (("all mails", lines), ("replies", [item for item in lines if item[0] in archive.replies])):
        sample = source.sample(chosen, min(count, len(chosen)))
        bad = [
            (mid, line)
            for mid, line in sample
            if len(line) >= LONG
            and any(line in text(above) for above in archive.ancestors(mid) if above in archive.mails)
        ]
        share = 100 * len(bad) / max(len(sample), 1)
        print(f"segments: {len(bad)} of {len(sample)} new lines of {name} stand in an ancestor ({share:.2f} %)")


def traced(archive: Archive) -> None:
    """Of quoted lines that stand in exactly one ancestor's new text, how many are traced to it."""

    @lru_cache(maxsize=4000)
    def own(mid: str) -> frozenset[str]:
        mail = archive.mails.get(mid)
        return frozenset(new_lines(mail)) if mail else frozenset()

    verdicts = Counter[str]()
    for mid, mail in sorted(archive.mails.items()):
        above = list(archive.ancestors(mid))
        for position, part in enumerate(mail.segments):
            if part.kind is Kind.QUOTE:
                found = archive.sources.get((mid, position))
                verdicts.update(_judge(mail.body, part, found.source if found else "", above, own))
    total = max(sum(verdicts.values()), 1)
    print(
        f"quotes: {verdicts['right']} of {total} lines from one ancestor traced to it"
        f" ({100 * verdicts['right'] / total:.2f} %), {verdicts['unknown']} unknown, {verdicts['wrong']} elsewhere"
    )


def _judge(
    body: str, part: Segment, source: str, above: list[str], own: Callable[[str], frozenset[str]]
) -> Iterator[str]:
    for raw in body[part.start : part.end].split("\n"):
        line = folded(bare(raw))
        if len(line) >= LONG:
            holders = [mid for mid in above if line in own(mid)]
            if len(holders) == 1:
                yield "right" if source == holders[0] else "wrong" if source else "unknown"


def new_lines(mail: Mail) -> Iterator[str]:
    for part in mail.segments:
        if part.kind is Kind.NEW:
            yield from (folded(line) for line in mail.body[part.start : part.end].split("\n"))


def folded(line: str) -> str:
    return " ".join(line.split())


def read_replies(archive: Archive, count: int, source: random.Random) -> None:
    for mid in source.sample(sorted(archive.replies), min(count, len(archive.replies))):
        print(f"\n===== {mid}")
        mail = archive.mails[mid]
        for position, part in enumerate(mail.segments):
            found = archive.sources.get((mid, position))
            label = f"{part.kind}{part.depth or ''} {part.role}{' < ' + found.source if found else ''}"
            lines = mail.body[part.start : part.end].rstrip("\n").split("\n")
            shown = lines if len(lines) < 14 else [*lines[:8], f"... {len(lines) - 11} lines ...", *lines[-3:]]
            print(f"--- {label}", *shown, sep="\n")


if __name__ == "__main__":
    main()
