"""Stored mails of a thread to what the tagger sees of them: new text with what it answers, and who speaks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from db.reads import Stored
from ingest.body import Kind, above
from ingest.message import QUOTING_LOST
from ingest.subject import parse_subject
from nlp.values import MailText, Passage

# What a path says about the interface that a patch changes; the first that is found in a path counts.
TOUCHES = (
    ("uapi", "include/uapi/"),
    ("public_header", "include/public/"),
    ("domctl", "domctl"),
    ("sysctl", "sysctl"),
    ("hypercall", "hypercall"),
    ("documentation", "docs/"),
    ("documentation", "Documentation/"),
    ("test", "test"),
    ("toolstack", "tools/"),
)
PARENT_TEXT = 2000  # characters of the parent's own words that are handed on


def mail_texts(mails: Sequence[Stored], committed: Mapping[str, float]) -> list[MailText]:
    """One thread's mails, keyed by mid. ``committed``: since how many days the change that a mail speaks of was in.

    Where quoting was lost nobody can say whose words they are, so such a mail has no passages.
    """
    by_mid = {mail.mid: mail for mail in reversed(mails)}
    subjects = {mail.mid: parse_subject(mail.subject) for mail in mails}
    submitters = {
        mail.author_address for mail in mails if subjects[mail.mid].is_patch and not subjects[mail.mid].is_reply
    }
    touched = {name for mail in mails for path in mail.paths for name in _touches(path)}
    texts = []
    for mail in by_mid.values():
        subject = subjects[mail.mid]
        speaker = "" if not submitters else "submitter" if mail.author_address in submitters else "reviewer"
        parent = by_mid.get(mail.parent)
        texts.append(
            MailText(
                key=mail.mid,
                subject=subject.title,
                passages=() if QUOTING_LOST in mail.defects else passages(mail, by_mid),
                author=mail.author_name,
                is_patch=subject.is_patch and not subject.is_reply,
                is_reply=subject.is_reply or bool(mail.in_reply_to),
                depth=mail.depth,
                speaker=speaker,
                touches=tuple(sorted(touched)),
                committed_days=committed.get(mail.mid),
                parent_text=_new_text(parent)[:PARENT_TEXT] if parent else "",
            )
        )
    return sorted(texts, key=lambda text: text.key)


def _touches(path: str) -> list[str]:
    return [name for name, part in TOUCHES if part in path][:1]


def _new_text(mail: Stored) -> str:
    return "\n".join(mail.body[s.start : s.end] for s in mail.segments if s.kind == Kind.NEW)


def passages(mail: Stored, by_mid: Mapping[str, Stored]) -> tuple[Passage, ...]:
    """The mail's new segments, each with the quoted text that stands above it."""
    found = []
    for position, segment in enumerate(mail.segments):
        if segment.kind != Kind.NEW:
            continue
        quote = nearest_quote(mail, position)
        source = mail.sources[quote] if quote is not None else None
        author = by_mid[source[0]].author_name if source and source[0] in by_mid else ""
        text = mail.body[segment.start : segment.end]
        found.append(
            Passage(segment.start, segment.end, text, segment.role, above(mail.body, mail.segments, position), author)
        )
    return tuple(found)


def nearest_quote(mail: Stored, position: int) -> int | None:
    """Position of the last quote above segment ``position`` (diffs and code between them do not part the two)."""
    for index in range(position - 1, -1, -1):
        if mail.segments[index].kind == Kind.QUOTE and mail.segments[index].depth:
            return index
    return None
