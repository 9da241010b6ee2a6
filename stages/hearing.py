"""What the tagger is asked, in the process that has it loaded: a worker, or this one.

Nothing of spaCy is loaded with this module, so that a run in which no sentence is to be tagged, or in which a worker
tags, does without. A pipeline's version is remembered by a checksum of all that it is made from.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nlp.values import MailText, Statement
from stages.objecting import decided

_ROOT = Path(__file__).parents[1]
_SHIPPED = _ROOT / "data" / "model"


@dataclass(frozen=True, slots=True)
class Heard:
    """One mail, and whether it may object to what was in."""

    text: MailText
    may_object: bool


def tag(mails: Sequence[Heard], model: str | None = None) -> list[tuple[str, tuple[Statement, ...]]]:
    """Each mail's key and statements, in the order given, with objections after the commit where they belong."""
    from nlp.pipeline import tag as tag_mails

    found = tag_mails([mail.text for mail in mails], model)
    return [(mid, decided(mail.text, said, mail.may_object)) for mail, (mid, said) in zip(mails, found, strict=True)]


def version(model: str | None = None) -> str:
    """What ``nlp.pipeline`` calls the pipeline; it is loaded for that, and ready then."""
    from nlp.pipeline import version as loaded

    return loaded(model)


def checksum(model: str | None = None) -> str:
    """Of every file that the pipeline and its code are made from; "" for an installed package."""
    folder = Path(model) if model else _SHIPPED
    if not folder.is_dir():
        return ""
    digest = hashlib.sha256(b"shipped" if model is None else b"named")
    code = [path for path in (_ROOT / "nlp").rglob("*") if path.suffix in (".py", ".json", ".cfg")]
    for path in sorted([*code, *(path for path in folder.rglob("*") if path.is_file())]):
        with path.open("rb") as file:
            digest.update(f"{path.name}\0".encode())
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:32]
