"""Would anybody notice if a constraint were gone? Each one is deleted, and loosened, to see."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from designata.errors import UnusableShapes
from designata.validation.engine import Validator
from designata.validation.fixtures import Outcome, Suite, expected, outcome
from designata.validation.graph import Graph
from designata.validation.lexicon import CONSTRAINT_PROPERTIES
from designata.validation.loading import load
from designata.validation.terms import XSD, Node, Triple, iri, is_literal, sh, split_literal

_DELETED: Final = sorted((CONSTRAINT_PROPERTIES - {"property"}) | {"flags"})
_LOOSENED: Final = {
    **dict.fromkeys(("minCount", "minLength", "qualifiedMinCount"), -1),
    **dict.fromkeys(("maxCount", "maxLength", "qualifiedMaxCount"), 1),
}
_INTEGER: Final = iri(XSD + "integer")


class Mutant(NamedTuple):
    """A change of the shapes: the triple, and its new value or None where it is deleted."""

    triple: Triple
    value: Node | None

    @property
    def constraint(self) -> str:
        """The local name of the changed parameter."""
        return self.triple[1].rpartition("#")[2][:-1]


def mutants(shapes: Graph) -> Iterator[Mutant]:
    """Every change that makes the shapes say less."""
    for local in _DELETED:
        for subject, values in shapes.row(sh(local)).items():
            for value in values:
                yield Mutant((subject, sh(local), value), None)
    for local, step in _LOOSENED.items():
        for subject, values in shapes.row(sh(local)).items():
            for value in values:
                number = _integer(value)
                if number is not None and number + step > 0:
                    changed = f'"{number + step}"^^{_INTEGER}'
                    yield Mutant((subject, sh(local), value), changed)


def _integer(value: Node) -> int | None:
    if not is_literal(value):
        return None
    text = split_literal(value).value
    return int(text) if text.isdecimal() and len(text) < 10 else None


def survivors(suite: Suite) -> Iterator[Mutant]:
    """The changes of a suite's own shapes that none of its fixtures notices."""
    own = load(suite.shapes[:1])
    known = {path: outcome(results) for path, results in suite.results.items()}
    for mutant in mutants(own):
        order = sorted(suite.fixtures, key=lambda path: not _is_about(path, mutant))
        changed = suite.graph.changed(mutant.triple, mutant.value)
        if not any(_notices(suite, path, known[path], changed) for path in order):
            yield mutant


def _is_about(fixture: Path, mutant: Mutant) -> bool:
    name, constraint = expected(fixture)
    return constraint == mutant.constraint and mutant.triple[0][:-1].endswith(name)


def _notices(suite: Suite, fixture: Path, known: Outcome, shapes: Graph) -> bool:
    try:
        found = Validator(suite.data[fixture], shapes).run().results
    except UnusableShapes:
        return True
    return outcome(found) != known
