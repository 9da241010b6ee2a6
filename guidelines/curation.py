"""Decisions, given numbers and their history to a text file and back: what no archive can give again.

One JSON object a line, sorted, so that a diff in git reads as a list of what was decided. A database built from nothing
that loads the file gives every rule its old number and its old history, and so makes the same document.
"""

from __future__ import annotations

import json
import types
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from errors import UsageError
from guidelines.values import Decision, Guideline, Revision

FORMAT = "precedent-curation/1"
_KINDS: dict[str, type[Any]] = {"decision": Decision, "guideline": Guideline, "revision": Revision}
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Curation:
    """What a curation file holds."""

    decisions: tuple[Decision, ...] = ()
    guidelines: tuple[Guideline, ...] = ()
    revisions: tuple[Revision, ...] = ()


def dump(decisions: Iterable[Decision], guidelines: Iterable[Guideline], revisions: Iterable[Revision]) -> str:
    """The file's text; equal for equal values in any order."""
    lines = [json.dumps({"format": FORMAT})]
    lines += [_line("decision", d) for d in sorted(decisions, key=lambda d: d.id)]
    lines += [_line("guideline", g) for g in sorted(guidelines, key=lambda g: g.number)]
    lines += [_line("revision", r) for r in sorted(revisions, key=lambda r: (r.number, r.revision))]
    return "\n".join(lines) + "\n"


def load(text: str) -> Curation:
    """Read a file back; a fault is a UsageError that names the line."""
    found: dict[str, list[Any]] = {kind: [] for kind in _KINDS}
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            data = json.loads(line)
        except ValueError as error:
            raise UsageError(f"line {number} of the curation file is not JSON: {error}") from error
        if not isinstance(data, dict):
            raise UsageError(f"line {number} of the curation file is not an object")
        if number == 1 or "format" in data:
            if data.get("format") != FORMAT:
                raise UsageError(f"line {number}: this is not a curation file of format {FORMAT}")
            continue
        kind = data.pop("kind", "")
        if kind not in _KINDS:
            raise UsageError(f"line {number} of the curation file: there is no kind {kind!r}")
        found[kind].append(_value(_KINDS[kind], data, number))
    return Curation(tuple(found["decision"]), tuple(found["guideline"]), tuple(found["revision"]))


def _line(kind: str, value: Any) -> str:
    data = {k: v.isoformat() if isinstance(v, datetime) else v for k, v in asdict(value).items()}
    return json.dumps({"kind": kind, **data}, ensure_ascii=True, sort_keys=True)


def _value(kind: type[T], data: dict[str, Any], number: int) -> T:
    hints = get_type_hints(kind)
    unknown = sorted(set(data) - set(hints))
    if unknown:
        raise UsageError(f"line {number} of the curation file: unknown {', '.join(unknown)}")
    try:
        given = {f.name: _read(hints[f.name], data[f.name]) for f in fields(kind) if f.name in data}  # type: ignore[arg-type] # always one of _KINDS
        return kind(**given)
    except (TypeError, ValueError) as error:
        raise UsageError(f"line {number} of the curation file: {error}") from error


def _read(hint: Any, value: Any) -> Any:
    """One field's value, checked against its type."""
    allowed = get_args(hint) if get_origin(hint) is types.UnionType else (hint,)
    if value is None and type(None) in allowed:
        return None
    if datetime in allowed:
        return datetime.fromisoformat(value)
    if get_origin(hint) is tuple:
        wanted = get_args(hint)[0]
        if not isinstance(value, list) or not all(isinstance(v, wanted) for v in value):
            raise TypeError(f"{value!r} is not a list of {wanted.__name__}")
        return tuple(value)
    plain = float if hint is float and isinstance(value, int) else None
    if plain is None and not isinstance(value, allowed):
        raise TypeError(f"{value!r} is not {hint}")
    return value if plain is None else plain(value)
