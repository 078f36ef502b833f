"""The gate: a dataset with a violation is not published."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from pyoxigraph import Quad, Triple

from designata.errors import InvalidDataset
from designata.release.faults import require_none
from designata.release.sources import Place, Source
from designata.turtle import Statement
from designata.validation import Report, Result, validate_statements, write_report
from designata.validation.reports.words import Words, place, severity
from designata.vocabulary import PREFIXES

SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class Checked:
    """What validation had to say of a dataset without violations."""

    warnings: int
    turtle: bytes
    text: bytes


def check(source: Source, derived: frozenset[Triple]) -> Checked:
    """Validate data, derived layer and ontology; InvalidDataset names file and line of each."""
    require_none(source)
    shapes = [_quad(triple) for triple in sorted(source.graph("shapes"), key=str)]
    report = validate_statements(list(_statements(source, derived)), shapes)
    report = replace(report, prefixes=PREFIXES)
    violations = [result for result in report.results if result.rank == 0]
    if violations:
        raise InvalidDataset(_message(report, violations))
    kinds = Counter(severity(result) for result in report.results)
    published = _without_places(report)
    turtle = "".join(f"{line}\n" for line in write_report(published, "turtle"))
    return Checked(kinds["warning"], turtle.encode(), _text(published).encode())


def _text(report: Report) -> str:
    """The report as text, without the words on places that this report does not have."""
    verdict, *lines = write_report(report)
    nowhere = f"{place(None, None)}: "
    verdict = verdict.replace(" in 0 files", "")
    return "".join(f"{line.removeprefix(nowhere)}\n" for line in (verdict, *lines))


def _statements(source: Source, derived: frozenset[Triple]) -> Iterator[tuple[Path, Statement]]:
    """All that is validated; a derived triple stands where its subject is first written."""
    described: dict[object, Place] = {}
    mentioned: dict[object, Place] = {}
    for folder in ("data", "ontology"):
        for triple, (path, line) in source.graph(folder).items():
            described.setdefault(triple.subject, Place(path, line))
            mentioned.setdefault(triple.object, Place(path, line))
            yield path, Statement(_quad(triple), line)
    for triple in sorted(derived, key=str):
        path, line = described.get(triple.subject) or mentioned[triple.subject]
        yield path, Statement(_quad(triple), line)


def _message(report: Report, violations: list[Result]) -> str:
    words = Words(report)
    lines = [f"{place(each.file, each.line)}: {words.message(each)}" for each in violations[:SHOWN]]
    if len(violations) > SHOWN:
        lines.append(f"… and {len(violations) - SHOWN} more: run `designata validate`")
    count = f"{len(violations)} violation{'' if len(violations) == 1 else 's'}"
    return "\n".join([f"{count}, nothing was published", *lines])


def _without_places(report: Report) -> Report:
    """The report with nothing in it that depends on how the statements lie in files."""
    results = [replace(result, file=None, line=None) for result in report.results]
    results.sort(key=lambda each: (each.rank, each.source_shape, each.component, *_what(each)))
    counts = dict(sorted(report.focus_counts.items()))
    return replace(report, results=tuple(results), focus_counts=counts)


def _what(result: Result) -> tuple[str, str]:
    return result.focus, result.value or ""


def _quad(triple: Triple) -> Quad:
    return Quad(triple.subject, triple.predicate, triple.object)
