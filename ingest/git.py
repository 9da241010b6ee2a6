"""The one way to git: a command, data and limits in; bytes out. Everything here assumes a hostile repository.

The environment is built from nothing, so neither system nor user configuration, nor ``GIT_*`` variables, reach git. A
repository's own configuration can name programs (hooks, signature checks, credential helpers, promisor remotes over
``ext::``); each of these is switched off on the command line, which wins. Revisions are data and come behind
``--end-of-options``. Nothing touches the network unless the caller names the protocols.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from errors import GitError

_COMMANDS = frozenset(
    ("cat-file", "clone", "diff-tree", "fetch", "for-each-ref", "gc", "log", "ls-remote", "ls-tree", "merge-base")
) | frozenset(("name-rev", "patch-id", "rev-list", "rev-parse", "show-ref"))
_PROTOCOLS = frozenset(("https", "http", "file"))
_KEEP = ("PATH", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR", "https_proxy", "http_proxy", "no_proxy", "HTTPS_PROXY")
_SETTINGS = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.alternateRefsCommand=",
    "core.askPass=",
    "credential.helper=",
    "diff.external=",
    "fetch.recurseSubmodules=false",
    "gc.auto=0",
    "http.followRedirects=initial",
    "log.mailmap=false",
    "log.showRoot=true",
    "log.showSignature=false",
    "maintenance.auto=false",
    "submodule.recurse=false",
)


def _environment(protocols: Iterable[str]) -> dict[str, str]:
    allowed = sorted(protocols)
    if not _PROTOCOLS.issuperset(allowed):
        raise GitError(f"git over {', '.join(allowed)} is not allowed", "Use an https:// address or a local path.")
    fixed = {
        "GIT_ALLOW_PROTOCOL": ":".join(allowed),
        "GIT_ASKPASS": "true",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "HOME": os.devnull,
        "LC_ALL": "C",
    }
    return {name: os.environ[name] for name in _KEEP if name in os.environ} | fixed


def _command(
    repo: Path | None, command: str, options: Sequence[str], revisions: Sequence[str], more: Sequence[str] = ()
) -> list[str]:
    if command not in _COMMANDS:
        raise GitError(f"git {command} is not among the commands that may be run")
    settings = [word for setting in (*_SETTINGS, *more) for word in ("-c", setting)]
    place = [] if repo is None else [f"--git-dir={repo.resolve()}"]
    data = ["--end-of-options", *revisions] if revisions else []
    return ["git", "--no-pager", *place, *settings, command, *options, *data]


def _fault(command: str, repo: Path | None, stderr: bytes) -> GitError:
    lines = stderr.decode("utf-8", "replace").strip().splitlines() or ["no message"]
    told = next((line for line in lines if line.startswith(("fatal:", "error:"))), lines[-1])
    where = f" in {repo}" if repo else ""
    return GitError(f"git {command} failed{where}: {told}", "Check the repository with git fsck, or clone it anew.")


@contextmanager
def stream(
    repo: Path | None,
    command: str,
    options: Sequence[str] = (),
    revisions: Sequence[str] = (),
    feed: IO[bytes] | None = None,
    protocols: Iterable[str] = (),
) -> Iterator[IO[bytes]]:
    """Standard output of a git command as a binary file. ``options`` are literals of ours, ``revisions`` are data
    (paths among them absolute: git runs in the root folder).

    GitError when git fails and everything was read; a reader that leaves early ends the process silently.
    """
    words = _command(repo, command, options, revisions)
    with tempfile.TemporaryFile() as errors:
        try:
            process = subprocess.Popen(
                words, stdin=feed or subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors,
                env=_environment(protocols), cwd="/",
            )  # fmt: skip
        except (OSError, ValueError) as fault:
            raise GitError(f"git cannot be started: {fault}", "Install git and see that it is in PATH.") from fault
        out = process.stdout
        assert out is not None
        try:
            yield out
            finished = out.read(1) == b""
        except BaseException:
            process.kill()
            raise
        finally:
            out.close()
            process.wait()
        if finished and process.returncode != 0:
            errors.seek(0)
            raise _fault(command, repo, errors.read(1 << 16))


def run(
    repo: Path | None,
    command: str,
    options: Sequence[str] = (),
    revisions: Sequence[str] = (),
    protocols: Iterable[str] = (),
    timeout: float | None = None,
    settings: Sequence[str] = (),
    size: int | None = None,
) -> bytes:
    """Whole standard output of a git command; GitError when it fails, takes longer than ``timeout`` seconds or writes a
    file of more than ``size`` bytes. ``settings`` are further ``-c`` words of ours."""
    words = _command(repo, command, options, revisions, settings)
    if size is not None:
        # git has no limit for what a fetch brings; the shell's is inherited by every process that git starts.
        words = ["sh", "-c", 'ulimit -f "$0" && exec "$@"', str(max(1, size // 512)), *words]
    try:
        done = subprocess.run(
            words, stdin=subprocess.DEVNULL, capture_output=True, env=_environment(protocols), cwd="/", timeout=timeout
        )
    except subprocess.TimeoutExpired as fault:
        raise GitError(f"git {command} took longer than {timeout:.0f} s", "Try again, or raise the limit.") from fault
    except (OSError, ValueError) as fault:
        raise GitError(f"git cannot be started: {fault}", "Install git and see that it is in PATH.") from fault
    if done.returncode != 0:
        raise _fault(command, repo, done.stderr)
    return done.stdout


def objects(repo: Path, names: Iterable[str]) -> Iterator[bytes]:
    """Contents of the named objects, in order, through one ``cat-file --batch``. GitError for one that is missing.

    The names go through a file, so that a full pipe on either side cannot block the other.
    """
    with tempfile.TemporaryFile() as feed:
        feed.writelines(name.encode("ascii") + b"\n" for name in names)
        feed.seek(0)
        with stream(repo, "cat-file", ("--batch", "--buffer"), feed=feed) as out:
            while head := out.readline():
                fields = head.split()
                if len(fields) != 3:
                    raise GitError(
                        f"{repo} lacks an object that its history names: {head.decode('utf-8', 'replace').strip()}",
                        "The clone is incomplete or damaged: clone it anew, without --filter.",
                    )
                size = int(fields[2])
                data = out.read(size)
                if len(data) != size or out.read(1) != b"\n":
                    raise GitError(f"git cat-file broke off in {repo}", "Check the repository with git fsck.")
                yield data
