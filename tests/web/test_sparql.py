"""The endpoint over a real socket."""

import json
import socket
import warnings
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import pytest
from pyoxigraph import RdfFormat, parse

from designata.web.guardrails import CONTENT_SECURITY

if TYPE_CHECKING:
    from conftest import Site

PREFIX = "PREFIX ex: <http://example.org/> "
NAMES = PREFIX + "SELECT ?town ?name { ?town ex:name ?name } ORDER BY ?town ?name"
DESCRIBE = PREFIX + "DESCRIBE ex:aleppo"
ROWS = [
    ("aleppo", "Aleppo"),
    ("aleppo", "حلب"),
    ("idlib", "Idlib"),
    ("latakia", "Latakia"),
    ("tartus", "Tartus"),
]


def get(text: str, **more: str) -> str:
    return "/sparql?" + urlencode({"query": text, **more}, quote_via=quote)


TYPES = [
    (NAMES, None, "application/sparql-results+json"),
    (NAMES, "application/sparql-results+xml", "application/sparql-results+xml"),
    (NAMES, "text/csv", "text/csv; charset=utf-8; header=present"),
    (NAMES, "text/tab-separated-values", "text/tab-separated-values; charset=utf-8"),
    (NAMES, "application/json", "application/sparql-results+json"),
    (NAMES, "text/html", "text/html; charset=utf-8"),
    ("ASK {}", None, "application/sparql-results+json"),
    ("ASK {}", "text/html", "text/html; charset=utf-8"),
    (DESCRIBE, None, "text/turtle; charset=utf-8"),
    (DESCRIBE, "application/n-triples", "application/n-triples"),
    (DESCRIBE, "application/ld+json", "application/ld+json"),
    (DESCRIBE, "application/rdf+xml", "application/rdf+xml"),
    (DESCRIBE, "application/trig", "application/trig"),
    (DESCRIBE, "application/n-quads", "application/n-quads"),
    (DESCRIBE, "text/html", "text/html; charset=utf-8"),
]


@pytest.mark.parametrize(("text", "accept", "content_type"), TYPES)
def test_a_result_comes_in_the_type_that_is_asked_for(
    server: "Site", text: str, accept: str | None, content_type: str
) -> None:
    reply = server.send(get(text), headers={"Accept": accept} if accept else {})
    assert (reply.status, reply.headers["Content-Type"]) == (200, content_type)
    assert "Accept" in reply.headers["Vary"]
    assert len(reply.body) == int(reply.headers["Content-Length"])


def test_every_way_to_ask_gives_the_same_rows(server: "Site") -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    direct = {"Content-Type": "application/sparql-query; charset=utf-8"}
    replies = [
        server.send(get(NAMES)),
        server.send(get(NAMES).replace("?", "/?", 1)),
        server.send("/sparql", body=urlencode({"query": NAMES}).encode(), headers=form),
        server.send("/sparql/", body=urlencode({"query": NAMES}).encode(), headers=form),
        server.send("/sparql", body=NAMES.encode(), headers=direct),
        server.send("/sparql", method="QUERY", body=NAMES.encode(), headers=direct),
    ]
    assert [reply.status for reply in replies] == [200] * len(replies)
    document = json.loads(replies[0].body)
    found = [
        (row["town"]["value"].rpartition("/")[2], row["name"]["value"])
        for row in document["results"]["bindings"]
    ]
    assert found == ROWS
    assert {reply.body for reply in replies} == {replies[0].body}


def test_sparqlwrapper_gets_the_same_rows(server: "Site") -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from SPARQLWrapper import CSV, JSON, POST, POSTDIRECTLY, TURTLE, XML, SPARQLWrapper

        client = SPARQLWrapper(server.url + "sparql")
        client.setQuery(NAMES)
        client.setReturnFormat(JSON)
        for method in ("GET", POST):
            client.setMethod(method)
            rows = client.queryAndConvert()["results"]["bindings"]
            assert [row["name"]["value"] for row in rows] == [name for _, name in ROWS]
        client.setRequestMethod(POSTDIRECTLY)
        assert client.queryAndConvert()["results"]["bindings"] == rows
        client.setReturnFormat(CSV)
        assert client.queryAndConvert().decode().splitlines()[0] == "town,name"
        client.setReturnFormat(XML)
        assert len(client.queryAndConvert().getElementsByTagName("result")) == len(ROWS)
        client.setQuery(DESCRIBE)
        client.setReturnFormat(TURTLE)
        assert len(list(parse(client.queryAndConvert(), RdfFormat.TURTLE))) == 4


