"""Every document has one address; with a slash too many it is still found."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from designata.web.app import BLUEPRINTS

ONE = [
    "/id/base/hmeimim",
    "/doc/base/hmeimim",
    "/doc/base/hmeimim.ttl",
    "/id/organization/front",
    "/doc/organization/front",
    "/code/act-kind",
    "/doc/code/act-kind",
    "/linkset/base/hmeimim",
    "/all/bases",
    "/ontology",
    "/ontology.ttl",
    "/shapes",
    "/void",
    "/.well-known/void",
    "/context.jsonld",
    "/query",
    "/search",
    "/limits",
    "/prefixes",
    "/openapi.json",
    "/robots.txt",
    "/sitemap.xml",
    "/.well-known/api-catalog",
    "/.well-known/sparql-examples",
    "/release/latest/manifest.json",
    "/release/latest/SHA256SUMS",
]
BOTH = ["/sparql", "/ldf", "/rdf-graph-store"]


@pytest.mark.parametrize("path", ONE)
@pytest.mark.parametrize("slashes", ["/", "//", "%2F", "%2f/"])
@pytest.mark.parametrize("query", ["", "?page=1&q=%D8%A7"])
def test_a_slash_too_many_leads_to_the_address(
    small: FlaskClient, path: str, slashes: str, query: str
) -> None:
    response = small.get(path + slashes + query, follow_redirects=False)
    hops = 0
    while response.status_code == 308 and response.headers["Location"] != path + query:
        assert hops < 1
        hops += 1
        response = small.get(response.headers["Location"].removeprefix("http://localhost"))
    assert (response.status_code, response.headers["Location"]) == (308, path + query)
    assert response.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("path", BOTH)
def test_these_are_the_same_with_a_slash(small: FlaskClient, path: str) -> None:
    turtle = {"Accept": "text/turtle, application/trig"}
    with_slash, without = (small.get(each, headers=turtle) for each in (f"{path}/", path))
    assert with_slash.status_code == without.status_code == 200
    assert with_slash.text.replace(f"{path}/", path) == without.text


@pytest.mark.parametrize("path", ["/problem", "/release", "/release/1"])
def test_a_folder_has_its_slash(small: FlaskClient, path: str) -> None:
    response = small.get(path)
    assert response.status_code in (302, 308)
    assert response.headers["Location"].endswith(path + "/")


@pytest.mark.parametrize(
    "path", ["/nothing/", "/doc/", "/id/", "/%2F%2Fevil.example/", "/a%0d%0ab/", "/static/"]
)
def test_an_unknown_address_stays_unknown(small: FlaskClient, path: str) -> None:
    assert small.get(path).status_code == 404


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/doc/base/a%3Fb/", "/doc/base/a%3Fb"),
        ("/doc/base/%D8%A7/", "/doc/base/%D8%A7"),
        ("/doc/base/a%20b/", "/doc/base/a%20b"),
    ],
)
def test_the_address_stays_percent_encoded(small: FlaskClient, path: str, location: str) -> None:
    response = small.get(path)
    assert (response.status_code, response.headers["Location"]) == (308, location)


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("//void.attacker.example/", "/void.attacker.example"),
        ("//ontology.attacker.example:80//", "/ontology.attacker.example:80"),
        ("///doc/base/hmeimim/", "/doc/base/hmeimim"),
        ("//doc//base/hmeimim", "/doc/base/hmeimim"),
        ("/doc//base/hmeimim?page=1", "/doc/base/hmeimim?page=1"),
        ("/release/latest//\\evil.example", "/release/latest/%5Cevil.example"),
    ],
)
def test_no_address_leads_to_another_host(small: FlaskClient, path: str, location: str) -> None:
    sent = {"PATH_INFO": path.partition("?")[0], "REQUEST_URI": path, "HTTP_HOST": "evil.example"}
    sent["QUERY_STRING"] = path.partition("?")[2]
    response = small.get("/", environ_overrides=sent)
    assert (response.status_code, response.headers["Location"]) == (308, location)
    assert b"evil.example" not in response.data.replace(location.encode(), b"")


@pytest.mark.parametrize("path", ["/search?q=%ff", "/query?query=%ed%a0%80", "/ldf?subject=%80"])
def test_parameters_that_are_no_text_are_refused(small: FlaskClient, path: str) -> None:
    reply = small.get(path, headers={"Accept": "application/problem+json"})
    assert (reply.status_code, reply.json and reply.json["detail"]) == (
        400,
        "the parameters are not text in UTF-8",
    )


def test_the_method_is_kept(small: FlaskClient) -> None:
    assert small.head("/query/").status_code == 308
    assert small.post("/query/").status_code == 308


def test_every_document_of_the_server_is_in_the_table(small: FlaskClient) -> None:
    known = {path.split("/")[1].partition(".")[0] for path in (*ONE, *BOTH)}
    known |= {"problem", "release"}
    rules = small.application.url_map.iter_rules()
    first = {rule.rule.split("/")[1].partition(".")[0] for rule in rules}
    assert len(BLUEPRINTS) > 5
    assert {name for name in first if name and "<" not in name} - known == {"static", "frames"}
