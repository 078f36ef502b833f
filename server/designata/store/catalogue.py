"""How releases lie in an engine: which graphs a release has there, and where that is written.

Release R has the graph `R#default`, a graph `R#1`, `R#2` … for each named graph, and `R#union` with
the triples of all; nothing in it has a name that another release uses. The graph `R` itself lists
them with their sizes. It is written last and removed first, so that a release is there or is not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from designata.errors import NoRelease, StoreUnavailable
from designata.store.engine import Dataset, Engine
from designata.store.translate import Graphs
from designata.vocabulary import BASE, PREFIXES, term

SD: Final = "http://www.w3.org/ns/sparql-service-description#"
_COUNT: Final = "SELECT (COUNT(*) AS ?count) { ?s ?p ?o }"
_LISTED: Final = (
    f"SELECT DISTINCT ?release {{ GRAPH ?release {{ ?release <{SD}defaultGraph> ?g }} }}"
)
_SIZES: Final = f"SELECT ?place ?size {{ ?place <{PREFIXES['void']}triples> ?size }}"
_RELEASES: Final = f"{BASE}release/"


@dataclass(frozen=True, slots=True)
class Record:
    """What an engine says that it holds of a release: its graphs, and the size of each."""

    release: str
    graphs: Graphs
    sizes: Mapping[str, int]

    def triples(self) -> list[Triple]:
        """The content of the graph that lists the graphs."""
        here = NamedNode(self.release)
        found = [
            Triple(here, term("rdf:type"), term("void:Dataset")),
            Triple(here, NamedNode(SD + "defaultGraph"), NamedNode(self.graphs.default)),
        ]
        for name, place in self.graphs.named.items():
            found.append(Triple(here, NamedNode(SD + "namedGraph"), NamedNode(place)))
            found.append(Triple(NamedNode(place), NamedNode(SD + "name"), NamedNode(name)))
        for place, size in self.sizes.items():
            found.append(Triple(NamedNode(place), term("void:triples"), Literal(size)))
        return found


def record_name(release_id: str) -> str:
    """The graph that says where a release lies."""
    return _RELEASES + release_id


def graphs_of(release_id: str, names: Mapping[str, str]) -> Graphs:
    """The graphs of a release, given the named ones and their places."""
    here = record_name(release_id)
    return Graphs(f"{here}#union", f"{here}#default", names, f"{here}#nothing")


def find(engine: Engine, release_id: str) -> Record | None:
    """What the engine holds of a release, or None where it was never finished."""
    here = record_name(release_id)
    rows = engine.rows(
        f"SELECT ?place ?size ?name {{ ?place <{PREFIXES['void']}triples> ?size . "
        f"OPTIONAL {{ ?place <{SD}name> ?name }} }}",
        Dataset([here], [f"{here}#nothing"]),
    )
    if not rows:
        return None
    try:
        named = {row["name"]: row["place"] for row in rows if "name" in row}
        sizes = {row["place"]: int(row["size"]) for row in rows}
    except (LookupError, ValueError):
        raise StoreUnavailable(f"{engine.name} lists {release_id} in another way") from None
    return Record(here, graphs_of(release_id, named), sizes)


def find_or_refuse(engine: Engine, release_id: str) -> Record:
    """What the engine holds of a release; NoRelease where that is nothing."""
    found = find(engine, release_id)
    if found is None:
        raise NoRelease(
            f"{engine.name} does not hold release {release_id}; "
            f"run `designata publish --to {engine.name}`"
        )
    return found


def find_whole(engine: Engine, release_id: str) -> Record:
    """The same, counted: another publisher may have begun to replace what is listed."""
    found = find_or_refuse(engine, release_id)
    union = found.graphs.union
    held, size = count(engine, union), found.sizes.get(union)
    if held != size:
        raise NoRelease(
            f"{engine.name} holds {held:,} triples of release {release_id} instead of {size}; "
            f"run `designata publish --to {engine.name}`"
        )
    return found


def is_listed(engine: Engine, release_id: str) -> bool:
    """Whether the engine holds a release at this moment."""
    here = record_name(release_id)
    dataset = Dataset([here], [f"{here}#nothing"])
    return bool(engine.rows(f"{_SIZES} LIMIT 1", dataset))


def count(engine: Engine, graph: str) -> int:
    """How many triples a graph has in the engine."""
    try:
        return int(engine.rows(_COUNT, Dataset([graph], [graph]))[0]["count"])
    except (LookupError, ValueError):
        raise StoreUnavailable(f"{engine.name} does not count") from None


def listed(engine: Engine) -> list[str]:
    """The ids of the releases that the engine holds."""
    found = {row["release"] for row in engine.rows(_LISTED, Dataset((), ()))}
    return sorted(name.removeprefix(_RELEASES) for name in found if name.startswith(_RELEASES))
