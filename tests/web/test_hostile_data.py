"""Foreign files that mean harm, or only what no shape allows: their pages stay pages."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import pytest

if TYPE_CHECKING:
    from conftest import Site

EVIL: Final = r"</script><script>alert(1)</script><img src=x onerror=alert(1)>\"'>"
THINGS: Final = """
@prefix : <https://w3id.org/designata/ontology#> .
@prefix organization: <https://w3id.org/designata/id/organization/> .
@prefix period: <https://w3id.org/designata/id/period/> .
@prefix base: <https://w3id.org/designata/id/base/> .
@prefix place: <https://w3id.org/designata/id/place/> .
@prefix designation: <https://w3id.org/designata/id/designation/> .
@prefix agent: <https://w3id.org/designata/id/agent/> .
@prefix query: <https://w3id.org/designata/id/query/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix skosxl: <http://www.w3.org/2008/05/skos-xl#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix cito: <http://purl.org/spar/cito/> .
@prefix geo: <http://www.opengis.net/ont/geosparql#> .
@prefix wgs84: <http://www.w3.org/2003/01/geo/wgs84_pos#> .
@prefix schema: <https://schema.org/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

organization:evil a :Organization , <javascript:alert(1)> ;
  skos:prefLabel "EVIL" , "EVIL"@ar , "\\u202Eevil\\u2066"@en ;
  :hasName [ skosxl:literalForm "EVIL" ] , <javascript:alert(1)> , "no name" ;
  :preferredName [] ; :period <javascript:alert(1)> , "no period" ; :assertedBy [] ;
  :citation [ :quote "EVIL" ; :source [
    schema:url <javascript:alert(1)> , "javascript:alert(1)"^^xsd:anyURI ] ] , "no citation" ;
  <javascript:alert(1)> "EVIL"^^<javascript:alert(1)> , "\\u0001\\u000B\\uFFFE" , "a\\nb\\r\\nc" ;
  <http://x/'onmouseover='alert(1)> <data:text/html,evil> , [] , "x"^^xsd:date .
organization:odd a :Organization , "EVIL" ; skos:prefLabel "odd" , <urn:x:odd> , [] ;
  skos:note "EVIL" , <urn:x:odd> , [] ; skos:editorialNote <urn:x:odd> ;
  dcterms:title <urn:x:odd> , <<( <urn:a> <urn:b> "EVIL" )>> ; <urn:p> <geo:1,2> , <skos:x> .
query:odd a sh:SPARQLExecutable ; sh:select "SELECT * {}" ;
  dcterms:title "odd" , <<( <urn:a> <urn:b> <urn:c> )>> ; sh:parameter [
    sh:name "x" , <<( <urn:a> <urn:b> <urn:c> )>> ; sh:class "EVIL" ;
    sh:defaultValue <<( <urn:a> <urn:b> "EVIL" )>> ] .
organization:moved dcterms:isReplacedBy <javascript:alert(1)> .
organization:loop dcterms:isReplacedBy organization:loop .
[] a :Organization , :MilitaryBase , :Event ; skos:prefLabel "EVIL" .
<http://evil.example/%0d%0aX-Injected:y> a :Organization ; skos:prefLabel "EVIL"@en .
[] :designates organization:evil ; :designatedBy "nobody" , agent:a , [] ; :period period:0 .
[] :about organization:evil ; :statement "EVIL" ; cito:disputes [] .
[] :tenant organization:evil ; :base base:0 ; :tenureRole "EVIL" ; :period period:0 .
query:evil a sh:SPARQLExecutable ; sh:select "EVIL" ; dcterms:title "EVIL" ;
  sh:parameter [ sh:name "x" ; sh:class [] ; sh:defaultValue "EVIL" ] .
"""
PLACED: Final = """
base:NUMBER a :MilitaryBase ; skos:prefLabel "EVIL" ; :hostCountry place:NUMBER ;
  wgs84:lat "VALUE" ; wgs84:long "38" ; geo:hasGeometry [ :precisionInMetres "VALUE" ] .
place:NUMBER skos:prefLabel "EVIL"@en ; :westLongitude "0" ; :eastLongitude "VALUE" ;
  :southLatitude "VALUE" ; :northLatitude "90" .
"""
DATED: Final = """
designation:NUMBER :designates organization:evil ; :designatedBy agent:a ; :period period:NUMBER .
period:NUMBER :startEarliest "VALUE" ; :startLatest "VALUE" ; :startKind "x" , [] ;
  :endEarliest "VALUE" ; :endLatest "VALUE" ; :endKind [] ; :asOf "VALUE" .
