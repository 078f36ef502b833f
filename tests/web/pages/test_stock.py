"""Documents that were made with their release are those that would be made now."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import cycle
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from designata.commands.documents import LARGEST, documents
from designata.errors import QueryFailed
from designata.settings import Settings
from designata.store.directory import Release, open_release
from designata.store.pool import Pool, open_pool
from designata.vocabulary import BASE
from designata.web.app import create_app
from designata.web.stock import SUFFIXES, Entry, Shown, entry, find, is_whole, place_of, put

HTS = "/doc/organization/hayat-tahrir-al-sham"
ADDRESS = f"{BASE}id/organization/hayat-tahrir-al-sham"
stock = documents(Settings())
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
    # A server of another test may have made documents there.
    shutil.copytree(origin, path, ignore=shutil.ignore_patterns("documents-*"))
    with (path / "designata.nq").open("a") as file:
        file.write(more)
    manifest = path / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"quads": LARGEST}))
    release = open_release(path)
    assert stock(release)
    return release


def things(release: Release) -> list[str]:
    with closing(sqlite3.connect(place_of(release))) as base:
        found = base.execute("SELECT thing FROM document WHERE suffix = 'ttl'").fetchall()
    return sorted("/doc/" + one.removeprefix(BASE).removeprefix("id/") for (one,) in found)


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


def test_long_pages_and_the_home_page_are_the_same_whatever_host_is_asked(stocked: Release) -> None:
    client = nobody(stocked)
    with both(stocked) as (made, now):
        for path in ("/", "/query", *(f"{one}.html" for one in LARGE)):
            for host in ("a.example", "b.example:8000"):
                for coding in CODINGS:
                    fields = {"Host": host, "Accept": "text/html", "Accept_Encoding": coding}
                    found = asked(made, path, **fields)
                    assert found == asked(now, path, **fields), (path, host, coding)
                    assert found == asked(client, path, **fields), "it has asked"
                    assert found[0] == 200
        page = made.get(f"{HTS}.html", headers={"Host": "a.example"}).text
        assert page.count("http://a.example/doc/") >= 1
        assert ".invalid/" not in page
        aged, here = f"{HTS}.html?date=2013-01-01", "2013-01-01"
        assert made.get(aged).text == now.get(aged).text
        assert here in made.get(aged).text


def test_what_is_in_stock_asks_nobody(stocked: Release) -> None:
    client = nobody(stocked)
    reply = client.get(HTS, headers={"Accept": "text/turtle", "Accept-Encoding": "br"})
    assert (reply.status_code, reply.headers["Content-Encoding"]) == (200, "br")
    fields = {"If-None-Match": reply.headers["ETag"], "Accept-Encoding": "br"}
    assert client.get(HTS, headers=fields).status_code == 304


def in_a_document(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-2_000_000::1_000] = bytes(len(content[-2_000_000::1_000]))
    path.write_bytes(content)


def in_the_index(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[100:4096] = bytes(3996)
    path.write_bytes(content)


def at_the_end(path: Path) -> None:
    os.truncate(path, 10_000)


def all_of_it(path: Path) -> None:
    path.write_bytes(b"")


def changed(path: Path, statement: str, *values: str) -> None:
    with closing(sqlite3.connect(path)) as base, base:
        base.execute(f"UPDATE document SET {statement}", values)


def of_another(path: Path) -> None:
    changed(path, "type = 'x'")


def of_another_thing(path: Path) -> None:
    changed(path, "thing = thing || '-'")
    first = "SELECT MIN(rowid) FROM document GROUP BY suffix"
    changed(path, f"thing = ? WHERE rowid IN ({first})", ADDRESS)


def on_other_pages(path: Path) -> None:
    changed(path, "pages = 'many'")


def of_another_kind(path: Path) -> None:
    changed(path, "plain = 7, br = 'x', gzip = NULL")


def for_nobody(path: Path) -> None:
    path.unlink()
    path.mkdir()


DAMAGES = (
    in_a_document,
    in_the_index,
    at_the_end,
    all_of_it,
    of_another,
    of_another_thing,
    on_other_pages,
    of_another_kind,
    for_nobody,
)


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_stock_is_not_used(
    graves: Release, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    path = tmp_path / graves.id
    shutil.copytree(graves.path, path)
    release = open_release(path)
    damage(place_of(release))
    with both(release) as (made, now):
        for address in ("/", *(f"{HTS}.{suffix}" for suffix in (*SUFFIXES, "html"))):
            for coding in CODINGS:
                fields = {"Accept": "text/html, */*", "Accept_Encoding": coding}
                assert asked(made, address, **fields) == asked(now, address, **fields)


def test_it_is_made_once_and_only_where_it_is_small_enough(
    small_release: Release, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / small_release.id
    shutil.copytree(small_release.path, path)
    release = open_release(path)
    one = Release(release.id, path, {**release.manifest, "quads": LARGEST})
    assert not stock(Release(one.id, path, {**one.manifest, "quads": LARGEST + 1}))
    assert not stock(release)
    assert find(one, ADDRESS, "ttl", ()) is None
    place_of(one).mkdir()
    assert not stock(one)
    assert "documents will be made when they are asked for" in capsys.readouterr().err
    assert [entry.name for entry in tmp_path.iterdir()] == [one.id]
    place_of(one).rmdir()
    assert stock(one)
    assert not stock(one)
    first = place_of(one).read_bytes()
    for damage in (at_the_end, all_of_it, in_the_index):
        damage(place_of(one))
        assert stock(one)
        assert place_of(one).read_bytes() == first
    place_of(one).rename(place_of(one, "another"))
    # What cannot be removed stays.
    place_of(one, "kept").mkdir()
    assert stock(one)
    place_of(one, "kept").rmdir()
    assert place_of(one).read_bytes() == first
    assert list(path.glob("documents-*")) == [place_of(one)]


def test_none_is_made_where_there_is_no_file_to_put_it_in(stocked: Release, tmp_path: Path) -> None:
    asked = iter([entry(stocked, ADDRESS, "ttl", Shown("Organization", 1), b"text")])
    nowhere = Release(stocked.id, tmp_path / "missing" / stocked.id, stocked.manifest)
    with pytest.raises(OSError, match="unable to open"):
        put(nowhere, asked)
    assert len(list(asked)) == 1


def test_nothing_is_left_where_one_cannot_be_made(stocked: Release, tmp_path: Path) -> None:
    def entries() -> Iterator[Entry]:
        raise QueryFailed("the engine gave up")
        yield

    path = tmp_path / stocked.id
    path.mkdir()
    with pytest.raises(QueryFailed):
        put(Release(stocked.id, path, stocked.manifest), entries())
    assert list(tmp_path.rglob("*")) == [path]


@pytest.mark.parametrize(("option", "said"), [("--no-build", 1), (None, 0)])
def test_a_server_makes_what_another_version_made_or_says_that_it_is_missing(
    stocked: Release, tmp_path: Path, option: str | None, said: int
) -> None:
    path = tmp_path / stocked.id
    shutil.copytree(stocked.path, path)
    (tmp_path / "current").symlink_to(stocked.id)
    place_of(open_release(path)).rename(place_of(open_release(path), "another"))
    command = [sys.executable, "-m", "designata", "serve", "--port", "0"]
    environment = {**os.environ, "DESIGNATA_RELEASES": str(tmp_path)}
    with subprocess.Popen(
        [*command, *([option] if option else [])],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        assert server.stdout.readline().startswith("Serving")
        server.terminate()
        _, errors = server.communicate(timeout=30)
    assert errors.count("has no documents of this version of the program") == said
    assert is_whole(open_release(path)) == (not said)
