"""A small database of invented mails for the tests of queries and pages: two lists, a series in two versions with its
commit, an objection afterwards, an agreed and a contested requirement, a ghost, a cross-post, a reject, a run."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from db.models import (
    Blob,
    CommitLinkRow,
    CommitRow,
    CommittedRow,
    EventRow,
    GuidelineRow,
    MailingList,
    Membership,
    Message,
    NodeRow,
    OutcomeRow,
    PatchRow,
    PostingRow,
    RejectRow,
    Repository,
    RequirementRow,
    RevisionRow,
    Run,
    SegmentRow,
    Source,
    StanceRow,
    StatementLabel,
    StatementRow,
    ThreadLinkRow,
    ThreadRow,
)
from db.store import full_text
from ingest.packing import pack

ADA, BEN, CLEO = ("Ada Quill", "ada@example.org"), ("Ben Ω Marsh", "ben@example.org"), ("Cleo Vane", "cleo@example.org")
OID = "4" * 40


def at(day: int, month: int = 3, year: int = 2021) -> datetime:
    return datetime(year, month, day, 12, 0, tzinfo=UTC)


def row(table: Any, **given: Any) -> Any:
    """A row of ``table`` with what is given, and nothing to say in its other columns."""
    blank: dict[type, Any] = {str: "", bool: False, int: 0, float: 0.0, object: []}
    for column in table.__table__.columns:
        if not (column.name in given or column.nullable or column.primary_key or column.default is not None):
            given[column.name] = blank[column.type.python_type]
    return table(**given)


class Archive:
    """Writes mails and what was made of them through the models."""

    def __init__(self, session: Session, fresh: bool = True) -> None:
        self.session = session
        self.keys: dict[str, str] = {}
        if fresh:
            self._lists(session)

    def _lists(self, session: Session) -> None:
        self.lists = {
            "alpha-devel": MailingList(
                id=1, name="alpha-devel", permalink="https://lore.example.org/r/{mid}", product="Alpha"
            ),
            "beta-devel": MailingList(
                id=2, name="beta-devel", permalink="https://lore.example.org/r/{mid}", product="Beta"
            ),
        }
        session.add_all(self.lists.values())
        for each in (1, 2):
            session.add(Source(id=each, list_id=each, kind="mbox", location=f"archive-{each}.mbox", cursor=str(each)))
        session.flush()

    def mail(
        self,
        mid: str,
        parent: str,
        thread: str,
        who: tuple[str, str],
        date: datetime | None,
        subject: str,
        parts: list[tuple[Any, ...]],
        lists: tuple[int, ...] = (1,),
        depth: int = 0,
        **more: Any,
    ) -> Message:
        """``parts``: (kind, depth, text[, source mid]); they become body and segments."""
        body = "".join(part[2] for part in parts)
        raw = f"From: {who[0]} <{who[1]}>\nSubject: {subject}\nMessage-ID: <{mid}>\n\n{body}".encode()
        digest = sha256(raw).hexdigest()
        if self.session.get(Blob, digest) is None:
            self.session.add(Blob(sha256=digest, size=len(raw), data=pack(raw, body)))
        fields: dict[str, Any] = {
            "message_id": f"<{mid}>",
            "in_reply_to": [parent] if parent else [],
            "references": [parent] if parent else [],
            "date_from": "date" if date else "none",
            "recipients": {"to": [["", "alpha-devel@example.org"]], "cc": []},
            "list_ids": [],
            "body_from": "plain",
            "flowed": False,
            "agent": "",
            "defects": [],
            "paths": [],
        }
        fields.update(more)
        stored: Message = row(
            Message,
            mid=mid,
            content=sha256(body.encode()).hexdigest(),
            sha256=digest,
            subject=subject,
            author_name=who[0],
            author_address=who[1],
            date=date,
            body=body,
            **fields,
        )
        self.session.add(stored)
        self.session.flush()
        words = {"id": stored.id, "subject": stored.subject, "author_name": who[0], "body": body}
        full_text.index(self.session.connection(), [words])
        for each in lists:
            self.session.add(Membership(message_id=stored.id, list_id=each, source_id=each, origin=f"{stored.id}"))
        offset = 0
        for position, (kind, level, text, *source) in enumerate(parts):
            end = offset + len(text)
            self.session.add(
                row(
                    SegmentRow,
                    message_id=stored.id,
                    position=position,
                    kind=kind,
                    depth=level,
                    start=offset,
                    end=end,
                    role="",
                    source_mid=source[0] if source else None,
                )
            )
            offset = end
        if self.session.get(NodeRow, mid) is None:
            self.session.add(NodeRow(mid=mid, parent=parent, thread=thread, depth=depth, ghost=False))
        self.session.flush()
        return stored

    def tag(self, mail: Message, quote: str, labels: dict[str, float], topic: str = "", name: str = "") -> str:
        start = mail.body.index(quote)
        key = f"{mail.mid} {start}-{start + len(quote)}"
        self.session.add(
            row(
                StatementRow,
                key=key,
                message_id=mail.id,
                start=start,
                end=start + len(quote),
                quote=" ".join(quote.split()),
                labels=sorted(labels),
                scores=labels,
                topic=topic,
                by="rules 1",
                why=["cue: must"],
            )
        )
        self.session.flush()
        self.session.add_all(StatementLabel(key=key, label=label, score=score) for label, score in labels.items())
        self.session.flush()
        self.keys[name or key] = key
        return key


def fill(engine: Engine) -> dict[str, str]:
    """Fills a migrated database; returns the names of the statements' keys."""
    with Session(engine) as session, session.begin():
        archive = Archive(session)
        _gadget_thread(archive)
        _deep_mail(archive)
        _probe_thread(archive)
        _after_commit(archive)
        _document(archive)
        _threads(session)
        _runs(session)
        return archive.keys


