"""The releases as versions of the dataset and as members of a series, in DCAT 3.

A release cannot name itself, and knows none that comes after it: in which order they came is known
to the server alone, which says it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from pyoxigraph import Literal, NamedNode

from designata.store.directory import Release
from designata.vocabulary import BASE, VOID, term
from designata.web.description import DATASET
from designata.web.graph import Fact, Graph, Term, iri, plain

SERIES: Final = VOID + "#series"
CATALOG: Final = VOID + "#catalog"
_MEDIA_TYPES: Final = "https://www.iana.org/assignments/media-types/"
_SHARED: Final = (
    "dcat:keyword",
    "dcterms:description",
    "dcterms:language",
    "dcterms:license",
    "dcterms:modified",
    "dcterms:publisher",
)


class Version(NamedTuple):
    """A release, when it came here (in nanoseconds), and what it says of the dataset."""

    release: Release
    came: int
    about: Graph

    @property
    def iri(self) -> str:
        """The IRI of the dataset as it is in this release."""
        return f"{BASE}release/{self.release.id}/"

    @property
    def day(self) -> str | None:
        """The day of its data."""
        return self.about.text(DATASET, "dcterms:modified")

    def said_of(self, *things: str) -> Iterator[Fact]:
        """What the release says of some things."""
        return (one for one in self.about.facts if one.subject in things)


def facts_of(version: Version) -> Iterator[Fact]:
    """What makes the release a version of the dataset."""
    name = version.iri
    title = version.about.text(DATASET, "dcterms:title") or "Dataset"
    yield _fact(name, "rdf:type", term("dcat:Dataset"))
    yield _fact(name, "dcterms:title", Literal(f"{title}, {version.release.id}", language="en"))
    yield _fact(name, "dcterms:identifier", Literal(version.release.id))
    yield _fact(name, "dcat:version", Literal(version.release.id))
    yield _fact(name, "dcat:isVersionOf", NamedNode(DATASET))
    yield _fact(name, "dcat:inSeries", NamedNode(SERIES))
    yield _fact(name, "dcat:landingPage", NamedNode(name))
    for curie in _SHARED:
        yield from (_fact(name, curie, value) for value in version.about.objects(DATASET, curie))
    yield from version.said_of(*publishers(version.about))
    yield from _facts_of_files(version)


def facts_of_series(versions: Sequence[Version], current: Version) -> Iterator[Fact]:
    """All releases, the newest first, and which of them is served; the catalogue leads to them."""
    yield from current.said_of(CATALOG, SERIES)
    yield _fact(SERIES, "rdf:type", term("dcat:DatasetSeries"))
    yield _fact(DATASET, "dcat:hasCurrentVersion", NamedNode(current.iri))
    yield _fact(SERIES, "dcat:last", NamedNode(versions[0].iri))
    for one in versions:
        yield _fact(DATASET, "dcat:hasVersion", NamedNode(one.iri))
        yield _fact(CATALOG, "dcat:dataset", NamedNode(one.iri))
        yield from facts_of(one)
    for later, earlier in pairwise(versions):
        for curie in ("dcat:previousVersion", "dcat:prev"):
            yield _fact(later.iri, curie, NamedNode(earlier.iri))


def publishers(about: Graph) -> Sequence[str]:
    """Who publishes the dataset."""
    return [plain(one) for one in about.objects(DATASET, "dcterms:publisher")]


def _facts_of_files(version: Version) -> Iterator[Fact]:
    """The files of a release as distributions."""
    license_ = version.about.value(DATASET, "dcterms:license")
    for name, said in version.release.manifest["files"].items():
        node, address = f"{version.iri}#{name}", NamedNode(version.iri + name)
        checksum = NamedNode(f"{version.iri}#sha256-{name}")
        size = Literal(str(said["bytes"]), datatype=term("xsd:nonNegativeInteger"))
        digest = Literal(said["sha256"], datatype=term("xsd:hexBinary"))
        yield _fact(version.iri, "dcat:distribution", NamedNode(node))
        yield _fact(node, "rdf:type", term("dcat:Distribution"))
        yield _fact(node, "dcterms:title", Literal(name))
        yield _fact(node, "dcat:accessURL", address)
        yield _fact(node, "dcat:downloadURL", address)
        yield _fact(node, "dcat:mediaType", NamedNode(_MEDIA_TYPES + said["mediaType"]))
        yield _fact(node, "dcat:byteSize", size)
        yield _fact(node, "spdx:checksum", checksum)
        yield _fact(checksum.value, "rdf:type", term("spdx:Checksum"))
        yield _fact(checksum.value, "spdx:algorithm", term("spdx:checksumAlgorithm_sha256"))
        yield _fact(checksum.value, "spdx:checksumValue", digest)
        if license_:
            yield _fact(node, "dcterms:license", license_)


def _fact(subject: str, curie: str, value: Term) -> Fact:
    return Fact(subject, iri(curie), value)
