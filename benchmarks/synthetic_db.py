"""A database of invented mails of any size, for measuring the app: the same shape as a real one, text of random words.

Usage: python -m benchmarks.synthetic_db FILE [MESSAGES]. Seeded; the rows are written in bulk past the stages.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert

from db.models import (
    GuidelineRow,
    MailingList,
    Membership,
    Message,
    NodeRow,
    RequirementRow,
    SegmentRow,
    Source,
    StatementLabel,
    StatementRow,
    ThreadRow,
)
from db.session import open_engine
from db.store import full_text
from nlp.labels import Label, Topic

THREAD = 12
BATCH = 5000
PEOPLE = 400
START = datetime(2005, 1, 1, tzinfo=UTC)
KNOWN = ["hypercall", "feature", "migration", "userspace", "register", "guest", "memory", "ioctl", "stable", "revert"]
LABELS = [*[Label.AGREE] * 7, *[Label.ABI_CONCERN] * 5, *[Label.DISAGREE] * 4, Label.REQUIREMENT]


def main() -> None:
    path, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 300_000
    chance = random.Random(5)
    words = [*KNOWN * 4, *("".join(chance.choices("abcdefghiklmnoprstu", k=chance.randint(3, 9))) for _ in range(6000))]
    with open_engine(path).begin() as connection:
        lists(connection)
        for first in range(0, count, BATCH):
            write(connection, list(mails(chance, words, first, min(BATCH, count - first))))
            print(f"{min(first + BATCH, count)} of {count}", file=sys.stderr)


def lists(connection: Connection) -> None:
    for number in range(1, 6):
        link = "https://lore.example.org/r/{mid}"
        connection.execute(insert(MailingList).values(id=number, name=f"list{number}", permalink=link, product="P"))
        connection.execute(insert(Source).values(id=number, list_id=number, kind="mbox", location=f"{number}.mbox"))


def mails(chance: random.Random, words: list[str], first: int, count: int) -> Iterator[dict[str, Any]]:
    for number in range(first + 1, first + count + 1):
        root = number - (number - 1) % THREAD
        quote = " ".join(chance.choices(words, k=20))
        new = " ".join(chance.choices(words, k=120))
        person = chance.randrange(PEOPLE)
        yield {
            "number": number,
            "root": root,
            "quote": f"> {quote}\n",
            "new": f"{new}.\n",
            "author_name": f"Person {person}",
            "author_address": f"person{person}@example.org",
            "date": START + timedelta(minutes=30 * number),
            "label": chance.choice(LABELS) if chance.random() < 0.75 else None,
            "topic": chance.choice(list(Topic)),
            "score": round(chance.random(), 3),
        }


def write(connection: Connection, some: list[dict[str, Any]]) -> None:
    def rows(table: Any, found: list[dict[str, Any]]) -> None:
        if found:
            connection.execute(insert(table), found)

    rows(Message, found := [message(mail) for mail in some])
    full_text.index(connection, found)
    rows(Membership, [{**_id(mail), "list_id": _list(mail), "source_id": _list(mail), "origin": "0"} for mail in some])
    rows(NodeRow, [node(mail) for mail in some])
    rows(SegmentRow, [segment for mail in some for segment in segments(mail)])
    rows(ThreadRow, [thread(mail) for mail in some if mail["number"] == mail["root"]])
    tagged = [mail for mail in some if mail["label"]]
    rows(StatementRow, [statement(mail) for mail in tagged])
    rows(StatementLabel, [{"key": _key(m), "label": m["label"], "score": m["score"]} for m in tagged])
    rules = [mail for mail in tagged if mail["label"] == Label.REQUIREMENT]
    rows(RequirementRow, [requirement(mail) for mail in rules])
    rows(GuidelineRow, [guideline(mail) for mail in rules if mail["number"] % 3 == 0])


def _mid(number: int) -> str:
    return f"m{number}@example.org"


def _id(mail: dict[str, Any]) -> dict[str, Any]:
    return {"message_id": mail["number"]}


def _list(mail: dict[str, Any]) -> int:
    return int(mail["root"]) // THREAD % 5 + 1


def _key(mail: dict[str, Any]) -> str:
    return f"{_mid(mail['number'])} {len(mail['quote'])}-{len(mail['quote']) + 80}"


def message(mail: dict[str, Any]) -> dict[str, Any]:
    mid = _mid(mail["number"])
    empty: dict[str, Any] = {"in_reply_to": [], "references": [], "list_ids": [], "defects": [], "paths": []}
    plain = {"date_from": "date", "body_from": "plain", "flowed": False, "agent": "", "conflict": False, "patch": {}}
    return {
        "id": mail["number"],
        "mid": mid,
        "message_id": f"<{mid}>",
        "content": mid,
        "sha256": mid,
        **{name: mail[name] for name in ("author_name", "author_address", "date")},
        "subject": f"Re: series {mail['root']}",
        "recipients": {},
        "body": mail["quote"] + mail["new"],
        **empty,
        **plain,
    }


def node(mail: dict[str, Any]) -> dict[str, Any]:
    number, root = mail["number"], mail["root"]
    parent = "" if number == root else _mid(number - 1)
    return {"mid": _mid(number), "parent": parent, "thread": _mid(root), "depth": number - root, "ghost": False}


def segments(mail: dict[str, Any]) -> Iterator[dict[str, Any]]:
    middle, end = len(mail["quote"]), len(mail["quote"]) + len(mail["new"])
    shared = {**_id(mail), "role": "", "source_start": None, "source_end": None}
    source = _mid(mail["number"] - 1) if mail["number"] != mail["root"] else None
    yield {**shared, "position": 0, "kind": "quote", "depth": 1, "start": 0, "end": middle, "source_mid": source}
    yield {**shared, "position": 1, "kind": "new", "depth": 0, "start": middle, "end": end, "source_mid": None}


def thread(mail: dict[str, Any]) -> dict[str, Any]:
    marks = {"fingerprint": "", "traced": "", "tagged": "", "distilled": ""}
    span = {"first": mail["date"], "last": mail["date"] + timedelta(hours=6)}
    subject = f"series {mail['root']}"
    return {"thread": _mid(mail["number"]), "subject": subject, "messages": THREAD, **span, **marks}


def statement(mail: dict[str, Any]) -> dict[str, Any]:
    start = len(mail["quote"])
    what = {"labels": [mail["label"]], "scores": {mail["label"]: mail["score"]}, "topic": mail["topic"]}
    place = {**_id(mail), "start": start, "end": start + 80, "quote": mail["new"][:80]}
    return {"key": _key(mail), **place, **what, "by": "synthetic", "why": []}


def requirement(mail: dict[str, Any]) -> dict[str, Any]:
    status = ("agreed", "contested", "proposed")[mail["number"] % 3]
    empty: dict[str, Any] = {"concerns": [], "counters": [], "withdrawn": False, "superseded_by": ""}
    return {"key": _key(mail), "topic": mail["topic"], "status": status, "reason": "", **empty}


def guideline(mail: dict[str, Any]) -> dict[str, Any]:
    fixed = {"text_by": "", "status": "agreed", "level": "SHOULD", "applies_to": "P", "confidence": mail["score"]}
    empty: dict[str, Any] = {"retired": "", "reason": "", "opposing": [], "decisions": [], "against": []}
    text = {"text": mail["new"][:80], "text_claim": _key(mail), "members": [_key(mail)], "topic": mail["topic"]}
    number = {"number": mail["number"], "revision": 1, "since": mail["date"], "strength": "1 person, 1 thread"}
    return {**number, **text, **fixed, **empty}


if __name__ == "__main__":
    main()
