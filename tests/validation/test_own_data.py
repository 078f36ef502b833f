"""Our own shapes, data and fixtures: both engines find the same."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

from designata.settings import Settings
from designata.validation import Report, validate
from designata.validation.command import expand, inputs
from designata.validation.shapes_command import shapes_command

ROOT = Path(__file__).parents[2]
FIXTURES = sorted((ROOT / "tests/shapes").glob("*/invalid/*.ttl"))
SHARED = (ROOT / "shapes/codes.ttl", ROOT / "shapes/prefixes.ttl")
ONTOLOGY = tuple(expand([ROOT / "ontology"]))
THOROUGH = bool(os.environ.get("DESIGNATA_THOROUGH"))
EVERY = 1 if THOROUGH else 24
pytestmark = pytest.mark.filterwarnings("ignore")


def keys(report: Report) -> Counter[object]:
    return Counter(
        (each.focus, each.path, each.value, each.source_shape, each.component, each.file, each.line)
        for each in report.results
    )


def name(path: Path) -> str:
    return f"{path.parts[-3]}-{path.stem}"


def test_there_are_fixtures():
    assert len(FIXTURES) > 200


@pytest.mark.parametrize("fixture", FIXTURES[::EVERY], ids=name)
def test_fixture(fixture: Path):
    shapes = [ROOT / "shapes" / f"{fixture.parts[-3]}.ttl", *SHARED]
    data = [fixture, *(ONTOLOGY if fixture.parts[-3] != "ontology" else ())]
    ours = keys(validate(data, shapes))
    assert ours == keys(validate(data, shapes, engine="pyshacl"))
    assert ours


def test_a_part_of_our_data():
    """What refers to the missing rest is wrong, so there is much to agree about."""
    data = [*expand([ROOT / "data/bases"]), *expand([ROOT / "data/events"]), *ONTOLOGY]
    shapes = list(expand([ROOT / "shapes"]))
    ours = keys(validate(data, shapes))
    assert ours == keys(validate(data, shapes, engine="pyshacl"))
    assert ours.total() > 50


@pytest.mark.skipif(not THOROUGH, reason="pySHACL needs a minute: set DESIGNATA_THOROUGH")
def test_our_data():
    files = inputs((), (), (), Settings.load({}))
    ours = validate(files.data, files.shapes)
    assert keys(ours) == keys(validate(files.data, files.shapes, engine="pyshacl"))
    assert sum(ours.focus_counts.values()) > 1_000


@pytest.mark.slow
def test_every_constraint_of_our_shapes_has_a_fixture_that_notices_its_loss():
    outcome = CliRunner().invoke(shapes_command, ["test", "--mutate"])
    assert outcome.output.splitlines()[-1].endswith(" fixtures, 0 problems"), outcome.output
    assert outcome.exit_code == 0
