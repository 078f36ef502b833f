from __future__ import annotations

import json
import re
import tracemalloc
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
import rdflib

from designata.errors import UnreadableFile, UsageError
from designata.validation import Report, Result, write_report
from designata.validation.paths import Predicate
from designata.validation.reports import WRITERS
from designata.validation.reports.jsonl import baseline
from designata.validation.terms import sh

SHAPES = """
ex:S a sh:NodeShape ; sh:targetSubjectsOf ex:p ;
  sh:property ex:S-p , [ sh:path ex:q ; sh:minCount 1 ; sh:severity sh:Warning ] .
ex:S-p sh:path ex:p ; sh:datatype xsd:integer ;
  sh:message "a whole number, please: 100%, 'quoted', <b>, ::"@en , "eine Zahl"@de .
ex:None a sh:NodeShape ; sh:targetClass ex:Nothing ; sh:nodeKind sh:IRI .
"""
DATA = 'ex:a ex:p "x\\n\\u0001]]>" .\nex:b ex:p 1 ; ex:q "مثال" .'


@pytest.fixture
def report(check) -> Report:
    return check(DATA, SHAPES)


def text(report: Report, form: str) -> str:
    return "\n".join(write_report(report, form))


def test_text_counts_first_and_then_names_the_lines(report, monkeypatch):
    monkeypatch.chdir(report.results[0].file.parent)
    lines = text(report, "text").splitlines()
    assert lines[0] == "2 results in 1 file."
    assert lines[1:4] == [
        "       1  violation  Datatype  ex:S-p",
        "       1  warning  MinCount  ex:S ex:q",
        "       0  focus nodes  ex:None: nothing was checked",
    ]
    assert lines[5].startswith("data.ttl:6: violation: ex:a ex:p: a whole number, please")
    assert lines[6].startswith("data.ttl:6: warning: ex:a ex:q: at least 1")


def test_github_escapes_what_would_end_a_command(report, monkeypatch):
    monkeypatch.chdir(report.results[0].file.parent)
    error, warning, focus = text(report, "github").splitlines()
    assert error.startswith("::error file=data.ttl,line=6,title=ex%3AS-p::ex:a ex:p: a whole")
    assert "100%25" in error
    assert warning.startswith("::warning file=data.ttl,line=6,")
    assert focus == "::warning::ex:None found no node: nothing was checked"


def test_sarif_names_rules_places_and_fingerprints(report, monkeypatch):
    monkeypatch.chdir(report.results[0].file.parent)
    found = json.loads(text(report, "sarif"))
    assert found["version"] == "2.1.0"
    (run,) = found["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == ["ex:S-p/Datatype", "ex:S ex:q/MinCount"]
    assert [each["level"] for each in run["results"]] == ["error", "warning"]
    for each in run["results"]:
        assert rules[each["ruleIndex"]] == each["ruleId"]
        (place,) = each["locations"]
        physical = place["physicalLocation"]
        assert physical == {
            "artifactLocation": {"uri": "data.ttl"},
            "region": {"startLine": 6},
        }
        assert re.fullmatch("[0-9a-f]{32}", each["partialFingerprints"]["designata/v1"])


def test_junit_has_a_case_for_each_constraint_that_was_met(report):
    suites = ElementTree.fromstring(text(report, "junit"))
    cases = {
        (case.get("classname"), case.get("name")): case.find("failure") is not None
        for case in suites.iter("testcase")
    }
    assert cases == {
        ("ex:S-p", "Datatype"): True,
        ("ex:S ex:q", "MinCount"): True,
        ("ex:None", "NodeKind"): False,
    }
    assert (suites.get("tests"), suites.get("failures")) == ("3", "2")


def test_html_shows_text_as_text(report):
    page = text(report, "html")
    assert "&lt;b&gt;" in page and "<b>" not in page
    assert page.count("<tr>") > 3


def test_turtle_is_the_report_of_the_specification(report):
    graph = rdflib.Graph().parse(data=text(report, "turtle"), format="turtle")
    found = {str(each) for each in graph.objects(None, rdflib.SH.focusNode)}
    assert found == {"http://example.org/a"}
    assert (None, rdflib.SH.conforms, rdflib.Literal(False)) in graph


def test_a_baseline_hides_what_was_known(report, tmp_path):
    known = tmp_path / "known.jsonl"
    known.write_text("\n".join(write_report(report, "jsonl")) + "\n", encoding="utf-8")
    assert report.without(baseline(known)).conforms
    moved = [replace(each, line=99) for each in report.results]
    again = replace(report, results=(*moved, moved[0]))
    assert again.without(baseline(known)).results == (moved[0],)


def test_a_baseline_that_is_none_is_named(tmp_path):
    path = tmp_path / "known.jsonl"
    path.write_text("{}\n")
    with pytest.raises(UnreadableFile, match=r"known\.jsonl:1: a baseline"):
        baseline(path)


def test_an_unknown_format_is_refused():
    with pytest.raises(UsageError, match="text, turtle, github"):
        write_report(Report(), "xml")


@pytest.mark.parametrize("form", WRITERS)
def test_an_empty_report_can_be_written(form):
    assert text(Report(), form) or form in ("github", "jsonl")


@pytest.mark.parametrize("form", ("text", "github", "sarif", "junit", "html"))
def test_50000_results_make_a_bounded_report(form):
    results = tuple(
        Result(
            focus=f"<http://example.org/{number}>",
            path=Predicate("<http://example.org/p>"),
            value=f'"{number}"',
            source_shape="<http://example.org/S>",
            component=sh("DatatypeConstraintComponent"),
            severity=sh("Violation" if number == 40_000 else "Warning"),
            messages=('"wrong"',),
            file=Path("data.ttl"),
            line=number,
        )
        for number in range(50_000)
    )
    size, shows_worst = 0, False
    tracemalloc.start()
    for line in write_report(Report(results), form):
        size += len(line)
        shows_worst |= "40000" in line
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size < 5_000_000
    assert peak < 30_000_000
    assert shows_worst or form == "junit"
