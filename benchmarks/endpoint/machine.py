"""On what it ran."""

from __future__ import annotations

import os
import platform
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.endpoint.peers import first_line, named

from designata.store.allocator import preload

_PATIENCE_SECONDS = 60
_QUIET = 0.9


def describe() -> dict[str, str]:
    """The machine, the commit, and the versions of what is used beside the servers."""
    found = {
        "date": datetime.now(UTC).date().isoformat(),
        "commit": _commit(),
        "processor": _processor(),
        "cores": str(len(os.sched_getaffinity(0))),
        "load at the start": f"{os.getloadavg()[0]:.1f}",
        "system": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        "allocator here": Path(preload("auto").get("LD_PRELOAD", "of the system")).name,
    }
    for program in ("wrk", "nginx"):
        if path := named(program)():
            found[program] = first_line("-v")(path)
    return found


def settle() -> None:
    """Wait until the processors have nothing to do, as after a load, but not for ever."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        before = _idle()
        time.sleep(1)
        if _idle() - before > _QUIET * (os.cpu_count() or 1):
            return


def _idle() -> float:
    """For how many seconds the processors have had nothing to do, all together."""
    return float(Path("/proc/uptime").read_text().split()[1])


def _commit() -> str:
    command = ["git", "describe", "--always", "--dirty"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
