"""The tables. One database holds any number of lists; every row says where it came from.

Three kinds of row: what the archives said (messages, blobs, rejects), what was computed from it (everything that a
re-run may replace), and what people decided (``decisions``: append-only, touched by no re-run).
"""

from db.models.archive import Blob, MailingList, Mark, Membership, Message, PageRow, RejectRow, Run, Source
from db.models.base import Base, Text, UTCDateTime
from db.models.statements import (
    DecisionRow,
    GuidelineRow,
    RequirementRow,
    RevisionRow,
    SeenRow,
    StanceRow,
    StatementLabel,
    StatementRow,
)
from db.models.structure import (
    AskedRow,
    CitingRow,
    CommitLinkRow,
    CommitRow,
    CommittedRow,
    EventRow,
    NodeRow,
    OutcomeRow,
    OutlineRow,
    PatchRow,
    PersonAlias,
    PostingRow,
    Repository,
    SegmentRow,
    StirredRow,
    ThreadLinkRow,
    ThreadRow,
    TitleRow,
)

__all__ = [
    "AskedRow",
    "Base",
    "Blob",
    "CitingRow",
    "CommitLinkRow",
    "CommitRow",
    "CommittedRow",
    "DecisionRow",
    "EventRow",
    "GuidelineRow",
    "MailingList",
    "Mark",
    "Membership",
    "Message",
    "NodeRow",
    "OutcomeRow",
    "OutlineRow",
    "PageRow",
    "PatchRow",
    "PersonAlias",
    "PostingRow",
    "RejectRow",
    "Repository",
    "RequirementRow",
    "RevisionRow",
    "Run",
    "SeenRow",
    "SegmentRow",
    "Source",
    "StanceRow",
    "StatementLabel",
    "StatementRow",
    "StirredRow",
    "Text",
    "ThreadLinkRow",
    "ThreadRow",
    "TitleRow",
    "UTCDateTime",
]
