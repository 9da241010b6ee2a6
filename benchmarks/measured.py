"""Commands under a clock: wall and processor time, and the peak memory of all their processes together."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

EVERY = 0.2  # seconds between two looks at the memory


@dataclass(frozen=True, slots=True)
class Run:
    """``seconds`` by the clock, ``cpu`` seconds of all processors, ``peak`` in MB."""

    seconds: float
    cpu: float
    peak: float
    output: str


def measured(command: Sequence[str], environment: Mapping[str, str], folder: Path) -> Run:
    """Runs a command to its end. Raises SystemExit with what it said where it fails."""
    began = time.monotonic()
    with (folder / "output").open("w+", encoding="utf-8", errors="replace") as output:
        process = subprocess.Popen(
            command, env=dict(environment), cwd=folder, stdout=output, stderr=output, stdin=subprocess.DEVNULL
        )
        peak = [0.0]
        threading.Thread(target=_watch, args=(process.pid, peak), daemon=True).start()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        said = output.read()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}:\n{said[-2000:]}")
    return Run(seconds, usage.ru_utime + usage.ru_stime, peak[0], said)


def _watch(root: int, peak: list[float]) -> None:
    while (size := sum(map(_memory, family(root)))) > 0:
        peak[0] = max(peak[0], size / 1e6)
        time.sleep(EVERY)


def family(root: int) -> list[int]:
    """A process and all that it started."""
    found = [root]
    for pid in found:
        try:
            tasks = list(Path(f"/proc/{pid}/task").iterdir())
            found += [int(child) for task in tasks for child in (task / "children").read_text().split()]
        except OSError:
            continue  # it has ended
    return found


def _memory(pid: int) -> int:
    """The bytes that a process adds to the machine's load: shared pages count by their share (PSS)."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0
