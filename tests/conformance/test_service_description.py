"""SPARQL 1.1 Service Description: the three tests of the W3C, which say in words what to check."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

import pytest
from flask.testing import FlaskClient
from rdflib import RDF, Graph, Literal, Namespace, URIRef

SD: Final = Namespace("http://www.w3.org/ns/sparql-service-description#")
VOID: Final = Namespace("http://rdfs.org/ns/void#")
ENDPOINT: Final = URIRef("http://localhost/sparql")
TOWNS: Final = Path(__file__).parents[1] / "store" / "fixture" / "towns.trig"
FOREIGN: Final = Path(__file__).parents[1] / "web" / "discovery" / "foreign.trig"
TYPES: Final = {
    None: "turtle",
    "text/turtle": "turtle",
    "application/n-triples": "nt",
    "application/rdf+xml": "xml",
    "application/ld+json": "json-ld",
}


@pytest.fixture(scope="module")
def client(over: Callable[..., AbstractContextManager[FlaskClient]]) -> Iterator[FlaskClient]:
    with over([(TOWNS, None)]) as client:
        yield client


def described(client: FlaskClient, accept: str | None = None, path: str = "/sparql") -> Graph:
    reply = client.get(path, headers={"Accept": accept} if accept else {})
    assert reply.status_code == 200
    return Graph().parse(data=reply.data, format=TYPES[accept])


@pytest.mark.parametrize("accept", TYPES)
def test_returns_rdf(client: FlaskClient, accept: str | None) -> None:
    assert set(described(client, accept)) == set(described(client))


@pytest.mark.parametrize("path", ["/sparql", "/sparql/"])
def test_has_endpoint_triple(client: FlaskClient, path: str) -> None:
    assert (ENDPOINT, SD.endpoint, ENDPOINT) in described(client, path=path)


def test_conforms_to_schema(client: FlaskClient) -> None:
    graph = described(client)
    (service,) = graph.subjects(RDF.type, SD.Service)
    (dataset,) = graph.objects(service, SD.defaultDataset)
    assert (dataset, RDF.type, SD.Dataset) in graph
    (default,) = graph.objects(dataset, SD.defaultGraph)
    assert (default, RDF.type, SD.Graph) in graph
    names = set()
    for named in graph.objects(dataset, SD.namedGraph):
        assert (named, RDF.type, SD.NamedGraph) in graph
        names |= set(graph.objects(named, SD.name))
        (content,) = graph.objects(named, SD.graph)
        assert (content, RDF.type, SD.Graph) in graph
    assert names == {URIRef(f"http://example.org/graph-{n}") for n in ("one", "two")}
    assert set(graph.objects(service, SD.supportedLanguage)) == {SD.SPARQL11Query}
    assert set(graph.objects(service, SD.feature)) == {SD.UnionDefaultGraph}
    assert not any(isinstance(value, Literal) for value in graph.objects(service))
    assert len(set(graph.objects(service, SD.resultFormat))) == 10


def test_a_graph_without_a_name_is_not_described(
    over: Callable[..., AbstractContextManager[FlaskClient]],
) -> None:
    with over([(FOREIGN, None)]) as client:
        graph = described(client)
    names = {str(name) for name in graph.objects(None, SD.name)}
    assert names == {"http://example.org/رسم/أول", "http://example.org/no-xml"}


def test_every_function_that_is_described_works(client: FlaskClient) -> None:
    graph = described(client)
    functions = set(graph.objects(ENDPOINT, SD.extensionFunction))
    assert len(functions) == 12
    point = '"POINT(1 2)"^^<http://www.opengis.net/ont/geosparql#wktLiteral>'
    metre = "<http://www.opengis.net/def/uom/OGC/1.0/metre>"
    for function in functions:
        assert (function, RDF.type, SD.Function) in graph
        name = function.rpartition("/")[2]
        given = [point] if name in ("asGeoJSON", "convexHull", "envelope") else [point, point]
        given += [metre] if name == "distance" else []
        query = f"SELECT (<{function}>({', '.join(given)}) AS ?found) {{}}"
        (row,) = client.get("/sparql", query_string={"query": query}).json["results"]["bindings"]
        assert row["found"]["value"], name
