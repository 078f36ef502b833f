"""Pages in the terms of schema.org, embedded in their HTML for search engines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final

from pyoxigraph import Literal, NamedNode

from designata.vocabulary import BASE, VOID
from designata.web import published
from designata.web.asking import ask
from designata.web.description import DATASET
from designata.web.description import dataset as whole
from designata.web.graph import Graph, plain
from designata.web.links import local
from designata.web.made import HOST
from designata.web.positions import position
from designata.web.serving import served
from designata.web.things import Thing, Value

CONTEXT: Final = "https://schema.org/"
_TYPES: Final[Mapping[str, str]] = {
    "agent": "Organization",
    "base": "Place",
    "citation": "CreativeWork",
    "claim": "Claim",
    "code": "DefinedTerm",
    "dataset": "Dataset",
    "event": "Event",
    "instrument": "Legislation",
    "list": "CreativeWork",
    "organization": "Organization",
    "place": "Place",
    "scheme": "DefinedTermSet",
    "source": "CreativeWork",
}
_STATES: Final = ("state", "intergovernmental")


def type_of(thing: Thing) -> str:
    """The class of schema.org that fits a thing, by its name."""
    kinds = {one.code for one in thing.things("dsg:actorKind")}
    if any(kind.startswith(_STATES) for kind in kinds):
        return "GovernmentOrganization"
    if "ngo" in kinds:
        return "NGO"
    if thing.kind == "place" and "country" in {one.code for one in thing.things("dsg:placeKind")}:
        return "Country"
    return _TYPES.get(thing.kind or "", "Thing")


def _belongs_to() -> Mapping[str, str] | None:
    """The dataset that a page belongs to, as far as that is known."""
    iri, licence = whole()
    if not iri:
        return None
    licensed = {"license": licence} if licence else {}
    return {"@type": "Dataset", "@id": iri, "name": "Designata", **licensed}


def about(thing: Thing) -> dict[str, Any]:
    """What a page says about one thing."""
    page = HOST.rstrip("/") + local(thing.iri)
    names = _texts([*thing.all("skos:prefLabel"), *thing.all("skos:altLabel")])
    described: dict[str, Any] = {
        "@context": CONTEXT,
        "@type": type_of(thing),
        "@id": thing.iri,
        "name": thing.label.value,
        "alternateName": [name for name in names if name != thing.label.value],
        "identifier": thing.compact,
        "url": page,
        "mainEntityOfPage": page,
        "sameAs": [one.iri for one in thing.things("skos:exactMatch")],
        "geo": _position(thing),
        "startDate": _first_day(thing) if thing.kind == "event" else None,
        "location" if thing.kind == "event" else "containedInPlace": [
            {"@id": one.iri} for one in _places(thing)
        ],
        "parentOrganization": [{"@id": one.iri} for one in thing.things("org:subOrganizationOf")],
        "subjectOf": _belongs_to(),
    }
    return {name: value for name, value in described.items() if value}


def _first_day(event: Thing) -> str | None:
    """The day on which it began, where that is known."""
    first = next(iter(event.periods), None)
    if first is None or first.start_earliest is None or first.start_earliest != first.start_latest:
        return None
    return first.start_earliest.isoformat()


def dataset() -> dict[str, Any]:
    """What the home page says about the dataset; nothing where no release is served."""
    release = served().release
    if release is None:
        return {}
    return _dataset(release.id) | {"url": HOST}


@lru_cache(maxsize=2)
def _dataset(release_id: str) -> dict[str, Any]:
    graph = published.graph_of("void")
    days = [value.value for value in _periods(graph)]
    found = {
        "@context": CONTEXT,
        "@type": "Dataset",
        "@id": DATASET,
        "name": graph.text(DATASET, "dcterms:title"),
        "description": graph.text(DATASET, "dcterms:description"),
        "identifier": BASE,
        "license": graph.text(DATASET, "dcterms:license"),
        "version": graph.text(DATASET, "owl:versionInfo"),
        "dateModified": graph.text(DATASET, "dcterms:modified"),
        "keywords": [plain(one) for one in graph.objects(DATASET, "dcat:keyword")],
        "temporalCoverage": "/".join(days),
        "spatialCoverage": _countries(),
        "isAccessibleForFree": True,
        "creator": {"@type": "Organization", "name": "Designata", "url": BASE},
        "isBasedOn": [plain(one) for one in graph.objects(DATASET, "dcterms:source")],
        "includedInDataCatalog": {"@type": "DataCatalog", "name": "Designata", "url": VOID},
        "distribution": _downloads(graph),
    }
    return {name: value for name, value in found.items() if value}


def _countries() -> list[dict[str, str]]:
    """Where the bases are."""
    found = ask("countries")
    return [
        {"@type": "Country", "@id": row["country"].value, "name": row["name"].value}
        for row in found
    ]


def _downloads(graph: Graph) -> list[dict[str, Any]]:
    """The files as they are; how each may be packed is for DCAT, which has words for it."""
    nodes = map(plain, graph.objects(DATASET, "dcat:distribution"))
    return [
        _download(graph, node)
        for node in sorted(nodes)
        if not graph.value(node, "dcat:compressFormat")
    ]


def _download(graph: Graph, node: str) -> dict[str, Any]:
    checksum = graph.text(node, "spdx:checksum")
    media_type = (graph.text(node, "dcat:mediaType") or "").partition("/media-types/")[2]
    size = graph.text(node, "dcat:byteSize")
    found = {
        "@type": "DataDownload",
        "name": graph.text(node, "dcterms:title"),
        "encodingFormat": media_type,
        "contentUrl": graph.text(node, "dcat:downloadURL"),
        "contentSize": f"{size} B" if size else None,
        "sha256": graph.text(checksum, "spdx:checksumValue") if checksum else None,
    }
    return {name: value for name, value in found.items() if value}


def _periods(graph: Graph) -> list[Literal]:
    node = graph.value(DATASET, "dcterms:temporal")
    if not isinstance(node, NamedNode):
        return []
    days = (graph.value(node.value, f"dcat:{end}Date") for end in ("start", "end"))
    return [day for day in days if isinstance(day, Literal)]


def _texts(values: Iterable[Value]) -> list[str]:
    return list(dict.fromkeys(one.value for one in values if not isinstance(one, Thing)))


def _places(thing: Thing) -> list[Thing]:
    return [*thing.things("dsg:inPlace"), *thing.things("dsg:hostCountry")]


def _position(thing: Thing) -> dict[str, Any] | None:
    found = position(thing)
    if found is None:
        return None
    return {"@type": "GeoCoordinates", "latitude": found[0], "longitude": found[1]}
