"""Shapes that refer to themselves: the most permissive reading that is consistent.

SHACL leaves recursion open (section 3.4.3). Here a node conforms unless the shapes give a reason
against it that does not rest on itself, which is what people mean by "all that I know are such as
I". Through a negation that has no meaning, and is refused.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from designata.errors import UnusableShapes
from designata.validation.compiled import Shape
from designata.validation.reading import describe
from designata.validation.terms import Node


def connect(shapes: Iterable[Shape]) -> None:
    """Give the shapes of each cycle their common fixpoint; refuse a cycle through a negation."""
    for members in _cycles(list(shapes)):
        for shape in members:
            for target, negative in shape.references:
                if negative and target in members:
                    raise UnusableShapes(
                        f"{describe(shape.node)} refers to itself through a negation "
                        "(sh:not, sh:xone or a qualified count): nothing could decide it"
                    )
        fixpoint = _Fixpoint(members)
        for shape in members:
            shape.fixpoint = fixpoint


class _Fixpoint:
    """Assumes that nodes conform, and takes back what turns out wrong until nothing changes."""

    def __init__(self, members: Collection[Shape]) -> None:
        self._known: dict[Shape, set[Node]] = {shape: set() for shape in members}
        self._failed: dict[Shape, set[Node]] = {shape: set() for shape in members}
        self._open: list[tuple[Shape, set[Node]]] = []
        self._active = False

    def failing(self, shape: Shape, nodes: Collection[Node]) -> set[Node]:
        unknown = set(nodes) - self._known[shape]
        if unknown:
            self._known[shape] |= unknown
            self._open.append((shape, unknown))
        if not self._active:
            self._active = True
            try:
                self._solve()
            finally:
                self._active = False
        return self._failed[shape].intersection(nodes)

    def forget(self) -> None:
        """Drop what was learned, after the data has changed."""
        for sets in (self._known, self._failed):
            for nodes in sets.values():
                nodes.clear()

    def _solve(self) -> None:
        history: list[tuple[Shape, set[Node]]] = []
        changed = False
        while self._open:
            batch = self._open.pop(0)
            history.append(batch)
            changed |= self._try(*batch)
        while changed:
            changed = False
            for batch in reversed(history):
                changed |= self._try(*batch)
            while self._open:
                batch = self._open.pop(0)
                history.append(batch)
                changed |= self._try(*batch)

    def _try(self, shape: Shape, nodes: set[Node]) -> bool:
        live = nodes - self._failed[shape]
        failed = shape.evaluate(live) if live else set()
        self._failed[shape] |= failed
        return bool(failed)


def _cycles(shapes: list[Shape]) -> Iterator[set[Shape]]:
    """The strongly connected sets of shapes that contain a cycle."""
    search = _Search()
    for root in shapes:
        for members in search.components(root):
            member = next(iter(members))
            if len(members) > 1 or any(target is member for target, _ in member.references):
                yield members


class _Search:
    """Tarjan's algorithm, without Python's recursion: shapes may be nested deeply."""

    def __init__(self) -> None:
        self._index: dict[Shape, int] = {}
        self._low: dict[Shape, int] = {}
        self._stack: list[Shape] = []
        self._on_stack: set[Shape] = set()
        self._work: list[tuple[Shape, Iterator[tuple[Shape, bool]]]] = []

    def components(self, root: Shape) -> Iterator[set[Shape]]:
        """The components that are reached from here for the first time."""
        if root in self._index:
            return
        self._enter(root)
        while self._work:
            shape, following = self._work[-1]
            for target, _ in following:
                if target not in self._index:
                    self._enter(target)
                    break
                if target in self._on_stack:
                    self._low[shape] = min(self._low[shape], self._index[target])
            else:
                self._work.pop()
                if self._work:
                    parent = self._work[-1][0]
                    self._low[parent] = min(self._low[parent], self._low[shape])
                if self._low[shape] == self._index[shape]:
                    yield self._leave(shape)

    def _enter(self, shape: Shape) -> None:
        self._index[shape] = self._low[shape] = len(self._index)
        self._stack.append(shape)
        self._on_stack.add(shape)
        self._work.append((shape, iter(shape.references)))

    def _leave(self, shape: Shape) -> set[Shape]:
        members = set[Shape]()
        while shape not in members:
            members.add(self._stack.pop())
        self._on_stack -= members
        return members
