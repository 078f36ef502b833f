"""Incremental validation gives what a full one gives, after each of many random changes."""

from __future__ import annotations

import importlib.util
import random
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType

import pytest

from designata.validation.engine import Validator
from designata.validation.graph import Graph
from designata.validation.loading import load
from designata.validation.results import Result
from designata.validation.session import Session
from designata.validation.terms import Triple

HERE = Path(__file__).parent


def module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"for_sessions_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


GENERATED = module(HERE / "test_agreement.py")
BENCHMARK = module(HERE.parents[1] / "benchmarks/validation.py")
Change = tuple[list[Triple], list[Triple]]


def copy(graph: Graph) -> Graph:
    made = Graph()
    made.rows = {predicate: dict(row) for predicate, row in graph.rows.items()}
    return made


def keys(results: Sequence[Result]) -> Counter[object]:
    return Counter(
        (each.focus, each.path, each.value, each.source_shape, each.component) for each in results
    )


def recombined(rng: random.Random, pool: Sequence[Triple], graph: Graph) -> Change:
    """Some triples removed, some put back, some made of the parts of others."""
    removed = [each for each in rng.sample(pool, rng.randrange(3)) if graph.has(each)]
    added = rng.sample(pool, rng.randrange(2))
    for _ in range(rng.randrange(3)):
        one, other = rng.sample(pool, 2)
        same = [each for each in pool if each[1] == one[1]]
        added.append((other[0], one[1], rng.choice(same)[2]))
    return removed, [each for each in added if each[0][0] != '"']


def compare(
    data: Graph, shapes: Graph, changes: int, make: Callable[[Graph], Change]
) -> tuple[int, int]:
    session = Session(data, shapes)
    different, before = 0, keys(session.results)
    for _ in range(changes):
        removed, added = make(session.validator.data)
        session.change(removed, added)
        found = keys(session.results)
        assert found == keys(Validator(copy(session.validator.data), shapes).run().results)
        different += found != before
        before = found
    return different, len(before)


@pytest.mark.parametrize("seed", range(40))
def test_random_shapes_and_changes(tmp_path: Path, seed: int):
    rng = random.Random(seed)
    (tmp_path / "data.ttl").write_text(GENERATED.random_data(rng), encoding="utf-8")
    (tmp_path / "shapes.ttl").write_text(GENERATED.random_shapes(rng), encoding="utf-8")
    data, shapes = load([tmp_path / "data.ttl"]), load([tmp_path / "shapes.ttl"])
    pool = list(data.triples())
    different, _ = compare(data, shapes, 20, lambda graph: recombined(rng, pool, graph))
    assert different


def test_shapes_with_queries(tmp_path: Path):
    rng = random.Random(7)
    (tmp_path / "data.ttl").write_text("".join(BENCHMARK.generate(600)), encoding="utf-8")
    (tmp_path / "shapes.ttl").write_text(BENCHMARK.shapes(False), encoding="utf-8")
    data, shapes = load([tmp_path / "data.ttl"]), load([tmp_path / "shapes.ttl"])
    pool = list(data.triples())
    different, found = compare(data, shapes, 200, lambda graph: recombined(rng, pool, graph))
    assert different > 100
    assert found > 20


def test_1000_changes_of_one_session(tmp_path: Path):
    rng = random.Random(25)
    (tmp_path / "data.ttl").write_text(GENERATED.random_data(rng), encoding="utf-8")
    (tmp_path / "shapes.ttl").write_text(GENERATED.random_shapes(rng), encoding="utf-8")
    data, shapes = load([tmp_path / "data.ttl"]), load([tmp_path / "shapes.ttl"])
    pool = list(data.triples())
    different, _ = compare(data, shapes, 1_000, lambda graph: recombined(rng, pool, graph))
    assert different > 500


RECURSIVE = """
ex:S a sh:NodeShape ; sh:targetClass ex:C0 ; sh:property [ sh:path ex:p0 ; sh:node ex:S ] ;
  sh:property [ sh:path ex:p1 ; sh:nodeKind sh:IRI ] .
ex:P sh:targetSubjectsOf ex:p2 ; sh:path ex:p2 ; sh:nodeKind sh:IRI ; sh:property ex:P .
"""


def test_shapes_that_refer_to_themselves(tmp_path: Path):
    rng = random.Random(3)
    (tmp_path / "data.ttl").write_text(GENERATED.random_data(rng), encoding="utf-8")
    (tmp_path / "shapes.ttl").write_text(GENERATED.HEAD + RECURSIVE, encoding="utf-8")
    data, shapes = load([tmp_path / "data.ttl"]), load([tmp_path / "shapes.ttl"])
    pool = list(data.triples())
    different, _ = compare(data, shapes, 60, lambda graph: recombined(rng, pool, graph))
    assert different


def test_only_what_can_see_a_change_is_validated_again(tmp_path: Path):
    (tmp_path / "data.ttl").write_text("".join(BENCHMARK.generate(2_000)), encoding="utf-8")
    (tmp_path / "shapes.ttl").write_text(BENCHMARK.shapes(False), encoding="utf-8")
    session = Session(load([tmp_path / "data.ttl"]), load([tmp_path / "shapes.ttl"]))
    names = [each for each in session.validator.data.triples() if each[1].endswith("hasName>")]
    affected = session.change(names[:1], [])
    touched = {node for nodes in affected.values() for node in nodes}
    assert names[0][0] in touched
    assert len(touched) < 20
