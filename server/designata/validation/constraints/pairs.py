"""Constraints that compare the values of two properties (section 4.5)."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from functools import partial
from typing import Final

from designata.validation.compiled import Finding, FocusTest, Table
from designata.validation.constraints.context import Context, component
from designata.validation.order import compare
from designata.validation.terms import Node, readable

_FEW: Final = 8


def equals(context: Context) -> Iterator[FocusTest]:
    """Two properties must have the same values."""
    for other in context.parameters.iris("equals"):
        row = context.data.row(other)

        def find(table: Table, row: Table = row) -> Iterator[Finding]:
            for focus, values in table.items():
                others = row.get(focus, ())
                theirs, ours = _among(others), _among(values)
                yield from (Finding(focus, value) for value in values if value not in theirs)
                yield from (Finding(focus, value) for value in others if value not in ours)

        hint = f"the values must be the same as those of {readable(other)}"
        yield FocusTest(component("Equals"), find, hint)


def disjoint(context: Context) -> Iterator[FocusTest]:
    """Two properties must not share a value."""
    for other in context.parameters.iris("disjoint"):
        row = context.data.row(other)

        def find(table: Table, row: Table = row) -> Iterator[Finding]:
            for focus, values in table.items():
                others = _among(row.get(focus, ()))
                if others:
                    yield from (Finding(focus, value) for value in values if value in others)

        hint = f"the value must not be a value of {readable(other)} as well"
        yield FocusTest(component("Disjoint"), find, hint)


def _among(values: Sequence[Node]) -> Container[Node]:
    """What answers quickly whether it holds a value."""
    return values if len(values) < _FEW else frozenset(values)


def _ordered(local: str, context: Context) -> Iterator[FocusTest]:
    others = context.parameters.iris(local)
    if others:
        context.only_for_properties(local)
    allowed = (-1,) if local == "lessThan" else (-1, 0)
    words = "less than" if local == "lessThan" else "at most"
    for other in others:
        row = context.data.row(other)

        def find(table: Table, row: Table = row) -> Iterator[Finding]:
            for focus, values in table.items():
                for limit in row.get(focus, ()):
                    for value in values:
                        if compare(value, limit) not in allowed:
                            yield Finding(focus, value)

        hint = f"the value must be {words} that of {readable(other)}"
        yield FocusTest(component(local[0].upper() + local[1:]), find, hint)


BUILDERS: Final[dict[str, Callable[[Context], Iterator[FocusTest]]]] = {
    "equals": equals,
    "disjoint": disjoint,
    "lessThan": partial(_ordered, "lessThan"),
    "lessThanOrEquals": partial(_ordered, "lessThanOrEquals"),
}
