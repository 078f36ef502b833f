"""Releases in a real engine: published by the command, served over a socket, never half there."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from pyoxigraph import RdfFormat, parse

from designata.errors import NoRelease, PublicationFailed, ResultTooLarge
from designata.release.build import build
from designata.release.fill import Target, fill, remove
from designata.settings import Settings
from designata.store.catalogue import find, listed
from designata.store.credentials import Credentials
from designata.store.directory import Release
from designata.store.engine import engine_of
from designata.store.opening import open_store
from designata.store.query import Query
from designata.store.remote import open_remote
from designata.store.rows import rows

if TYPE_CHECKING:
    from conftest import Engine

SMALL = Path(__file__).parents[1] / "release" / "source"
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"


def publish(engine: Engine, releases: Path, *more: str) -> str:
    """What the command prints."""
    run = subprocess.run(
        [sys.executable, "-m", "designata", "publish", *engine.options(), *more],
        env={**os.environ, **engine.environment(), "DESIGNATA_RELEASES": str(releases)},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


def settings(engine: Engine) -> Settings:
    return Settings(
        store=engine.url, store_user=engine.user, store_password=engine.password, query_seconds=60
    )


def number(release_id: str, engine: Engine) -> int:
    with open_remote(release_id, settings(engine)) as pool:
        row = json.loads(pool.query(Query(COUNT)).body)["results"]["bindings"][0]
    return int(row["n"]["value"])


def triples(release: Release) -> int:
    """How many there are in all graphs of a release together, each once."""
    found = parse(path=release.file("designata.nq"), format=RdfFormat.N_QUADS)
    return len({(quad.subject, quad.predicate, quad.object) for quad in found})


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """A release of a few triples."""
    return build(SMALL, tmp_path_factory.mktemp("small"), lambda stage: None).release


@pytest.fixture(scope="module")
def published(engine: Engine, release: Release) -> str:
    """What the command prints when it has published the real data."""
    return publish(engine, release.path.parent)


def test_a_release_is_published_whole(engine: Engine, release: Release, published: str) -> None:
    every = triples(release)
    assert published == f"https://w3id.org/designata/release/{release.id}: {every} triples\n"
    record = find(engine_of(settings(engine)), release.id)
    assert record is not None
    assert sum(record.sizes.values()) - every == release.manifest["quads"]
    assert number(release.id, engine) == every


def test_a_second_publish_sends_nothing(engine: Engine, release: Release, published: str) -> None:
    assert publish(engine, release.path.parent) == published
    asked, stages = engine_of(settings(engine)), list[str]()
    target = Target(engine.update, engine.graph_store, asked.credentials)
    fill(asked, target, release.id, release.file("designata.nq"), stages.append)
    assert stages == []


class Interrupted(Exception):
    """Somebody stops the command."""


@pytest.mark.parametrize("moment", [1, 3, "counting"])
def test_an_interrupted_publish_leaves_the_earlier_release_readable(
    engine: Engine, release: Release, small: Release, moment: int | str
) -> None:
    publish(engine, small.path.parent, "--only")
    asked, few = engine_of(settings(engine)), number(small.id, engine)
    stages: list[str] = []

    def stop(stage: str) -> None:
        stages.append(stage)
        if moment in (stage, len(stages)):
            raise Interrupted

    target = Target(engine.update, engine.graph_store, asked.credentials)
    with pytest.raises(Interrupted):
        fill(asked, target, release.id, release.file("designata.nq"), stop)
    assert listed(asked) == [small.id]
    assert number(small.id, engine) == few
    with pytest.raises(NoRelease, match="designata publish"):
        number(release.id, engine)
    publish(engine, release.path.parent)
    assert listed(asked) == sorted((small.id, release.id))
    assert number(release.id, engine) == triples(release)
    assert number(small.id, engine) == few


def test_one_release_does_not_see_another(engine: Engine, release: Release, small: Release) -> None:
    publish(engine, small.path.parent)
    publish(engine, release.path.parent)
    everywhere = "SELECT (COUNT(*) AS ?n) { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"
    with open_remote(small.id, settings(engine)) as pool:
        found = json.loads(pool.query(Query(everywhere)).body)["results"]["bindings"]
    assert int(found[0]["n"]["value"]) < triples(release)


def test_with_a_wrong_password_nothing_is_written(engine: Engine, small: Release) -> None:
    if not engine.password:
        pytest.skip(f"{engine.kind} is set up here without a password")
    publish(engine, small.path.parent, "--only")
    target = Target(engine.update, engine.graph_store, Credentials("dba", "wrong"))
    with pytest.raises(PublicationFailed, match="refuses to be written"):
        target.drop(f"https://w3id.org/designata/release/{small.id}")
    assert listed(engine_of(settings(engine))) == [small.id]


def test_updates_load_a_release_too(engine: Engine, small: Release) -> None:
    publish(engine, small.path.parent, "--only")
    asked, told = engine_of(settings(engine)), list[str]()
    record = find(asked, small.id)
    assert record is not None
    target = Target(engine.update, None, asked.credentials)
    remove(target, record)
    assert listed(asked) == []
    assert fill(asked, target, small.id, small.file("designata.nq"), told.append) == record
    assert told


@pytest.mark.parametrize("form", ["SELECT ?a ?b", "CONSTRUCT { ?a <x:y> ?b }"])
def test_what_virtuoso_cuts_is_refused(engine: Engine, release: Release, form: str) -> None:
    if engine.kind != "virtuoso":
        pytest.skip(f"{engine.kind} cuts nothing")
    publish(engine, release.path.parent)
    text = f"{form} WHERE {{ ?a a ?c . ?b a ?c }}"
    with open_remote(release.id, settings(engine)) as pool:
        with pytest.raises(ResultTooLarge, match="cuts results at 50000 rows"):
            pool.query(Query(text))
        rows = json.loads(pool.query(Query("SELECT ?a WHERE { ?a a ?c . ?b a ?c } LIMIT 500")).body)
    assert len(rows["results"]["bindings"]) == 500


class Site:
    """A server of ours in front of an engine."""

    def __init__(self, url: str) -> None:
        self.url = url

    def get(self, path: str, accept: str = "*/*", timeout: float = 60) -> tuple[int, str, bytes]:
        request = urllib.request.Request(self.url + path, headers={"Accept": accept})
        try:
            with urllib.request.urlopen(request, timeout=timeout) as reply:
                return reply.status, reply.headers.get_content_type(), reply.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers.get_content_type(), error.read()


@contextmanager
def served(engine: Engine, releases: Path, *more: str) -> Iterator[Site]:
    environment = {"DESIGNATA_RELEASES": str(releases), "DESIGNATA_STORE": engine.url}
    with subprocess.Popen(
        [sys.executable, "-m", "designata", "serve", "--port", "0", *more],
        env={**os.environ, **environment, "DESIGNATA_ACCESS_LOG": "no"},
        stdout=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout
        try:
            line = running.stdout.readline()
            assert line.startswith("Serving"), line
            yield Site(line.split()[-1])
        finally:
            running.terminate()
            running.wait(20)


def test_a_server_answers_from_the_engine(engine: Engine, release: Release) -> None:
    publish(engine, release.path.parent)
    with served(engine, release.path.parent) as site:
        status, kind, body = site.get(f"sparql?query={quote(COUNT)}", "text/csv")
        assert (status, kind) == (200, "text/csv")
        assert body.decode().split() == ["n", str(triples(release))]
        status, kind, body = site.get("doc/organization/hayat-tahrir-al-sham", "text/html")
        assert (status, kind) == (200, "text/html")
        assert "Hay" in body.decode()
        status, kind, body = site.get("doc/organization/hayat-tahrir-al-sham.ttl")
        assert (status, kind) == (200, "text/turtle")
        assert b"organization:hayat-tahrir-al-sham\n" in body
        assert site.get("release/latest/designata.ttl") == (
            200,
            "text/turtle",
            release.file("designata.ttl").read_bytes(),
        )
        assert site.get("doc/organization/nobody")[0] == 404
        assert site.get("readyz")[::2] == (200, f"ready: {release.id}\n".encode())


def test_a_server_without_its_engine_says_so(
    release: Release,
    require: Callable[[str], str],
    tmp_path: Path,
    start: Callable[..., object],
    kind: str,
) -> None:
    with start(kind, tmp_path, require) as own:  # type: ignore[attr-defined]
        publish(own, release.path.parent)
        with served(own, release.path.parent) as site:
            assert site.get("readyz")[0] == 200
            os.kill(own.process, signal.SIGKILL)
            deadline = time.monotonic() + 30
            while site.get("readyz")[0] != 503:
                assert time.monotonic() < deadline
            for path in (
                f"sparql?query={quote(COUNT)}",
                # One that is not made with the release.
                "doc/organization/hayat-tahrir-al-sham.csv",
                "doc/organization/nobody",
                "id/organization/nobody",
            ):
                assert site.get(path)[0] == 503, path
            assert site.get("release/latest/designata.ttl")[0] == 200
            assert site.get("healthz")[0] == 200


POINTS = """PREFIX geo: <http://www.opengis.net/ont/geosparql#>
SELECT ?wkt (DATATYPE(?wkt) AS ?datatype) WHERE {
  ?geometry geo:asWKT ?wkt . FILTER (DATATYPE(?wkt) = geo:wktLiteral)
} ORDER BY STR(?wkt)"""
ONE = 'ASK { ?s ?p "POINT(35.9487 35.4011)"^^<http://www.opengis.net/ont/geosparql#wktLiteral> }'
GRAPH = "CONSTRUCT WHERE { ?s <http://www.opengis.net/ont/geosparql#asWKT> ?o }"


def test_a_geometry_keeps_its_digits_and_its_datatype(engine: Engine, release: Release) -> None:
    publish(engine, release.path.parent)
    with (
        open_store(release, Settings()) as here,
        open_store(release, settings(engine)) as there,
    ):
        expected = rows(here, POINTS)
        assert len(expected) >= 2
        assert rows(there, POINTS) == expected
        assert json.loads(there.query(Query(ONE)).body)["boolean"] is True
        graphs = [pool.query(Query(GRAPH, graph="application/n-triples")) for pool in (here, there)]
    first, second = (set(parse(one.body, RdfFormat.N_TRIPLES)) for one in graphs)
    assert first == second


def test_the_commands_ask_the_engine(engine: Engine, release: Release) -> None:
    publish(engine, release.path.parent)
    environment = {"DESIGNATA_RELEASES": str(release.path.parent), "DESIGNATA_STORE": engine.url}
    run = subprocess.run(
        [sys.executable, "-m", "designata", "query", COUNT, "--format", "csv"],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )
    assert (run.returncode, run.stdout.split()) == (0, ["n", str(triples(release))]), run.stderr


ORGANIZATION = "<https://w3id.org/designata/ontology#Organization>"
NEVER = "<https://w3id.org/designata/ontology#noSuchProperty>"
ALIKE = [
    f"DESCRIBE ?s ?x {{ ?s a {ORGANIZATION} OPTIONAL {{ ?s {NEVER} ?x }} }}",
    f"DESCRIBE * {{ ?s a {ORGANIZATION} FILTER NOT EXISTS {{ ?s {NEVER} ?z }} }}",
    f"DESCRIBE ?s {{ ?s a {ORGANIZATION} }} # a note",
    f"DESCRIBE ?s {{ ?s a {ORGANIZATION} }} LIMIT 1000 # a note",
    f"DESCRIBE ?s {{ }} VALUES ?s {{ {ORGANIZATION} }}",
    "SELECT ?g FROM NAMED <https://w3id.org/designata/ontology> { GRAPH ?g { } }",
    "SELECT ?g FROM NAMED <https://w3id.org/designata/nothing> { GRAPH ?g { } }",
    "SELECT ?g { GRAPH ?g { } }",
    "SELECT (COUNT(*) AS ?n) FROM NAMED <https://w3id.org/designata/ontology>"
    " { GRAPH ?g { ?s ?p ?o } }",
]


@pytest.mark.parametrize("text", ALIKE)
def test_an_engine_answers_as_the_processes_here_do(
    engine: Engine, small: Release, text: str
) -> None:
    publish(engine, small.path.parent)
    query = Query(text, graph="application/n-triples")
    found = []
    for one in (settings(engine), Settings()):
        with open_store(small, one) as pool:
            body = pool.query(query).body
        found.append(sorted(body.splitlines()) if b'"bindings"' not in body else json.loads(body))
    for one in found:
        if isinstance(one, dict):
            one["results"]["bindings"].sort(key=str)
    assert found[0] == found[1]
    assert found[0]


def test_a_release_that_is_taken_out_under_a_server_is_not_an_empty_one(
    engine: Engine, release: Release, small: Release
) -> None:
    publish(engine, release.path.parent)
    with served(engine, release.path.parent) as site:
        path = f"sparql?query={quote(COUNT)}"
        asked = engine_of(settings(engine))
        record = find(asked, release.id)
        assert record is not None
        remove(Target(engine.update, engine.graph_store, asked.credentials), record)
        assert site.get(path)[0] == 503
        assert site.get("readyz")[0] == 503
        publish(engine, release.path.parent)
        for _ in range(8):
            status, _, body = site.get(path, "text/csv")
            assert (status, body.decode().split()) == (200, ["n", str(triples(release))])


def test_a_release_that_is_published_later_is_served_then(
    engine: Engine, small: Release, release: Release, tmp_path: Path
) -> None:
    publish(engine, small.path.parent)
    shutil.copytree(small.path, tmp_path / small.id)
    shutil.copytree(release.path, tmp_path / release.id)
    (tmp_path / "current").symlink_to(small.id)
    asked = engine_of(settings(engine))
    record = find(asked, release.id)
    if record is not None:
        remove(Target(engine.update, engine.graph_store, asked.credentials), record)
    with served(engine, tmp_path, "--no-build") as site:
        (tmp_path / "next").symlink_to(release.id)
        (tmp_path / "next").rename(tmp_path / "current")
        time.sleep(2.5)
        assert small.id.encode() in site.get("readyz")[2]
        publish(engine, tmp_path)
        deadline = time.monotonic() + 40
        while release.id.encode() not in site.get("readyz")[2]:
            assert time.monotonic() < deadline
            time.sleep(0.2)
