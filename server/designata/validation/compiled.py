"""A shape as functions over sets of nodes: each constraint sees all its values at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Final, NamedTuple, Protocol

from designata.validation.paths import PropertyPath, Step
from designata.validation.reads import NOTHING, Reads
from designata.validation.results import Result
from designata.validation.terms import Node, quote, sh

PROPERTY: Final = sh("PropertyConstraintComponent")
Table = Mapping[Node, Sequence[Node]]
"""The value nodes of each focus node."""


class Finding(NamedTuple):
    """What a constraint that looks at a focus node as a whole has found there."""

    focus: Node
    value: Node | None = None
    path: PropertyPath | None = None
    messages: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class ValueTest:
    """A constraint on single values: it gives the bad ones among those that it is shown."""

    component: Node
    bad: Callable[[set[Node]], Collection[Node]]
    hint: str


@dataclass(frozen=True, slots=True)
class FocusTest:
    """A constraint on a focus node with all its values."""

    component: Node
    find: Callable[[Table], Iterable[Finding]]
    hint: str
    constraint: Node | None = None
    messages: tuple[Node, ...] = ()
    reads: Reads = NOTHING


class Fixpoint(Protocol):
    """What answers for shapes that refer to themselves."""

    def failing(self, shape: Shape, nodes: Collection[Node]) -> set[Node]:
        """The nodes that do not conform."""

    def forget(self) -> None:
        """Drop what was learned."""


@dataclass(eq=False, slots=True)
class Shape:
    """One shape, compiled; `properties` are the property shapes that it applies to its values."""

    node: Node
    path: PropertyPath | None
    step: Step | None
    severity: Node
    messages: tuple[Node, ...]
    deactivated: bool
    value_tests: list[ValueTest] = field(default_factory=list)
    focus_tests: list[FocusTest] = field(default_factory=list)
    properties: list[Shape] = field(default_factory=list)
    references: list[tuple[Shape, bool]] = field(default_factory=list)
    seen: Counter[Node] = field(default_factory=Counter)
    fixpoint: Fixpoint | None = None
    _passed: set[Node] = field(default_factory=set)
    _failed: set[Node] = field(default_factory=set)

    def table(self, nodes: Iterable[Node]) -> dict[Node, Sequence[Node]]:
        """The value nodes of each node: at the end of the path, or the node itself."""
        step = self.step
        if step is None:
            return {node: (node,) for node in nodes}
        return {node: step(node) for node in nodes}

    def failing(self, nodes: Collection[Node]) -> set[Node]:
        """Those of the nodes that do not conform to this shape."""
        if self.deactivated or not nodes:
            return set()
        if self.fixpoint is not None:
            return self.fixpoint.failing(self, nodes)
        asked = set(nodes)
        unknown = asked - self._passed - self._failed
        if unknown:
            failed = self.evaluate(unknown)
            self._failed |= failed
            self._passed |= unknown - failed
        return asked & self._failed

    def forget(self) -> None:
        """Drop what was learned about nodes, after the data has changed."""
        self._passed.clear()
        self._failed.clear()
        if self.fixpoint is not None:
            self.fixpoint.forget()

    def evaluate(self, nodes: Collection[Node]) -> set[Node]:
        """The same without memory; a node that has failed is not looked at again."""
        table = self.table(nodes)
        failed: set[Node] = set()
        for component, test in self._bad_values():
            values = set(chain.from_iterable(table.values()))
            self.seen[component] += len(values)
            bad = test(values) if values else ()
            if bad:
                failed.update(node for node, found in table.items() if not _apart(found, bad))
                table = {node: found for node, found in table.items() if node not in failed}
        for focus_test in self.focus_tests:
            self.seen[focus_test.component] += len(table)
            failed.update(finding.focus for finding in focus_test.find(table))
        return failed

    def _bad_values(self) -> Iterator[tuple[Node, Callable[[set[Node]], Collection[Node]]]]:
        for test in self.value_tests:
            yield test.component, test.bad
        for shape in self.properties:
            yield PROPERTY, shape.failing

    @property
    def components(self) -> set[Node]:
        """The kinds of constraints that this shape has."""
        on_values = {test.component for test in self.value_tests}
        return on_values | {test.component for test in self.focus_tests}

    def results(self, focuses: Sequence[Node]) -> Iterator[Result | tuple[Shape, list[Node]]]:
        """The results for focus nodes, and the property shapes to go on with.

        A focus node that is given twice has each result twice, as the specification wants it for
        a property shape that is reached over two values.
        """
        if self.deactivated:
            return
        times = Counter(focuses) if len(set(focuses)) < len(focuses) else None
        table = self.table(times or focuses)
        values = set(chain.from_iterable(table.values()))
        for test in self.value_tests:
            self.seen[test.component] += len(values)
            bad = test.bad(values) if values else ()
            if bad:
                for focus, found in table.items():
                    for value in found:
                        if value in bad:
                            result = self._result(test, Finding(focus, value))
                            yield from [result] * (times[focus] if times else 1)
        for focus_test in self.focus_tests:
            self.seen[focus_test.component] += len(table)
            for finding in focus_test.find(table):
                result = self._result(focus_test, finding)
                yield from [result] * (times[finding.focus] if times else 1)
        if self.properties:
            following = [value for focus in focuses for value in table[focus]]
            for shape in self.properties:
                yield shape, following

    def _result(self, test: ValueTest | FocusTest, finding: Finding) -> Result:
        constraint, own = None, finding.messages
        if isinstance(test, FocusTest):
            constraint, own = test.constraint, own or test.messages
        return Result(
            focus=finding.focus,
            path=finding.path or self.path,
            value=finding.value,
            source_shape=self.node,
            component=test.component,
            severity=self.severity,
            messages=own or self.messages or (quote(test.hint),),
            source_constraint=constraint,
        )


def _apart(values: Sequence[Node], bad: Collection[Node]) -> bool:
    if len(values) == 1:
        return values[0] not in bad
    return not any(value in bad for value in values)
