"""The report for a terminal: counts first, then one line for each result."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from designata.validation.reports.words import SEVERITY, Words, place, severity, worst_first
from designata.validation.results import Report
from designata.validation.terms import readable

_MOST: Final = 1_000


def write(report: Report) -> Iterator[str]:
    """A verdict, a table of counts by shape and constraint, then `file:line: message`."""
    words = Words(report)
    yield _verdict(report)
    for (kind, shape, component), count in sorted(
        report.by_shape().items(), key=lambda item: (-item[1], item[0])
    ):
        name = SEVERITY.get(kind) or readable(kind)
        yield f"{count:>8}  {name}  {words.component(component)}  {words.shape(shape)}"
    for shape in report.unmatched:
        yield f"       0  focus nodes  {words.shape(shape)}: nothing was checked"
    if report.results:
        yield ""
    shown, rest = worst_first(report.results, _MOST)
    for result in shown:
        where = place(result.file, result.line)
        yield f"{where}: {severity(result)}: {words.message(result)}"
    if rest:
        yield f"… and {_number(rest, 'result')} more; -f jsonl writes all of them"


def _verdict(report: Report) -> str:
    if report.conforms:
        total = sum(report.focus_counts.values())
        shapes = _number(len(report.focus_counts), "shape")
        return f"Conforms: {shapes}, {_number(total, 'focus node')}."
    files = len({result.file for result in report.results if result.file})
    return f"{_number(len(report.results), 'result')} in {_number(files, 'file')}."


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
