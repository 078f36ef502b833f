"""Ours against pySHACL, result by result, on what is hard to foresee: generated data and shapes."""

from __future__ import annotations

import importlib.util
import random
from collections import Counter
from itertools import permutations
from pathlib import Path
from types import ModuleType

import pytest
from pyoxigraph import Literal, Store

from designata.validation import Report, validate
from designata.validation.order import compare

XSD = "http://www.w3.org/2001/XMLSchema#"
ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.filterwarnings("ignore")


ORDERED = {
    f"<http://www.w3.org/ns/shacl#{name}ConstraintComponent>"
    for name in (
        "LessThan",
        "LessThanOrEquals",
        "MinInclusive",
        "MinExclusive",
        "MaxInclusive",
        "MaxExclusive",
    )
}


def benchmark() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "validation_benchmark", ROOT / "benchmarks/validation.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def keys(report: Report) -> Counter[tuple[object, ...]]:
    """Results without what an engine is free to choose."""
    return Counter(
        (
            each.focus,
            each.path,
            each.value,
            each.source_shape if each.source_shape[0] == "<" else "",
            each.component,
            each.severity,
            each.file,
            each.line,
        )
        for each in report.results
    )


def assert_agreement(data: list[Path], shapes: list[Path]) -> Report:
    """Equal results; where values cannot be compared, pySHACL finds less than SPARQL would."""
    ours, theirs = validate(data, shapes), validate(data, shapes, engine="pyshacl")
    assert keys(theirs) - keys(ours) == Counter()
    more = keys(ours) - keys(theirs)
    assert {key[4] for key in more} <= ORDERED
    return ours


def test_the_generated_data_of_the_benchmark(tmp_path: Path):
    made = benchmark()
    data, guard = tmp_path / "data.ttl", tmp_path / "shapes.ttl"
    data.write_text("".join(made.generate(5_000)), encoding="utf-8")
    guard.write_text(made.shapes(False), encoding="utf-8")
    report = validate([data], [guard])
    assert keys(report) == keys(validate([data], [guard], engine="pyshacl"))
    assert len(report.results) > 100
    by_hand = made.run_sparql(data, False)
    assert sum(by_hand.values()) == len(report.results)


PROPERTIES = [f"ex:p{number}" for number in range(4)]
VALUES = (
    [f"ex:n{number}" for number in range(8)]
    + [
        '"x"',
        '"xyz"@en',
        '"abc"@en-GB',
        '"chat"@fr',
        '"a1"',
        "1",
        "2.50",
        "3e0",
        "true",
        '"7"^^xsd:int',
    ]
    + ['"2013-05-30"^^xsd:date', '"2017-01-28"^^xsd:date', '"2013-05-30T00:00:00Z"^^xsd:dateTime']
)
PREDICATES = [
    "{p}",
    "[ sh:inversePath {p} ]",
    "( {p} {q} )",
    "[ sh:alternativePath ( {p} {q} ) ]",
    "[ sh:zeroOrMorePath {p} ]",
    "[ sh:oneOrMorePath {p} ]",
    "[ sh:zeroOrOnePath {p} ]",
    "( [ sh:inversePath {p} ] {q} )",
]
ON_VALUES = [
    "sh:class ex:C{n}",
    "sh:datatype xsd:string",
    "sh:datatype xsd:integer",
    "sh:datatype xsd:date",
    "sh:nodeKind sh:IRI",
    "sh:nodeKind sh:BlankNodeOrLiteral",
    "sh:minInclusive 2",
    "sh:maxExclusive 2.5",
    'sh:minExclusive "2014-01-01"^^xsd:date',
    "sh:minLength 3",
    "sh:maxLength 4",
    'sh:pattern "^[a-z]+$"',
    'sh:pattern "X" ; sh:flags "i"',
    'sh:languageIn ( "en" "de" )',
    "sh:in ( ex:n1 ex:n2 1 {v} )",
    "sh:hasValue {v}",
    "sh:equals {q}",
    "sh:disjoint {q}",
    "sh:node ex:T{n}",
    "sh:not ex:T{n}",
    "sh:and ( ex:T0 ex:T{n} )",
    "sh:or ( ex:T0 ex:T{n} )",
    "sh:xone ( ex:T0 ex:T1 ex:T{n} )",
    "sh:closed true ; sh:ignoredProperties ( {p} rdf:type )",
]
ON_PROPERTIES = [
    "sh:minCount 1",
    "sh:maxCount 1",
    "sh:uniqueLang true",
    "sh:lessThan {q}",
    "sh:lessThanOrEquals {q}",
    "sh:qualifiedValueShape ex:T{n} ; sh:qualifiedMinCount 1",
    "sh:qualifiedValueShape ex:T{n} ; sh:qualifiedMaxCount 1",
]
TARGETS = [
    "sh:targetClass ex:C{n}",
    "sh:targetNode ex:n{n}, {v}",
    "sh:targetSubjectsOf {p}",
    "sh:targetObjectsOf {p}",
]
HEAD = (
    "@prefix ex: <http://example.org/> . @prefix sh: <http://www.w3.org/ns/shacl#> .\n"
    "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n"
    "@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .\n"
    "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
)


