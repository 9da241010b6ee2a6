"""Invented claims for the tests of requirements, guidelines and the document."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from guidelines.requirements import resolve
from guidelines.values import Claim, Document, Guideline, Requirement, Revision

REQ, YES, NO, WORRY, LATE = "requirement", "agree", "disagree", "abi_concern", "post_commit_objection"


def at(day: int, month: int = 3, year: int = 2021) -> datetime:
    return datetime(year, month, day, 12, 0, tzinfo=UTC)


def claim(mid: str, who: str, text: str, *labels: str, day: int | None = 1, **given: Any) -> Claim:
    """A sentence of ``who`` in mail ``mid``; offsets follow from ``start``."""
    start = given.pop("start", 0)
    end = start + len(text)
    date = given.pop("date", at(day) if day else None)
    fields: dict[str, Any] = {
        "key": f"{mid} {start}-{end}",
        "mid": mid,
        "message_id": f"<{mid}>",
        "thread": "root@example.org",
        "list_name": "xen-devel",
        "person": who.lower(),
        "author": who,
        "address": f"{who.lower().replace(' ', '.')}@example.org",
        "date": date,
        "start": start,
        "end": end,
        "text": text,
        "labels": labels,
        "scores": dict.fromkeys(labels, 0.9),
        "topic": "control" if REQ in labels or WORRY in labels else "",
        "by": "test/1",
        "permalink": f"https://lists.example.org/r/{mid}",
    }
    return Claim(**{**fields, **given})


def reply(to: Claim, mid: str, who: str, text: str, *labels: str, day: int = 2, **given: Any) -> Claim:
    """A sentence right under the quoted sentence ``to``."""
    answers = {
        "answers": (to.key,),
        "answers_mids": (to.mid,),
        "answers_text": to.text,
        "ancestors": (to.mid, *to.ancestors),
        "thread": to.thread,
        "list_name": to.list_name,
    }
    return claim(mid, who, text, *labels, day=day, **{**answers, **given})


def keyed(*claims: Claim) -> dict[str, Claim]:
    return {c.key: c for c in claims}


def resolved(*claims: Claim) -> list[Requirement]:
    threads = sorted({c.thread for c in claims})
    return [r for t in threads for r in resolve([c for c in claims if c.thread == t])]


def document(guidelines: list[Guideline], claims: dict[str, Claim], **given: Any) -> Document:
    requirements = {r.claim: r for r in resolved(*claims.values())}
    revisions: tuple[Revision, ...] = tuple(given.pop("revisions", ()))
    return Document(
        title=given.pop("title", "Guidelines"),
        guidelines=tuple(guidelines),
        requirements=requirements,
        claims=claims,
        revisions=revisions,
        incidents=tuple(given.pop("incidents", ())),
        lists=given.pop("lists", (("xen-devel", 12, at(1), at(9)),)),
        counts={"statements": len(claims)},
        version="0.0",
        **given,
    )
