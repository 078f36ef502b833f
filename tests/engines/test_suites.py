"""The suites for the protocol, the questions and the pages, run over each engine as they are."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
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


@dataclass(frozen=True)
class Outcome:
    """How a suite has ended, what it said, and what the plugin counted."""

    code: int
    said: str
    report: Path


def run(suite: str, engine: Engine, folder: Path) -> Outcome:
    """A suite over an engine, in a process of its own."""
    report = folder / f"{suite}.json"
    described = json.dumps({**asdict(engine), "report": str(report)})
    here = {"DESIGNATA_ENGINE": described, "PYTHONPATH": str(HERE), "DESIGNATA_ACCESS_LOG": "no"}
    options = ["-p", "plugin", "-q", "--tb=short", "-p", "no:cacheprovider"]
    paths = [str(HERE.parent / path) for path in SUITES[suite][0]]
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *paths],
        env={**os.environ, **here},
        capture_output=True,
        text=True,
    )
    return Outcome(ended.returncode, ended.stdout, report)


@pytest.fixture(scope="module")
def outcomes(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    require: Callable[[str], str],
    start: Callable[..., AbstractContextManager[Engine]],
) -> Iterator[Mapping[str, Future[Mapping[str, Outcome]]]]:
    """What the chosen suites gave over each engine: one after the other, both engines at once."""
    chosen: dict[str, list[str]] = {}
    for item in request.session.items:
        if getattr(item, "function", None) is test_the_suite_passes:
            chosen.setdefault(item.callspec.params["kind"], []).append(
                item.callspec.params["suite"]
            )

    def run_all(kind: str, folder: Path) -> Mapping[str, Outcome]:
        with start(kind, folder, require) as engine:
            return {suite: run(suite, engine, folder) for suite in chosen[kind]}

    with ThreadPoolExecutor(len(chosen)) as crew:
        yield {kind: crew.submit(run_all, kind, tmp_path_factory.mktemp(kind)) for kind in chosen}


@pytest.mark.slow
@pytest.mark.parametrize("suite", SUITES)
def test_the_suite_passes(
    suite: str,
    kind: str,
    outcomes: Mapping[str, Future[Mapping[str, Outcome]]],
    material: Callable[[str], Path],
) -> None:
    if suite == "conformance":
        material("DESIGNATA_W3C")
    _, fewest, fewest_questions = SUITES[suite]
    outcome = outcomes[kind].result()[suite]
    assert outcome.code == 0, outcome.said[-20_000:]
    counts = json.loads(outcome.report.read_text(encoding="utf-8"))
    print(f"{suite} over {kind}: {counts}\n{outcome.said[outcome.said.rfind('=== short') :]}")
    assert counts["passed"] >= fewest
    assert counts["asked"] >= fewest_questions
