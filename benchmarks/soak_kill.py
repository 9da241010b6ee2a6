"""Kills syncs with SIGKILL at random moments, runs them again, and compares all rows with those of a run left alone.

    python -m benchmarks.soak_kill --times 50 --inbox kvmarm/git/0.git

The archives: the sample with its code history, and the first ``--messages`` mails of a public-inbox epoch (without
``--inbox``: the sample alone). Every kill begins with an empty database. Exit code 1 when any database differs.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import text

from db.content import content_hash
from db.session import open_engine

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "data" / "sample"


def git(*words: str | Path, feed: bytes = b"") -> str:
    return subprocess.run(["git", *map(str, words)], input=feed, capture_output=True, check=True).stdout.decode()


def archives(folder: Path, inbox: Path | None, messages: int, model: str = "") -> Path:
    """The archives and their configuration, in ``folder``."""
    code = folder / "sample.git"
    git("init", "-q", "--bare", code)
    git("-C", code, "fast-import", "--quiet", feed=(SAMPLE / "commits.fi").read_bytes())
    lines = [
        *([f'model = "{model}"'] if model else []),
        '[lists.sample-xen]\nproduct = "Xen"',
        f'sources = ["{SAMPLE / "sample-xen.mbox"}"]\nrepositories = ["{code}"]',
        '[lists.sample-kvm]\nproduct = "KVM/arm64"',
        f'sources = ["{SAMPLE / "sample-kvm"}"]\nrepositories = ["{code}"]',
    ]
    if inbox:
        part = folder / "0.git"
        git("clone", "-q", "--bare", "--no-tags", inbox, part)
        commits = git("-C", part, "rev-list", "--first-parent", "--reverse", "HEAD").split()
        git("-C", part, "update-ref", "HEAD", commits[min(messages, len(commits)) - 1])
        lines.append(f'[lists.slice]\nproduct = "KVM/arm64"\nsources = ["{part}"]')
    config = folder / "lists.toml"
    config.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return config


def sync(config: Path, database: Path, workers: int) -> subprocess.Popen[bytes]:
    options = ("--config", config, "--db", database, "--workers", workers, "--quiet")
    words = [sys.executable, ROOT / "cli.py", "sync", *options]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PRECEDENT_")}
    return subprocess.Popen([str(word) for word in words], stdout=subprocess.DEVNULL, env=environment)


def finished(config: Path, database: Path, workers: int) -> tuple[str, float]:
    """The content hash after a sync that is left alone, and how long it took."""
    began = time.monotonic()
    process = sync(config, database, workers)
    if process.wait() != 0:
        raise SystemExit(f"a sync left alone ended with {process.returncode}")
    took = time.monotonic() - began
    engine = open_engine(str(database))
    with engine.connect() as connection:
        sound = connection.scalar(text("PRAGMA integrity_check"))
        unsound = connection.execute(text("PRAGMA foreign_key_check")).all()
    if sound != "ok" or unsound:
        raise SystemExit(f"the database is damaged: {sound} {unsound}")
    found = content_hash(engine)
    engine.dispose()
    return found, took


def killed(config: Path, database: Path, workers: int, after: float) -> bool:
    """Whether the sync still ran after ``after`` seconds, when it was killed."""
    process = sync(config, database, workers)
    try:
        process.wait(after)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return True
    return False


def state(database: Path) -> str:
    """How far a killed run had come, for the report."""
    if not database.exists():
        return "no database yet"
    engine = open_engine(str(database))
    with engine.connect() as connection:
        tables = ("messages", "nodes", "statements", "requirements", "guidelines")
        counts = [f"{connection.scalar(text(f'SELECT count(*) FROM {table}'))} {table}" for table in tables]
    engine.dispose()
    return ", ".join(counts)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=50, metavar="N")
    parser.add_argument("--inbox", type=Path, metavar="REPO")
    parser.add_argument("--messages", type=int, default=2000, metavar="N")
    parser.add_argument("--model", default="", metavar="PATH", help="A pipeline that tags faster than the shipped one.")
    parser.add_argument("--seed", type=int, default=3, metavar="N")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2], metavar="N", help="Used in turn.")
    options = parser.parse_args(arguments)
    chance, different = random.Random(options.seed), 0
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        folder = Path(name)
        config = archives(folder, options.inbox, options.messages, options.model)
        expected, took = finished(config, folder / "undisturbed.db", options.workers[0])
        print(f"undisturbed: {state(folder / 'undisturbed.db')}; {took:.1f} s; {expected[:16]}", flush=True)
        for number in range(options.times):
            place = folder / "kill"
            workers = options.workers[number % len(options.workers)]
            after = chance.uniform(0, took)
            while True:
                shutil.rmtree(place, ignore_errors=True)
                place.mkdir()
                if killed(config, place / "p.db", workers, after):
                    break
                after *= 0.8  # it was quicker than the first: nothing was killed, so this is no sample
            reached = state(place / "p.db")
            found, _ = finished(config, place / "p.db", workers)
            different += found != expected
            verdict = "equal" if found == expected else f"DIFFERENT {found[:16]}"
            print(f"{number + 1}: killed after {after:.2f} s, {workers} workers, {reached}: {verdict}", flush=True)
    print(f"{options.times} kills, {different} databases differ")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
