"""Constraints on how many values there are (section 4.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from designata.validation.compiled import Finding, FocusTest, Table
from designata.validation.constraints.context import Context, component


def least(context: Context) -> Iterator[FocusTest]:
    """There must be so many values."""
    limit = context.parameters.integer("minCount")
    if limit is None:
        return
    context.only_for_properties("minCount")

    def find(table: Table) -> Iterable[Finding]:
        return [Finding(focus) for focus, values in table.items() if len(values) < limit]

    yield FocusTest(component("MinCount"), find, f"at least {limit} needed here")


def most(context: Context) -> Iterator[FocusTest]:
    """There may be no more than so many values."""
    limit = context.parameters.integer("maxCount")
    if limit is None:
        return
    context.only_for_properties("maxCount")

    def find(table: Table) -> Iterable[Finding]:
        return [Finding(focus) for focus, values in table.items() if len(values) > limit]

    yield FocusTest(component("MaxCount"), find, f"at most {limit} allowed here")


BUILDERS: Final[dict[str, Callable[[Context], Iterator[FocusTest]]]] = {
    "minCount": least,
    "maxCount": most,
}
