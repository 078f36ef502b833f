"""The files of a release in codings: packed when built, ranges of each, the tables as CSV."""

import csv
import gzip
import hashlib
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import brotli
import pytest
import zstandard
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from designata.store.directory import Release
from designata.web import packed
from designata.web.cache import Stretch
from designata.web.coding import liked

TURTLE = "/release/latest/designata.ttl"
UNPACK = {"gzip": gzip.decompress, "br": brotli.decompress, None: bytes}


def get(site: FlaskClient, path: str, headers: Mapping[str, str] | None = None) -> TestResponse:
    return site.get(path, headers=headers, follow_redirects=True)


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        (None, None),
        ("gzip", "gzip"),
        ("br", "br"),
        ("gzip, br", "br"),
        ("gzip, br;q=0.5", "gzip"),
        ("gzip, deflate, br, zstd", "br"),
        ("br;q=0, gzip", "gzip"),
        ("br;q=0, gzip;q=0", None),
        ("identity, gzip;q=0.5, br;q=0.5", None),
        ("*", "br"),
        ("deflate", None),
    ],
)
def test_a_file_comes_in_the_coding_that_is_liked_best(
    site: FlaskClient, release: Release, accepted: str | None, coding: str | None
) -> None:
    headers = {"Accept-Encoding": accepted} if accepted else {}
    reply = get(site, TURTLE, headers=headers)
    assert reply.headers.get("Content-Encoding") == coding
    assert reply.headers["Content-Type"] == "text/turtle; charset=utf-8"
    assert UNPACK[coding](reply.data) == release.file("designata.ttl").read_bytes()
    ends = {"gzip": ".gz", "br": ".br"}
    if coding:
        built = release.path / f"designata.ttl{ends[coding]}"
        assert reply.data == built.read_bytes()


def test_each_coding_has_a_validator_of_its_own(site: FlaskClient) -> None:
    tags = [
        get(site, TURTLE, headers={"Accept-Encoding": coding}).headers["ETag"]
        for coding in ("identity", "gzip", "br")
    ]
    assert len(set(tags)) == 3


@pytest.mark.parametrize("coding", ["gzip", "br"])
def test_a_range_of_a_coding_is_one_of_its_bytes(site: FlaskClient, coding: str) -> None:
    whole = get(site, TURTLE, headers={"Accept-Encoding": coding})
    headers = {"Accept-Encoding": coding, "Range": "bytes=5-14"}
    part = get(site, TURTLE, headers={**headers, "If-Range": whole.headers["ETag"]})
    assert (part.status_code, part.data) == (206, whole.data[5:15])
    assert part.headers["Content-Encoding"] == coding
    assert part.headers["Content-Range"] == f"bytes 5-14/{len(whole.data)}"
    plain = get(site, TURTLE, headers=headers)
    assert "Content-Encoding" not in plain.headers
    assert plain.data == get(site, TURTLE).data[5:15]


@pytest.mark.parametrize("name", ["designata.ttl", "designata.nq", "bases.csv", "void.ttl"])
@pytest.mark.parametrize(
    ("end", "media_type", "magic", "unpack"),
    [
        (".gz", "application/gzip", b"\x1f\x8b", gzip.decompress),
        (".zst", "application/zstd", b"\x28\xb5", zstandard.decompress),
    ],
)
def test_a_packed_file_is_a_file(
    site: FlaskClient,
    release: Release,
    name: str,
    end: str,
    media_type: str,
    magic: bytes,
    unpack: Callable[[bytes], bytes],
) -> None:
    reply = get(site, f"/release/latest/{name}{end}", headers={"Accept-Encoding": "gzip, br"})
    assert reply.headers["Content-Type"] == media_type
    assert "Content-Encoding" not in reply.headers
    assert reply.headers["Content-Disposition"] == f"attachment; filename={name}{end}"
    assert unpack(reply.data) == release.file(name).read_bytes()
    part = get(site, f"/release/latest/{name}{end}", headers={"Range": "bytes=0-1"})
    assert (part.status_code, part.data) == (206, magic)


def test_packed_files_are_beside_the_manifest(release: Release) -> None:
    ends = (".gz", ".br", ".zst")
    assert not [name for name in release.manifest["files"] if name.endswith(ends)]
    for path in release.path.glob("*.gz"):
        content = gzip.decompress(path.read_bytes())
        expected = release.manifest["files"][path.stem]["sha256"]
        assert hashlib.sha256(content).hexdigest() == expected
        assert path.read_bytes()[4:8] == bytes(4)
        assert path.with_suffix(".br").exists()
        assert zstandard.decompress(path.with_suffix(".zst").read_bytes()) == content


