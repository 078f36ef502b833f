"""What a release says of itself: VoID counts, and a DCAT catalogue of its downloads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from typing import Final, NamedTuple

from pyoxigraph import Literal, NamedNode, Triple

from designata.errors import InvalidDataset
from designata.release.partitions import partitions
from designata.release.publish import File
from designata.release.terms import iri, whole_number
from designata.vocabulary import BASE, ONTOLOGY, PREFIXES, VOID, term

TYPE: Final = term("rdf:type")
DOWNLOADS: Final = BASE + "release/latest/"
ENDPOINT: Final = NamedNode(BASE + "sparql")
CATALOG: Final = NamedNode(VOID + "#catalog")
SERVICE: Final = NamedNode(VOID + "#sparql")
VERSION: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+_-]*")
FORMAT_NAMES: Final[Mapping[str, str]] = {
    "ttl": "Turtle",
    "nt": "N-Triples",
    "jsonld": "JSON-LD",
    "rdf": "RDF_XML",
    "trig": "TriG",
    "nq": "N-Quads",
}
Value = NamedNode | Literal


class Download(NamedTuple):
    """A file to be offered, with its content unless the file would hold its own digest."""

    name: str
    media_type: str
    file: File | None


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
    described.update(_catalog(dataset, about))
    for download in downloads:
        described.update(_distribution(dataset, about, download))
    return described


def _document(dataset: NamedNode) -> Iterator[Triple]:
    page = NamedNode(VOID)
    yield Triple(page, TYPE, term("void:DatasetDescription"))
    yield Triple(page, term("foaf:primaryTopic"), dataset)
    yield Triple(page, term("foaf:topic"), CATALOG)
    yield Triple(page, term("dcterms:title"), Literal("Description of the dataset", language="en"))


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


def _catalog(dataset: NamedNode, about: Iterable[Triple]) -> Iterator[Triple]:
    yield Triple(CATALOG, TYPE, term("dcat:Catalog"))
    yield Triple(CATALOG, term("dcat:dataset"), dataset)
    yield Triple(CATALOG, term("dcat:service"), SERVICE)
    yield Triple(SERVICE, TYPE, term("dcat:DataService"))
    yield Triple(SERVICE, term("dcterms:title"), Literal("SPARQL endpoint", language="en"))
    yield Triple(SERVICE, term("dcat:endpointURL"), ENDPOINT)
    yield Triple(SERVICE, term("dcat:servesDataset"), dataset)
    yield Triple(
        SERVICE, term("dcterms:conformsTo"), NamedNode("https://www.w3.org/TR/sparql11-protocol/")
    )
    shared = (term("dcterms:publisher"), term("dcterms:license"))
    named = (*shared, term("dcterms:title"), term("dcterms:description"))
    for _, predicate, value in about:
        if predicate in named:
            yield Triple(CATALOG, predicate, value)
        if predicate in shared:
            yield Triple(SERVICE, predicate, value)


def _distribution(
    dataset: NamedNode, about: Iterable[Triple], download: Download
) -> Iterator[Triple]:
    suffix = download.name.rpartition(".")[2]
    node, file = NamedNode(f"{VOID}#distribution-{suffix}"), NamedNode(DOWNLOADS + download.name)
    syntax = FORMAT_NAMES[suffix]
    media_type = f"https://www.iana.org/assignments/media-types/{download.media_type}"
    yield Triple(dataset, term("dcat:distribution"), node)
    yield Triple(dataset, term("void:dataDump"), file)
    yield Triple(dataset, term("void:feature"), NamedNode("http://www.w3.org/ns/formats/" + syntax))
    yield Triple(node, TYPE, term("dcat:Distribution"))
    title = f"The whole dataset as {syntax.replace('_', '/')}"
    yield Triple(node, term("dcterms:title"), Literal(title, language="en"))
    yield Triple(node, term("dcat:downloadURL"), file)
    yield Triple(node, term("dcat:mediaType"), NamedNode(media_type))
    yield from (Triple(node, p, o) for _, p, o in about if p == term("dcterms:license"))
    if download.file is not None:
        checksum = NamedNode(f"{VOID}#checksum-{suffix}")
        size = Literal(str(len(download.file.content)), datatype=term("xsd:nonNegativeInteger"))
        digest = Literal(download.file.sha256, datatype=term("xsd:hexBinary"))
        yield Triple(node, term("dcat:byteSize"), size)
        yield Triple(node, term("spdx:checksum"), checksum)
        yield Triple(checksum, TYPE, term("spdx:Checksum"))
        yield Triple(checksum, term("spdx:algorithm"), term("spdx:checksumAlgorithm_sha256"))
        yield Triple(checksum, term("spdx:checksumValue"), digest)
