"""The Graph Store Protocol: what each request to the store of graphs gets."""

import pytest
from flask.testing import FlaskClient
from pyoxigraph import BlankNode, DefaultGraph, NamedNode, RdfFormat, parse
from rdflib import Graph

from designata.store.directory import Release
from designata.vocabulary import ONTOLOGY, SHAPES, VOID

STORE = "/rdf-graph-store"
ONE = "http://example.org/graph-one"
FORMATS = {
    "text/turtle": "turtle",
    "application/n-triples": "nt",
    "application/rdf+xml": "xml",
    "application/ld+json": "json-ld",
}
SEVERAL = [RdfFormat.N_QUADS, RdfFormat.TRIG, RdfFormat.JSON_LD]


@pytest.mark.parametrize("accept", FORMATS)
@pytest.mark.parametrize(
    ("address", "triples"),
    [
        (f"{STORE}?default", 6),
        (f"{STORE}?default=", 6),
        (f"{STORE}?graph={ONE}", 1),
        (f"{STORE}?graph=http%3A%2F%2Fexample.org%2Fgraph-two", 1),
        (f"{STORE}?graph=http://localhost/graphs/strange", 8),
        ("/graphs/strange", 8),
    ],
)
def test_a_graph_comes_in_each_syntax(
    towns: FlaskClient, address: str, triples: int, accept: str
) -> None:
    reply = towns.get(address, headers={"Accept": accept})
    assert (reply.status_code, reply.mimetype) == (200, accept)
    assert len(Graph().parse(data=reply.data, format=FORMATS[accept])) == triples


@pytest.mark.parametrize("syntax", SEVERAL, ids=str)
def test_without_a_name_it_is_the_whole_dataset(towns: FlaskClient, syntax: RdfFormat) -> None:
    reply = towns.get(STORE, headers={"Accept": syntax.media_type})
    assert (reply.status_code, reply.mimetype) == (200, syntax.media_type)
    assert len(set(parse(reply.data, syntax))) == 16


