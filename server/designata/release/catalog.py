"""The catalogue of what can be had and asked, as DCAT-AP 3 wants it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from typing import Final, NamedTuple

from pyoxigraph import Literal, NamedNode, Triple

from designata.vocabulary import BASE, ONTOLOGY, PREFIXES, VOID, term

TYPE: Final = term("rdf:type")
ENDPOINT: Final = NamedNode(BASE + "sparql")
CATALOG: Final = NamedNode(VOID + "#catalog")
SERIES: Final = NamedNode(VOID + "#series")
PERIOD: Final = NamedNode(VOID + "#temporal-coverage")
AUTHORITY: Final = "http://publications.europa.eu/resource/authority/"
_KEYWORDS: Final = ("designation", "sanctions", "proscription", "military base", "knowledge graph")


class Service(NamedTuple):
    """An interface: its title, its address, the specification it follows."""

    title: str
    address: str
    specification: str


_CLASSES: Final = {
    "dcterms:license": "dcterms:LicenseDocument",
    "dcterms:conformsTo": "dcterms:Standard",
    "dcat:mediaType": "dcterms:MediaType",
    "dcat:compressFormat": "dcterms:MediaType",
    "dcat:landingPage": "foaf:Document",
    "foaf:homepage": "foaf:Document",
    "spdx:algorithm": "spdx:ChecksumAlgorithm",
}


SERVICES: Final[Mapping[str, Service]] = {
    "sparql": Service(
        "SPARQL endpoint", ENDPOINT.value, "https://www.w3.org/TR/sparql11-protocol/"
    ),
    "fragments": Service(
        "Triple Pattern Fragments",
        BASE + "ldf",
        "https://linkeddatafragments.org/specification/triple-pattern-fragments/",
    ),
}


def catalog(dataset: NamedNode, about: Set[Triple], published: Set[Triple]) -> Iterator[Triple]:
    """The catalogue with its dataset and services, and what DCAT-AP wants to know of both."""
    yield Triple(CATALOG, TYPE, term("dcat:Catalog"))
    # A series is a dataset, too: from it one comes to the releases.
    yield Triple(CATALOG, term("dcat:dataset"), dataset)
    yield Triple(CATALOG, term("dcat:dataset"), SERIES)
    yield Triple(CATALOG, term("foaf:homepage"), NamedNode(BASE))
    shared = (term("dcterms:publisher"), term("dcterms:license"))
    named = (*shared, *map(term, ("dcterms:title", "dcterms:description", "dcterms:modified")))
    for _, predicate, value in about:
        if predicate in named:
            yield Triple(CATALOG, predicate, value)
        if predicate in named[:-1]:
            yield Triple(SERIES, predicate, value)
    for name, service in SERVICES.items():
        yield from _service(NamedNode(f"{VOID}#{name}"), service, dataset)
        rights = ((p, o) for _, p, o in about if p in shared)
        yield from (Triple(NamedNode(f"{VOID}#{name}"), p, o) for p, o in rights)
    yield from _agents(about, published)
    yield from _dataset(dataset, about, published)


def kinds(described: Iterable[Triple]) -> Iterator[Triple]:
    """The classes that DCAT-AP wants of what the description leads to.

    The tables of the EU, which validators know, have those of languages, themes and file types.
    """
    classes = {term(name): term(kind) for name, kind in _CLASSES.items()}
    for triple in described:
        if triple.predicate in classes and isinstance(triple.object, NamedNode):
            yield Triple(triple.object, TYPE, classes[triple.predicate])


def _service(node: NamedNode, service: Service, dataset: NamedNode) -> Iterator[Triple]:
    yield Triple(CATALOG, term("dcat:service"), node)
    yield Triple(node, TYPE, term("dcat:DataService"))
    yield Triple(node, term("dcterms:title"), Literal(service.title, language="en"))
    yield Triple(node, term("dcat:endpointURL"), NamedNode(service.address))
    yield Triple(node, term("dcat:endpointDescription"), NamedNode(service.address))
    yield Triple(node, term("dcat:servesDataset"), dataset)
    yield Triple(node, term("dcterms:conformsTo"), NamedNode(service.specification))


def _agents(about: Iterable[Triple], published: Set[Triple]) -> Iterator[Triple]:
    """Publishers as DCAT-AP wants them, with a name."""
    publishers = {t.object for t in about if t.predicate == term("dcterms:publisher")}
    for triple in published:
        if triple.subject in publishers and triple.predicate == term("skos:prefLabel"):
            yield Triple(triple.subject, TYPE, term("foaf:Agent"))
            yield Triple(triple.subject, term("foaf:name"), triple.object)


def _dataset(
    dataset: NamedNode, about: Iterable[Triple], published: Set[Triple]
) -> Iterator[Triple]:
    yield Triple(SERIES, TYPE, term("dcat:DatasetSeries"))
    # Which releases it has is said there: none knows those that come after it.
    yield Triple(SERIES, term("dcat:landingPage"), NamedNode(BASE + "release/"))
    yield Triple(dataset, term("dcat:inSeries"), SERIES)
    yield Triple(dataset, term("dcat:landingPage"), NamedNode(BASE))
    yield Triple(dataset, term("dcterms:conformsTo"), NamedNode(ONTOLOGY))
    for name in ("language/ENG", "data-theme/INTR", "access-right/PUBLIC"):
        kind = name.partition("/")[0]
        predicate = {
            "language": "dcterms:language",
            "data-theme": "dcat:theme",
            "access-right": "dcterms:accessRights",
        }[kind]
        yield Triple(dataset, term(predicate), NamedNode(AUTHORITY + name))
    for keyword in _KEYWORDS:
        yield Triple(dataset, term("dcat:keyword"), Literal(keyword, language="en"))
    for _, predicate, value in about:
        if predicate == term("owl:versionInfo"):
            yield Triple(dataset, term("dcat:version"), value)
    yield from _coverage(dataset, published)


def _coverage(dataset: NamedNode, published: Set[Triple]) -> Iterator[Triple]:
    """The first and the last day that the data speaks of."""
    days = [
        triple.object
        for triple in published
        if triple.predicate.value.startswith(PREFIXES["dsg"])
        and isinstance(triple.object, Literal)
        and triple.object.datatype == term("xsd:date")
    ]
    if days:
        yield Triple(dataset, term("dcterms:temporal"), PERIOD)
        yield Triple(PERIOD, TYPE, term("dcterms:PeriodOfTime"))
        yield Triple(PERIOD, term("dcat:startDate"), min(days, key=lambda day: day.value))
        yield Triple(PERIOD, term("dcat:endDate"), max(days, key=lambda day: day.value))