def bytes_of(one: packed.Representation) -> bytes:
    content = one.content
    return content.path.read_bytes() if isinstance(content, Stretch) else content


@pytest.mark.parametrize("damage", [b"", b"not packed at all"])
def test_a_damaged_packed_file_is_not_served(
    release: Release, tmp_path: Path, damage: bytes
) -> None:
    path = Path(shutil.copy(release.file("designata.ttl"), tmp_path))
    for end in (".gz", ".br", ".zst"):
        path.with_name(path.name + end).write_bytes(damage)
    content = path.read_bytes()
    assert bytes_of(packed.represent(path, "text/turtle", ["br"])) == content
    packed_now = packed.represent(path, "text/turtle", ["br", "gzip"])
    assert gzip.decompress(bytes_of(packed_now)) == content
    assert gzip.decompress(bytes_of(packed.archive(path, ".gz"))) == content
    assert zstandard.decompress(bytes_of(packed.archive(path, ".zst"))) == content


def test_what_is_liked_less_than_plain_bytes_is_left() -> None:
    assert liked("gzip;q=0.4, br;q=0.3, identity;q=0.35") == ("gzip",)


@pytest.mark.parametrize(
    "address",
    ["/doc/organization/islamic-state.html", "/doc/organization/islamic-state.ttl", "/void.jsonld"],
)
def test_documents_are_packed_each_variant_with_its_own_tag(
    site: FlaskClient, address: str
) -> None:
    plain = site.get(address)
    variants = {
        coding: site.get(address, headers={"Accept-Encoding": accepted})
        for coding, accepted in (("gzip", "gzip"), ("br", "gzip, br"))
    }
    assert "Content-Encoding" not in plain.headers
    assert gzip.decompress(variants["gzip"].data) == plain.data
    assert brotli.decompress(variants["br"].data) == plain.data
    for coding, reply in variants.items():
        assert reply.headers["Content-Encoding"] == coding
        assert reply.headers["ETag"] == f'{plain.headers["ETag"][:-1]}-{coding}"'
        assert int(reply.headers["Content-Length"]) == len(reply.data) < len(plain.data) / 3
    for reply in (plain, *variants.values()):
        assert "accept-encoding" in reply.headers["Vary"].lower()
    tags = {"Accept-Encoding": "br", "If-None-Match": variants["br"].headers["ETag"]}
    assert site.get(address, headers=tags).status_code == 304
    tags["If-None-Match"] = plain.headers["ETag"]
    assert site.get(address, headers=tags).status_code == 200


TABLES = {
    "organizations.csv": ("dsg:Organization", {"label", "kinds", "currently_designated_by"}),
    "names.csv": ("dsg:Name", {"name", "language", "of_label"}),
    "designations.csv": (None, {"organization_label", "authority_label", "startLatest"}),
    "bases.csv": ("dsg:MilitaryBase", {"label", "latitude", "host_country_label"}),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_has_a_row_for_each_thing(site: FlaskClient, name: str) -> None:
    reply = get(site, f"/release/latest/{name}")
    assert reply.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert reply.data.count(b"\r\n") == reply.data.count(b"\n")
    rows = list(csv.DictReader(reply.text.splitlines()))
    class_, columns = TABLES[name]
    assert columns <= set(rows[0])
    pattern = f"?s a {class_}" if class_ else "?s a dsg:Designation ; dsg:period ?p"
    query = f"PREFIX dsg: <https://w3id.org/designata/ontology#> SELECT ?s {{ {pattern} }}"
    found = site.get("/sparql", query_string={"query": query}, headers={"Accept": "text/csv"})
    expected = sorted(found.text.split()[1:])
    assert sorted(row["iri"] for row in rows) == expected


def test_a_name_in_arabic_survives_the_table(site: FlaskClient) -> None:
    rows = csv.DictReader(get(site, "/release/latest/names.csv").text.splitlines())
    arabic = [row for row in rows if row["language"] == "ar" and "hayat-tahrir" in row["of"]]
    assert any("هيئة تحرير الشام" in row["name"] for row in arabic)