def _gadget_thread(archive: Archive) -> None:
    v1 = archive.mail(
        *("cover1@example.org", "", "cover1@example.org", ADA, at(1), "[PATCH 0/1] Add a gadget hypercall"),
        [("new", 0, "This series adds GADGETOP_map.\n")],
    )
    patch = archive.mail(
        *("patch1@example.org", v1.mid, v1.mid, ADA, at(1), "[PATCH 1/1] gadget: add GADGETOP_map"),
        [
            ("new", 0, "Add the call.\n"),
            ("diffstat", 0, "---\n 1 file changed\n"),
            ("diff", 0, "diff --git a/gadget.h b/gadget.h\n+#define GADGETOP_map 1\n"),
        ],
        depth=1,
    )
    review = archive.mail(
        *("review@example.org", patch.mid, v1.mid, BEN, at(2), "Re: [PATCH 1/1] gadget: add GADGETOP_map"),
        [
            ("attribution", 0, "On 1 March, Ada Quill wrote:\n"),
            ("quote", 1, "> Add the call.\n", patch.mid),
            ("new", 0, "How would an old guest learn of it? Any new call must be discoverable by a feature bit.\n"),
            ("signature", 0, "-- \nBen\n"),
        ],
        depth=2,
    )
    archive.tag(review, "How would an old guest learn of it?", {"abi_concern": 0.8}, "discovery", "concern")
    rule = "Any new call must be discoverable by a feature bit."
    archive.tag(review, rule, {"requirement": 0.9, "abi_concern": 0.3}, "discovery", "rule")
    agree = archive.mail(
        *("agree@example.org", review.mid, v1.mid, CLEO, at(3), "Re: [PATCH 1/1] gadget: add GADGETOP_map"),
        [
            ("quote", 2, ">> Add the call.\n", patch.mid),
            ("quote", 1, f"> {rule}\n", review.mid),
            ("new", 0, "Agreed, and it must be possible to turn it off for each domain.\n"),
        ],
        lists=(1, 2),
        depth=3,
    )
    archive.tag(agree, "Agreed, and it", {"agree": 0.95}, "", "agree")
    archive.tag(agree, "it must be possible to turn it off for each domain.", {"requirement": 0.7}, "control", "off")
    no = archive.mail(
        *("no@example.org", "lost@example.org", v1.mid, ADA, None, "Re: [PATCH 1/1] gadget: add GADGETOP_map"),
        [("quote", 1, "> turn it off for each domain\n", agree.mid), ("new", 0, "I do not think that is needed.\n")],
        depth=4,
    )
    archive.session.add(NodeRow(mid="lost@example.org", parent=agree.mid, thread=v1.mid, depth=3, ghost=True))
    archive.tag(no, "I do not think that is needed.", {"disagree": 0.85}, "", "no")


