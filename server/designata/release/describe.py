"""What a release says of itself: VoID counts, and a DCAT catalogue of its downloads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from designata.errors import InvalidDataset
from designata.release.catalog import CATALOG, ENDPOINT, catalog, kinds
from designata.release.downloads import Download, distribution
from designata.release.partitions import partitions
from designata.release.terms import iri, whole_number
from designata.vocabulary import BASE, ONTOLOGY, PREFIXES, VOID, term

TYPE: Final = term("rdf:type")
VERSION: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+_-]*")


def dataset_of(data: Iterable[Triple]) -> tuple[NamedNode, str]:
    """The dataset that the data describes, and its version."""
    triples = set(data)
    datasets = {
        triple.subject
        for triple in triples
        if triple.predicate == TYPE
        and triple.object in (term("dcat:Dataset"), term("void:Dataset"))
    }
    found = [
        (iri(triple.subject), triple.object.value)
        for triple in triples
        if triple.predicate == term("owl:versionInfo")
        and triple.subject in datasets
        and isinstance(triple.object, Literal)
    ]
    if len(found) != 1:
        raise InvalidDataset(
            f"data/: {len(found)} datasets with an owl:versionInfo; "
            "exactly one dcat:Dataset must say the version of the release"
        )
    if not VERSION.fullmatch(found[0][1]):
        raise InvalidDataset(f"data/: owl:versionInfo {found[0][1]!r} cannot name a directory")
    return found[0]


def describe(published: Set[Triple], dataset: NamedNode, downloads: list[Download]) -> set[Triple]:
    """The description of the dataset whose default graph is published, as triples."""
    about = {triple for triple in published if triple.subject == dataset}
    described = set(about)
    described.update(_document(dataset))
    described.update(_counts(published, dataset))
    described.update(partitions(published, dataset))
    described.update(catalog(dataset, about, published))
    described.update(declarations())
    for download in downloads:
        described.update(distribution(dataset, about, download))
    return described.union(kinds(described))


def _document(dataset: NamedNode) -> Iterator[Triple]:
    page = NamedNode(VOID)
    yield Triple(page, TYPE, term("void:DatasetDescription"))
    yield Triple(page, term("foaf:primaryTopic"), dataset)
    yield Triple(page, term("foaf:topic"), CATALOG)
    yield Triple(page, term("dcterms:title"), Literal("Description of the dataset", language="en"))


def declarations() -> Iterator[Triple]:
    """The prefixes, as editors of queries look for them in an endpoint."""
    page = NamedNode(VOID)
    datatype = term("xsd:anyURI")
    for prefix, namespace in PREFIXES.items():
        node = NamedNode(f"{VOID}#prefix-{prefix}")
        yield Triple(page, term("sh:declare"), node)
        yield Triple(node, TYPE, term("sh:PrefixDeclaration"))
        yield Triple(node, term("sh:prefix"), Literal(prefix))
        yield Triple(node, term("sh:namespace"), Literal(namespace, datatype=datatype))


def _counts(published: Set[Triple], dataset: NamedNode) -> Iterator[Triple]:
    subjects = {iri(triple.subject) for triple in published}
    things = [node for node in subjects if node.value.startswith(BASE + "id/")]
    counts = {
        "void:triples": len(published),
        "void:entities": len(things),
        "void:distinctSubjects": len(subjects),
        "void:distinctObjects": len({triple.object for triple in published}),
        "void:classes": len({triple.object for triple in published if triple.predicate == TYPE}),
        "void:properties": len({triple.predicate for triple in published}),
    }
    for name, count in counts.items():
        yield Triple(dataset, term(name), whole_number(count))
    yield Triple(dataset, TYPE, term("void:Dataset"))
    yield Triple(dataset, TYPE, term("dcat:Dataset"))
    yield Triple(dataset, term("void:uriSpace"), Literal(BASE + "id/"))
    yield Triple(dataset, term("void:sparqlEndpoint"), ENDPOINT)
    for example in _examples(published):
        yield Triple(dataset, term("void:exampleResource"), example)
    for namespace in _vocabularies(published):
        yield Triple(dataset, term("void:vocabulary"), NamedNode(namespace))


def _examples(published: Set[Triple]) -> list[NamedNode]:
    """The first instance, by IRI, of each of the classes that the project is about."""
    classes = [term("dsg:" + name) for name in ("Organization", "Designation", "MilitaryBase")]
    found = (
        [iri(t.subject) for t in published if t.predicate == TYPE and t.object == kind]
        for kind in classes
    )
    return [min(nodes, key=str) for nodes in found if nodes]


def _vocabularies(published: Set[Triple]) -> list[str]:
    terms = {triple.predicate.value for triple in published}
    terms.update(iri(triple.object).value for triple in published if triple.predicate == TYPE)
    used = {name[: max(name.rfind("#"), name.rfind("/")) + 1] for name in terms}
    return sorted((used & set(PREFIXES.values())) | {ONTOLOGY + "#"})
