"""Terms of RDF 1.2, and names that some syntax cannot hold, in every form in which they are had."""

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import pytest
from pyoxigraph import BaseDirection, Literal, NamedNode, RdfFormat, Triple, parse

if TYPE_CHECKING:
    from conftest import Site

THINGS: Final = """
@prefix id: <https://w3id.org/designata/id/t/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
id:s <http://ex.org/p> "o" ~ id:r {| <http://ex.org/c> "0.5" |} .
id:d <http://ex.org/p> "abc"@ar--rtl .
id:e <http://ex.org/p> "abc"@en--rtl .
id:q <http://www.w3.org/1999/02/22-rdf-syntax-ns#li> "v" .
id:labelled skos:prefLabel <<( id:s <http://ex.org/p> "o" )>> , "A label"@en .
id:loop owl:deprecated true ; dcterms:isReplacedBy id:loop .
"""
MANY: Final = "".join(
    f"<https://w3id.org/designata/id/t/m{number}> <http://ex.org/to> "
    "<https://w3id.org/designata/id/t/d> .\n"
    for number in range(250)
)
REIFIES: Final = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#reifies")
WRITTEN: Final = {
    "text/turtle": RdfFormat.TURTLE,
    "application/n-triples": RdfFormat.N_TRIPLES,
    "application/trig": RdfFormat.TRIG,
    "application/n-quads": RdfFormat.N_QUADS,
    "application/rdf+xml": RdfFormat.RDF_XML,
}
FRAGMENT: Final = "ldf?predicate=" + quote(REIFIES.value, safe="")
VALUED: Final = "".join(
    f"<https://w3id.org/designata/id/t/many> <http://ex.org/{kind}> {value} .\n"
    for number in range(250)
    for kind, value in (("text", f'"{number}"'), ("thing", f"<http://ex.org/v/{number}>"))
)
LABEL: Final = "<http://www.w3.org/2000/01/rdf-schema#label>"
REPLACED: Final = "<http://purl.org/dc/terms/isReplacedBy>"
SPLIT: Final = (
    "".join(
        f"<https://w3id.org/designata/id/t/split> {REPLACED} <http://ex.org/s{number}> .\n"
        f'<https://w3id.org/designata/id/t/called> {LABEL} "A{number}"@x-{number} .\n'
        for number in range(101)
    )
    + f"""
<https://w3id.org/designata/id/t/split> <http://www.w3.org/2002/07/owl#deprecated> true .
<https://w3id.org/designata/id/t/called> {LABEL} "Zealand"@en .
"""
)
ALL: Final = quote("CONSTRUCT WHERE { ?s ?p ?o }")
EXPANDED: Final = 'application/ld+json;profile="http://www.w3.org/ns/json-ld#expanded"'


