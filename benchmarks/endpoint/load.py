"""Many connections at once: what `wrk` measures."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from statistics import median

from benchmarks.endpoint.queries import LEAST, Question

SCRIPT = Path(__file__).with_name("wrk.lua")
MILLION = 1_000_000
_blocks = count(1)


@dataclass(slots=True)
class Load:
    """What one server did in all rounds: requests a second, milliseconds, bytes a second."""

    rates: list[float] = field(default_factory=list)
    p50: list[float] = field(default_factory=list)
    p95: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)
    bandwidth: list[float] = field(default_factory=list)
    failed: int = 0

    def add(self, found: Mapping[str, float]) -> None:
        """Take in a round."""
        self.rates.append((found["requests"] - found["failed"]) / found["seconds"])
        self.bandwidth.append(found["bytes"] / found["seconds"])
        for name in ("p50", "p95", "p99"):
            getattr(self, name).append(found[name])
        self.failed += int(found["failed"])

    def summary(self) -> dict[str, float]:
        """The medians of the rounds."""
        named = {"rate": self.rates, "p50": self.p50, "p95": self.p95, "p99": self.p99}
        found = {name: round(median(values), 3) for name, values in named.items()}
        return {**found, "MB/s": round(median(self.bandwidth) / MILLION, 1), "failed": self.failed}


def fresh(path: str, question: Question, constants: Mapping[str, str]) -> tuple[str, str, str]:
    """A target in two parts with another number between them each time, as never before."""
    target = question.target(path, constants, 0)
    before, _, after = target.partition(str(LEAST))
    return before, after, str(LEAST + next(_blocks) * MILLION)


def run(
    port: int, parts: Sequence[str], headers: Sequence[str], connections: int, seconds: float
) -> dict[str, float]:
    """One round against one server."""
    command = [shutil.which("wrk") or "wrk", "-t1", f"-c{connections}", f"-d{seconds:g}s"]
    command += ["--timeout", "60s", "-s", str(SCRIPT), f"http://127.0.0.1:{port}/", "--"]
    done = subprocess.run([*command, *parts, *headers], capture_output=True, text=True, check=True)
    line = next(one for one in done.stdout.splitlines() if one.startswith("JSON "))
    found: dict[str, float] = json.loads(line[5:])
    return found
