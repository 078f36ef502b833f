"""JUnit's XML: one test case for each constraint of each shape."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from designata.validation.reports.words import Words, place
from designata.validation.results import Report, Result
from designata.validation.terms import Node

_MOST: Final = 100
_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(report: Report) -> Iterator[str]:
    """Cases that hold are there as well, so that a run shows what was checked."""
    words = Words(report)
    cases: dict[tuple[Node, Node], list[Result]] = {key: [] for key in sorted(report.value_counts)}
    for result in report.results:
        cases.setdefault((result.source_shape, result.component), []).append(result)
    failures = sum(bool(results) for results in cases.values())
    counts = f'tests="{len(cases)}" failures="{failures}"'
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield f'<testsuites name="designata validate" {counts}>'
    yield f'<testsuite name="shapes" {counts} errors="0" skipped="0" time="0">'
    for (shape, component), results in cases.items():
        yield from _case(words, shape, component, results)
    yield "</testsuite>"
    yield "</testsuites>"


def _case(words: Words, shape: Node, component: Node, results: list[Result]) -> Iterator[str]:
    name, of = _attribute(words.component(component)), _attribute(words.shape(shape))
    if not results:
        yield f'<testcase name={name} classname={of} time="0"/>'
        return
    yield f'<testcase name={name} classname={of} time="0">'
    yield f'<failure type="violation" message={_attribute(f"{len(results)} results")}>'
    for result in results[:_MOST]:
        yield _text(f"{place(result.file, result.line)}: {words.message(result)}")
    if len(results) > _MOST:
        yield f"and {len(results) - _MOST} more"
    yield "</failure>"
    yield "</testcase>"


def _text(value: str) -> str:
    return escape(_FORBIDDEN.sub("\ufffd", value))


def _attribute(value: str) -> str:
    return quoteattr(_FORBIDDEN.sub("\ufffd", value))