def test_rdflibs_client_gets_the_same_rows(server: "Site") -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from rdflib import Graph
        from rdflib.plugins.stores.sparqlstore import SPARQLStore

        for method in ("GET", "POST", "POST_FORM"):
            store = SPARQLStore(server.url + "sparql", method=method, returnFormat="json")
            rows = Graph(store).query(NAMES)
            assert [str(row[1]) for row in rows] == [name for _, name in ROWS]


def test_head_is_get_without_the_body(server: "Site") -> None:
    head, full = server.send(get(NAMES), method="HEAD"), server.send(get(NAMES))
    assert (head.status, head.body) == (200, b"")
    ignored = ("date",)
    assert [item for item in head.headers.items() if item[0] not in ignored] == [
        item for item in full.headers.items() if item[0] not in ignored
    ]


@pytest.mark.parametrize("path", ["/sparql", "/sparql/"])
def test_options_answers_a_preflight(server: "Site", path: str) -> None:
    headers = {"Origin": "https://example.org", "Access-Control-Request-Method": "POST"}
    reply = server.send(path, method="OPTIONS", headers=headers)
    assert reply.status == 204
    assert reply.headers["Allow"] == "GET, HEAD, OPTIONS, POST, QUERY"
    assert "POST" in reply.headers["Access-Control-Allow-Methods"]
    assert "Content-Type" in reply.headers["Access-Control-Allow-Headers"]
    assert reply.headers["Access-Control-Max-Age"] == "86400"


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        (get(NAMES), "GET", 200),
        ("/sparql", "GET", 200),
        ("/sparql", "OPTIONS", 204),
        ("/sparql", "DELETE", 405),
        ("/nowhere", "GET", 404),
        (get("nonsense"), "GET", 400),
        (get("DROP ALL"), "GET", 403),
    ],
)
def test_every_response_has_the_guard_rails(
    server: "Site", path: str, method: str, status: int
) -> None:
    reply = server.send(path, method=method)
    assert reply.status == status
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert reply.headers["Access-Control-Allow-Credentials"] is None
    assert "Retry-After" in reply.headers["Access-Control-Expose-Headers"]
    assert reply.headers["Content-Security-Policy"] == CONTENT_SECURITY
    assert CONTENT_SECURITY.startswith("default-src 'self'")
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.headers["Referrer-Policy"] == "no-referrer"


def test_the_dataset_parameters_are_honoured(server: "Site") -> None:
    text = "SELECT ?name { ?town ?is ?name }"
    address = get(text, **{"default-graph-uri": "http://example.org/graph-one", "format": "csv"})
    assert server.send(address).text == "name\r\nLatakia\r\n"


def test_a_page_shows_the_rows_and_their_directions(server: "Site") -> None:
    page = server.send(get(NAMES), headers={"Accept": "text/html"}).text
    assert "<th" in page and ">town</th>" in page
    assert '<bdi lang="ar" dir="rtl">حلب</bdi>' in page


def test_a_page_too_long_to_show_says_so(server: "Site") -> None:
    digits = " ".join(str(number) for number in range(101))
    text = f"SELECT * {{ VALUES ?a {{ {digits} }} VALUES ?b {{ {digits} }} }}"
    reply = server.send(get(text), headers={"Accept": "text/html"})
    assert reply.status == 413
    assert "10,201" in reply.text
    assert server.send(get(text, format="csv")).status == 200


def test_markup_in_a_result_is_text_on_the_page(server: "Site") -> None:
    text = "SELECT ('<script>alert(1)</script>' AS ?x) (<javascript:alert(1)> AS ?y) {}"
    page = server.send(get(text), headers={"Accept": "text/html"}).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert 'href="javascript:' not in page


def test_slow_clients_do_not_hold_up_others(server: "Site") -> None:
    address = ("127.0.0.1", server.port)
    slow = [socket.create_connection(address) for _ in range(60)]
    for connection in slow:
        connection.sendall(b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nq")
    try:
        assert server.send(get("ASK {}"), timeout=3).status == 200
    finally:
        for connection in slow:
            connection.close()
