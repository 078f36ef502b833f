"""Which releases are here, for people and for programs."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from rdflib import DCTERMS, RDF, Graph, Literal, Namespace, URIRef

from designata.settings import Settings
from designata.store.directory import Release, open_release
from designata.store.pool import Pool
from designata.vocabulary import BASE, VOID
from designata.web.app import create_app

DCAT = Namespace("http://www.w3.org/ns/dcat#")
SPDX = Namespace("http://spdx.org/rdf/terms#")
DATASET = URIRef(BASE + "id/dataset/designata")
SERIES = URIRef(VOID + "#series")


@pytest.fixture(scope="module")
def releases(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release of the real data, a former one, and what is none."""
    place = tmp_path_factory.mktemp("some-releases")
    shutil.copytree(release.path, place / release.id)
    copied(release, place / "0.9.0_beta-00000000000a-2")
    shutil.copytree(release.path, place / "0.7.0-00000000000d")
    (place / "current").symlink_to(release.id)
    (place / "0.9.0-00000000000b").mkdir()
    (place / ".tmp-1").mkdir()
    for name, content in (("a", "[]"), ("b", '{"id": "0.9.0-00000000001b"}')):
        damaged = place / f"0.9.0-00000000001{name}"
        damaged.mkdir()
        (damaged / "manifest.json").write_text(content)
    copied(release, place / "0.9.0-00000000001c")
    (place / "0.9.0-00000000001c" / "void.ttl").unlink()
    return place


@pytest.fixture(scope="module")
def client(release: Release, releases: Path, release_pool: Pool) -> FlaskClient:
    settings = replace(Settings(), releases=releases)
    return create_app(settings, release_pool, open_release(releases / release.id)).test_client()


def graph_of(client: FlaskClient, address: str) -> Graph:
    reply = client.get(address, headers={"Accept": "text/turtle"})
    assert (reply.status_code, reply.mimetype) == (200, "text/turtle")
    return Graph().parse(data=reply.text, format="turtle")


def test_the_page_lists_the_releases_that_are_here(client: FlaskClient, release: Release) -> None:
    page = client.get("/release/")
    assert page.mimetype == "text/html"
    rows = page.text.partition("Releases here")[2]
    newest, former = (rows.index(f"/release/{name}/") for name in names(release))
    assert newest < former
    assert rows.count("served now") == 1
    ends = ("9.0-00000000000b", "7.0-00000000000d", *(f"9.0-00000000001{x}" for x in "abc"))
    for other in (f"0.{end}" for end in ends):
        assert other not in rows
        assert client.get(f"/release/{other}/").status_code == 404


def test_programs_are_told_the_order_of_the_releases(client: FlaskClient, release: Release) -> None:
    newest, former = (URIRef(f"{BASE}release/{name}/") for name in names(release))
    said = graph_of(client, "/release.ttl")
    assert set(said.objects(DATASET, DCAT.hasVersion)) == {newest, former}
    assert list(said.objects(DATASET, DCAT.hasCurrentVersion)) == [newest]
    assert list(said.subject_objects(DCAT.previousVersion)) == [(newest, former)]
    assert list(said.objects(SERIES, DCAT.last)) == [newest]
    assert set(said.subjects(DCAT.inSeries, SERIES)) == {newest, former}
    for one in (newest, former):
        assert said.value(one, DCTERMS.license) and said.value(one, DCTERMS.modified)


@pytest.mark.parametrize("which", [0, 1])
def test_a_release_has_its_own_files(client: FlaskClient, release: Release, which: int) -> None:
    name = names(release)[which]
    described = graph_of(client, f"/release/{name}/?format=ttl")
    node = URIRef(f"{BASE}release/{name}/")
    assert (node, RDF.type, DCAT.Dataset) in described
    assert (node, DCAT.version, Literal(name)) in described
    files = {
        str(described.value(one, DCAT.downloadURL)): described.value(one, SPDX.checksum)
        for one in described.objects(node, DCAT.distribution)
    }
    digests = {facts["sha256"] for facts in release.manifest["files"].values()}
    assert set(files) == {f"{node}{one}" for one in release.manifest["files"]}
    assert {str(described.value(one, SPDX.checksumValue)) for one in files.values()} == digests
    page = client.get(f"/release/{name}/", headers={"Accept": "text/html"}).text
    assert f'href="/release/{name}/designata.ttl"' in page
    assert "/release/latest/" not in page
    assert ("Another is served now" in page) == (which == 1)
    for file in ("designata.ttl", "manifest.json"):
        assert client.get(f"/release/{name}/{file}").status_code == 200


def test_a_release_that_has_gone_is_listed_no_more(
    release: Release, releases: Path, client: FlaskClient
) -> None:
    gone = releases / "0.8.0-00000000000c"
    copied(release, gone)
    before = client.get("/release/")
    shutil.rmtree(gone)
    after = client.get("/release/", headers={"If-None-Match": before.headers["ETag"]})
    assert f"/release/{gone.name}/" in before.text
    assert after.status_code == 200 and f"/release/{gone.name}/" not in after.text


def copied(release: Release, place: Path) -> None:
    """The same under another name, as if it had come long ago."""
    shutil.copytree(release.path, place)
    manifest = (place / "manifest.json").read_text(encoding="utf-8")
    (place / "manifest.json").write_text(manifest.replace(release.id, place.name))
    os.utime(place / "manifest.json", (1, 1))


def names(release: Release) -> tuple[str, str]:
    """The newest, and the former one."""
    return release.id, "0.9.0_beta-00000000000a-2"


def test_a_harvester_comes_from_the_catalogue_to_the_files_of_each_release(
    client: FlaskClient, release: Release
) -> None:
    catalogue, foaf = URIRef(VOID + "#catalog"), Namespace("http://xmlns.com/foaf/0.1/")
    void = graph_of(client, "/void")
    assert set(void.objects(catalogue, DCAT.dataset)) == {DATASET, SERIES}
    assert void.value(SERIES, DCAT.landingPage) == URIRef(BASE + "release/")
    said = graph_of(client, "/release/")
    versions = {URIRef(f"{BASE}release/{name}/") for name in names(release)}
    assert versions < set(said.objects(catalogue, DCAT.dataset))
    assert said.value(SERIES, DCTERMS.title) and said.value(SERIES, DCTERMS.description)
    for one in versions:
        assert said.value(one, DCTERMS.title) and said.value(one, DCTERMS.description)
        publisher = said.value(one, DCTERMS.publisher)
        assert said.value(publisher, foaf.name)
        assert (publisher, RDF.type, foaf.Agent) in said
        files = list(said.objects(one, DCAT.distribution))
        assert len(files) > 10
        assert all(said.value(file, DCAT.downloadURL) for file in files)
