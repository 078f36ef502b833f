"""The documents at which machines look first: type, syntax and content of each."""

import json
import re
from datetime import date, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient
from openapi_spec_validator import validate
from rdflib import RDF, SH, Graph, Namespace, URIRef

from designata.settings import table
from designata.vocabulary import BASE, PREFIXES

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
HOST = "http://localhost/"

DOCUMENTS = [
    ("/.well-known/api-catalog", "*/*", "application/linkset+json"),
    ("/openapi.json", "*/*", "application/vnd.oai.openapi+json"),
    ("/prefixes", "*/*", "application/json"),
    ("/prefixes", "text/turtle", "text/turtle"),
    ("/prefixes", "text/html,*/*;q=0.1", "application/json"),
    ("/prefixes.json", "text/turtle", "application/json"),
    ("/prefixes.ttl", "application/json", "text/turtle"),
    ("/robots.txt", "*/*", "text/plain"),
    ("/sitemap.xml", "*/*", "application/xml"),
    ("/sitemap-1.xml", "*/*", "application/xml"),
    ("/.well-known/sparql-examples", "*/*", "text/turtle"),
    ("/.well-known/sparql-examples", "application/ld+json", "application/ld+json"),
    ("/limits", "*/*", "application/json"),
    ("/limits", "text/html", "text/html"),
    ("/context.jsonld", "*/*", "application/ld+json"),
    ("/frames/organization.jsonld", "*/*", "application/ld+json"),
    ("/frames/military-base.jsonld", "text/html", "application/ld+json"),
    ("/.well-known/void", "*/*", "text/turtle"),
]
MISSING = [
    "/sitemap-0.xml",
    "/sitemap-2.xml",
    "/sitemap-01.xml",
    "/sitemap-%D9%A1.xml",
    "/prefixes.html",
    "/prefixes.png",
    "/frames/nothing.jsonld",
    "/frames/organization.ttl",
    "/.well-known/security.txt",
    "/.well-known/nothing",
]
OF_A_RELEASE = ("/context.jsonld", "/frames", "/.well-known/void")


@pytest.mark.parametrize(("address", "accept", "media_type"), DOCUMENTS)
def test_a_document_has_its_type(
    site: FlaskClient, address: str, accept: str, media_type: str
) -> None:
    reply = site.get(address, headers={"Accept": accept})
    assert (reply.status_code, reply.mimetype) == (200, media_type)
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert "public" in reply.headers["Cache-Control"]
    again = site.get(address, headers={"Accept": accept, "If-None-Match": reply.headers["ETag"]})
    assert again.status_code == 304
    head = site.head(address, headers={"Accept": accept})
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["Content-Type"] == reply.headers["Content-Type"]
    assert site.post(address).status_code == 405


@pytest.mark.parametrize(("address", "accept", "media_type"), DOCUMENTS)
def test_loaded_files_have_them_too(
    towns: FlaskClient, address: str, accept: str, media_type: str
) -> None:
    reply = towns.get(address, headers={"Accept": accept})
    expected = 404 if address.startswith(OF_A_RELEASE) else 200
    assert reply.status_code == expected


@pytest.mark.parametrize("address", MISSING)
def test_what_is_not_there_is_not_found(site: FlaskClient, address: str) -> None:
    assert site.get(address).status_code == 404


def test_the_openapi_description_is_valid(site: FlaskClient, towns: FlaskClient) -> None:
    for client in (site, towns):
        validate(client.get("/openapi.json").json)


def test_every_route_is_described(site: FlaskClient) -> None:
    paths = site.get("/openapi.json").json["paths"]
    for path in (
        "/",
        "/id/{path}",
        "/doc/{path}",
        "/sparql",
        "/ldf",
        "/rdf-graph-store",
        "/ontology",
        "/ontology.{suffix}",
        "/release/{release_id}/{name}",
        "/.well-known/void",
    ):
        assert paths[path]["get"]["summary"].endswith("."), path
    assert set(paths["/sparql"]) >= {"get", "post"}
    assert {one["name"] for one in paths["/ldf"]["get"]["parameters"]} >= {"subject", "page"}
    routes = {rule.rule for rule in site.application.url_map.iter_rules()}
    assert len(paths) >= len(routes) - 1


