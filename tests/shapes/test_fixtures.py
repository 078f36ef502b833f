"""The path of a fixture is what is expected of it: see `expectation`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Protocol

import pytest
from pyoxigraph import Literal, NamedNode, Quad

from designata.turtle import normalise, read
from designata.vocabulary import PREFIXES, SCHEMES, SHAPES


class Found(Protocol):
    shape: str
    constraint: str
    severity: str
    messages: tuple[str, ...]


class Validate(Protocol):
    def __call__(self, data: Path, shapes: Path, context: Sequence[Path] = ...) -> list[Found]: ...


HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SHAPE_FILES = sorted((ROOT / "shapes").glob("*.ttl"))
SHARED = ("codes", "prefixes")
CLASS_FILES = [path for path in SHAPE_FILES if path.stem not in SHARED]
VALID = sorted(HERE.glob("*/valid/*.ttl"))
INVALID = sorted(HERE.glob("*/invalid/*.ttl"))
CORE = (
    "minCount maxCount class datatype nodeKind node pattern uniqueLang hasValue maxLength "
    "minInclusive maxInclusive minExclusive"
).split()
NOT_CONSTRAINTS = (
    "path property severity message sparql select prefixes targetClass targetSubjectsOf "
    "prefix namespace declare"
).split()
SH = PREFIXES["sh"]


@cache
def shape_names(path: Path) -> dict[str, list[Quad]]:
    """The triples of each shape and query of a file, under its local name."""
    names: dict[str, list[Quad]] = {}
    for statement in read(path):
        assert isinstance(statement.quad.subject, NamedNode)
        name = statement.quad.subject.value.removeprefix(SHAPES + "#")
        names.setdefault(name, []).append(statement.quad)
    return names


def class_name(stem: str) -> str:
    return "".join(word.capitalize() for word in stem.split("-"))


def declared(path: Path) -> set[tuple[str, str]]:
    """Each constraint of a shapes file, as the local name and the kind of constraint."""
    found = set()
    for name, quads in shape_names(path).items():
        for quad in quads:
            term = quad.predicate.value.removeprefix(SH)
            if term in CORE:
                found.add((name, term))
            elif term == "select":
                found.add((name, "sparql"))
    return found


def expectation(fixture: Path) -> tuple[str, str]:
    """`<class>/invalid/<property>.<constraint>[.<variant>].ttl` as shape name and constraint.

    The shape is `Class-property`; where a file has shapes of more classes, as that of the
    ontology does, the file name has the whole local name.
    """
    prefix = class_name(fixture.parents[1].name) + "-"
    name, constraint = fixture.stem.split(".")[:2]
    shapes = shape_names(ROOT / "shapes" / f"{fixture.parents[1].name}.ttl")
    return (prefix + name if prefix + name in shapes else name, constraint)


def found_in(fixture: Path, validate: Validate) -> list[Found]:
    """What the shapes of its class find in a fixture, beside the ontology unless it is one."""
    shapes = ROOT / "shapes" / f"{fixture.parents[1].name}.ttl"
    if shapes.stem == "ontology":
        return validate(fixture, shapes, context=())
    return validate(fixture, shapes)


def fixture_id(path: Path) -> str:
    return path.relative_to(HERE).as_posix()


@pytest.mark.parametrize("fixture", VALID, ids=fixture_id)
def test_valid_fixture_has_no_result(fixture: Path, validate: Validate) -> None:
    assert found_in(fixture, validate) == []


@pytest.mark.parametrize("fixture", INVALID, ids=fixture_id)
def test_invalid_fixture_has_exactly_its_result(fixture: Path, validate: Validate) -> None:
    results = found_in(fixture, validate)
    assert [(result.shape, result.constraint) for result in results] == [expectation(fixture)]
    assert all(result.messages for result in results)


@pytest.mark.parametrize("path", CLASS_FILES, ids=lambda path: path.stem)
def test_every_constraint_has_a_fixture(path: Path) -> None:
    fixtures = [fixture for fixture in INVALID if fixture.parents[1].name == path.stem]
    covered = {expectation(fixture) for fixture in fixtures}
    assert declared(path) - covered == set(), "constraints without a fixture"
    assert covered - declared(path) == set(), "fixtures of constraints that are not declared"


@pytest.mark.parametrize("path", CLASS_FILES, ids=lambda path: path.stem)
def test_every_class_has_a_valid_fixture(path: Path) -> None:
    assert any(fixture.parents[1].name == path.stem for fixture in VALID)


def test_the_globs_find_files() -> None:
    assert len(CLASS_FILES) > 20
    assert len(VALID) >= len(CLASS_FILES)
    assert len(INVALID) > 200


def test_no_fixture_lies_elsewhere() -> None:
    assert set(HERE.rglob("*.ttl")) == {*VALID, *INVALID}
    folders = {fixture.parents[1].name for fixture in (*VALID, *INVALID)}
    assert folders == {path.stem for path in CLASS_FILES}


def test_the_harness_notices_a_known_error(tmp_path: Path, validate: Validate) -> None:
    """A suite that sees nothing would look green, so it first has to see this."""
    sound = (HERE / "organization" / "valid" / "smallest.ttl").read_text()
    broken = tmp_path / "broken.ttl"
    broken.write_text(sound.replace("    dsg:actorKind actor-kind:ngo ;\n", ""))
    found = validate(broken, ROOT / "shapes" / "organization.ttl")
    assert [(result.shape, result.constraint) for result in found] == [
        ("Organization-actorKind", "minCount")
    ]
    assert found[0].severity == "Violation"


@pytest.mark.parametrize("path", [*SHAPE_FILES, *VALID, *INVALID], ids=lambda path: path.stem)
def test_file_is_in_normal_form(path: Path) -> None:
    assert path.read_text() == normalise(path)


def all_shapes() -> Iterator[tuple[str, dict[str, list[object]]]]:
    for path in SHAPE_FILES:
        for name, quads in shape_names(path).items():
            properties: dict[str, list[object]] = {}
            for quad in quads:
                properties.setdefault(quad.predicate.value, []).append(quad.object)
            yield name, properties


def test_only_known_words_of_shacl_are_used() -> None:
    """A misspelt `sh:minCounts` would silently constrain nothing."""
    used = {
        term.removeprefix(SH)
        for _, properties in all_shapes()
        for term in properties
        if term.startswith(SH)
    }
    assert used - {*CORE, *NOT_CONSTRAINTS} == set()


def test_every_constraint_has_a_severity_and_a_message_without_jargon() -> None:
    jargon = ("shacl", "sh:", "shape", "focus node", "constraint", "violat", "predicate", "sparql")
    seen = 0
    for name, properties in all_shapes():
        if any(SH + term in properties for term in (*CORE, "select")) and "inScheme" not in name:
            seen += 1
            assert len(properties[SH + "severity"]) == 1, name
            (message,) = properties[SH + "message"]
            assert isinstance(message, Literal) and message.language == "en", name
            assert not any(word in message.value.lower() for word in jargon), name
    assert seen > 200


def test_a_query_has_the_severity_of_the_shape_that_runs_it() -> None:
    shapes = dict(all_shapes())
    queries = 0
    for name, properties in shapes.items():
        for query in properties.get(SH + "sparql", []):
            queries += 1
            assert isinstance(query, NamedNode)
            of_query = shapes[query.value.removeprefix(SHAPES + "#")][SH + "severity"]
            assert of_query == properties[SH + "severity"], name
    assert queries > 50


def test_queries_keep_to_what_pre_binding_allows() -> None:
    for name, properties in all_shapes():
        for query in properties.get(SH + "select", []):
            assert isinstance(query, Literal)
            words = query.value.replace("{", " ").replace("(", " ").split()
            assert not {"MINUS", "VALUES", "SERVICE", "GRAPH", "NOW"} & set(words), name
            assert "AS $this" not in query.value and "AS ?this" not in query.value, name
            branches = query.value.split("UNION")
            assert all("$this " in branch or "$this}" in branch for branch in branches), name


@pytest.mark.parametrize("scheme", SCHEMES)
def test_each_scheme_of_codes_has_its_shape_and_its_use(scheme: str) -> None:
    shapes = dict(all_shapes())
    name = class_name(scheme)
    (value,) = shapes[f"{name}-inScheme"][SH + "hasValue"]
    assert isinstance(value, NamedNode) and value.value.endswith(f"/code/{scheme}")
    node = NamedNode(f"{SHAPES}#{name}")
    assert any(node in properties.get(SH + "node", []) for properties in shapes.values())