@pytest.mark.parametrize("room", [1, 50_000])
def test_many_graphs_are_asked_for_together(
    towns: FlaskClient, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    accept = {"Accept": "application/n-quads"}
    one_by_one = towns.get(STORE, headers=accept)
    monkeypatch.setattr("designata.web.holdings._FEW", 0)
    monkeypatch.setattr("designata.web.holdings._PORTION_BYTES", room)
    # Another address, so that nobody remembers the answer.
    together = towns.get(f"{STORE}?x={room}", headers=accept)
    assert together.status_code == 200
    assert sorted(together.data.splitlines()) == sorted(one_by_one.data.splitlines())


TABLE = [
    ("GET", f"{STORE}?graph=http://example.org/none", "*/*", 404),
    ("HEAD", f"{STORE}?graph=http://example.org/none", "*/*", 404),
    ("GET", f"{STORE}/none", "*/*", 404),
    ("GET", f"{STORE}?graph=relative", "*/*", 400),
    ("GET", f"{STORE}?graph=", "*/*", 400),
    ("GET", f"{STORE}?default&graph={ONE}", "*/*", 400),
    ("GET", f"{STORE}?graph={ONE}&graph={ONE}", "*/*", 400),
    ("GET", f"{STORE}?default", "image/png", 406),
    ("GET", STORE, "text/turtle", 406),
    ("GET", STORE, "*/*", 200),
    ("HEAD", f"{STORE}?default", "*/*", 200),
    ("GET", "/graphs/none", "*/*", 404),
    ("PUT", f"{STORE}?default", "*/*", 405),
    ("POST", STORE, "*/*", 405),
    ("DELETE", f"{STORE}?graph={ONE}", "*/*", 405),
    ("PATCH", f"{STORE}?default", "*/*", 405),
    ("PUT", f"{STORE}/person/1.ttl", "*/*", 405),
    ("OPTIONS", STORE, "*/*", 204),
]


@pytest.mark.parametrize(("method", "address", "accept", "status"), TABLE)
def test_each_request_gets_its_status(
    towns: FlaskClient, method: str, address: str, accept: str, status: int
) -> None:
    reply = towns.open(address, method=method, headers={"Accept": accept})
    assert reply.status_code == status
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert status == 204 or "Accept" in reply.headers["Vary"]
    if status in (204, 405):
        assert reply.headers["Allow"] == "GET, HEAD, OPTIONS"


def test_head_has_the_headers_of_get(towns: FlaskClient) -> None:
    got, head = towns.get(f"{STORE}?default"), towns.head(f"{STORE}?default")
    assert head.data == b""
    for name in ("Content-Type", "Content-Length", "ETag", "Vary", "Cache-Control"):
        assert head.headers[name] == got.headers[name]
    again = towns.get(f"{STORE}?default", headers={"If-None-Match": got.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("accept", "file"),
    [("application/n-quads", "designata.nq"), ("application/trig", "designata.trig")],
)
def test_the_dataset_of_a_release_is_its_file(
    site: FlaskClient, release: Release, accept: str, file: str
) -> None:
    reply = site.get(STORE, headers={"Accept": accept})
    assert reply.data == release.file(file).read_bytes()


def test_the_graphs_of_a_release_are_those_of_its_dataset(
    site: FlaskClient, release: Release
) -> None:
    quads = list(parse(path=release.file("designata.nq"), format=RdfFormat.N_QUADS))
    names = {quad.graph_name for quad in quads}
    assert {NamedNode(name) for name in (ONTOLOGY, SHAPES, VOID)} < names
    for name in names:
        named = isinstance(name, NamedNode)
        address = f"{STORE}?graph={name.value}" if named else f"{STORE}?default"
        expected = {quad.triple for quad in quads if quad.graph_name == name}
        for syntax in (RdfFormat.N_TRIPLES, RdfFormat.TURTLE):
            data = site.get(address, headers={"Accept": syntax.media_type}).data
            assert {quad.triple for quad in parse(data, syntax)} == expected
    assert DefaultGraph() in names


@pytest.mark.parametrize("name", ["ontology", "shapes", ".well-known/void"])
def test_a_graph_of_a_release_has_an_address_of_its_own(site: FlaskClient, name: str) -> None:
    direct = site.get(f"{STORE}/{name}", headers={"Accept": "application/n-triples"})
    indirect = site.get(
        f"{STORE}?graph=https://w3id.org/designata/{name}",
        headers={"Accept": "application/n-triples"},
    )
    assert direct.data == indirect.data != b""


ARABIC = "http://example.org/%D8%B1%D8%B3%D9%85/%D8%A3%D9%88%D9%84"


def test_a_name_in_arabic_script_is_an_address_in_ascii_in_the_header(
    foreign: FlaskClient,
) -> None:
    reply = foreign.get(STORE, query_string={"graph": "http://example.org/رسم/أول"})
    assert (reply.status_code, reply.headers["Link"]) == (200, f'<{ARABIC}>; rel="describes"')
    assert len(Graph().parse(data=reply.data, format="turtle")) == 2


@pytest.mark.parametrize("syntax", SEVERAL, ids=str)
def test_a_graph_with_a_blank_node_for_a_name_is_part_of_the_dataset(
    foreign: FlaskClient, syntax: RdfFormat
) -> None:
    quads = list(parse(foreign.get(STORE, headers={"Accept": syntax.media_type}).data, syntax))
    (name,) = {quad.graph_name for quad in quads if isinstance(quad.graph_name, BlankNode)}
    assert len(quads) == 7
    assert {quad.object for quad in quads if quad.graph_name == name} >= {name}
    assert sum(quad.graph_name == name for quad in quads) == 3


def test_a_pattern_finds_a_triple_once_that_stands_in_a_nameless_graph_too(
    foreign: FlaskClient,
) -> None:
    reply = foreign.get(
        "/ldf?predicate=http://example.org/knows", headers={"Accept": "text/turtle"}
    )
    assert b"void:triples 1 ;" in reply.data


def test_a_graph_that_xml_cannot_hold_comes_in_other_syntaxes(foreign: FlaskClient) -> None:
    address = f"{STORE}?graph=http://example.org/no-xml"
    reply = foreign.get(address, headers={"Accept": "application/rdf+xml"})
    assert reply.status_code == 406
    assert "text/turtle" in reply.text
    assert foreign.get(address, headers={"Accept": "text/turtle"}).status_code == 200
