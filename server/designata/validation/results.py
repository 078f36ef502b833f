"""What a validation finds, as values; every report is written from them."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from designata.validation.paths import PropertyPath, sparql
from designata.validation.terms import Node, Triple, is_blank, sh

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
    def fingerprint(self) -> str:
        """The same as long as the same thing is wrong, on whatever line it stands."""
        path = sparql(self.path) if self.path else ""
        shape = path if is_blank(self.source_shape) else self.source_shape
        constraint = self.source_constraint or ""
        parts = (self.focus, path, self.value or "", shape, self.component)
        named = ("_:" if part.startswith("_:") else part for part in (*parts, constraint))
        return hashlib.sha256("\n".join(named).encode()).hexdigest()[:32]

    @property
    def rank(self) -> int:
        """0 for a violation, 1 for a warning, 2 for a hint."""
        return _RANK.get(self.severity, 0)


@dataclass(frozen=True, slots=True)
class Report:
    """All results of one run, in the order of the files.

    `focus_counts` has one entry for each shape with a target: how many nodes it was applied to.
    `value_counts` has one for each shape and constraint component that was met: how many values
    it has seen. `owners` names shapes without an IRI: the shape that uses each one, and its path.
    """

    results: tuple[Result, ...] = ()
    focus_counts: Mapping[Node, int] = field(default_factory=dict)
    value_counts: Mapping[tuple[Node, Node], int] = field(default_factory=dict)
    prefixes: Mapping[str, str] = field(default_factory=dict)
    owners: Mapping[Node, tuple[Node, PropertyPath | None]] = field(default_factory=dict)

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

    def without(self, known: Counter[str]) -> Report:
        """The results that are not among the known ones, each of which counts once."""
        left = Counter(known)
        fresh = []
        for result in self.results:
            if left[result.fingerprint] > 0:
                left[result.fingerprint] -= 1
            else:
                fresh.append(result)
        return replace(self, results=tuple(fresh))

    def by_shape(self) -> Counter[tuple[Node, Node, Node]]:
        """How many results each shape and component has, with their severity."""
        return Counter((each.severity, each.source_shape, each.component) for each in self.results)
