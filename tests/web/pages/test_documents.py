"""From an IRI to a document, in every form."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import pytest
from flask.testing import FlaskClient
from pyoxigraph import Literal, NamedNode, RdfFormat, parse
from rdflib import Graph, URIRef
from rdflib.compare import to_isomorphic

from designata.vocabulary import BASE, term
from designata.web import description

HTS = "/doc/organization/hayat-tahrir-al-sham"
IRI = BASE + "id/organization/hayat-tahrir-al-sham"
TYPES = {
    "ttl": "text/turtle; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "jsonld": "application/ld+json",
    "nt": "application/n-triples",
    "rdf": "application/rdf+xml",
    "trig": "application/trig",
    "nq": "application/n-quads",
}
CHROME = "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8"


@pytest.mark.parametrize("accept", [None, "*/*", "text/html", "application/pdf"])
def test_a_thing_leads_to_one_document_whatever_is_accepted(
    small: FlaskClient, accept: str | None
) -> None:
    reply = small.get(
        "/id/organization/hayat-tahrir-al-sham", headers={"Accept": accept} if accept else {}
    )
    assert (reply.status_code, reply.headers["Location"]) == (303, HTS)
    assert reply.headers["Link"] == f'<{HTS}>; rel="describedby"'
    assert "Accept" not in reply.headers.get("Vary", "")


REDIRECTS = [
    ("/code/act-kind", 303, "/doc/code/act-kind"),
    ("/code/act-kind/listing", 303, "/doc/code/act-kind/listing"),
    ("/id/base/hmeimim/", 308, "/id/base/hmeimim"),
    ("/doc/base/hmeimim/", 308, "/doc/base/hmeimim"),
    ("/doc/base/hmeimim/?page=1", 308, "/doc/base/hmeimim?page=1"),
    ("/code/act-kind/", 308, "/code/act-kind"),
]


@pytest.mark.parametrize(("path", "status", "location"), REDIRECTS)
def test_other_addresses_lead_to_the_canonical_one(
    small: FlaskClient, path: str, status: int, location: str
) -> None:
    reply = small.get(path)
    assert (reply.status_code, reply.headers["Location"]) == (status, location)


def test_the_address_of_a_page_for_a_day_names_the_day(small: FlaskClient) -> None:
    browser = {"Accept": CHROME}
    page = small.get(f"{HTS}?date=2015-01-01", headers=browser)
    assert page.headers["Content-Location"] == f"{HTS}.html?date=2015-01-01"
    there = small.get(page.headers["Content-Location"], headers=browser)
    assert (there.data, there.headers["ETag"]) == (page.data, page.headers["ETag"])
    turtle = small.get(f"{HTS}?date=2015-01-01", headers={"Accept": "text/turtle"})
    assert turtle.headers["Content-Location"] == f"{HTS}.ttl"
    refused = small.get(f"{HTS}?date=soon", headers=browser)
    assert refused.status_code == 400
    assert "Content-Location" not in refused.headers


MISSING = [
    "/id/organization/nobody",
    "/id/nothing/at-all",
    "/id/organization/Russia",
    "/id/organization",
    "/code/act-kind/no-such-code",
    "/code/no-such-scheme",
    "/doc/organization/nobody",
    "/doc/organization/nobody.ttl",
    HTS + ".pdf",
    HTS + ".",
    HTS + ".ttl.ttl",
    HTS + "?format=pdf",
    HTS + "?page=99999",
    "/doc/organization/%3E%20%7B",
    "/doc/organization/%D8%A7",
    "/doc/",
    "/doc/x",
]


@pytest.mark.parametrize("path", MISSING)
def test_what_the_release_does_not_mention_is_not_found(small: FlaskClient, path: str) -> None:
    reply = small.get(path, headers={"Accept": "text/html"})
    assert reply.status_code == 404
    assert "<h1>Not found</h1>" in reply.text


@pytest.mark.parametrize("number", ["0", "-1", "x", "1.5", "", "٢", "9999999999"])
def test_a_page_that_is_no_number_is_refused(small: FlaskClient, number: str) -> None:
    reply = small.get(HTS, query_string={"page": number})
    assert reply.status_code == 400
    assert reply.json is not None
    assert reply.json["detail"] == f"pages are numbered from 1, and {number!r} is no such number"


@pytest.mark.parametrize(
    ("accept", "suffix"),
    [
        (None, "ttl"),
        ("*/*", "ttl"),
        (CHROME, "html"),
        ("text/html", "html"),
        ("application/ld+json", "jsonld"),
        ("application/rdf+xml, text/turtle;q=0.5", "rdf"),
        ("application/n-triples", "nt"),
        ("text/turtle;q=0, */*;q=0.1", "jsonld"),
        ("text/turtle;q=0, */*", "jsonld"),
        ("text/turtle;q=0, text/*;q=0.1, text/html;q=0.2", "html"),
        ("text/turtle;q=0, text/html;q=0.1, */*;q=0.1", "html"),
        ("application/trig", "trig"),
        ("application/n-quads", "nq"),
        ("application/json", "jsonld"),
        ("text/n3", "ttl"),
        ("application/xml", "rdf"),
        ("application/xhtml+xml", "html"),
    ],
)
def test_a_document_comes_in_the_form_that_is_accepted(
    small: FlaskClient, accept: str | None, suffix: str
) -> None:
    reply = small.get(HTS, headers={"Accept": accept} if accept else {})
    assert (reply.status_code, reply.headers["Content-Type"]) == (200, TYPES[suffix])
    assert reply.headers["Content-Location"] == f"{HTS}.{suffix}"
    assert "Accept" in reply.headers["Vary"]
    assert reply.data == small.get(f"{HTS}.{suffix}").data


@pytest.mark.parametrize("suffix", TYPES)
def test_a_suffix_decides_whatever_is_accepted(small: FlaskClient, suffix: str) -> None:
    for path in (f"{HTS}.{suffix}", f"{HTS}?format={suffix}"):
        reply = small.get(path, headers={"Accept": "image/png"})
        assert (reply.status_code, reply.headers["Content-Type"]) == (200, TYPES[suffix])


@pytest.mark.parametrize(
    ("name", "suffix"), [("turtle", "ttl"), ("json", "jsonld"), ("RDF", "rdf"), ("n-triples", "nt")]
)
def test_a_form_may_be_asked_for_by_another_name(
    small: FlaskClient, name: str, suffix: str
) -> None:
    reply = small.get(f"{HTS}?format={name}")
    assert (reply.status_code, reply.headers["Content-Type"]) == (200, TYPES[suffix])


def test_a_form_that_does_not_exist_is_not_acceptable(small: FlaskClient) -> None:
    reply = small.get(HTS, headers={"Accept": "application/pdf"})
    assert reply.status_code == 406
    assert "text/turtle" in reply.text
    assert "Accept" in reply.headers["Vary"]
    found = parse_links(reply.headers["Link"])
    kinds = TYPES | {"csv": "text/csv", "geojson": "application/geo+json"}
    assert found == [(f"{HTS}.{suffix}", kind.partition(";")[0]) for suffix, kind in kinds.items()]


@pytest.mark.parametrize(
    ("address", "suffixed"),
    [("/ontology", "/ontology"), ("/void", "/void"), ("/", "/doc/dataset/designata")],
)
def test_what_is_not_acceptable_leads_to_what_is(
    small: FlaskClient, address: str, suffixed: str
) -> None:
    reply = small.get(address, headers={"Accept": "application/pdf"})
    assert reply.status_code == 406
    for target, kind in parse_links(reply.headers["Link"]):
        assert target.startswith(f"{suffixed}.")
        assert small.get(target).mimetype == kind


def test_an_unknown_thing_is_not_found_whatever_is_accepted(small: FlaskClient) -> None:
    reply = small.get("/doc/organization/nobody", headers={"Accept": "application/pdf"})
    assert (reply.status_code, reply.headers.get("Link")) == (404, None)


@pytest.mark.parametrize(
    "address",
    [
        "/sparql?query=ASK%20%7B%7D",
        "/sparql?query=PREFIX+select:+%3Cask:%3E+CONSTRUCT+{}+{}&version=1.1",
        "/sparql?query=SELECT*{?s+?p+%3Chttp://a/%3E}",
        "/rdf-graph-store?default",
        "/ldf?predicate=http://example.org/p",
    ],
)
def test_results_that_are_not_acceptable_are_had_by_their_format(
    small: FlaskClient, address: str
) -> None:
    reply = small.get(address, headers={"Accept": "application/pdf"})
    assert reply.status_code == 406
    found = parse_links(reply.headers["Link"])
    assert [small.get(target).mimetype for target, _ in found] == [kind for _, kind in found]
    assert len(found) > 2


def test_a_long_query_is_not_repeated_in_links(small: FlaskClient) -> None:
    query = "ASK {} #" + "x" * 500
    reply = small.get("/sparql", query_string={"query": query}, headers={"Accept": "image/png"})
    assert (reply.status_code, reply.headers.get("Link")) == (406, None)


def parse_links(header: str) -> list[tuple[str, str]]:
    """The target and the type of each alternate, in order."""
    pattern = r'<([^<>"\s]*)>; rel="alternate"; type="([^"]*)"'
    found = re.findall(pattern, header)
    assert ", ".join(f'<{a}>; rel="alternate"; type="{b}"' for a, b in found) == header
    return found


def test_every_rdf_form_says_the_same(small: FlaskClient) -> None:
    names = {"ttl": "turtle", "jsonld": "json-ld", "nt": "nt", "rdf": "xml"}
    graphs = {
        suffix: to_isomorphic(Graph().parse(data=small.get(f"{HTS}.{suffix}").data, format=name))
        for suffix, name in names.items()
    }
    assert len(graphs["ttl"]) > 300
    assert all(graph == graphs["ttl"] for graph in graphs.values())


def test_a_document_says_what_belongs_to_its_subject_and_where_it_comes_from(
    small: FlaskClient,
) -> None:
    found = {
        (triple.subject, triple.predicate, triple.object)
        for triple in parse(small.get(f"{HTS}.ttl").data, RdfFormat.TURTLE)
    }
    document, subject = NamedNode(BASE + HTS[1:]), NamedNode(IRI)
    expected = [
        (document, term("foaf:primaryTopic"), subject),
        (document, term("void:inDataset"), term("dataset:designata")),
        (
            document,
            term("dcterms:license"),
            NamedNode("https://creativecommons.org/licenses/by/4.0/"),
        ),
        (document, term("dcterms:modified"), Literal("2026-11-22", datatype=term("xsd:date"))),
        (subject, term("dsg:actorKind"), term("actor-kind:militant-organization")),
        (term("designation:hts--us-fto"), term("dsg:designates"), subject),
        (term("period:hts--us-fto"), term("dsg:endKind"), term("end-kind:exact")),
        (
            term("act:hts--us-fto--listing"),
            term("dsg:instrument"),
            term("instrument:fr-2014-11217"),
        ),
        (term("citation:rt--article"), term("dsg:source"), term("source:rt-2024-12-05")),
        (term("list-entry:un--qde-137"), term("dsg:refersTo"), subject),
    ]
    assert [fact for fact in expected if fact not in found] == []


@pytest.mark.parametrize(("query", "labelled"), [("", False), ("?profile=labelled", True)])
def test_what_a_document_links_to_has_its_label_where_that_is_wanted(
    small: FlaskClient, query: str, labelled: bool
) -> None:
    reply = small.get(f"{HTS}.ttl{query}")
    assert reply.headers["Content-Location"] == f"{HTS}.ttl{query}"
    triples = list(parse(reply.data, RdfFormat.TURTLE))
    state, label = term("organization:united-states"), term("skos:prefLabel")
    assert any(triple.object == state for triple in triples)
    assert labelled == any(t.subject == state and t.predicate == label for t in triples)


def test_a_thing_that_is_only_pointed_to_has_a_document(small: FlaskClient) -> None:
    target = BASE + "code/measure/only-pointed-to"
    reply = small.get("/doc/code/measure/only-pointed-to.ttl")
    graph = Graph().parse(data=reply.data, format="turtle")
    assert (None, None, URIRef(target)) in graph
    assert (URIRef(target), None, None) in graph
    assert small.get("/doc/code/measure/only-pointed-to.html").status_code == 200


@pytest.mark.parametrize("suffix", ["", *TYPES])
def test_a_document_says_since_when_it_is_so(small: FlaskClient, suffix: str) -> None:
    address = f"{HTS}.{suffix}" if suffix else HTS
    reply = small.get(address)
    moment = reply.headers["Last-Modified"]
    assert parsedate_to_datetime(moment) <= datetime.now(UTC)
    assert reply.headers["Vary"] == "Accept, Accept-Encoding, Accept-Language"
    known = small.get(address, headers={"If-Modified-Since": moment})
    assert (known.status_code, known.data) == (304, b"")
    assert known.headers["ETag"] == reply.headers["ETag"]
    earlier = {"If-Modified-Since": "Sun, 22 Nov 2020 00:00:00 GMT"}
    assert small.get(address, headers=earlier).data == reply.data
    other = {"If-Modified-Since": moment, "If-None-Match": '"other"'}
    assert small.get(address, headers=other).data == reply.data


@pytest.mark.parametrize("name", ["format", "_mediatype"])
@pytest.mark.parametrize(
    ("value", "suffix"), [("nt", "nt"), ("text/html", "html"), ("application/ld+json", "jsonld")]
)
def test_a_parameter_chooses_like_a_suffix(
    small: FlaskClient, name: str, value: str, suffix: str
) -> None:
    reply = small.get(f"{HTS}?{name}={value}", headers={"Accept": "text/turtle"})
    assert (reply.status_code, reply.headers["Content-Type"]) == (200, TYPES[suffix])
    assert reply.headers["Content-Location"] == f"{HTS}.{suffix}"


def test_the_forms_of_a_document_have_different_validators(small: FlaskClient) -> None:
    replies = {suffix: small.get(f"{HTS}.{suffix}") for suffix in TYPES}
    tags = {suffix: reply.headers["ETag"] for suffix, reply in replies.items()}
    assert len(set(tags.values())) == len(TYPES)
    assert not any(tag.startswith("W/") for tag in tags.values())
    again = small.get(f"{HTS}.ttl", headers={"If-None-Match": tags["ttl"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == tags["ttl"]
    other = small.get(f"{HTS}.ttl", headers={"If-None-Match": tags["html"]})
    assert other.status_code == 200


def test_a_document_links_to_its_subject_its_forms_and_its_licence(small: FlaskClient) -> None:
    link = small.get(HTS).headers["Link"]
    expected = [
        f'<{IRI}>; rel="describes"',
        f'<{HTS}>; rel="canonical"',
        f'<{IRI}>; rel="cite-as"',
        '<https://creativecommons.org/licenses/by/4.0/>; rel="license"',
        f'<{BASE}id/dataset/designata>; rel="collection"',
        f'<{HTS}.jsonld>; rel="alternate"; type="application/ld+json"',
        f'<{HTS}.html>; rel="alternate"; type="text/html"',
    ]
    assert [one for one in expected if one not in link] == []


def test_many_links_come_in_pages(small: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    path, subject = "/doc/code/claim-status/asserted", term("claim-status:asserted")
    whole = parse(small.get(f"{path}.nt").data, RdfFormat.N_TRIPLES)
    every = {triple.subject for triple in whole if triple.object == subject}
    monkeypatch.setattr(description, "PER_PAGE", 10)
    found, links, page = set(), [], 1
    while (reply := small.get(f"{path}.nt?page={page}")).status_code == 200:
        triples = parse(reply.data, RdfFormat.N_TRIPLES)
        found |= {triple.subject for triple in triples if triple.object == subject}
        links.append([rel for rel in ("prev", "next") if f'rel="{rel}"' in reply.headers["Link"]])
        page += 1
    assert (reply.status_code, page) == (404, len(links) + 1)
    assert links == [["next"], *[["prev", "next"]] * (len(links) - 2), ["prev"]]
    assert found >= every
    assert len(every) > 25


@pytest.mark.parametrize(
    ("asked", "following"),
    [
        ("", "?page=2"),
        (".nt?page=1", ".nt?page=2"),
        ("?profile=labelled", "?profile=labelled&page=2"),
        ("?format=nt", "?format=nt&page=2"),
    ],
)
def test_the_next_page_is_in_the_form_of_the_first(
    small: FlaskClient, monkeypatch: pytest.MonkeyPatch, asked: str, following: str
) -> None:
    monkeypatch.setattr(description, "PER_PAGE", 10)
    path = "/doc/code/claim-status/asserted"
    reply = small.get(path + asked)
    assert f'<{path}{following}>; rel="next"' in reply.headers["Link"]
    second = small.get(path + following)
    assert second.mimetype == reply.mimetype
    assert f'<{path}.rdf?page=2>; rel="alternate"' in second.headers["Link"]


def test_head_is_get_without_the_body(small: FlaskClient) -> None:
    for path in (HTS, f"{HTS}.html", "/ontology", "/", "/id/base/hmeimim"):
        got, head = small.get(path), small.head(path)
        assert head.status_code == got.status_code
        assert head.data == b""
        same = ("Content-Type", "ETag", "Content-Length", "Location", "Link")
        assert [head.headers.get(n) for n in same] == [got.headers.get(n) for n in same]


PUBLISHED = [
    ("/ontology", BASE + "ontology"),
    ("/shapes", BASE + "shapes#Organization"),
    ("/void", BASE + ".well-known/void"),
    ("/.well-known/void", BASE + ".well-known/void"),
    ("/", BASE),
]


@pytest.mark.parametrize(("path", "subject"), PUBLISHED)
def test_a_vocabulary_comes_in_every_form(small: FlaskClient, path: str, subject: str) -> None:
    names = {
        "text/turtle": "turtle",
        "application/ld+json": "json-ld",
        "application/n-triples": "nt",
        "application/rdf+xml": "xml",
    }
    sizes = set()
    for media_type, name in names.items():
        reply = small.get(path, headers={"Accept": media_type})
        assert reply.headers["Content-Type"].partition(";")[0] == media_type
        graph = Graph().parse(data=reply.data, format=name)
        assert (URIRef(subject), None, None) in graph
        sizes.add(len(graph))
    assert len(sizes) == 1
    assert small.get(path, headers={"Accept": "text/html"}).mimetype == "text/html"
    assert small.get(path, headers={"Accept": "image/png"}).status_code == 406


def test_the_ontology_page_has_an_anchor_for_each_term(small: FlaskClient) -> None:
    page = small.get("/ontology.html").text
    for name in ("hasName", "Organization", "DesignationAct", "startEarliest"):
        assert f'id="{name}"' in page
    assert 'id="Organization-hasName"' in small.get("/shapes.html").text


def test_the_context_is_json_ld(small: FlaskClient) -> None:
    reply = small.get("/context.jsonld")
    assert (reply.status_code, reply.headers["Content-Type"]) == (200, "application/ld+json")