def test_every_interface_of_the_catalogue_answers(site: FlaskClient) -> None:
    document = site.get("/.well-known/api-catalog").json
    first, *services = document["linkset"]
    assert first["anchor"] == HOST + ".well-known/api-catalog"
    items = [one["href"] for one in first["item"]]
    assert items == [service["anchor"] for service in services]
    assert HOST + "sparql" in items and HOST + "ldf" in items
    targets = [
        one
        for service in document["linkset"]
        for relation, found in service.items()
        if relation != "anchor"
        for one in found
    ]
    for target in targets:
        reply = site.get(
            target["href"].removeprefix(HOST[:-1]), headers={"Accept": target.get("type", "*/*")}
        )
        assert reply.status_code == 200, target
        assert target.get("type", reply.mimetype) == reply.mimetype


def test_the_home_page_leads_to_the_catalogue(site: FlaskClient) -> None:
    for accept in ("text/html", "text/turtle"):
        header = site.get("/", headers={"Accept": accept}).headers["Link"]
        assert '</.well-known/api-catalog>; rel="api-catalog"' in header
        assert '</openapi.json>; rel="service-desc"' in header


def test_the_prefixes_are_the_same_in_both_forms(site: FlaskClient) -> None:
    assert site.get("/prefixes").json == dict(PREFIXES)
    graph = Graph().parse(data=site.get("/prefixes.ttl").data, format="turtle")
    declared = {
        str(graph.value(node, SH.prefix)): str(graph.value(node, SH.namespace))
        for node in graph.objects(None, SH.declare)
    }
    assert declared == dict(PREFIXES)


def test_robots_may_see_pages_and_no_queries(site: FlaskClient) -> None:
    lines = site.get("/robots.txt").text.splitlines()
    assert {"Disallow: /sparql", "Disallow: /ldf", "Allow: /"} < set(lines)
    assert f"Sitemap: {HOST}sitemap.xml" in lines
    assert "Disallow: /doc" not in lines


def test_the_site_map_lists_every_thing_once(site: FlaskClient) -> None:
    index = ElementTree.fromstring(site.get("/sitemap.xml").data)
    (one,) = index.findall(f"{SITEMAP}sitemap")
    assert one.findtext(f"{SITEMAP}loc") == HOST + "sitemap-1.xml"
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", one.findtext(f"{SITEMAP}lastmod") or "")
    pages = ElementTree.fromstring(site.get("/sitemap-1.xml").data)
    found = [page.findtext(f"{SITEMAP}loc") or "" for page in pages]
    assert len(found) == len(set(found)) > 1000
    assert HOST in found
    assert HOST + "doc/organization/hayat-tahrir-al-sham" in found
    for address in (*found[:8], *found[8::200]):
        path = address.removeprefix(HOST[:-1])
        assert site.get(path, headers={"Accept": "text/html"}).status_code == 200, address


def test_the_examples_can_be_run(site: FlaskClient) -> None:
    data = site.get("/.well-known/sparql-examples").data
    graph = Graph().parse(data=data, format="turtle")
    schema = Namespace(PREFIXES["schema"])
    examples = list(graph.subjects(RDF.type, SH.SPARQLExecutable))
    assert len(examples) > 10
    for example in examples:
        assert graph.value(example, schema.target) == URIRef(HOST + "sparql")
        assert (example, URIRef(PREFIXES["rdfs"] + "comment"), None) in graph
        text = str(graph.value(example, SH.select) or graph.value(example, SH.construct))
        assert site.get("/sparql", query_string={"query": text}).status_code == 200, example


