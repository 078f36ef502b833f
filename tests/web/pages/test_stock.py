"""Documents that were made with their release are those that would be made now."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from designata.settings import Settings
from designata.store.directory import Release, open_release
from designata.store.pool import Pool, open_pool
from designata.vocabulary import BASE
from designata.web.app import create_app
from designata.web.stock import SUFFIXES, place_of, stock_of
from designata.web.stocking import LARGEST, stock

HTS = "/doc/organization/hayat-tahrir-al-sham"
ADDRESS = f"{BASE}id/organization/hayat-tahrir-al-sham"
CODINGS = ("br", "gzip", "identity")
LARGE = (HTS, "/doc/organization/islamic-state", "/doc/organization/al-qaida")
GRAVES = """
<{0}gone> <http://www.w3.org/2002/07/owl#deprecated> "true"^^<{1}boolean> .
<{0}gone> <http://www.w3.org/2004/02/skos/core#prefLabel> "Gone"@en .
<{0}merged> <http://www.w3.org/2002/07/owl#deprecated> "true"^^<{1}boolean> .
<{0}merged> <http://purl.org/dc/terms/isReplacedBy> <{0}hayat-tahrir-al-sham> .
""".format(f"{BASE}id/organization/", "http://www.w3.org/2001/XMLSchema#")


@pytest.fixture(scope="module")
def stocked(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Release:
    """The real release with its documents in stock."""
    return filled(release.path, tmp_path_factory.mktemp("real"))


@pytest.fixture(scope="module")
def graves(small_release: Release, tmp_path_factory: pytest.TempPathFactory) -> Release:
    """The small release in which some things were withdrawn, with its documents in stock."""
    return filled(small_release.path, tmp_path_factory.mktemp("graves"), GRAVES)


def filled(origin: Path, folder: Path, more: str = "") -> Release:
    path = folder / origin.name
    shutil.copytree(origin, path)
    with (path / "designata.nq").open("a") as file:
        file.write(more)
    manifest = path / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"quads": LARGEST}))
    release = open_release(path)
    assert stock(release, Settings())
    return release


def things(release: Release) -> list[str]:
    found = stock_of(release)
    assert found
    return sorted("/doc/" + one.removeprefix(BASE).removeprefix("id/") for one in found.things)


@contextmanager
def both(release: Release) -> Iterator[tuple[FlaskClient, FlaskClient]]:
    """The application with the stock, and without it."""
    bare = release.path.parent / "bare" / release.id
    shutil.copytree(release.path, bare, ignore=shutil.ignore_patterns("documents-*"))
    settings = Settings(access_log=False)
    try:
        with open_pool([(release.file("designata.nq"), None)], settings) as pool:
            clients = [create_app(settings, pool, one) for one in (release, open_release(bare))]
            yield clients[0].test_client(), clients[1].test_client()
    finally:
        shutil.rmtree(bare.parent)


def asked(
    client: FlaskClient, path: str, **headers: str
) -> tuple[int, list[tuple[str, str]], bytes]:
    wanted = {name.replace("_", "-"): value for name, value in headers.items()}
    reply = client.get(path, headers=wanted)
    fields = sorted((name.lower(), value) for name, value in reply.headers if name != "Date")
    return reply.status_code, fields, reply.data


def nobody(release: Release) -> FlaskClient:
    """The application without anybody to ask."""
    settings = Settings(access_log=False)
    return create_app(settings, Pool(Path("/nowhere"), settings), release).test_client()


def test_each_has_the_same_bytes_and_fields_in_every_coding(stocked: Release) -> None:
    every = things(stocked)
    assert len(every) > 1_900
    with both(stocked) as (made, now):
        for path in (*LARGE, *every[::20]):
            for suffix in SUFFIXES:
                for coding in CODINGS if path in LARGE else ("br", "identity"):
                    address = f"{path}.{suffix}"
                    found = asked(made, address, Accept_Encoding=coding)
                    assert found == asked(now, address, Accept_Encoding=coding), address
                    assert found[0] == 200


def test_whatever_is_asked_of_things_the_answer_is_the_same(graves: Release) -> None:
    codings = cycle(CODINGS)
    queries = ("", "?page=1", "?page=2", "?profile=labelled", "?page=x")
    accepted = ("text/turtle", "application/trig", "*/*", "application/pdf", "text/html")
    full = 'application/ld+json;profile="http://www.w3.org/ns/json-ld#expanded"'
    with both(graves) as (made, now):
        for path in (HTS, "/doc/organization/gone", "/doc/organization/merged", "/doc/a/b"):
            for query in queries:
                for accept in (*accepted, full):
                    fields = {"Accept": accept, "Accept_Encoding": next(codings)}
                    found = asked(made, path + query, **fields)
                    assert found == asked(now, path + query, **fields), (path, query, accept)


def test_what_was_withdrawn_or_merged_is_not_in_stock(graves: Release) -> None:
    assert not {"/doc/organization/gone", "/doc/organization/merged"} & set(things(graves))
    with both(graves) as (made, _):
        assert made.get("/doc/organization/gone.ttl").status_code == 410
        assert made.get("/doc/organization/merged.ttl").headers["Location"] == f"{HTS}.ttl"


def test_what_is_in_stock_asks_nobody(stocked: Release) -> None:
    client = nobody(stocked)
    reply = client.get(HTS, headers={"Accept": "text/turtle", "Accept-Encoding": "br"})
    assert (reply.status_code, reply.headers["Content-Encoding"]) == (200, "br")
    fields = {"If-None-Match": reply.headers["ETag"], "Accept-Encoding": "br"}
    assert client.get(HTS, headers=fields).status_code == 304


def in_a_document(content: bytearray) -> None:
    content[-2_000_000::1_000] = bytes(len(content[-2_000_000::1_000]))


def in_the_index(content: bytearray) -> None:
    content[100] = 0


def at_the_end(content: bytearray) -> None:
    del content[content.index(b"\n") + 10 :]


def of_another(content: bytearray) -> None:
    content[:] = content.replace(b'"release":"1', b'"release":"2', 1)


@pytest.mark.parametrize("damage", [in_a_document, in_the_index, at_the_end, of_another])
def test_a_damaged_stock_is_not_used(
    graves: Release, tmp_path: Path, damage: Callable[[bytearray], None]
) -> None:
    path = tmp_path / graves.id
    shutil.copytree(graves.path, path)
    release = open_release(path)
    content = bytearray(place_of(release).read_bytes())
    damage(content)
    place_of(release).write_bytes(content)
    with both(release) as (made, now):
        for suffix in SUFFIXES:
            address = f"{HTS}.{suffix}"
            assert asked(made, address, Accept_Encoding="br") == asked(
                now, address, Accept_Encoding="br"
            )


def test_it_is_made_once_and_only_where_it_is_small_enough(
    small_release: Release, tmp_path: Path
) -> None:
    path = tmp_path / small_release.id
    shutil.copytree(small_release.path, path)
    release = open_release(path)
    one = Release(release.id, path, {**release.manifest, "quads": LARGEST})
    assert not stock(Release(one.id, path, {**one.manifest, "quads": LARGEST + 1}), Settings())
    assert not stock(release, Settings())
    taken = place_of(one).with_name(f".{place_of(one).name}-{os.getpid()}")
    taken.mkdir()
    assert not stock(one, Settings())
    taken.rmdir()
    assert stock(one, Settings())
    assert not stock(one, Settings())
    first = place_of(one).read_bytes()
    place_of(one).rename(place_of(one, "another"))
    assert stock(one, Settings())
    assert place_of(one).read_bytes() == first
    assert list(path.glob("documents-*")) == [place_of(one)]
