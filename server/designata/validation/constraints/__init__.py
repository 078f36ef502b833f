"""The constraints of SHACL Core: each parameter with the function that compiles it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from designata.validation.compiled import FocusTest, ValueTest
from designata.validation.constraints import counts, logic, pairs, ranges, strings, values
from designata.validation.constraints.context import Context

Builder = Callable[[Context], Iterator[ValueTest | FocusTest]]
BUILDERS: Final[Mapping[str, Builder]] = {
    **values.BUILDERS,
    **ranges.BUILDERS,
    **strings.BUILDERS,
    **logic.BUILDERS,
    **pairs.BUILDERS,
    **counts.BUILDERS,
}

__all__ = ["BUILDERS", "Builder", "Context"]