def _deep_mail(archive: Archive) -> None:
    archive.mail(
        *("deep@example.org", "agree@example.org", "cover1@example.org", BEN, at(4), "Re: [PATCH 1/1] gadget"),
        [
            ("quote", 2, ">> Agreed, and it must be\n>> possible to turn it off\n", "agree@example.org"),
            ("new", 0, "Fine.\n"),
        ],
        depth=4,
    )


def _probe_thread(archive: Archive) -> None:
    probe = archive.mail(
        *("cover2@example.org", "", "cover2@example.org", ADA, at(9), "[PATCH v2] gadget: add GADGETOP_map"),
        [("new", 0, "v2: has a feature bit.\n"), ("diff", 0, "diff --git a/gadget.h b/gadget.h\n+1\n")],
    )
    archive.mail(
        *("applied@example.org", probe.mid, probe.mid, CLEO, at(12), "Re: [PATCH v2] gadget: add GADGETOP_map"),
        [("new", 0, "Applied to next, thanks.\n")],
        depth=1,
    )
    session = archive.session
    session.add(
        row(
            EventRow,
            mid="applied@example.org",
            start=0,
            title="gadget: add GADGETOP_map",
            kind="applied",
            end=24,
            oid="",
            branch="next",
            about=probe.mid,
        )
    )
    base = {"author_name": ADA[0], "author_address": ADA[1], "total": 1, "changelog": "", "why": "same title"}
    first, second = "cover1@example.org", probe.mid
    title = "gadget: add GADGETOP_map"
    session.add(row(PostingRow, key=first, chain=first, previous="", version="1", title=title, date=at(1), **base))
    session.add(row(PostingRow, key=second, chain=first, previous=first, version="2", title=title, date=at(9), **base))
    session.add(row(PatchRow, mid=first, posting=first, number=0, paths=[]))
    session.add(row(PatchRow, mid="patch1@example.org", posting=first, number=1, paths=["gadget.h"]))
    session.add(row(PatchRow, mid=second, posting=second, number=1, paths=["gadget.h"]))


def _after_commit(archive: Archive) -> None:
    session = archive.session
    session.add(row(Repository, id=1, list_id=1, name="alpha", location="alpha.git", cursor=None))
    session.flush()
    common = {
        "repository_id": 1,
        "author_name": ADA[0],
        "author_email": ADA[1],
        "trailers": [],
        "refs": ["master"],
        "release": "v1",
    }
    went_in = {"oid": OID, "subject": "gadget: add GADGETOP_map", "message": "Add the call."}
    session.add(row(CommitRow, id=1, authored=at(9), committed=at(12), **went_in, **common))
    back = {"oid": "5" * 40, "subject": 'Revert "gadget: add GADGETOP_map"', "message": f"This reverts commit {OID}."}
    session.add(row(CommitRow, id=2, authored=at(20), committed=at(20), **back, **common))
    session.flush()
    session.add(
        row(
            CommitLinkRow,
            mid="cover2@example.org",
            commit_id=1,
            evidence="same title and author",
            score=0.9,
            kind="became",
        )
    )
    evidence = f"committed 2021-03-12 as {OID[:12]}, 3 days before"
    session.add(
        row(CommittedRow, mid="late@example.org", at=at(12), oid=OID, event="applied@example.org", evidence=evidence)
    )
    words = "reverted 2021-03-20"
    session.add(row(OutcomeRow, mid="late@example.org", kind="reverted", at=at(20), words=words, source="5" * 40))
    late = archive.mail(
        *("late@example.org", "cover2@example.org", "cover2@example.org", BEN, at(15)),
        "Re: [PATCH v2] gadget: add GADGETOP_map",
        [("new", 0, "This went in without my ack. It should be reverted before the release.\n")],
        depth=1,
    )
    archive.tag(late, "This went in without my ack.", {"post_commit_objection": 0.9}, "", "late")


