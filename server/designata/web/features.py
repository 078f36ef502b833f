"""The positions in a document as GeoJSON (RFC 7946), for maps."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from pyoxigraph import Literal

from designata.web.graph import Fact, Graph, iri, plain
from designata.web.labels import own_label
from designata.web.positions import finite, on_earth

_KINDS: Final = {
    one.upper(): one
    for one in (
        *("Point", "LineString", "Polygon"),
        *("MultiPoint", "MultiLineString", "MultiPolygon"),
    )
}
_WKT: Final = re.compile(
    r"\s*(?:<http://www\.opengis\.net/def/crs/OGC/1\.3/CRS84>)?"
    r"\s*([A-Za-z]+)\s*(?:Z\s*)?(\(.*\))\s*",
    re.DOTALL,
)
_NUMBER: Final = r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?"
_PLACE: Final = re.compile(rf"({_NUMBER})\s+({_NUMBER})(?:\s+({_NUMBER}))?")


def write_features(facts: Iterable[Fact]) -> bytes:
    """A feature for each thing with a position; a collection of none where nothing has one."""
    graph = Graph(facts)
    found = dict(_points(graph)) | dict(_geometries(graph))
    features = [_feature(graph, thing, found[thing]) for thing in sorted(found)]
    document = {"type": "FeatureCollection", "features": features}
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def _feature(graph: Graph, thing: str, geometry: Mapping[str, Any]) -> Mapping[str, Any]:
    label = own_label(graph, thing)
    properties = {"name": label.value} if label else {}
    return {"type": "Feature", "id": thing, "geometry": geometry, "properties": properties}


def _points(graph: Graph) -> Iterable[tuple[str, Mapping[str, Any]]]:
    """The things that state a latitude and a longitude."""
    for one in graph.facts:
        if one.predicate == iri("wgs84:lat"):
            longitude = graph.text(one.subject, "wgs84:long") or ""
            place = on_earth(finite(plain(one.object)), finite(longitude))
            if place:
                yield one.subject, {"type": "Point", "coordinates": place[::-1]}


def _geometries(graph: Graph) -> Iterable[tuple[str, Mapping[str, Any]]]:
    """The things with a geometry as text, and geometries that belong to none of them."""
    for one in graph.facts:
        if one.predicate == iri("geo:asWKT") and isinstance(one.object, Literal):
            geometry = read_wkt(one.object.value)
            for thing in graph.subjects("geo:hasGeometry", one.subject) or [one.subject]:
                if geometry:
                    yield thing, geometry


def read_wkt(text: str) -> Mapping[str, Any] | None:
    """The geometry of a text in longitude and latitude; None where it is of another kind."""
    found = _WKT.fullmatch(text)
    kind = _KINDS.get(found[1].upper()) if found else None
    if not found or not kind:
        return None
    places = _PLACE.sub(_position, found[2]).replace("(", "[").replace(")", "]")
    try:
        coordinates = json.loads(places)
    except ValueError:
        return None
    if not coordinates:
        return None
    if kind == "MultiPoint":
        # Each point may have brackets of its own.
        coordinates = [one[0] if isinstance(one[0], list) else one for one in coordinates]
    return {"type": kind, "coordinates": coordinates[0] if kind == "Point" else coordinates}


def _position(found: re.Match[str]) -> str:
    """Longitude, latitude and perhaps a height in metres, as JSON."""
    return f"[{','.join(filter(None, found.groups()))}]"
