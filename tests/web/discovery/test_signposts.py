"""Documents: their links, profiles of JSON-LD, and things that are withdrawn or merged."""

import json
import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from rdflib import Graph
from rdflib.compare import isomorphic

from designata.settings import Settings
from designata.store.directory import Release
from designata.store.pool import open_pool
from designata.vocabulary import BASE
from designata.web.app import create_app

HOST = "http://localhost"
HTS = "/doc/organization/hayat-tahrir-al-sham"
IRI = BASE + "id/organization/hayat-tahrir-al-sham"
JSON_LD = "http://www.w3.org/ns/json-ld#"
GRAVES = f"""
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix organization: <{BASE}id/organization/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

organization:gone owl:deprecated true ; skos:prefLabel "Gone"@en ;
  skos:note "Entered by mistake."@en .
organization:merged owl:deprecated true ; dcterms:isReplacedBy organization:alive .
organization:split owl:deprecated true ;
  dcterms:isReplacedBy organization:alive, organization:other .
organization:superseded dcterms:isReplacedBy organization:alive ; skos:prefLabel "Old law"@en .
organization:elsewhere owl:deprecated true ; dcterms:isReplacedBy <https://example.org/id/1> .
organization:unsafe owl:deprecated true ; dcterms:isReplacedBy <javascript:alert%281%29> .
organization:kept owl:deprecated false ; dcterms:isReplacedBy organization:alive .
organization:alive skos:prefLabel "Alive"@en .
organization:other skos:prefLabel "Other"@en .
"""


