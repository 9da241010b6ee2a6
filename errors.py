"""The error tree. Errors carry facts; the doors (cli.py, app.py, views/) choose the words and the exit codes."""

from __future__ import annotations


class PrecedentError(Exception):
    """Anything that a user can do something about. ``advice`` says what."""

    def __init__(self, what: str, advice: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.advice = advice

    def __reduce__(self) -> tuple[type[PrecedentError], tuple[str, str]]:
        # Exceptions cross process boundaries; the default would drop the advice.
        return type(self), (self.what, self.advice)


class UsageError(PrecedentError):
    """The command line or a call asks for something that does not exist."""


class ConfigError(PrecedentError):
    """The configuration is at fault; every fault is listed at once."""


class SourceError(PrecedentError):
    """An archive is missing, unreadable, of another kind or empty."""


class GitError(SourceError):
    """git refused, or the repository is not what it was taken for."""


class DatabaseError(PrecedentError):
    """The database cannot be opened, written or understood."""


class ModelError(PrecedentError):
    """A language pipeline cannot be loaded or does not assign our tags."""


class WorkerError(PrecedentError):
    """A worker process is gone."""