@pytest.fixture(scope="module")
def terms(
    serving: Callable[..., AbstractContextManager["Site"]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator["Site"]:
    file = tmp_path_factory.mktemp("terms") / "terms.ttl"
    file.write_text(THINGS + MANY + VALUED + SPLIT, encoding="utf-8")
    with serving("--load", str(file), environment={}) as site:
        yield site


def triples(content: bytes, form: RdfFormat) -> set[Triple]:
    return {quad.triple for quad in parse(content, form)}


@pytest.mark.parametrize("media_type", WRITTEN)
def test_a_triple_term_is_written_where_there_is_a_place(terms: "Site", media_type: str) -> None:
    reply = terms.send("doc/t/r", headers={"Accept": media_type})
    assert (reply.status, reply.media_type) == (200, media_type)
    (term,) = (
        one.object for one in triples(reply.body, WRITTEN[media_type]) if one.predicate == REIFIES
    )
    assert isinstance(term, Triple) and term.object == Literal("o")


@pytest.mark.parametrize("media_type", ["application/ld+json", EXPANDED])
@pytest.mark.parametrize(
    "path",
    ["doc/t/r", FRAGMENT, f"sparql?query={ALL}", "rdf-graph-store?default", "rdf-graph-store"],
)
def test_json_ld_has_no_triple_terms_and_other_types_are_named(
    terms: "Site", path: str, media_type: str
) -> None:
    reply = terms.send(path, headers={"Accept": media_type})
    assert (reply.status, reply.media_type) == (406, "application/problem+json")
    assert "triple term" in json.loads(reply.body)["detail"]
    others = json.loads(reply.body)["available"]
    assert others and "application/ld+json" not in others
    assert terms.send(path, headers={"Accept": others[0]}).status == 200


@pytest.mark.parametrize("path", ["doc/t/q", f"sparql?query={ALL}", "rdf-graph-store?default"])
def test_a_name_that_xml_keeps_for_itself_is_refused(terms: "Site", path: str) -> None:
    reply = terms.send(path, headers={"Accept": "application/rdf+xml"})
    assert reply.status == 406
    assert "XML" in reply.text and "text/turtle" in reply.text


@pytest.mark.parametrize("path", [FRAGMENT, "doc/t/r"])
def test_pages_and_tables_show_triple_terms(terms: "Site", path: str) -> None:
    page = terms.send(path, headers={"Accept": "text/html"})
    assert page.status == 200 and "&lt;&lt;(" in page.text
    if path != FRAGMENT:
        table = terms.send(path, headers={"Accept": "text/csv"})
        assert table.status == 200 and "<<( " in table.text


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        *(("doc/t/d", media_type) for media_type in WRITTEN),
        # XML has no place for another name in that graph.
        *(("rdf-graph-store?default", one) for one in WRITTEN if not one.endswith("xml")),
    ],
)
def test_a_direction_is_kept(terms: "Site", path: str, media_type: str) -> None:
    wanted = Literal("abc", language="ar", direction=BaseDirection.RTL)
    content = terms.send(path, headers={"Accept": media_type}).body
    assert wanted in {one.object for one in triples(content, WRITTEN[media_type])}


def test_a_direction_is_kept_in_json_ld_tables_and_fragments(terms: "Site") -> None:
    compact = terms.send("doc/t/d", headers={"Accept": "application/ld+json"})
    expanded = terms.send("doc/t/d", headers={"Accept": EXPANDED})
    query = quote("CONSTRUCT WHERE { <https://w3id.org/designata/id/t/d> ?p ?o }")
    asked = terms.send(f"sparql?query={query}", headers={"Accept": "application/ld+json"})
    for reply in (compact, expanded, asked):
        assert reply.status == 200 and '"rtl"' in reply.text, reply.text
    assert "abc,http://www.w3.org/1999/02/22-rdf-syntax-ns#dirLangString,ar--rtl" in (
        terms.send("doc/t/d", headers={"Accept": "text/csv"}).text
    )
    fragment = terms.send(
        "ldf?object=" + quote('"abc"@ar--rtl'), headers={"Accept": "application/n-triples"}
    )
    assert fragment.status == 200 and b'"abc"@ar--rtl' in fragment.body


def test_a_page_has_the_direction_of_the_literal_not_of_its_language(terms: "Site") -> None:
    query = quote('SELECT ("abc"@en--rtl AS ?x) ("abc"@ar--ltr AS ?y) {}')
    table = terms.send(f"sparql?query={query}", headers={"Accept": "text/html"})
    assert '<bdi lang="en" dir="rtl">abc' in table.text
    assert '<bdi lang="ar" dir="ltr">abc' in table.text
    assert '<bdi lang="en" dir="rtl">abc' in terms.send("doc/t/e.html").text


def test_what_was_replaced_by_itself_is_gone(terms: "Site") -> None:
    assert terms.send("id/t/loop").status == 410


