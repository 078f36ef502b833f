"""The obvious tables as CSV (RFC 4180), for those who work in a spreadsheet.

One row a thing, sorted by its IRI; several values of a cell are separated by ` | `.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from designata.release.terms import iri
from designata.vocabulary import term

SEPARATOR: Final = " | "
_PERIOD: Final = "startEarliest startLatest endEarliest endLatest startKind endKind asOf".split()
Row = dict[str, str]


class Index:
    """The values of each property of each thing, in a fixed order."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self._values: dict[tuple[str, str], list[NamedNode | Literal]] = defaultdict(list)
        self._things: dict[str, list[str]] = defaultdict(list)
        for triple in sorted(triples, key=str):
            subject, value = iri(triple.subject).value, triple.object
            assert isinstance(value, NamedNode | Literal)
            self._values[subject, triple.predicate.value].append(value)
            if triple.predicate == term("rdf:type"):
                self._things[value.value].append(subject)

    def things(self, curie: str) -> list[str]:
        """The things of a class."""
        return self._things[term(curie).value]

    def values(self, thing: str, curie: str) -> list[NamedNode | Literal]:
        """The values of a property."""
        return self._values.get((thing, term(curie).value), [])

    def cell(self, thing: str, curie: str) -> str:
        """The values of a property in one cell."""
        return SEPARATOR.join(value.value for value in self.values(thing, curie))

    def code(self, thing: str, curie: str) -> str:
        """The last parts of the IRIs that are values of a property."""
        found = (value.value.rpartition("/")[2] for value in self.values(thing, curie))
        return SEPARATOR.join(found)

    def label(self, thing: str) -> str:
        """The English label, else the first."""
        labels = [one for one in self.values(thing, "skos:prefLabel") if isinstance(one, Literal)]
        english = [one for one in labels if one.language == "en"]
        return next((one.value for one in (*english, *labels)), "")

    def labels(self, thing: str, curie: str) -> str:
        """The labels of the values of a property."""
        return SEPARATOR.join(self.label(value.value) for value in self.values(thing, curie))


def organizations(index: Index) -> Iterator[Row]:
    """Who they are, and who designates them now."""
    for thing in index.things("dsg:Organization"):
        yield {
            "iri": thing,
            "label": index.label(thing),
            "kinds": index.code(thing, "dsg:actorKind"),
            "part_of": index.cell(thing, "org:subOrganizationOf"),
            "same_as": index.cell(thing, "skos:exactMatch"),
            "currently_designated_by": index.cell(thing, "dsg:currentlyDesignatedBy"),
            "currently_designated_by_label": index.labels(thing, "dsg:currentlyDesignatedBy"),
        }


def names(index: Index) -> Iterator[Row]:
    """Every name with its language and quality, and whose it is."""
    owners = defaultdict(list)
    for kind in ("dsg:Organization", "dsg:MilitaryBase", "dsg:Place"):
        for thing in index.things(kind):
            for name in index.values(thing, "dsg:hasName"):
                owners[name.value].append(thing)
    for name_iri in index.things("dsg:Name"):
        for literal in index.values(name_iri, "skosxl:literalForm"):
            yield {
                "iri": name_iri,
                "of": SEPARATOR.join(owners[name_iri]),
                "of_label": SEPARATOR.join(map(index.label, owners[name_iri])),
                "name": literal.value,
                "language": getattr(literal, "language", None) or "",
                "kind": index.code(name_iri, "dsg:nameKind"),
                "quality": index.code(name_iri, "dsg:nameQuality"),
            }


def designations(index: Index) -> Iterator[Row]:
    """One row for each period of each designation; end bounds are exclusive."""
    for thing in index.things("dsg:Designation"):
        for period in index.values(thing, "dsg:period"):
            yield {
                "iri": thing,
                "organization": index.cell(thing, "dsg:designates"),
                "organization_label": index.labels(thing, "dsg:designates"),
                "authority": index.cell(thing, "dsg:designatedBy"),
                "authority_label": index.labels(thing, "dsg:designatedBy"),
                "programme": index.cell(thing, "dsg:underProgramme"),
                "programme_label": index.labels(thing, "dsg:underProgramme"),
                "coverage": index.code(thing, "dsg:coverage"),
                **_bounds(index, period.value),
            }


def bases(index: Index) -> Iterator[Row]:
    """Where they are, and who uses them now."""
    for thing in index.things("dsg:MilitaryBase"):
        yield {
            "iri": thing,
            "label": index.label(thing),
            "kinds": index.code(thing, "dsg:baseKind"),
            "host_country": index.cell(thing, "dsg:hostCountry"),
            "host_country_label": index.labels(thing, "dsg:hostCountry"),
            "latitude": index.cell(thing, "wgs84:lat"),
            "longitude": index.cell(thing, "wgs84:long"),
            "same_as": index.cell(thing, "skos:exactMatch"),
            "currently_operated_by": index.cell(thing, "dsg:currentlyOperatedBy"),
            "currently_operated_by_label": index.labels(thing, "dsg:currentlyOperatedBy"),
        }


TABLES: Final[Mapping[str, Callable[[Index], Iterator[Row]]]] = {
    "organizations.csv": organizations,
    "names.csv": names,
    "designations.csv": designations,
    "bases.csv": bases,
}
MEDIA_TYPE: Final = "text/csv"


def tables(triples: Iterable[Triple]) -> dict[str, bytes]:
    """The tables by file name; one without a row is left out."""
    index = Index(triples)
    found = {name: list(rows(index)) for name, rows in TABLES.items()}
    return {name: _written(rows) for name, rows in found.items() if rows}


def _bounds(index: Index, period: str) -> Row:
    kinds = ("startKind", "endKind")
    return {
        name: (index.code if name in kinds else index.cell)(period, f"dsg:{name}")
        for name in _PERIOD
    }


def _written(rows: Sequence[Row]) -> bytes:
    output = io.StringIO(newline="")
    writer = csv.DictWriter(output, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return output.getvalue().encode()