def _document(archive: Archive) -> None:
    session, keys = archive.session, archive.keys
    for name, topic, status in (("rule", "discovery", "agreed"), ("off", "control", "contested")):
        session.add(
            row(
                RequirementRow,
                key=keys[name],
                topic=topic,
                status=status,
                reason="Cleo Vane assents",
                concerns=[keys["concern"]] if name == "rule" else [],
                superseded_by="",
            )
        )
    session.flush()
    session.add(
        row(
            StanceRow,
            requirement=keys["rule"],
            claim=keys["agree"],
            stance="assent",
            mid="agree@example.org",
            person="cleo@example.org",
            author=CLEO[0],
            why="quoted right above",
        )
    )
    session.add(
        row(
            StanceRow,
            requirement=keys["off"],
            claim=keys["no"],
            stance="dissent",
            mid="no@example.org",
            person="ada@example.org",
            author=ADA[0],
            why="answers the mail",
        )
    )
    for number, name, topic, status, level in (
        (1, "rule", "discovery", "agreed", "MUST"),
        (2, "off", "control", "contested", "SHOULD"),
    ):
        statement = session.get(StatementRow, keys[name])
        assert statement is not None
        shared = {"text": statement.quote, "topic": topic, "status": status, "level": level, "revision": 1}
        session.add(
            row(
                GuidelineRow,
                number=number,
                text_by="",
                text_claim=keys[name],
                applies_to="Alpha",
                confidence=0.9,
                strength="2 people, 1 thread",
                since=at(2),
                members=[keys[name]],
                retired="",
                reason="Cleo Vane assents",
                opposing=[],
                decisions=[],
                against=[],
                **shared,
            )
        )
        session.add(row(RevisionRow, number=number, at=at(3), what="first seen", **shared))
    session.flush()


def _threads(session: Session) -> None:
    marks = {"fingerprint": "", "traced": "", "tagged": "", "distilled": ""}
    first, second = "cover1@example.org", "cover2@example.org"
    subject = "[PATCH 0/1] Add a gadget hypercall"
    session.add(row(ThreadRow, thread=first, subject=subject, messages=5, first=at(1), last=at(3), **marks))
    subject = "[PATCH v2] gadget: add GADGETOP_map"
    session.add(row(ThreadRow, thread=second, subject=subject, messages=3, first=at(9), last=at(15), **marks))
    session.add(ThreadLinkRow(thread=second, earlier=first, mid=second, why="the next version of the series"))


def _runs(session: Session) -> None:
    tally = {"read": 9, "stored": 8, "known": 0, "rejected": 1}
    session.add(
        row(
            Run,
            command="sync",
            started=at(1, 4),
            ended=datetime(2021, 4, 1, 12, 3, tzinfo=UTC),
            error="",
            stages={"ingest": tally},
            sources={"archive-1.mbox": {**tally, "error": ""}},
        )
    )
    session.add(
        row(
            RejectRow,
            source_id=1,
            origin="7",
            sha256="0" * 64,
            reason="nested deeper than 20 parts",
            subject="Odd",
            message_id="<odd@example.org>",
        )
    )