[] :actsOn designation:NUMBER ; :actKind <javascript:alert(1)> ; :effectiveDate "VALUE" .
"""
NUMBERS: Final = ("35", "NaN", "INF", "1e400", "-5", "0", "90", "<script>", "9" * 400)
DAYS: Final = ("2020-01-01", "9999-12-31", "0001-01-01", "2020-13-45", "-0001", "<script>", "")
GRAPHS: Final = (
    "http://kb.example/граф/é",
    "http://kb.example/gr\u202eaph",
    "http://x/'onmouseover='alert(1)",
    "javascript:alert(1)",
    "http://kb.example/%0d%0aX-Injected:y",
)
PAGES: Final = (
    *"/ /query /search?q=evil /search?q=script /ldf /sparql /rdf-graph-store /robots.txt".split(),
    *"/doc/organization/evil /doc/organization/evil?date=2020-01-01 /doc/query/evil".split(),
    *"/search?q=odd /doc/organization/odd /query?question=odd /doc/query/odd".split(),
    *"/.well-known/sparql-examples".split(),
    *"/doc/organization/moved /doc/organization/loop /query?question=evil".split(),
    *(f"/doc/base/{number}" for number in range(len(NUMBERS))),
    *(f"/doc/designation/{number}" for number in range(len(DAYS))),
    *(f"/rdf-graph-store?graph={quote(name, safe='')}" for name in GRAPHS),
    "/sparql?query=" + quote("SELECT * { ?s ?p ?o }"),
    "/sparql?query=" + quote("CONSTRUCT WHERE { ?s ?p ?o }"),
)


class Markup(HTMLParser):
    """Notes what in a page would run, and links that lead nowhere."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        runs = tag in ("iframe", "object", "embed", "base", "img", "style")
        if runs or (tag == "script" and given.get("type") != "application/ld+json"):
            self.found.append(tag)
        for name, value in given.items():
            odd = re.match(r"\s*(javascript|data|vbscript|file):|None$", value, re.I)
            if name.startswith("on") or (name in ("href", "src", "action") and odd):
                self.found.append(f"{tag} {name}={value}")


@pytest.fixture(scope="module")
def evil(
    serving: Callable[..., AbstractContextManager["Site"]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator["Site"]:
    """A server of such files."""
    things, graph = (tmp_path_factory.mktemp("evil") / name for name in ("a.ttl", "b.nt"))
    parts = [THINGS]
    for form, values in ((PLACED, NUMBERS), (DATED, DAYS)):
        parts += [form.replace("NUMBER", str(n)).replace("VALUE", v) for n, v in enumerate(values)]
    things.write_text("".join(parts).replace("EVIL", EVIL))
    graph.write_text("<urn:s> <urn:p> <urn:o> .\n")
    files = [str(things), *(f"{name}={graph}" for name in GRAPHS)]
    with serving(*(part for file in files for part in ("--load", file)), environment={}) as site:
        yield site


@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_such_data_is_a_page_and_runs_nothing(evil: "Site", path: str) -> None:
    reply = evil.send(path, headers={"Accept": "text/html"})
    assert reply.status in (200, 406), reply.text
    assert reply.headers["X-Injected"] is None
    assert all("\r" not in line and line.isascii() for line in reply.headers.values())
    if reply.media_type == "text/html":
        markup = Markup()
        markup.feed(reply.text)
        assert markup.found == []


@pytest.mark.parametrize("media_type", ["text/turtle", "application/ld+json", "*/*"])
@pytest.mark.parametrize("path", PAGES)
def test_it_is_had_in_every_form(evil: "Site", path: str, media_type: str) -> None:
    reply = evil.send(path, headers={"Accept": media_type})
    undescribed = path == "/" and media_type != "*/*"
    assert reply.status in ((404,) if undescribed else (200, 406)), reply.text


def test_a_graph_is_linked_by_an_address_in_ascii(evil: "Site") -> None:
    reply = evil.send(f"/rdf-graph-store?graph={quote(GRAPHS[0], safe='')}")
    assert (reply.status, reply.media_type) == (200, "text/turtle")
    assert reply.headers["Link"] == (
        '<http://kb.example/%D0%B3%D1%80%D0%B0%D1%84/%C3%A9>; rel="describes"'
    )


def test_what_has_no_iri_is_on_no_list(evil: "Site") -> None:
    for path in ("/", "/search?q=script"):
        text = evil.send(path, headers={"Accept": "text/html"}).text
        assert "organization/evil" in text
        assert 'href="_:' not in text and ">nobody<" not in text
