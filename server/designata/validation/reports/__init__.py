"""Writers of reports, all from the same results."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from designata.validation.reports import github, html, jsonl, junit, sarif, text, turtle
from designata.validation.results import Report

Writer = Callable[[Report], Iterator[str]]
WRITERS: Final[Mapping[str, Writer]] = {
    "text": text.write,
    "turtle": turtle.write,
    "github": github.write,
    "sarif": sarif.write,
    "junit": junit.write,
    "jsonl": jsonl.write,
    "html": html.write,
}
