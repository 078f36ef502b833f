"""Documents about things of ours in data that was loaded, whose names are not made as ours are."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pyoxigraph import BlankNode, RdfFormat, parse
from rdflib import Graph, URIRef

from designata.settings import Settings
from designata.store.pool import open_pool
from designata.vocabulary import BASE, term
from designata.web.app import create_app

LOADED = Path(__file__).parent / "fixture" / "loaded.trig"
HAMAS = "organization/%D8%AD%D9%85%D8%A7%D8%B3"


@pytest.fixture(scope="module")
def loaded() -> Iterator[FlaskClient]:
    settings = Settings(query_workers=1, page_workers=1)
    with open_pool([(LOADED, None)], settings) as pool:
        yield create_app(settings, pool, None).test_client()


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (HAMAS, "organization/حماس"),
        ("organization/a%20b", "organization/a%20b"),
        ("organization/%D8%A8", "organization/ب"),
        ("organization/%D9%85", "organization/%D9%85"),
        ("organization/x.y", "organization/x.y"),
        ("organization/Q42", "organization/Q42"),
        ("one/two/three", "one/two/three"),
        ("organization/only-object", "organization/only-object"),
        ("organization/file.ttl", "organization/file.ttl"),
        ("organization/end/", "organization/end/"),
        ("organization/C++", "organization/C++"),
        ("organization/C%2B%2B", "organization/C%2B%2B"),
        ("organization/a%2Fb", "organization/a%2Fb"),
        ("organization/c%3dd", "organization/c%3dd"),
    ],
)
def test_a_name_leads_to_its_document_and_comes_back(
    loaded: FlaskClient, path: str, name: str
) -> None:
    see = loaded.get(f"/id/{path}")
    assert (see.status_code, see.headers["Location"]) == (303, f"/doc/{path}")
    assert see.headers["Link"] == f'</doc/{path}>; rel="describedby"'
    for address in (f"/doc/{path}", f"/doc/{path}.ttl"):
        document = loaded.get(address, headers={"Accept": "text/turtle"})
        assert (document.status_code, document.mimetype) == (200, "text/turtle")
        assert document.headers["Content-Location"] == f"/doc/{path}.ttl"
        assert f'</doc/{path}>; rel="canonical"' in document.headers["Link"]
        thing = URIRef(f"{BASE}id/{name}")
        assert thing in Graph().parse(data=document.data, format="turtle").all_nodes()
    assert loaded.get(f"/linkset/{path}").status_code == 200
    page = loaded.get(f"/doc/{path}.html").text
    assert f'<link rel="canonical" href="/doc/{path}">' in page


def test_a_page_links_to_names_in_ascii(loaded: FlaskClient) -> None:
    page = loaded.get(f"/doc/{HAMAS}", headers={"Accept": "text/html"}).text
    assert 'href="/doc/organization/a%20b"' in page
    assert "/doc/organization/%D8%A8" in loaded.get("/sitemap-1.xml").text


@pytest.mark.parametrize("start", ["/id", "/doc"])
@pytest.mark.parametrize("name", ["old", "oldest"])
def test_what_was_merged_leads_to_a_name_in_ascii(
    loaded: FlaskClient, start: str, name: str
) -> None:
    reply = loaded.get(f"{start}/organization/{name}")
    assert (reply.status_code, reply.headers["Location"]) == (308, f"/id/{HAMAS}")
    for form in (".nt", "?format=nt", "?_mediatype=application/n-triples"):
        named = loaded.get(f"/doc/organization/{name}{form}")
        assert named.headers["Location"] == f"/doc/{HAMAS}.nt"


def test_what_was_merged_in_a_circle_is_gone(loaded: FlaskClient) -> None:
    see = loaded.get("/id/organization/round")
    assert (see.status_code, see.headers["Location"]) == (303, "/doc/organization/round")
    assert loaded.get("/doc/organization/round").status_code == 410


@pytest.mark.parametrize("path", ["organization/x", "organization/x.z", "%FF", "one/two", "a%2Fb"])
def test_what_is_not_mentioned_is_not_found(loaded: FlaskClient, path: str) -> None:
    assert {loaded.get(f"{start}/{path}").status_code for start in ("/id", "/doc")} == {404}


def test_the_links_of_a_very_long_name_are_in_the_linkset(loaded: FlaskClient) -> None:
    path = "organization/" + "long" * 500
    reply = loaded.get(f"/doc/{path}", headers={"Accept": "text/turtle"})
    assert reply.status_code == 200
    assert re.findall('<([^>]*)>; rel="([^"]*)', reply.headers["Link"]) == [
        (f"/linkset/{path}", "linkset")
    ]
    links = loaded.get(f"/linkset/{path}")
    assert len(links.data) > 16_000 and b'"alternate"' in links.data


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("/doc/organization/C%2b%2B", "organization/C%2B%2B"),
        ("/doc%2Forganization/C++", "organization/C++"),
    ],
)
def test_an_escape_may_be_written_otherwise(loaded: FlaskClient, address: str, name: str) -> None:
    reply = loaded.get(address, headers={"Accept": "text/turtle"})
    assert reply.headers["Content-Location"] == f"/doc/{name}.ttl"


@pytest.mark.parametrize("suffix", ["ttl", "nt", "rdf", "jsonld", "trig", "nq"])
def test_blank_nodes_are_described_where_something_leads_to_them(
    loaded: FlaskClient, suffix: str
) -> None:
    reply = loaded.get(f"/doc/organization/alone.{suffix}")
    kind = RdfFormat.from_media_type(reply.mimetype)
    assert kind
    found = [quad.triple for quad in parse(reply.data, kind)]
    texts = {one.object.value for one in found if one.predicate == term("rdfs:label")}
    assert texts == {"first", "last"}
    assert sum(isinstance(one.subject, BlankNode) for one in found) == 7


def test_a_page_stands_blank_nodes(loaded: FlaskClient) -> None:
    assert loaded.get("/doc/organization/alone.html").status_code == 200


def test_a_class_of_another_vocabulary_is_named(loaded: FlaskClient) -> None:
    page = loaded.get("/doc/organization/%D8%A8.html").text
    assert re.search(r'<dt>.*type.*</dt>\s*<dd><a href="http://www.w3.org/2002/07/owl#Thing"', page)


def test_the_iri_of_a_property_is_marked_as_one(loaded: FlaskClient) -> None:
    page = loaded.get("/doc/organization/no-xml.html").text
    assert '<dt class="iri"><a href="http://example.org/1"' in page


def test_a_document_that_xml_cannot_hold_comes_in_other_forms(loaded: FlaskClient) -> None:
    assert loaded.get("/doc/organization/no-xml.rdf").status_code == 406
    assert loaded.get("/doc/organization/no-xml.ttl").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/doc/organization/no-xml.html",
        "/search?q=%01a%EF%BF%BE",
        "/query?query=%00%C2%85%F0%9F%BF%BF",
        "/nothing%01",
    ],
)
def test_a_page_shows_another_character_for_what_html_does_not_allow(
    loaded: FlaskClient, path: str
) -> None:
    text = loaded.get(path, headers={"Accept": "text/html"}).text
    assert "\ufffd" in text
    assert not re.search("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufffe\uffff\U0001ffff]", text)


def test_loaded_data_has_no_licence_but_what_it_says_itself(loaded: FlaskClient) -> None:
    reply = loaded.get(f"/doc/{HAMAS}.nt")
    assert b"license" not in reply.data and b"inDataset" not in reply.data
    relations = set(re.findall('rel="([^"]*)"', reply.headers["Link"]))
    assert "canonical" in relations
    assert not {"license", "collection"} & relations
    assert "subjectOf" not in loaded.get(f"/doc/{HAMAS}.html").text
