"""Fixtures of shapes, whose paths say what is expected of them.

`<shapes file>/valid/*.ttl` has no result. `<shapes file>/invalid/<name>.<constraint>.ttl` has just
one: of the shape or query whose local name is, or ends in, `<name>`, by that constraint.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from designata.errors import UnusableShapes
from designata.validation import lexicon
from designata.validation.engine import Validator
from designata.validation.graph import Graph
from designata.validation.loading import load
from designata.validation.results import Result
from designata.validation.terms import Node, text_of

Outcome = Counter[tuple[Node, Node, Node]]


class Failure(NamedTuple):
    """A fixture that does not do what its path says."""

    file: Path
    text: str


@dataclass(frozen=True)
class Suite:
    """The fixtures of one shapes file, with the files that belong to shapes and data."""

    name: str
    fixtures: tuple[Path, ...]
    shapes: tuple[Path, ...]
    extra: tuple[Path, ...]

    @cached_property
    def graph(self) -> Graph:
        """The shapes."""
        graph = load(self.shapes)
        lexicon.check(graph)
        return graph

    @cached_property
    def data(self) -> Mapping[Path, Graph]:
        """Each fixture beside the extra files."""
        return {path: load((path, *self.extra)) for path in self.fixtures}

    @cached_property
    def results(self) -> Mapping[Path, tuple[Result, ...]]:
        """What the shapes find in each fixture."""
        return {path: Validator(self.data[path], self.graph).run().results for path in self.data}


def suites(folder: Path, shapes: Sequence[Path], extra: Sequence[Path]) -> Iterator[Suite]:
    """A suite for each folder of fixtures; shapes files without one are shared by all.

    What is tested is not put beside its own fixtures: for `ontology/` no extra file of that name.
    """
    folders = sorted(each for each in folder.iterdir() if each.is_dir()) if folder.is_dir() else []
    names = {each.name for each in folders}
    shared = [path for path in shapes if path.stem not in names]
    for each in folders:
        fixtures = tuple(sorted((*each.glob("valid/*.ttl"), *each.glob("invalid/*.ttl"))))
        own = [path for path in shapes if path.stem == each.name]
        if not own:
            raise UnusableShapes(f"{each}: there is no shapes file {each.name}.ttl")
        if fixtures:
            beside = [path for path in extra if each.name not in (path.stem, path.parent.name)]
            yield Suite(each.name, fixtures, (*own, *shared), tuple(beside))


def failures(suite: Suite) -> Iterator[Failure]:
    """The fixtures of a suite that do not do what their paths say."""
    for fixture in suite.fixtures:
        found = [(_name(each), _constraint(each.component)) for each in suite.results[fixture]]
        if fixture.parent.name == "valid":
            if found:
                yield Failure(fixture, f"no result expected, found {_listed(found)}")
            continue
        name, constraint = expected(fixture)
        if len(found) != 1 or not _is(found[0], name, constraint):
            yield Failure(fixture, f"only {name} {constraint} expected, found {_listed(found)}")


def expected(fixture: Path) -> tuple[str, str]:
    """The name and the constraint that the path of an invalid fixture stands for."""
    name, _, rest = fixture.stem.partition(".")
    return name, rest.partition(".")[0]


def _is(found: tuple[str, str], name: str, constraint: str) -> bool:
    return (found[0] == name or found[0].endswith(f"-{name}")) and found[1] == constraint


def _name(result: Result) -> str:
    return _local(result.source_constraint or result.source_shape)


def _constraint(component: Node) -> str:
    name = _local(component).removesuffix("ConstraintComponent")
    return name.lower() if name.isupper() else name[:1].lower() + name[1:]


def _local(node: Node) -> str:
    text = text_of(node)
    return text[max(text.rfind("#"), text.rfind("/")) + 1 :]


def _listed(found: Iterable[tuple[str, str]]) -> str:
    return ", ".join(" ".join(pair) for pair in found) or "nothing"


def outcome(results: Iterable[Result]) -> Outcome:
    """Results as far as a change of the shapes can change them."""
    return Counter((each.source_shape, each.component, each.focus) for each in results)
