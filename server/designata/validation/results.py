"""What a validation finds, as values; every report is written from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from designata.validation.paths import PropertyPath
from designata.validation.terms import Node, Triple, sh

VIOLATION: Final = sh("Violation")
WARNING: Final = sh("Warning")
INFO: Final = sh("Info")
_RANK: Final = {VIOLATION: 0, WARNING: 1, INFO: 2}


@dataclass(frozen=True, slots=True)
class Result:
    """One thing that a shape does not allow; terms are written as in N-Triples.

    `line` counts from 1. `triple` is the statement that offends; without one, the place is the
    first line about the focus node. Both are None where the focus node is in no file.
    """

    focus: Node
    path: PropertyPath | None
    value: Node | None
    source_shape: Node
    component: Node
    severity: Node
    messages: tuple[Node, ...] = ()
    source_constraint: Node | None = None
    file: Path | None = None
    line: int | None = None
    triple: Triple | None = None

    @property
    def rank(self) -> int:
        """0 for a violation, 1 for a warning, 2 for a hint."""
        return _RANK.get(self.severity, 0)


@dataclass(frozen=True, slots=True)
class Report:
    """All results of one run, in the order of the files.

    `focus_counts` has one entry for each shape with a target: how many nodes it was applied to.
    `value_counts` has one for each shape and constraint component that was met: how many values
    it has seen.
    """

    results: tuple[Result, ...] = ()
    focus_counts: Mapping[Node, int] = field(default_factory=dict)
    value_counts: Mapping[tuple[Node, Node], int] = field(default_factory=dict)
    prefixes: Mapping[str, str] = field(default_factory=dict)

    @property
    def conforms(self) -> bool:
        """Whether there is no result at all, as SHACL defines it."""
        return not self.results

    @property
    def unmatched(self) -> tuple[Node, ...]:
        """The shapes that have a target but found no node."""
        return tuple(shape for shape, count in self.focus_counts.items() if not count)

    def worst(self) -> int | None:
        """The rank of the worst result, or None where there is none."""
        return min((result.rank for result in self.results), default=None)

    def by_shape(self) -> Counter[tuple[Node, Node, Node]]:
        """How many results each shape and component has, with their severity."""
        return Counter((each.severity, each.source_shape, each.component) for each in self.results)
