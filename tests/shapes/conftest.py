from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple, Protocol

import pytest

from designata.turtle import Statement, read
from designata.validation import validate_statements

ROOT = Path(__file__).parents[2]
SHARED = (ROOT / "shapes" / "codes.ttl", ROOT / "shapes" / "prefixes.ttl")
ONTOLOGY = tuple(sorted((ROOT / "ontology").glob("*.ttl")))


class Found(NamedTuple):
    """One finding: the shape or query that failed, which constraint of it, where and how bad."""

    shape: str
    constraint: str
    focus: str
    severity: str
    messages: tuple[str, ...]


class Validate(Protocol):
    def __call__(
        self, data: Path, shapes: Path, context: Sequence[Path] = ONTOLOGY
    ) -> list[Found]: ...


def validate(data: Path, shapes: Path, context: Sequence[Path] = ONTOLOGY) -> list[Found]:
    """What is wrong with one data file beside its context, by the shapes of one file."""
    statements = [(path, each) for path in (data, *context) for each in statements_of(path)]
    report = validate_statements(statements, [shapes, *SHARED])
    return [
        Found(
            shape=local_name(result.source_constraint or result.source_shape),
            constraint=constraint_of(local_name(result.component)),
            focus=result.focus,
            severity=local_name(result.severity),
            messages=result.messages,
        )
        for result in report.results
    ]


@cache
def statements_of(path: Path) -> tuple[Statement, ...]:
    return tuple(read(path))


def local_name(node: str) -> str:
    return node.rpartition("#")[2].rstrip(">")


def constraint_of(component: str) -> str:
    """`minCount` for `MinCountConstraintComponent`."""
    name = component.removesuffix("ConstraintComponent")
    return name.lower() if name.isupper() else name[0].lower() + name[1:]


@pytest.fixture(name="validate")
def the_one_way_to_validate() -> Validate:
    return validate
