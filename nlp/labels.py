"""The one vocabulary of labels, statuses and topics (the annotation guide's)."""

from __future__ import annotations

from enum import StrEnum


class Label(StrEnum):
    ABI_CONCERN = "abi_concern"
    POST_COMMIT_OBJECTION = "post_commit_objection"
    REQUIREMENT = "requirement"
    AGREE = "agree"
    DISAGREE = "disagree"


class Status(StrEnum):
    AGREED = "agreed"
    CONTESTED = "contested"
    PROPOSED = "proposed"
    SUPERSEDED = "superseded"


class Topic(StrEnum):
    """In the order of the annotation guide; documents choose their own order."""

    DISCOVERY = "discovery"
    CONTROL = "control"
    MIGRATION = "migration"
    STABILITY = "stability"
    LAYOUT = "layout"
    SEMANTICS = "semantics"
    SECURITY = "security"
    ARCHITECTURE = "architecture"
    INTEGRATION = "integration"
    DOCUMENTATION = "documentation"
    TESTING = "testing"
    PROCESS = "process"
