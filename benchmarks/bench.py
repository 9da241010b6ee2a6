"""Our stages, a whole sync, and what else reads the same mails, side by side in one run: `make bench`.

Every round runs everything once, so that a busy machine is busy for all; a table gives the medians. Ratios within a
run count, seconds drift with the machine. The other programs run in a home folder of their own; nothing of the user's
is touched. Without an archive the sample is taken, which shows that the benchmark works, and no more.

Usage: python benchmarks/bench.py [--archive EPOCH] [--rounds N] [--only NAME,...] [--history docs/benchmarks.md]
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable
from datetime import date
from pathlib import Path

from benchmarks.measured import Run, measured
from ingest.sources.recognise import open_source

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "data" / "sample" / "sample-xen.mbox"
NEW = 100  # mails of the incremental sync
STAGES = ("read", "parse", "store", "index", "thread", "segment", "link", "tag", "distil", "export")
OURS, AGAIN = "precedent sync and exports", f"precedent sync, {NEW} new mails"


class Bench:
    """A folder with the archive in the forms that the programs want, and one function a measurement."""

    def __init__(self, archive: Path, folder: Path) -> None:
        self.folder, self.home = folder, folder / "home"
        self.home.mkdir()
        self.inbox = folder / "inbox"
        self.epoch = self.inbox / "git" / "0.git"
        self.epoch.parent.mkdir(parents=True)
        if archive.is_dir():
            run("git", "clone", "--quiet", "--mirror", str(archive), str(self.epoch))
        else:
            self._import(archive)
        self.maildir = folder / "mail"
        for part in ("cur", "new", "tmp"):
            (self.maildir / part).mkdir(parents=True)
        self.mails = self.bytes = 0
        for raw in open_source(self.epoch).read(None):
            (self.maildir / "cur" / f"{self.mails:07}.x:2,S").write_bytes(raw.data)
            self.mails, self.bytes = self.mails + 1, self.bytes + len(raw.data)
        self.environment = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ}
        self.environment |= {
            "HOME": str(self.home),
            "NOTMUCH_CONFIG": str(self.home / "notmuch"),
            "PYTHONPATH": str(ROOT),
        }
        self.environment |= {"PI_CONFIG": str(self.home / "public-inbox"), "MAILDIR": str(self.maildir)}
        (self.home / "notmuch").write_text(f"[database]\npath={self.maildir}\n[user]\nprimary_email=x@example.org\n")
        self.size = 0

    def _import(self, mbox: Path) -> None:
        stream = b""
        for number, raw in enumerate(open_source(mbox).read(None), 1):
            stream += b"commit refs/heads/master\ncommitter x <x@example.org> %d +0000\ndata 0\n" % (10**9 + number)
            stream += b"M 100644 inline m\ndata %d\n%s\n" % (len(raw.data), raw.data)
        run("git", "init", "--quiet", "--bare", "--initial-branch=master", str(self.epoch))
        subprocess.run(["git", "-C", str(self.epoch), "fast-import", "--quiet"], input=stream, check=True)

    def command(self, *words: str) -> Run:
        return measured(words, self.environment, self.folder)

    def ours(self, database: Path, then: str = "") -> Run:
        configuration = self.folder / "lists.toml"
        configuration.write_text(f'[lists.bench]\nproduct = "KVM/arm64"\nsources = ["{self.epoch}"]\n')
        here = f'"{sys.executable}" "{ROOT / "cli.py"}" --config "{configuration}" --db "{database}"'
        return self.command("sh", "-ec", f"{here} sync --quiet {then.format(here=here)}")

    def sync(self) -> Run:
        database = self.fresh("whole.db")
        exports = "&& {here} export guidelines -o guidelines.md && {here} export statements -o statements.jsonl"
        result = self.ours(database, exports)
        self.size = database.stat().st_size
        return result

    def increment(self) -> Run:
        """The last mails come after a sync of the others."""
        head, database = run("git", "-C", str(self.epoch), "rev-parse", "HEAD"), self.fresh("grown.db")
        kept = self.folder / "kept.db"
        before = run("git", "-C", str(self.epoch), "rev-parse", f"HEAD~{min(NEW, self.mails - 1)}")
        try:
            if not kept.exists():
                run("git", "-C", str(self.epoch), "update-ref", "HEAD", before)
                self.ours(kept)
        finally:
            run("git", "-C", str(self.epoch), "update-ref", "HEAD", head)
        shutil.copyfile(kept, database)
        return self.ours(database)

    def fresh(self, name: str) -> Path:
        for path in self.folder.glob(f"{name}*"):
            path.unlink()
        return self.folder / name

    def stages(self) -> Run:
        return self.python("stages", str(self.fresh("stages.db")))

    def python(self, *words: str) -> Run:
        what, *more = words
        return self.command(sys.executable, str(ROOT / "benchmarks/bench_stages.py"), what, str(self.epoch), *more)

    def floor(self) -> Run:
        git = f'git -C "{self.epoch}"'
        return self.command("sh", "-ec", f"{git} rev-list HEAD | sed s/$/:m/ | {git} cat-file --batch > /dev/null")

    def notmuch(self) -> Run:
        shutil.rmtree(self.maildir / ".notmuch", ignore_errors=True)
        return self.command("notmuch", "new", "--quiet")

    def mu(self) -> Run:
        place = self.folder / "mu"
        shutil.rmtree(place, ignore_errors=True)
        steps = f'mu init --muhome="{place}" --maildir="{self.maildir}" && mu index --quiet --muhome="{place}"'
        return self.command("sh", "-ec", steps)

    def public_inbox(self) -> Run:
        for path in (*self.inbox.glob("xap*"), *self.inbox.glob("*.sqlite3*"), self.inbox / "all.git"):
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        init = f'public-inbox-init -V2 bench "{self.inbox}" https://example.org/bench bench@example.org'
        return self.command("sh", "-ec", f'{init} && public-inbox-index -L full "{self.inbox}"')


def run(*words: str) -> str:
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip()


def measurements(bench: Bench) -> dict[str, Callable[[], Run]]:
    """What can be measured here; programs that are not installed are left out."""
    found: dict[str, Callable[[], Run]] = {OURS: bench.sync, AGAIN: bench.increment, "our stages": bench.stages}
    found["git cat-file (the floor)"] = bench.floor
    found["standard library, parse"] = lambda: bench.python("stdlib")
    found["mail-parser, parse"] = lambda: bench.python("mail-parser")
    others = {"notmuch new": bench.notmuch, "mu index": bench.mu, "public-inbox-index -L full": bench.public_inbox}
    return found | {name: measure for name, measure in others.items() if shutil.which(name.split()[0])}


def table(bench: Bench, runs: dict[str, list[Run]]) -> list[str]:
    """Markdown: medians, and what our whole sync takes for each second of the other's."""
    middle = {
        name: (_median(some, "seconds"), _median(some, "cpu"), _median(some, "peak")) for name, some in runs.items()
    }
    lines = [
        "| what | seconds | CPU s | messages/s | peak MB | ours : it | ours : it, CPU |",
        "| --- |" + " ---: |" * 6,
    ]
    for name, (seconds, cpu, peak) in middle.items():
        ours = middle.get(OURS)
        ratios = f"{ours[0] / seconds:.2f} | {ours[1] / max(cpu, 0.01):.2f}" if ours and name != AGAIN else " | "
        mails = min(NEW, bench.mails) if name == AGAIN else bench.mails
        lines.append(f"| {name} | {seconds:.1f} | {cpu:.1f} | {mails / seconds:,.0f} | {peak:.0f} | {ratios} |")
    if "our stages" in runs:
        told = [json.loads(some.output.splitlines()[-1]) for some in runs["our stages"]]
        lines += ["", "| stage, in one process | seconds | messages/s |", "| --- | ---: | ---: |"]
        for stage in STAGES:
            seconds = statistics.median(found[stage] for found in told)
            lines.append(f"| {stage} | {seconds:.2f} | {bench.mails / max(seconds, 0.001):,.0f} |")
    if bench.size:
        lines += ["", f"Database: {bench.size / 1e6:.0f} MB, {bench.size / bench.bytes:.2f} times the raw mails."]
    return lines


