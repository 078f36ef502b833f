"""SARIF 2.1.0, as code scanning reads it (https://docs.oasis-open.org/sarif/sarif/v2.1.0/)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from designata import __version__
from designata.validation.reports.words import Words, relative, worst_first
from designata.validation.results import Report, Result
from designata.validation.terms import Node

_MOST: Final = 5_000
_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS: Final = ("error", "warning", "note")
_Rule = tuple[Node, Node]


def write(report: Report) -> Iterator[str]:
    """One rule for each shape and component, the worst 5,000 results, and the count of the rest."""
    words = Words(report)
    shown, rest = worst_first(report.results, _MOST)
    rules: dict[_Rule, int] = {}
    for result in shown:
        rules.setdefault((result.source_shape, result.component), len(rules))
    yield f'{{"$schema": "{_SCHEMA}", "version": "2.1.0", "runs": [{{'
    yield f'"tool": {json.dumps({"driver": _driver(rules, words)})},'
    yield f'"invocations": [{json.dumps(_invocation(report, rest, words))}],'
    yield '"columnKind": "unicodeCodePoints", "results": ['
    for number, result in enumerate(shown):
        comma = "," if number + 1 < len(shown) else ""
        yield json.dumps(_result(result, rules, words), ensure_ascii=False) + comma
    yield "]}]}"


def _driver(rules: dict[_Rule, int], words: Words) -> dict[str, Any]:
    return {
        "name": "designata",
        "version": __version__,
        "informationUri": "https://w3id.org/designata/shapes",
        "rules": [
            {
                "id": _identifier(rule, words),
                "shortDescription": {
                    "text": f"{words.component(rule[1])} of {words.shape(rule[0])}"
                },
            }
            for rule in rules
        ],
    }


def _invocation(report: Report, rest: int, words: Words) -> dict[str, Any]:
    notes = [
        f"{words.term(shape)} found no node: nothing was checked" for shape in report.unmatched
    ]
    if rest:
        notes.append(f"{rest} more results are left out here")
    notifications = [{"level": "warning", "message": {"text": note}} for note in notes]
    return {"executionSuccessful": True, "toolExecutionNotifications": notifications}


def _result(result: Result, rules: dict[_Rule, int], words: Words) -> dict[str, Any]:
    rule = (result.source_shape, result.component)
    found: dict[str, Any] = {
        "ruleId": _identifier(rule, words),
        "ruleIndex": rules[rule],
        "level": _LEVELS[result.rank],
        "message": {"text": words.message(result)},
        "partialFingerprints": {"designata/v1": result.fingerprint},
    }
    if result.file is not None:
        found["locations"] = [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": _uri(result.file)},
                    "region": {"startLine": result.line},
                }
            }
        ]
    return found


def _identifier(rule: _Rule, words: Words) -> str:
    return f"{words.shape(rule[0])}/{words.component(rule[1])}"


def _uri(file: Path) -> str:
    name = relative(file)
    return Path(name).as_uri() if name.startswith("/") else quote(name)
