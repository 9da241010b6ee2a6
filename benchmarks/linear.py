"""Does the time grow as the archive does? `python benchmarks/linear.py [--archive EPOCH] [--mails N] [--plot FILE]`.

The first N mails of an archive once, twice, four and eight times (with shifted identifiers), and what could be worse
than linear: one long thread, one huge mail, a subject that all mails share, each at half and at full size. Measured is
the processor time of a whole sync, all processes together, less that of a sync of one mail, so that a busy machine does
not blur it. A case is linear when a doubled size takes twice the time, within 15 %.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from benchmarks.measured import measured
from ingest.sources.recognise import open_source

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "data" / "sample" / "sample-xen.mbox"
_ID = re.compile(rb"<([^<>@\s]+)@([^<>\s]+)>")


def shifted(mails: list[bytes], times: int) -> Iterator[bytes]:
    for copy in range(times):
        for mail in mails:
            yield _ID.sub(rb"<\1.%d@\2>" % copy, mail) if copy else mail


def made(number: int, subject: str, parent: str, body: str) -> bytes:
    reply = f"In-Reply-To: <{parent}@example.org>\n" if parent else ""
    clock = f"{number // 3600 % 24}:{number // 60 % 60:02}:{number % 60:02}"
    return (
        f"From: Person {number % 50} <p{number % 50}@example.org>\nMessage-ID: <m{number}@example.org>\n{reply}"
        f"Subject: {subject}\nDate: Mon, 4 Mar 2019 {clock} +0000\n\n"
        f"{body}"
    ).encode()


def thread(size: int) -> Iterator[bytes]:
    """Each mail answers the one seven before it and quotes it."""
    for number in range(size):
        parent = f"m{number - 7}" if number > 6 else "m0" if number else ""
        quote = f"> The call number {max(0, number - 7)} must check its padding.\n\n" if number else ""
        yield made(number, "Re: one thread", parent, f"{quote}The call number {number} must check its padding.\n")


def huge(megabytes: int) -> Iterator[bytes]:
    line = "The hypercall must return an error where its padding is not zero, and so it goes on.\n"
    yield made(0, "one mail", "", "".join(f"{n} {line}" for n in range(megabytes * 1_000_000 // len(line))))


def subject(size: int) -> Iterator[bytes]:
    for number in range(size):
        yield made(number, "[PATCH] the same subject", "", f"The call number {number} must check its padding.\n")


def sync(mails: Iterator[bytes]) -> float:
    """Processor seconds of a whole sync of these mails."""
    with tempfile.TemporaryDirectory(prefix="precedent-linear-") as name:
        folder = Path(name)
        with (folder / "list.mbox").open("wb") as archive:
            for mail in mails:
                lines = re.sub(rb"(?m)^(>*From )", rb">\1", mail.replace(b"\r\n", b"\n"))
                archive.write(b"From x Mon Mar  4 00:00:00 2019\n" + lines + b"\n\n")
        (folder / "lists.toml").write_text(f'[lists.bench]\nsources = ["{folder / "list.mbox"}"]\n')
        command = [sys.executable, str(ROOT / "cli.py"), "--config", str(folder / "lists.toml")]
        environment = os.environ | {"PYTHONPATH": str(ROOT), "HOME": name}
        return measured([*command, "--db", str(folder / "x.db"), "sync", "--quiet"], environment, folder).cpu


def plot(points: list[tuple[str, float, float]], path: Path) -> None:
    import altair as alt
    import pandas as pd

    alt.data_transformers.disable_max_rows()
    frame = pd.DataFrame(points, columns=["case", "size", "time"])
    base = alt.Chart(frame).encode(
        x=alt.X("size:Q", title="size, times the smallest", scale=alt.Scale(type="log", base=2)),
        y=alt.Y("time:Q", title="processor time, times the smallest", scale=alt.Scale(type="log", base=2)),
    )
    ideal = alt.Chart(pd.DataFrame({"size": [1, 8], "time": [1, 8]})).mark_line(strokeDash=[4, 4], color="gray")
    chart = ideal.encode(x="size:Q", y="time:Q") + base.mark_line(point=True).encode(
        color=alt.Color("case:N", title="")
    )
    chart.properties(width=480, height=320).save(str(path))


def main() -> None:
    parser = argparse.ArgumentParser(description="Whether the time grows as the archive does.")
    parser.add_argument("--archive", type=Path, default=SAMPLE)
    parser.add_argument("--mails", type=int, default=1000)
    parser.add_argument("--times", type=int, default=8)
    parser.add_argument("--shared", type=int, default=50_000, help="mails that share a subject")
    parser.add_argument("--plot", type=Path)
    given = parser.parse_args()
    mails = [raw.data for raw in islice(open_source(given.archive).read(None), given.mails)]
    least = sync(thread(1))
    times = [1 << power for power in range(given.times.bit_length())]
    cases = {
        "the archive": [(n, shifted(mails, n)) for n in times],
        "one thread": [(n, thread(n)) for n in (2500, 5000)],
        "one mail, MB": [(n, huge(n)) for n in (10, 20)],
        "one subject": [(n, subject(n)) for n in (given.shared // 2, given.shared)],
    }
    points: list[tuple[str, float, float]] = []
    print(f"{len(mails)} mails; one mail takes {least:.1f} s\n\n| case | size | CPU s | doubled |")
    print("| --- | ---: | ---: | ---: |")
    for case, sizes in cases.items():
        first: tuple[int, float] | None = None
        before = 0.0
        for size, some in sizes:
            took = sync(some) - least
            first = first or (size, took)
            points.append((case, size / first[0], took / first[1]))
            print(f"| {case} | {size} | {took:.1f} | {f'{took / before:.2f}' if before else ''} |", flush=True)
            before = took
    if given.plot:
        plot(points, given.plot)


if __name__ == "__main__":
    main()
