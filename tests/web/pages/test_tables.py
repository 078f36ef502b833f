"""Documents as tables and as features, for programs that read no RDF."""

import csv
import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from pyoxigraph import Literal, RdfFormat, parse

from designata.vocabulary import BASE
from designata.web.features import read_wkt, write_features
from designata.web.graph import Fact, iri

HTS = "/doc/organization/hayat-tahrir-al-sham"
BASE_THERE = "/doc/base/hmeimim"


@pytest.mark.parametrize(
    ("suffix", "media_type", "content_type"),
    [
        ("csv", "text/csv", "text/csv; charset=utf-8"),
        ("geojson", "application/geo+json", "application/geo+json"),
    ],
)
def test_a_thing_can_be_had_as_a_table_and_as_features(
    small: FlaskClient, suffix: str, media_type: str, content_type: str
) -> None:
    fixed = small.get(f"{HTS}.{suffix}", headers={"Accept": "text/html"})
    assert (fixed.status_code, fixed.headers["Content-Type"]) == (200, content_type)
    assert fixed.headers["Content-Location"] == f"{HTS}.{suffix}"
    assert f'<{HTS}.{suffix}>; rel="alternate"; type="{media_type}"' in fixed.headers["Link"]
    asked = small.get(HTS, headers={"Accept": media_type})
    assert (asked.data, asked.headers["ETag"]) == (fixed.data, fixed.headers["ETag"])
    assert small.get(f"{HTS}?format={suffix}").data == fixed.data
    assert small.head(f"{HTS}.{suffix}").headers["ETag"] == fixed.headers["ETag"]
    assert small.get(f"/ontology.{suffix}").status_code == 404
    assert small.get("/ontology", headers={"Accept": media_type}).status_code == 406


def test_the_table_has_a_row_for_each_triple(small: FlaskClient) -> None:
    header, *rows = csv.reader(small.get(f"{HTS}.csv").text.splitlines(keepends=True))
    assert header == ["subject", "predicate", "object", "datatype", "language"]
    expected = set()
    for quad in parse(small.get(f"{HTS}.nt").data, RdfFormat.N_TRIPLES):
        value = quad.object
        about = (
            [value.datatype.value, value.language or ""] if isinstance(value, Literal) else ["", ""]
        )
        expected.add((quad.subject.value, quad.predicate.value, value.value, *about))
    assert {tuple(row) for row in rows} == expected
    assert len(rows) == len(expected)


def test_features_have_positions_and_names(small: FlaskClient) -> None:
    found: Any = small.get(f"{BASE_THERE}.geojson").json
    features = {one["id"]: one for one in found["features"]}
    there = features[f"{BASE}id/base/hmeimim"]
    assert there["geometry"] == {"type": "Point", "coordinates": [35.9487, 35.4011]}
    assert there["properties"] == {"name": "Hmeimim Air Base"}


@pytest.mark.parametrize(
    ("latitude", "longitude", "is_there"),
    [("-90", "180", True), ("90.5", "38", False), ("35", "-181", False), ("NaN", "38", False)],
)
def test_a_position_is_on_earth(latitude: str, longitude: str, is_there: bool) -> None:
    axes = {"wgs84:lat": latitude, "wgs84:long": longitude}
    facts = [Fact("urn:base", iri(axis), Literal(value)) for axis, value in axes.items()]
    features = json.loads(write_features(facts))["features"]
    places = [one["geometry"]["coordinates"] for one in features]
    assert places == ([[float(longitude), float(latitude)]] if is_there else [])


def test_without_a_position_there_are_no_features(small: FlaskClient) -> None:
    found: Any = small.get("/doc/act/hts--us-fto--listing.geojson").json
    assert found == {"type": "FeatureCollection", "features": []}


@pytest.mark.parametrize(
    ("text", "geometry"),
    [
        ("POINT(35.9 -1)", {"type": "Point", "coordinates": [35.9, -1]}),
        ("point (1e1 2 )", {"type": "Point", "coordinates": [10.0, 2]}),
        (
            "<http://www.opengis.net/def/crs/OGC/1.3/CRS84> LINESTRING (0 1, 2 3)",
            {"type": "LineString", "coordinates": [[0, 1], [2, 3]]},
        ),
        (
            "POLYGON ((0 0, 1 0, 1 1, 0 0))",
            {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]},
        ),
        ("<http://www.opengis.net/def/crs/EPSG/0/4326> POINT(1 2)", None),
        ("POINT EMPTY", None),
        ("POINT(x y)", None),
        ("POINT Z (1 2 3)", {"type": "Point", "coordinates": [1, 2, 3]}),
        ("POINT(1 2 3)", {"type": "Point", "coordinates": [1, 2, 3]}),
        ("MULTIPOINT((1 2), (3 4))", {"type": "MultiPoint", "coordinates": [[1, 2], [3, 4]]}),
        ("MULTIPOINT(1 2, 3 4)", {"type": "MultiPoint", "coordinates": [[1, 2], [3, 4]]}),
        ("CIRCLE(1 2)", None),
        ("POINT()", None),
        ("", None),
    ],
)
def test_a_geometry_is_read_from_text(text: str, geometry: object) -> None:
    assert read_wkt(text) == geometry
