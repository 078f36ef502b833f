"""What belongs to a thing, found step by step.

One query along paths would say the same. It takes twice as long here, and Virtuoso 7 refuses it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from pyoxigraph import NamedNode

from designata.store.question import fill
from designata.vocabulary import term
from designata.web.asking import recall, text_of
from designata.web.graph import NOTHING, Graph, Said, iri
from designata.web.labels import NAMING
from designata.web.nameless import nameless
from designata.web.sayings import disputing, sayings

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


PER_PAGE: Final = 100
_CLAIMS_PER_PAGE: Final = 1_000
_ON_EVERY_PAGE: Final = NAMING | {
    iri(curie) for curie in ("rdf:type", "owl:deprecated", "dcterms:isReplacedBy", "dsg:actorKind")
}


def belongings(thing: NamedNode, page: int | None = None) -> tuple[Graph, int]:
    """All that is said of a thing, of the claims about it, and of what belongs to either.

    Where a property of the thing has more than a hundred values, or there are more than a thousand
    claims, only those of one page, if one is named. The second part is how many values fill as many
    pages.
    """
    pages = 1
    found: dict[str, Said] = {}
    rows = recall(fill(text_of("around"), {"thing": thing, "link": _TO_IT}))
    around = sorted({row["s"].value for row in rows})
    if page is not None:
        pages = -(-len(around) // _CLAIMS_PER_PAGE)
        around = around[(page - 1) * _CLAIMS_PER_PAGE : page * _CLAIMS_PER_PAGE]
    fresh = {thing.value, *around}
    while fresh:
        said = {one: saying.said for one, saying in sayings(fresh).items()}
        if not found:
            whole = said.get(thing.value, NOTHING)
            most = max(
                (len(v) for name, v in whole.items() if name not in _ON_EVERY_PAGE), default=0
            )
            if page is not None and most > PER_PAGE:
                said[thing.value] = _on_page(whole, page)
            most = max(most, (pages - 1) * PER_PAGE + 1)
        found |= said
        fresh = (disputing(fresh) | _onward(said.values())).difference(found)
    found |= nameless(found.values())
    return Graph.of({one: said for one, said in found.items() if said}), most


def _on_page(said: Said, page: int) -> Said:
    """What is said but for the values of other pages, always in the same order.

    What a thing is, what it is called and what became of it is the same on every page.
    """
    some = slice((page - 1) * PER_PAGE, page * PER_PAGE)
    cut = {
        name: values
        if name in _ON_EVERY_PAGE or len(values) <= PER_PAGE
        else sorted(values, key=str)[some]
        for name, values in said.items()
    }
    return {name: values for name, values in cut.items() if values}


def _onward(sayings: Iterable[Said]) -> set[str]:
    """What the things lead to that belongs to them."""
    return {
        value.value
        for said in sayings
        for predicate in _ONWARD & said.keys()
        for value in said[predicate]
        if isinstance(value, NamedNode)
    }