@pytest.fixture(scope="module")
def graves(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    path = tmp_path_factory.mktemp("graves") / "graves.ttl"
    path.write_text(GRAVES)
    settings = Settings(query_workers=1, page_workers=1)
    with open_pool([(path, None)], settings) as pool:
        yield create_app(settings, pool, None).test_client()


def links(header: str) -> dict[str, list[tuple[str, str | None]]]:
    found: dict[str, list[tuple[str, str | None]]] = {}
    for target, rel, _, kind in re.findall(r'<([^>]*)>; rel="([^"]*)"(; type="([^"]*)")?', header):
        found.setdefault(rel, []).append((target, kind or None))
    return found


RELATIONS = {
    "describes": (IRI, None),
    "canonical": (HTS, None),
    "cite-as": (IRI, None),
    "license": ("https://creativecommons.org/licenses/by/4.0/", None),
    "type": ("https://schema.org/Organization", None),
    "collection": (BASE + "id/dataset/designata", None),
    "linkset": ("/linkset/organization/hayat-tahrir-al-sham", "application/linkset+json"),
    "http://www.w3.org/ns/sparql-service-description#endpoint": ("/sparql", None),
}


@pytest.mark.parametrize("suffix", ["", ".ttl", ".html", ".jsonld"])
def test_a_document_says_where_it_leads(site: FlaskClient, suffix: str) -> None:
    found = links(site.get(HTS + suffix).headers["Link"])
    assert {rel: found[rel] for rel in RELATIONS} == {r: [link] for r, link in RELATIONS.items()}
    assert (f"{HTS}.ttl", "text/turtle") in found["alternate"]
    assert len(found["alternate"]) == 9


def test_every_link_of_a_document_works(site: FlaskClient) -> None:
    for found in links(site.get(HTS).headers["Link"]).values():
        for target, media_type in found:
            if target.startswith("/"):
                reply = site.get(target)
                assert reply.status_code == 200
                assert media_type in (None, reply.mimetype)


def test_the_links_are_in_the_page_too(site: FlaskClient) -> None:
    reply = site.get(f"{HTS}.html")
    head = reply.text.partition("</head>")[0]
    for rel, found in links(reply.headers["Link"]).items():
        for target, _ in found:
            assert re.search(
                rf'<link rel="{re.escape(rel)}"[^>]* href="{re.escape(target)}">', head
            )


def test_the_links_are_a_document_of_their_own(site: FlaskClient) -> None:
    reply = site.get("/linkset/organization/hayat-tahrir-al-sham")
    assert reply.headers["Content-Type"] == "application/linkset+json"
    (context,) = reply.json["linkset"]
    assert context["anchor"] == HOST + HTS
    assert context["describes"] == [{"href": IRI}]
    assert {"href": f"{HOST}{HTS}.ttl", "type": "text/turtle"} in context["alternate"]
    header = links(site.get(HTS).headers["Link"])
    assert {rel: len(found) for rel, found in header.items()} == {
        rel: len(found) for rel, found in context.items() if rel != "anchor"
    }


@pytest.mark.parametrize("path", ["/linkset/organization/nobody", "/linkset/x", "/linkset/"])
def test_nothing_has_no_links(site: FlaskClient, path: str) -> None:
    assert site.get(path).status_code == 404


def test_each_profile_has_a_validator_of_its_own(site: FlaskClient) -> None:
    tags = {
        site.get(HTS, headers={"Accept": f'application/ld+json;profile="{JSON_LD}{name}"'}).headers[
            "ETag"
        ]
        for name in ("expanded", "flattened", "compacted")
    }
    assert len(tags) == 3


@pytest.mark.parametrize("name", ["expanded", "flattened"])
def test_json_ld_comes_without_a_context_where_that_is_asked(site: FlaskClient, name: str) -> None:
    accept = f'application/ld+json;profile="{JSON_LD}{name}"'
    reply = site.get(HTS, headers={"Accept": accept})
    assert reply.headers["Content-Type"] == f'application/ld+json; profile="{JSON_LD}{name}"'
    nodes = json.loads(reply.data)
    assert isinstance(nodes, list)
    assert all(":" in key or key.startswith("@") for node in nodes for key in node)
    compact = site.get(f"{HTS}.jsonld")
    assert compact.headers["ETag"] != reply.headers["ETag"]
    assert isomorphic(
        Graph().parse(data=reply.data, format="json-ld"),
        Graph().parse(data=compact.data, format="json-ld"),
    )


@pytest.mark.parametrize("profile", [f"{JSON_LD}compacted", "http://example.org/other"])
def test_other_profiles_get_the_usual_json_ld(site: FlaskClient, profile: str) -> None:
    reply = site.get(HTS, headers={"Accept": f'application/ld+json;profile="{profile}"'})
    assert reply.headers["Content-Type"] == "application/ld+json"
    assert "@context" in reply.json


def test_a_document_says_which_release_it_is_from(site: FlaskClient, release: Release) -> None:
    text = site.get(f"{HTS}.nt").text
    assert f"<{BASE}release/{release.id}/designata.nq>" in text


MOVES = [
    ("/id/organization/merged", 308, "/id/organization/alive"),
    ("/doc/organization/merged", 308, "/id/organization/alive"),
    ("/doc/organization/merged.ttl", 308, "/doc/organization/alive.ttl"),
    ("/id/organization/elsewhere", 308, "https://example.org/id/1"),
    ("/id/organization/gone", 303, "/doc/organization/gone"),
    ("/doc/organization/gone", 410, None),
    ("/doc/organization/gone.html", 410, None),
    ("/doc/organization/gone.ttl", 410, None),
    ("/doc/organization/split", 410, None),
    ("/doc/organization/unsafe", 410, None),
    ("/doc/organization/superseded", 200, None),
    ("/doc/organization/kept", 200, None),
    ("/id/organization/superseded", 303, "/doc/organization/superseded"),
    ("/doc/organization/alive", 200, None),
]


@pytest.mark.parametrize(("path", "status", "location"), MOVES)
def test_what_is_no_more_says_so(
    graves: FlaskClient, path: str, status: int, location: str | None
) -> None:
    reply = graves.get(path)
    assert (reply.status_code, reply.headers.get("Location")) == (status, location)
    assert reply.headers["Access-Control-Allow-Origin"] == "*"


def test_a_grave_has_an_inscription(graves: FlaskClient) -> None:
    turtle = graves.get("/doc/organization/gone", headers={"Accept": "text/turtle"})
    graph = Graph().parse(data=turtle.data, format="turtle")
    assert (turtle.status_code, turtle.mimetype) == (410, "text/turtle")
    assert "deprecated" in turtle.text and "Entered by mistake." in turtle.text
    assert len(graph) > 3
    page = graves.get("/doc/organization/gone", headers={"Accept": "text/html"})
    assert (page.status_code, page.mimetype) == (410, "text/html")
    assert "Withdrawn" in page.text
    again = graves.get(
        "/doc/organization/gone",
        headers={"Accept": "text/turtle", "If-None-Match": turtle.headers["ETag"]},
    )
    assert again.status_code == 410


def test_the_survivor_names_those_that_it_replaced(graves: FlaskClient) -> None:
    text = graves.get("/doc/organization/alive.nt").text
    expected = f"<{BASE}id/organization/merged> <http://purl.org/dc/terms/isReplacedBy>"
    assert expected in text
