"""The suites for the protocol, the questions and the pages, run over each engine as they are."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Engine

HERE = Path(__file__).parent
SUITES = {
    "conformance": (["conformance"], 70, 50),
    "questions": (["data/test_questions.py", "data/test_asof.py"], 41, 100),
    "pages": (["web/pages"], 320, 600),
    "discovery": (
        [f"web/discovery/test_{n}.py" for n in ("discovery", "fragments", "graphstore")]
        + [f"web/discovery/test_{n}.py" for n in ("packed", "signposts")],
        150,
        100,
    ),
    "store": (["store/test_answers.py", "web/test_protocol.py"], 60, 30),
}


@pytest.mark.slow
@pytest.mark.parametrize("suite", SUITES)
def test_the_suite_passes(
    engine: Engine, suite: str, material: Callable[[str], Path], tmp_path: Path
) -> None:
    if suite == "conformance":
        material("DESIGNATA_W3C")
    paths, fewest, fewest_questions = SUITES[suite]
    report = tmp_path / "report.json"
    described = json.dumps({**asdict(engine), "report": str(report)})
    here = {"DESIGNATA_ENGINE": described, "PYTHONPATH": str(HERE), "DESIGNATA_ACCESS_LOG": "no"}
    run = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "plugin",
            "-q",
            "--tb=short",
            "-p",
            "no:cacheprovider",
        ]
        + [str(HERE.parent / path) for path in paths],
        env={**os.environ, **here},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout[-20_000:]
    counts = json.loads(report.read_text(encoding="utf-8"))
    print(f"{suite} over {engine.kind}: {counts}\n{run.stdout[run.stdout.rfind('=== short') :]}")
    assert counts["passed"] >= fewest
    assert counts["asked"] >= fewest_questions
