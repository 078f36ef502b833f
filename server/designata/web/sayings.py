"""What the release says of single things: asked for many at once, and remembered."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, TypeVar

from pyoxigraph import NamedNode

from designata.vocabulary import BASE
from designata.web.asking import AT_ONCE, ask, ask_text, in_portions
from designata.web.graph import Said, fact, linked
from designata.web.labels import NAMING
from designata.web.serving import served

Value = TypeVar("Value")
_LEAST: Final = 2
_THINGS: Final = "SELECT DISTINCT ?s WHERE { ?s ?p ?o FILTER (isIRI(?s)) }"


@dataclass(frozen=True)
class Saying:
    """All that is said of one thing."""

    said: Said

    @cached_property
    def naming(self) -> Said:
        """The part of it that labels are made from."""
        return {name: values for name, values in self.said.items() if name in NAMING}

    @cached_property
    def named(self) -> frozenset[str]:
        """The things of ours that stand in that part."""
        return ours(linked(self.naming))


def sayings(iris: Iterable[str]) -> Mapping[str, Saying]:
    """What is said of each of some things."""
    return _recall("naming", iris, _read)


def disputing(iris: Iterable[str]) -> set[str]:
    """The claims that dispute some of these."""
    return set().union(*_recall("disputing", iris, _read_disputing).values())


def remember_all() -> Sequence[str]:
    """Ask for what is said of every thing, as far as memory holds it; all things, in order."""
    things = sorted({row["s"].value for row in ask_text(_THINGS)})
    for start in range(0, len(things), AT_ONCE):
        portion = things[start : start + AT_ONCE]
        sayings(portion)
        disputing(portion)
    return things


def ours(iris: Iterable[str]) -> frozenset[str]:
    """Those of the IRIs that this dataset names."""
    return frozenset(one for one in iris if one.startswith(BASE))


def _recall(
    name: str,
    iris: Iterable[str],
    read: Callable[[list[NamedNode]], Iterable[tuple[str, Value, int]]],
) -> Mapping[str, Value]:
    """The value of each, from memory where it is there."""
    memory = served().memory
    found: dict[str, Any] = {one: memory.get((name, one)) for one in iris}
    for portion in in_portions(one for one, value in found.items() if value is None):
        for one, value, weight in read(portion):
            memory.put((name, one), value, weight)
            found[one] = value
    return found


def _read(things: list[NamedNode]) -> Iterable[tuple[str, Saying, int]]:
    found: dict[str, dict[str, list[Any]]] = {one.value: {} for one in things}
    for subject, predicate, value in map(fact, ask("naming", s=things)):
        found[subject].setdefault(sys.intern(predicate), []).append(value)
    for one, said in found.items():
        yield one, Saying(said), _LEAST + sum(map(len, said.values()))


def _read_disputing(things: list[NamedNode]) -> Iterable[tuple[str, list[str], int]]:
    found: dict[str, list[str]] = {one.value: [] for one in things}
    for row in ask("disputing", disputed=things):
        found[row["disputed"].value].append(row["s"].value)
    for one, claims in found.items():
        yield one, claims, _LEAST + len(claims)
