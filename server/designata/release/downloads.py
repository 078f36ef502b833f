"""The downloads of a release as distributions of DCAT and dumps of VoID."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from pyoxigraph import Literal, NamedNode, Triple

from designata.release.catalog import AUTHORITY, TYPE
from designata.release.publish import File
from designata.store.directory import ARCHIVES
from designata.vocabulary import BASE, VOID, term

WHOLE: Final = "designata"
DOWNLOADS: Final = BASE + "release/latest/"
_MEDIA_TYPES: Final = "https://www.iana.org/assignments/media-types/"


class Syntax(NamedTuple):
    """What a download is written in: its name, its VoID feature and its EU file type."""

    name: str
    feature: str | None
    file_type: str


SYNTAXES: Final[Mapping[str, Syntax]] = {
    "ttl": Syntax("Turtle", "Turtle", "RDF_TURTLE"),
    "nt": Syntax("N-Triples", "N-Triples", "RDF_N_TRIPLES"),
    "jsonld": Syntax("JSON-LD", "JSON-LD", "JSON_LD"),
    "rdf": Syntax("RDF/XML", "RDF_XML", "RDF_XML"),
    "trig": Syntax("TriG", "TriG", "RDF_TRIG"),
    "nq": Syntax("N-Quads", "N-Quads", "RDF_N_QUADS"),
    "csv": Syntax("CSV", None, "CSV"),
}


class Download(NamedTuple):
    """A file to be offered, with its content unless the file would hold its own digest."""

    name: str
    media_type: str
    file: File | None

    @property
    def title(self) -> str:
        """What it is, in words."""
        stem, _, suffix = self.name.rpartition(".")
        what = "The whole dataset" if stem == WHOLE else stem.capitalize()
        return f"{what} as {SYNTAXES[suffix].name}"


def distribution(
    dataset: NamedNode, about: Iterable[Triple], download: Download
) -> Iterator[Triple]:
    """A download, and the same packed in two ways."""
    stem, _, suffix = download.name.rpartition(".")
    key = suffix if stem == WHOLE else f"{suffix}-{stem}"
    node = NamedNode(f"{VOID}#distribution-{key}")
    rights = [(p, o) for _, p, o in about if p == term("dcterms:license")]
    for end, compression in (("", None), *ARCHIVES.items()):
        one = NamedNode(node.value + end.replace(".", "-"))
        yield from _file(dataset, one, download, end)
        yield from (Triple(one, p, o) for p, o in rights)
        if compression:
            yield Triple(one, term("dcat:compressFormat"), NamedNode(_MEDIA_TYPES + compression))
    feature = SYNTAXES[suffix].feature
    if feature and stem == WHOLE:
        formats = NamedNode("http://www.w3.org/ns/formats/" + feature)
        yield Triple(dataset, term("void:dataDump"), NamedNode(DOWNLOADS + download.name))
        yield Triple(dataset, term("void:feature"), formats)
    if download.file is not None:
        yield from _digest(node, NamedNode(f"{VOID}#checksum-{key}"), download.file)


def _file(dataset: NamedNode, node: NamedNode, download: Download, end: str) -> Iterator[Triple]:
    address = NamedNode(DOWNLOADS + download.name + end)
    syntax = SYNTAXES[download.name.rpartition(".")[2]]
    title = download.title + (f", packed with {ARCHIVES[end].partition('/')[2]}" if end else "")
    yield Triple(dataset, term("dcat:distribution"), node)
    yield Triple(node, TYPE, term("dcat:Distribution"))
    yield Triple(node, term("dcterms:title"), Literal(title, language="en"))
    yield Triple(node, term("dcat:accessURL"), address)
    yield Triple(node, term("dcat:downloadURL"), address)
    yield Triple(node, term("dcat:mediaType"), NamedNode(_MEDIA_TYPES + download.media_type))
    file_type = NamedNode(f"{AUTHORITY}file-type/{syntax.file_type}")
    yield Triple(node, term("dcterms:format"), file_type)


def _digest(node: NamedNode, checksum: NamedNode, file: File) -> Iterator[Triple]:
    size = Literal(str(len(file.content)), datatype=term("xsd:nonNegativeInteger"))
    digest = Literal(file.sha256, datatype=term("xsd:hexBinary"))
    yield Triple(node, term("dcat:byteSize"), size)
    yield Triple(node, term("spdx:checksum"), checksum)
    yield Triple(checksum, TYPE, term("spdx:Checksum"))
    yield Triple(checksum, term("spdx:algorithm"), term("spdx:checksumAlgorithm_sha256"))
    yield Triple(checksum, term("spdx:checksumValue"), digest)