def test_the_limits_are_the_settings_and_what_every_server_has(site: FlaskClient) -> None:
    found = site.get("/limits").json
    numbers = {row.name for row in table() if row.type in ("int", "float")} - {"port"}
    others = {"address_bytes", "fields", "field_bytes", "arrival_seconds", "taken_bytes"}
    others.add("shown_rows")
    assert set(found) == numbers | others | {"deviations"}
    assert found["query_seconds"]["value"] == 10.0
    page = site.get("/limits", headers={"Accept": "text/html"}).text
    assert all(name in page for name in numbers | others)
    assert len(found["deviations"]) == 2
    assert all(deviation in page for deviation in found["deviations"])


def test_weaknesses_can_be_reported_where_a_contact_is_set(towns: FlaskClient) -> None:
    reply = towns.get("/.well-known/security.txt")
    fields = dict(line.split(": ", 1) for line in reply.text.splitlines())
    assert reply.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert fields["Contact"] == "mailto:a@example.org"
    assert fields["Canonical"] == HOST + ".well-known/security.txt"
    expires = date.fromisoformat(fields["Expires"][:10])
    assert timedelta(0) < expires - date.today() < timedelta(366)


def test_a_frame_is_made_for_a_class_of_the_ontology(site: FlaskClient) -> None:
    frame = site.get("/frames/military-base.jsonld").json
    assert frame["@type"] == "dsg:MilitaryBase"
    assert frame["@context"] == BASE + "context.jsonld"
    context = site.get("/context.jsonld")
    assert context.json["@context"]["dsg"] == PREFIXES["dsg"]
    assert "max-age=86400" in context.headers["Cache-Control"]


def embedded(page: str) -> list[Any]:
    scripts = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.S)
    return [json.loads(script) for script in scripts]


THINGS = [
    ("organization/hayat-tahrir-al-sham", "Organization", "name"),
    ("base/hmeimim", "Place", "geo"),
    ("organization/russia", "GovernmentOrganization", "name"),
    ("place/syria", "Country", "name"),
]


@pytest.mark.parametrize(("thing", "kind", "member"), THINGS)
def test_a_page_says_what_it_is_about(
    site: FlaskClient, thing: str, kind: str, member: str
) -> None:
    (about,) = embedded(site.get(f"/doc/{thing}.html").text)
    assert about["@context"] == "https://schema.org/"
    assert (about["@type"], about["@id"]) == (kind, f"{BASE}id/{thing}")
    assert about["url"] == f"{HOST}doc/{thing}"
    assert about[member]


def test_the_home_page_describes_the_dataset(site: FlaskClient, release: Any) -> None:
    (about,) = embedded(site.get("/", headers={"Accept": "text/html"}).text)
    assert about["@type"] == "Dataset"
    assert {"name", "description", "license", "version", "dateModified", "creator"} <= set(about)
    files = release.manifest["files"]
    for download in about["distribution"]:
        name = download["contentUrl"].rpartition("/")[2]
        if name in files:
            assert download["sha256"] == files[name]["sha256"]
            assert download["encodingFormat"] == files[name]["mediaType"]
    offered = {download["contentUrl"].rpartition("/")[2] for download in about["distribution"]}
    assert {"designata.nq", "designata.ttl", "names.csv"} <= offered <= set(files)
    syria = {"@type": "Country", "@id": f"{BASE}id/place/syria", "name": "Syria"}
    assert syria in about["spatialCoverage"]
    assert len(about["distribution"]) >= 6


def test_loaded_files_lead_to_nothing_that_only_a_release_has(foreign: FlaskClient) -> None:
    catalogue = foreign.get("/.well-known/api-catalog").text
    home = foreign.get("/", headers={"Accept": "text/html"})
    found = re.findall('"href": "http://localhost(/[^"]*)"', catalogue)
    found += re.findall("<loc>http://localhost(/[^<]*)", foreign.get("/sitemap-1.xml").text)
    found += re.findall("<(/[^>]*)>;", home.headers["Link"])
    found += re.findall('<(?:link|a) [^>]*href="(/[^"]*)"', home.text)
    found += re.findall("<http://localhost(/[^>]*)>", foreign.get("/sparql").text)
    assert {"/sparql", "/ldf", "/query", "/openapi.json"} <= set(found)
    statuses = {one: foreign.get(one).status_code for one in found}
    assert {one: status for one, status in statuses.items() if status != 200} == {}


