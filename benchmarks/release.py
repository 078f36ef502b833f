"""How long the stages of a build take, and the commands that people wait for (median of five)."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from statistics import median

from designata.release.build import build
from designata.settings import Settings

COMMANDS = ("--help", "format --check", "stats", "asof 2025-12-31")


def main() -> None:
    """Print both tables."""
    with tempfile.TemporaryDirectory() as folder:
        stages(Path(folder))
        for command in COMMANDS:
            print(f"{median(seconds(command, folder) for _ in range(5)):8.2f} s  {command}")


def stages(releases: Path) -> None:
    """Build once and print how long each stage took."""
    marks = []
    source = Settings.load(os.environ).source
    built = build(source, releases, lambda stage: marks.append((stage, time.perf_counter())))
    marks.append(("done", time.perf_counter()))
    print(f"{built.release.manifest['triples']:8} triples")
    for (stage, start), (_, end) in pairwise(marks):
        print(f"{end - start:8.2f} s  {stage}")


def seconds(command: str, releases: str) -> float:
    """The wall time of a command line."""
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "designata", *command.split()],
        env={**os.environ, "DESIGNATA_RELEASES": releases},
        capture_output=True,
        check=True,
    )
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
