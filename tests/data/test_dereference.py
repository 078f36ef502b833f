"""Every IRI of ours in the release is an address that says something about itself."""

from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from pyoxigraph import NamedNode, RdfFormat, parse

from designata.settings import Settings
from designata.store.directory import Release
from designata.store.pool import Pool
from designata.vocabulary import BASE
from designata.web.app import create_app

FILES = BASE + "release/latest/"


@pytest.fixture(scope="module")
def client(pool: Pool, release: Release) -> FlaskClient:
    return create_app(Settings.load({}), pool, release).test_client()


def iris(release: Release) -> list[str]:
    found = set()
    for quad in parse(path=release.file("designata.nq"), format=RdfFormat.N_QUADS):
        for node in (quad.subject, quad.predicate, quad.object, quad.graph_name):
            if isinstance(node, NamedNode) and node.value.startswith(BASE):
                found.add(node.value)
    return sorted(found)


def follow(client: FlaskClient, iri: str, accept: str) -> tuple[int, bytes]:
    path = "/" + iri.removeprefix(BASE).partition("#")[0]
    answer = client.get(path, headers={"Accept": accept})
    for _ in range(3):
        if answer.status_code not in (301, 302, 303, 308):
            break
        target = urlsplit(answer.headers["Location"])
        answer = client.get(target.path, headers={"Accept": accept})
    return answer.status_code, answer.data


def test_turtle_of_every_iri_has_it_as_a_subject(client: FlaskClient, release: Release) -> None:
    names = [iri for iri in iris(release) if not iri.startswith(FILES)]
    assert len(names) > 1500
    subjects: dict[str, set[str]] = {}
    for address in {iri.partition("#")[0] for iri in names}:
        status, body = follow(client, address, "text/turtle")
        assert status == 200, address
        triples = parse(body, RdfFormat.TURTLE, base_iri=address)
        subjects[address] = {str(triple.subject) for triple in triples}
    assert [iri for iri in names if f"<{iri}>" not in subjects[iri.partition("#")[0]]] == []


def test_page_of_every_iri_is_html(client: FlaskClient, release: Release) -> None:
    broken = []
    for address in sorted({iri.partition("#")[0] for iri in iris(release)}):
        status, body = follow(client, address, "text/html")
        if status != 200 or (b"<h1" not in body and not address.startswith(FILES)):
            broken.append((address, status))
    assert broken == []
