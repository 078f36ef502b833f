"""Constraints that bound a value from below or above (section 4.3)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from designata.validation.compiled import ValueTest
from designata.validation.constraints.context import Context, component
from designata.validation.order import compare
from designata.validation.terms import Node, is_literal, text_of

_LIMITS: Final = {
    "minExclusive": ((1,), "more than"),
    "minInclusive": ((1, 0), "at least"),
    "maxExclusive": ((-1,), "less than"),
    "maxInclusive": ((-1, 0), "at most"),
}


def _limit(local: str, context: Context) -> Iterator[ValueTest]:
    limit = context.parameters.one(local)
    if limit is None:
        return
    if not is_literal(limit):
        raise context.parameters.wrong(local, "must be a literal")
    allowed, words = _LIMITS[local]
    yield ValueTest(
        component(local[0].upper() + local[1:]),
        _beyond(limit, allowed),
        f"the value must be {words} {text_of(limit)}",
    )


def _beyond(limit: Node, allowed: tuple[int, ...]) -> Callable[[set[Node]], set[Node]]:
    return lambda values: {value for value in values if compare(value, limit) not in allowed}


BUILDERS: Final[dict[str, Callable[[Context], Iterator[ValueTest]]]] = {
    local: partial(_limit, local) for local in _LIMITS
}
