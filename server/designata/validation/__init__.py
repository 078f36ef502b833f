"""SHACL validation that says which line of which file is wrong.

`validate` reads files, `validate_statements` takes what was read already; both give a `Report`,
which `write_report` puts into a format. Terms are texts as in N-Triples throughout.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final, Literal, cast

from pyoxigraph import Quad

from designata.errors import UnusableShapes, UsageError
from designata.turtle import Statement
from designata.validation import engine as designata_engine
from designata.validation import lexicon, positions
from designata.validation.graph import Graph
from designata.validation.loading import from_quads, from_statements, load
from designata.validation.reports import WRITERS
from designata.validation.results import Report, Result

__all__ = ["Engine", "Report", "Result", "validate", "validate_statements", "write_report"]

_BLANK: Final = re.compile(r"a shape without an IRI \((_:b\d+)\)")
Engine = Literal["designata", "pyshacl"]
Shapes = Sequence[Path] | Sequence[Quad]


def validate(
    data: Sequence[Path], shapes: Shapes, *, engine: Engine = "designata", abort: bool = False
) -> Report:
    """Validate files against shapes; each result has its file and line.

    `abort` stops after the first shape that has a result.

    Raises UnreadableFile for a file that cannot be read and UnusableShapes for shapes that are
    empty, ill-formed or use a term that SHACL does not know.
    """
    guard = _shapes(shapes)
    graph = load(data)
    return _finish(graph, guard, _run(graph, guard, engine, abort), positions.readings)


def validate_statements(
    data: Iterable[tuple[Path, Statement]], shapes: Shapes, *, engine: Engine = "designata"
) -> Report:
    """Validate statements that were parsed already, each with the file that it comes from."""
    held = data if isinstance(data, Sequence) else list(data)
    guard = _shapes(shapes)
    graph = from_statements(held)
    return _finish(graph, guard, _run(graph, guard, engine), positions.parsed(held))


def write_report(report: Report, form: str = "text") -> Iterator[str]:
    """The report in one of the formats of `reports.WRITERS`, line by line."""
    try:
        return WRITERS[form](report)
    except KeyError:
        raise UsageError(f"{form}: the formats are {', '.join(WRITERS)}") from None


def _shapes(shapes: Shapes) -> Graph:
    if all(isinstance(each, Path) for each in shapes):
        graph = load(cast(Sequence[Path], shapes))
    else:
        graph = from_quads(cast(Sequence[Quad], shapes))
    with _placed(graph):
        lexicon.check(graph)
    return graph


@contextmanager
def _placed(shapes: Graph) -> Iterator[None]:
    """Name the line of a shape that has no IRI, where it cannot be used."""
    try:
        yield
    except UnusableShapes as error:
        raise UnusableShapes(_BLANK.sub(lambda found: _line(shapes, found), str(error))) from None


def _line(shapes: Graph, found: re.Match[str]) -> str:
    place = positions.place_of(shapes, found[1])
    return f"the shape at {place[0]}:{place[1]}" if place else found[0]


def _run(graph: Graph, shapes: Graph, engine: Engine, abort: bool = False) -> Report:
    if engine == "pyshacl":
        from designata.validation import reference

        return reference.validate(graph, shapes, abort)
    with _placed(shapes):
        return designata_engine.validate(graph, shapes, abort)


def _finish(graph: Graph, shapes: Graph, report: Report, again: positions.Again) -> Report:
    results = positions.locate(graph, report.results, again)
    return replace(report, results=tuple(results), prefixes={**shapes.prefixes, **graph.prefixes})
