"""A range of commits to patches: what an author is about to post."""

from __future__ import annotations

from pathlib import Path

from errors import GitError, UsageError
from ingest.git import run
from ingest.history.refs import git_dir

MOST = 500  # commits: a longer range is no series, but a branch named wrongly
_SHOW = ("--patch", "--no-ext-diff", "--no-textconv", "--no-renames", "--no-color", "--no-show-signature")


def patches_between(repo: Path, span: str) -> list[tuple[str, str, str]]:
    """(title, message, diff) of each commit in "A..B", oldest first, no merges. Raises GitError or UsageError."""
    layout = ("--no-merges", "--reverse", "--encoding=UTF-8", "--format=tformat:%x00%s%x00%b%x00")
    try:
        text = run(git_dir(repo), "log", (*_SHOW, *layout, f"--max-count={MOST + 1}"), (span, "--"))
    except GitError as fault:
        if "promisor" not in fault.what:
            raise
        raise GitError(f"{repo} holds commits without their files", "Use a clone made without --filter.") from fault
    fields = text.decode("utf-8", "replace").split("\0")[1:]
    if len(fields) // 3 > MOST:
        raise UsageError(f"{span} holds more than {MOST} commits", "name the range of one series")
    return [(title, message, diff) for title, message, diff in zip(*[iter(fields)] * 3, strict=False)]
