"""Every term of the ontology and every shape that the release uses is in its document."""

from urllib.parse import urldefrag

import pytest
from flask.testing import FlaskClient
from pyoxigraph import NamedNode, RdfFormat, parse

from designata.settings import Settings
from designata.store.directory import Release
from designata.store.pool import Pool
from designata.vocabulary import ONTOLOGY, SHAPES
from designata.web.app import create_app


@pytest.fixture(scope="module")
def client(pool: Pool, release: Release) -> FlaskClient:
    return create_app(Settings.load({}), pool, release).test_client()


@pytest.mark.parametrize("document", [ONTOLOGY, SHAPES])
def test_terms_are_subjects_of_their_document(
    client: FlaskClient, release: Release, document: str
) -> None:
    used = {
        node.value
        for quad in parse(path=release.file("designata.nq"), format=RdfFormat.N_QUADS)
        for node in (quad.subject, quad.predicate, quad.object)
        if isinstance(node, NamedNode) and urldefrag(node.value).url == document != node.value[:-1]
    }
    assert len(used) > 100
    answer = client.get(
        "/" + document.rpartition("/")[2], headers={"Accept": "text/turtle"}, follow_redirects=True
    )
    assert answer.status_code == 200
    said = {str(triple.subject) for triple in parse(answer.data, RdfFormat.TURTLE)}
    assert {iri for iri in used if f"<{iri}>" not in said} == set()
