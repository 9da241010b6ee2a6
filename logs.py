"""Log records to lines on standard error: plain ones for people and journals, or one JSON object a line for collectors.

What is logged names sources, counts and reasons. The text of mails is not logged above the debug level, and what stands
in a record, an address or a server's answer among it, cannot write to the terminal or break the line.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from typing import Any

LOGGER = logging.getLogger("precedent")
FORMATS = ("plain", "json")


class _Plain(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return f"{_moment(record)} {record.levelname.lower()} {printable(record.getMessage())}"


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {"time": _moment(record), "level": record.levelname.lower(), "logger": record.name}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line | {"event": record.getMessage()} | getattr(record, "facts", {}), default=str)


class _Stderr(logging.Handler):
    """Writes to what standard error is now, not to what it was when logging began."""

    def emit(self, record: logging.LogRecord) -> None:
        sys.stderr.write(self.format(record) + "\n")
        sys.stderr.flush()


def begin(form: str = "plain", quiet: bool = False) -> None:
    """Sends every logger's records to standard error in ``form``; ``quiet`` leaves warnings and errors, and
    in JSON the result, which has no other way out."""
    handler = _Stderr()
    handler.setFormatter(_Json() if form == "json" else _Plain())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    LOGGER.setLevel(logging.WARNING if quiet and form != "json" else logging.INFO)
    logging.captureWarnings(form == "json")


def as_json() -> bool:
    """Whether JSON was asked for, so that nothing else may be written between its lines."""
    return any(isinstance(handler.formatter, _Json) for handler in logging.getLogger().handlers)


def note(event: str, level: int = logging.INFO, **facts: Any) -> None:
    """Logs an event with its facts; plain lines have the facts behind the event."""
    told = ", ".join(f"{name} {value}" for name, value in facts.items() if value not in (None, ""))
    text = event if as_json() or not told else f"{event}: {told}"
    LOGGER.log(level, "%s", text, extra={"facts": facts})


def printable(text: str) -> str:
    """One line without anything that a terminal would act on."""
    return "".join(character if character.isprintable() else " " for character in text)


def _moment(record: logging.LogRecord) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created))
