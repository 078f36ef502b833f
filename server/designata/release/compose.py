"""The files of a release, all in memory, before any of them is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from pyoxigraph import NamedNode, Triple

from designata.release.check import Checked
from designata.release.describe import dataset_of, describe
from designata.release.downloads import WHOLE, Download
from designata.release.formats import QUAD_FORMATS, TRIPLE_FORMATS, n_quads, trig, turtle
from designata.release.jsonld import context_document
from designata.release.parts import PARTS, parts
from designata.release.publish import SUMS, File, checksums
from designata.release.sources import Source
from designata.release.tables import MEDIA_TYPE, TABLES, tables
from designata.vocabulary import EXAMPLES, ONTOLOGY, SHAPES, VOID

Triples = frozenset[Triple]


class Composed(NamedTuple):
    """The files by name, and what the manifest says besides them."""

    files: Mapping[str, File]
    facts: Mapping[str, object]


def compose(source: Source, derived: Triples, checked: Checked) -> Composed:
    """Every file of the release but its manifest."""
    ontology = frozenset(source.graph("ontology"))
    shapes = frozenset(source.graph("shapes"))
    stated = frozenset(source.graph("data"))
    published = stated | derived | ontology
    dataset, version = dataset_of(stated)
    files = _triple_files(published, dataset)
    files |= {name: File(MEDIA_TYPE, content) for name, content in tables(published).items()}
    files |= {name: File("text/turtle", content) for name, content in parts(published).items()}
    # The description inside the quad files cannot hold their own digests; void.ttl holds all.
    described = frozenset(describe(published, dataset, _downloads(files)))
    questions = source.questions() & stated
    named = {
        NamedNode(EXAMPLES): questions,
        NamedNode(ONTOLOGY): ontology,
        NamedNode(SHAPES): shapes,
        NamedNode(VOID): described,
    }
    files |= _quad_files((stated | derived) - questions, named, dataset)
    for name, main, triples in (
        ("ontology.ttl", ONTOLOGY, ontology),
        ("shapes.ttl", SHAPES, shapes),
        ("void.ttl", VOID, frozenset(describe(published, dataset, _downloads(files)))),
    ):
        files[name] = File("text/turtle", turtle(triples, NamedNode(main)))
    files["context.jsonld"] = File("application/ld+json", context_document(published))
    files["report.ttl"] = File("text/turtle", checked.turtle)
    files["report.txt"] = File("text/plain", checked.text)
    files[SUMS] = File("text/plain", checksums(files))
    return Composed(files, _facts(files, version, len(published)))


def _triple_files(published: Triples, dataset: NamedNode) -> dict[str, File]:
    return {
        f"{WHOLE}.{suffix}": File(syntax.media_type, syntax.write(published, dataset))
        for suffix, syntax in TRIPLE_FORMATS.items()
    }


def _quad_files(
    default: Triples, named: Mapping[NamedNode, Triples], dataset: NamedNode
) -> dict[str, File]:
    disjoint = _disjoint(default, named)
    content = {"trig": trig(default, disjoint, dataset), "nq": n_quads(default, disjoint)}
    return {
        f"{WHOLE}.{suffix}": File(media_type, content[suffix])
        for suffix, media_type in QUAD_FORMATS.items()
    }


def _disjoint(default: Triples, named: Mapping[NamedNode, Triples]) -> dict[NamedNode, Triples]:
    """The named graphs without what an earlier graph says: a union would count it twice."""
    seen, graphs = set(default), {}
    for name, triples in named.items():
        graphs[name] = triples - seen
        seen |= triples
    return graphs


def _downloads(files: Mapping[str, File]) -> list[Download]:
    """The downloads of the dataset; those not yet written have neither size nor digest."""
    types = {suffix: syntax.media_type for suffix, syntax in TRIPLE_FORMATS.items()}
    whole = {f"{WHOLE}.{suffix}": kind for suffix, kind in {**types, **QUAD_FORMATS}.items()}
    some = {name: files[name].media_type for name in (*TABLES, *PARTS) if name in files}
    return [Download(name, kind, files.get(name)) for name, kind in {**whole, **some}.items()]


def _facts(files: Mapping[str, File], version: str, triples: int) -> dict[str, object]:
    quads = files[f"{WHOLE}.nq"]
    return {
        "id": f"{version}-{quads.sha256[:12]}",
        "quads": quads.content.count(b"\n"),
        "triples": triples,
        "version": version,
    }