def test_whoever_merges_the_pages_of_a_document_keeps_their_order(terms: "Site") -> None:
    found: dict[str, list[str]] = {}
    for page in (1, 2, 3):
        for one in triples(terms.send(f"doc/t/d.nt?page={page}").body, RdfFormat.N_TRIPLES):
            if one.predicate.value.endswith("hydra/core#next"):
                found.setdefault(str(one.subject), []).append(str(one.object))
    document = "https://w3id.org/designata/doc/t/d"
    assert found == {
        f"<{document}>": [f"<{document}?page=2>"],
        f"<{document}?page=2>": [f"<{document}?page=3>"],
    }


def test_a_profile_has_an_address(terms: "Site") -> None:
    asked = terms.send("doc/t/d", headers={"Accept": EXPANDED})
    place = asked.headers["Content-Location"]
    assert place == "/doc/t/d.jsonld?profile=expanded"
    again = terms.send(place)
    assert (again.body, again.headers["ETag"]) == (asked.body, asked.headers["ETag"])
    plain = terms.send("doc/t/d.jsonld", headers={"Accept": EXPANDED})
    assert "@context" in json.loads(plain.body)
    assert plain.headers["Content-Location"] == "/doc/t/d.jsonld"


@pytest.mark.parametrize("path", ["/healthz", "/doc/t/d.ttl", "/robots.txt"])
def test_http_1_0_need_not_name_a_host(terms: "Site", path: str) -> None:
    with socket.create_connection(("127.0.0.1", terms.port), timeout=10) as connection:
        connection.sendall(f"GET {path} HTTP/1.0\r\n\r\n".encode())
        content = b""
        while piece := connection.recv(65_536):
            content += piece
    assert content.split(b" ")[1] == b"200"
    at = f"http://127.0.0.1:{terms.port}/sitemap.xml".encode()
    assert path != "/robots.txt" or at in content


def test_links_in_a_linkset_are_in_ascii(
    serving: Callable[..., AbstractContextManager["Site"]], tmp_path: Path
) -> None:
    file = tmp_path / "one.nt"
    file.write_text('<https://w3id.org/designata/id/t/مصر> <http://ex.org/p> "x" .\n')
    with serving("--load", str(file), environment={}) as site:
        path = quote("t/مصر")
        links = site.send(f"linkset/{path}")
        assert links.status == 200
        targets = [
            one["href"]
            for context in json.loads(links.body)["linkset"]
            for relation, found in context.items()
            if relation != "anchor"
            for one in found
        ]
        assert targets and all(one.isascii() for one in targets)
        assert site.send("release/latest").status == 404


def test_many_values_come_a_hundred_at_a_time(terms: "Site") -> None:
    found, about = set(), "https://w3id.org/designata/id/t/many"
    pages = [terms.send(f"doc/t/many.nt?page={page}") for page in (1, 2, 3)]
    for number, page in enumerate(pages, start=1):
        said = {
            one
            for one in triples(page.body, RdfFormat.N_TRIPLES)
            if one.subject == NamedNode(about) and "ex.org" in one.predicate.value
        }
        assert len(said) == (200 if number < 3 else 100)
        assert not said & found
        found |= said
        assert ('rel="next"' in page.headers["Link"]) == (number < 3)
    assert len(found) == 500
    assert terms.send("doc/t/many.nt?page=4").status == 404
    page = terms.send("doc/t/many.html?page=2")
    assert "Page 2 of 3" in page.text and "?page=3" in page.text and "links)" not in page.text


def test_what_a_thing_is_called_and_became_is_the_same_on_every_page(terms: "Site") -> None:
    assert "<h1>" in (page := terms.send("doc/t/called.html").text)
    assert "Zealand" in page.partition("<h1>")[2].partition("</h1>")[0]
    assert terms.send("doc/t/split.ttl").status == 410
    assert terms.send("doc/t/split.ttl?page=2").status == 404


def test_a_triple_term_as_a_label_is_shown_as_it_is_written(terms: "Site") -> None:
    page = terms.send("doc/t/labelled.html")
    assert page.status == 200 and "A label" in page.text