def fill(rng: random.Random, text: str) -> str:
    first, second = rng.sample(PROPERTIES, 2)
    return text.format(p=first, q=second, v=rng.choice(VALUES), n=rng.randrange(3))


def random_data(rng: random.Random) -> str:
    lines = [HEAD, "ex:C0 rdfs:subClassOf ex:C1 .\n"]
    for number in range(8):
        if rng.random() < 0.8:
            lines.append(f"ex:n{number} a ex:C{rng.randrange(3)} .\n")
    for _ in range(30):
        lines.append(f"ex:n{rng.randrange(8)} {rng.choice(PROPERTIES)} {rng.choice(VALUES)} .\n")
    return "".join(lines)


def random_shapes(rng: random.Random) -> str:
    lines = [HEAD, "ex:T0 sh:nodeKind sh:IRI .\n", "ex:T1 sh:class ex:C1 .\n"]
    lines.append(fill(rng, "ex:T2 sh:property [ sh:path {p} ; sh:minCount 1 ] .\n"))
    for number in range(4):
        rules = [fill(rng, rng.choice(TARGETS)), fill(rng, rng.choice(ON_VALUES))]
        if rng.random() < 0.3:
            rules.append("sh:severity sh:Warning")
        inner = fill(rng, rng.choice(ON_VALUES + 3 * ON_PROPERTIES))
        path = fill(rng, rng.choice(PREDICATES))
        rules.append(f"sh:property [ sh:path {path} ; {inner} ]")
        lines.append(f"ex:S{number} a sh:NodeShape ; {' ; '.join(rules)} .\n")
    return "".join(lines)


@pytest.mark.parametrize("seed", range(40))
def test_random_data_and_shapes(tmp_path: Path, seed: int):
    rng = random.Random(seed)
    data, guard = tmp_path / "data.ttl", tmp_path / "shapes.ttl"
    data.write_text(random_data(rng), encoding="utf-8")
    guard.write_text(random_shapes(rng), encoding="utf-8")
    assert_agreement([data], [guard])


LITERALS = [
    *('"1"', '"a"', '"b"@en', '"true"^^xsd:boolean'),
    *('"1"^^xsd:integer', '"+01"^^xsd:int', '"1.0"^^xsd:decimal', '"0.1"^^xsd:decimal'),
    *('"0.1"^^xsd:double', '"1e0"^^xsd:float', '"NaN"^^xsd:double', '"-INF"^^xsd:double'),
    *('"2013-05-30"^^xsd:date', '"2013-05-30Z"^^xsd:date', '"2013-05-31"^^xsd:date'),
    *('"2013-02-30"^^xsd:date', '"-0044-03-15"^^xsd:date', '"12013-05-30"^^xsd:date'),
    *('"2013-05-30T12:00:00"^^xsd:dateTime', '"2013-05-30T12:00:00Z"^^xsd:dateTime'),
    *('"2013-05-31T12:00:00+14:00"^^xsd:dateTime', '"2013-06-01T00:00:00.5"^^xsd:dateTime'),
    *('"2013"^^xsd:gYear', '"2014"^^xsd:gYear', '"2013-05"^^xsd:gYearMonth'),
    *('"12:00:00"^^xsd:time', '"13:00:00Z"^^xsd:time'),
    *('"P1Y"^^xsd:yearMonthDuration', '"P13M"^^xsd:yearMonthDuration'),
    *('"PT1H"^^xsd:dayTimeDuration', '"PT61M"^^xsd:dayTimeDuration'),
]


def term(text: str) -> str:
    value, marks, datatype = text.partition("^^")
    return f"{value}^^<{datatype.replace('xsd:', XSD)}>" if marks else text


def test_literals_are_ordered_as_sparql_orders_them():
    store, different = Store(), []
    for left, right in permutations(LITERALS, 2):
        query = f"PREFIX xsd: <{XSD}> SELECT ({left} < {right} AS ?less) {{}}"
        (less,) = next(store.query(query))
        found = compare(term(left), term(right))
        if less != (None if found is None else Literal(found < 0)):
            different.append((left, right, found, less))
    assert different == []


def test_false_is_less_than_true():
    assert compare(term('"0"^^xsd:boolean'), term('"true"^^xsd:boolean')) == -1
