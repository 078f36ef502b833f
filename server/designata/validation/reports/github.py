"""Annotations that GitHub shows beside the lines of a pull request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from designata.validation.reports.words import Words, relative, worst_first
from designata.validation.results import Report, Result
from designata.validation.terms import Node

_MOST: Final = 50
_LEVELS: Final = ("error", "warning", "notice")


def write(report: Report) -> Iterator[str]:
    """One workflow command for each result, the worst ones if there are too many to be shown."""
    words = Words(report)
    shown, rest = worst_first(report.results, _MOST)
    for result in sorted(shown, key=lambda each: each.rank):
        yield _command(result, words)
    if rest:
        yield f"::notice::{rest} more results are not shown here"
    for shape in report.unmatched:
        yield f"::warning::{_data(_unmatched(words, shape))}"


def _command(result: Result, words: Words) -> str:
    properties = []
    if result.file is not None:
        properties += [("file", relative(result.file)), ("line", str(result.line))]
    properties.append(("title", words.shape(result.source_shape)))
    listed = ",".join(f"{name}={_property(value)}" for name, value in properties)
    return f"::{_LEVELS[result.rank]} {listed}::{_data(words.message(result))}"


def _unmatched(words: Words, shape: Node) -> str:
    return f"{words.shape(shape)} found no node: nothing was checked"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
