"""SPARQL 1.1 Protocol: the manifest of the W3C, request by request.

Its tests of updates pass where the update is refused and changes nothing.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Final

import pytest
from flask.testing import FlaskClient
from rdflib import RDF, Graph, Namespace, Node
from rdflib.collection import Collection

MF: Final = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
HT: Final = Namespace("http://www.w3.org/2011/http#")
CNT: Final = Namespace("http://www.w3.org/2011/content#")
DATA: Final = "http://kasei.us/2009/09/sparql/data/data{}.rdf"
COUNT: Final = 34
FORMATS: Final = {
    "boolean": ("application/sparql-results+json", "application/sparql-results+xml"),
    "tabular": (
        "application/sparql-results+json",
        "application/sparql-results+xml",
        "text/csv",
        "text/tab-separated-values",
    ),
    "RDF": ("text/turtle", "application/n-triples", "application/rdf+xml", "application/ld+json"),
}
NAMES: Final = (
    "query_post_form query_dataset_default_graphs_get query_dataset_default_graphs_post "
    "query_dataset_named_graphs_post query_dataset_named_graphs_get query_dataset_full "
    "query_multiple_dataset query_get query_content_type_select query_content_type_ask "
    "query_content_type_describe query_content_type_construct query_post_direct "
    "bad_query_method bad_multiple_queries bad_query_wrong_media_type "
    "bad_query_missing_form_type bad_query_missing_direct_type bad_query_non_utf8 "
    "bad_query_syntax bad_update_get bad_multiple_updates bad_update_wrong_media_type "
    "bad_update_missing_form_type bad_update_non_utf8 bad_update_syntax "
    "bad_update_dataset_conflict update_dataset_default_graph update_dataset_default_graphs "
    "update_dataset_named_graphs update_dataset_full update_post_form update_post_direct "
    "update_base_uri"
).split()


@pytest.fixture(scope="module")
def manifest(sparql11: Path) -> Graph:
    return Graph().parse(sparql11 / "protocol" / "manifest.ttl")


@pytest.fixture(scope="module")
def client(
    sparql11: Path, over: Callable[..., AbstractContextManager[FlaskClient]]
) -> Iterator[FlaskClient]:
    files = [(sparql11 / "protocol" / f"data{n}.nt", DATA.format(n)) for n in (1, 2, 3)]
    with over(files) as client:
        yield client


def entries(manifest: Graph) -> list[Node]:
    return list(manifest.subjects(RDF.type, MF.ProtocolTest))


def test_the_table_is_the_manifest(manifest: Graph) -> None:
    declared = {
        str(test).rpartition("#")[2] for test in manifest.subjects(RDF.type, MF.ProtocolTest)
    }
    assert declared == set(NAMES)
    assert len(NAMES) == COUNT


def requests(manifest: Graph, name: str) -> list[Node]:
    (test,) = (
        one for one in manifest.subjects(RDF.type, MF.ProtocolTest) if one.endswith(f"#{name}")
    )
    connection = manifest.value(test, MF.action)
    found = manifest.value(connection, HT.requests)
    return list(Collection(manifest, found))


def send(client: FlaskClient, manifest: Graph, request: Node) -> Any:
    headers = {}
    listed = manifest.value(request, HT.headers)
    for header in Collection(manifest, listed) if listed else ():
        name = str(manifest.value(header, HT.fieldName))
        headers[name] = str(manifest.value(header, HT.fieldValue))
    body = manifest.value(request, HT.body)
    data = None
    if body is not None:
        encoding = str(manifest.value(body, CNT.characterEncoding))
        data = str(manifest.value(body, CNT.chars)).encode(encoding)
    return client.open(
        str(manifest.value(request, HT.absolutePath)),
        method=str(manifest.value(request, HT.methodName)),
        headers=headers,
        data=data,
    )


@pytest.mark.parametrize("name", NAMES)
def test_protocol(client: FlaskClient, manifest: Graph, name: str) -> None:
    before = client.get("/sparql", query_string={"query": "DESCRIBE ?s { ?s ?p ?o }"}).data
    for request in requests(manifest, name):
        reply = send(client, manifest, request)
        expected = manifest.value(request, HT.resp)
        statuses = {str(status)[-3] for status in manifest.objects(expected, MF.expectedStatus)}
        if name.startswith("update_"):
            assert reply.status_code in (200, 403)
            assert reply.status_code == 200 or reply.mimetype == "application/problem+json"
            continue
        assert str(reply.status_code)[0] in statuses
        form = manifest.value(expected, MF.expectedFormat)
        if form is not None:
            assert reply.mimetype in FORMATS[str(form)]
        truth = manifest.value(expected, MF.expectedBoolean)
        if truth is not None:
            assert json.loads(reply.data)["boolean"] is truth.toPython()
    after = client.get("/sparql", query_string={"query": "DESCRIBE ?s { ?s ?p ?o }"}).data
    assert after == before
