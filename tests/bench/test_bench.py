"""Numbers for people: how long the stages of a build and a command line take."""

import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest

from designata.release.build import build
from designata.settings import CHECKOUT

pytestmark = pytest.mark.bench


def test_build(tmp_path: Path) -> None:
    marks: list[tuple[str, float]] = []
    built = build(CHECKOUT, tmp_path, lambda stage: marks.append((stage, time.perf_counter())))
    marks.append(("done", time.perf_counter()))
    print(f"\n{built.release.manifest['triples']} triples")
    for (stage, start), (_, end) in pairwise(marks):
        print(f"{stage:>12}  {end - start:6.2f} s")


@pytest.mark.parametrize("arguments", ["--help", "format --check", "stats", "asof 2025-12-31"])
def test_command(arguments: str) -> None:
    times = []
    for _ in range(3):
        start = time.perf_counter()
        command = [sys.executable, "-m", "designata", *arguments.split()]
        subprocess.run(command, capture_output=True, check=True)
        times.append(time.perf_counter() - start)
    print(f"\ndesignata {arguments:<20}  {sorted(times)[1]:6.2f} s")