def test_the_service_describes_as_many_triples_as_a_query_finds(site: FlaskClient) -> None:
    description = Graph().parse(data=site.get("/sparql").data, format="turtle")
    void = Namespace("http://rdfs.org/ns/void#")
    query = {"query": "SELECT (COUNT(DISTINCT *) AS ?n) { ?s ?p ?o }", "format": "csv"}
    counted = site.get("/sparql", query_string=query).text.split()[1]
    assert [str(one) for one in description.objects(None, void.triples)] == [counted]


def test_the_type_of_every_problem_leads_to_a_page(site: FlaskClient) -> None:
    listed = site.get("/problem/")
    assert (listed.status_code, listed.mimetype) == (200, "text/html")
    for path in (
        "/nothing",
        "/doc/organization/nobody",
        "/sparql?query=nonsense",
        "/sparql?query=",
    ):
        problem = site.get(path, headers={"Accept": "application/problem+json"}).json
        address = "/" + problem["type"].removeprefix(BASE)
        page = site.get(address)
        assert page.status_code == 200 and problem["title"] in page.text
        assert f'href="{address}"' in listed.text
    assert site.get("/problem/nothing").status_code == 404
    assert "`" not in listed.text


def test_an_address_names_the_version_of_the_ontology(site: FlaskClient) -> None:
    assert site.get("/ontology/1.0.0").headers["Location"] == "/ontology"
    assert site.get("/ontology/9.0.0").status_code == 404


def test_open_api_tells_redirects_parts_and_probes(site: FlaskClient) -> None:
    paths = site.get("/openapi.json").json["paths"]
    assert set(paths["/id/{path}"]["get"]["responses"]) == {"303", "308", "default"}
    assert set(paths["/release"]["get"]["responses"]) == {"308", "default"}
    assert "200" in paths["/release/"]["get"]["responses"]
    assert {"206", "304"} <= set(paths["/release/{release_id}/{name}"]["get"]["responses"])
    assert "410" in paths["/doc/{path}"]["get"]["responses"]
    assert {"/healthz", "/readyz", "/metrics", "/problem/{slug}"} <= set(paths)


def test_the_questions_are_in_a_graph_of_the_name_under_which_they_are_had(
    site: FlaskClient,
) -> None:
    name = f"{BASE}.well-known/sparql-examples"
    query = f"SELECT ?q {{ GRAPH <{name}> {{ ?q a <{SH.SPARQLExecutable}> }} }}"
    found = site.get("/sparql", query_string={"query": query}, headers={"Accept": "text/csv"})
    assert len(found.text.split()) > 10
    page = site.get("/.well-known/sparql-examples", headers={"Accept": "text/html"})
    assert (page.status_code, page.mimetype) == (200, "text/html")


def test_the_home_page_as_data_is_whole(site: FlaskClient) -> None:
    texts = [site.get(path).text for path in ("/?format=nt", "/void.nt")]
    home, void = (
        {line for line in one.splitlines() if "#propertyPartition" in line} for one in texts
    )
    assert len(void) > 100 and home == {line for line in void if "/dataset/designata" in line}


@pytest.mark.parametrize("name", ["ontology", "shapes"])
def test_every_place_that_a_vocabulary_leads_to_on_its_page_is_there(
    site: FlaskClient, name: str
) -> None:
    page = site.get(f"/{name}.html").text
    places = set(re.findall(r' id="([^"]+)"', page))
    led = set(re.findall(rf'href="(?:/{name})?#([^"]+)"', page))
    assert len(led) > 50
    assert led <= places


def test_the_prefixes_of_the_shapes_are_written_out(site: FlaskClient) -> None:
    assert ">dsg: https://w3id.org/designata/ontology#<" in site.get("/shapes.html").text
