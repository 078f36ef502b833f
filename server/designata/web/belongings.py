"""What belongs to a thing, found step by step.

One query along paths would say the same. It takes twice as long here, and Virtuoso 7 refuses it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pyoxigraph import NamedNode

from designata.vocabulary import term
from designata.web.asking import ask, in_portions
from designata.web.graph import Fact, Graph, fact, iri

_TO_IT: Final = tuple(
    map(
        term,
        "dsg:designates dsg:actsOn dsg:tenant dsg:base dsg:participant dsg:event dsg:controller "
        "dsg:controlledPlace dsg:relationSubject dsg:relationObject dsg:about "
        "org:originalOrganization org:resultingOrganization dsg:coversOrganization "
        "dsg:refersTo".split(),
    )
)
_ONWARD: Final = frozenset(
    map(
        iri,
        "dsg:hasName dsg:preferredName dsg:listedUnderName dsg:period dsg:citation dsg:source "
        "geo:hasGeometry dsg:listEntry dsg:inList dsg:underProgramme dsg:legalBasis "
        "dsg:instrument dsg:agreement dsg:event cito:disputes sh:parameter".split(),
    )
)


def belongings(thing: NamedNode) -> Graph:
    """All that is said of a thing, of the claims about it, and of what belongs to either."""
    return Graph(_follow(thing))


def _follow(thing: NamedNode) -> Iterator[Fact]:
    seen: set[str] = set()
    around = ask("around", thing=thing, link=_TO_IT)
    fresh = {thing.value} | {row["s"].value for row in around}
    while fresh:
        seen |= fresh
        found: set[str] = set()
        for portion in in_portions(fresh):
            found.update(row["s"].value for row in ask("disputing", disputed=portion))
            for one in map(fact, ask("naming", s=portion)):
                if one.predicate in _ONWARD and isinstance(one.object, NamedNode):
                    found.add(one.object.value)
                yield one
        fresh = found - seen