def _median(some: list[Run], field: str) -> float:
    return float(statistics.median(getattr(one, field) for one in some))


def main() -> None:
    parser = argparse.ArgumentParser(description="Our speed and that of others over the same mails.")
    parser.add_argument("--archive", type=Path, default=SAMPLE, help="a public-inbox epoch, or an mbox")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="", help="first letters of the measurements wanted, with commas")
    parser.add_argument("--history", type=Path, help="a Markdown file that the table is added to")
    given = parser.parse_args()
    archive = given.archive if given.archive.exists() else SAMPLE
    with tempfile.TemporaryDirectory(prefix="precedent-bench-") as name:
        bench = Bench(archive, Path(name))
        wanted = {
            what: measure
            for what, measure in measurements(bench).items()
            if what.startswith(tuple(given.only.split(",")))
        }
        runs: dict[str, list[Run]] = defaultdict(list)
        for _ in range(given.rounds):
            for what, measure in wanted.items():
                runs[what].append(measure())
                print(f"{what}: {runs[what][-1].seconds:.1f} s", file=sys.stderr)
        load = os.getloadavg()[0]
        head = f"{bench.mails} mails, {bench.bytes / 1e6:.0f} MB; {os.cpu_count()} processors; rounds: {given.rounds}; "
        lines = [f"### {date.today()}", "", f"{head}load at the end {load:.1f}.", "", *table(bench, runs), ""]
    print("\n".join(lines))
    if given.history:
        with given.history.open("a", encoding="utf-8") as history:
            history.write("\n" + "\n".join(lines))


if __name__ == "__main__":
    main()
