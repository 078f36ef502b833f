"""Triple Pattern Fragments: what each pattern gets, and the controls that lead on."""

from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from flask.testing import FlaskClient
from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, RdfFormat, Triple, parse

from designata.settings import Settings
from designata.store.pool import open_pool
from designata.vocabulary import PREFIXES, term
from designata.web.app import create_app

EX = "http://example.org/"
HOST = "http://localhost/"
SYNTAXES = [
    RdfFormat.TURTLE,
    RdfFormat.TRIG,
    RdfFormat.N_QUADS,
    RdfFormat.N_TRIPLES,
    RdfFormat.JSON_LD,
]
QUOTES = '"say "hi"\nand \\ bye"'


def ask(client: FlaskClient, **parameters: str) -> list[Quad]:
    reply = client.get(
        "/ldf", query_string=urlencode(parameters), headers={"Accept": "application/trig"}
    )
    assert reply.status_code == 200, reply.text
    return list(parse(reply.data, RdfFormat.TRIG))


def data(quads: list[Quad]) -> list[Quad]:
    return [quad for quad in quads if quad.graph_name == DefaultGraph()]


def values(quads: list[Quad], curie: str) -> set[str]:
    return {getattr(q.object, "value", "") for q in quads if q.predicate == term(curie)}


PATTERNS = [
    ({}, 15),
    ({"subject": "?s", "predicate": "?p", "object": "?o"}, 15),
    ({"subject": EX + "idlib"}, 2),
    ({"subject": f"<{EX}idlib>"}, 2),
    ({"predicate": EX + "name"}, 5),
    ({"object": '"Idlib"@en'}, 1),
    ({"object": '"Idlib"@EN'}, 1),
    ({"object": '"Idlib"'}, 0),
    ({"object": '"حلب"@ar'}, 1),
    ({"object": '"-2000"^^http://www.w3.org/2001/XMLSchema#gYear'}, 1),
    ({"object": '"165000"^^<http://www.w3.org/2001/XMLSchema#integer>'}, 1),
    ({"object": '"2024-12-05"^^http://www.w3.org/2001/XMLSchema#date'}, 1),
    ({"object": QUOTES}, 1),
    ({"object": '"a@b"@en'}, 1),
    ({"object": '"x^^y"'}, 1),
    ({"object": EX + "idlib"}, 1),
    ({"subject": EX + "aleppo", "predicate": EX + "near", "object": EX + "idlib"}, 1),
    ({"subject": EX + "aleppo", "predicate": EX + "near", "object": EX + "none"}, 0),
    ({"subject": '"a literal"'}, 0),
    ({"predicate": '"a literal"'}, 0),
]


@pytest.mark.parametrize(("pattern", "total"), PATTERNS)
def test_a_pattern_has_its_triples_and_their_number(
    towns: FlaskClient, pattern: dict[str, str], total: int
) -> None:
    quads = ask(towns, **pattern)
    assert len(data(quads)) == total
    assert values(quads, "void:triples") == values(quads, "hydra:totalItems") == {str(total)}


@pytest.mark.parametrize("syntax", SYNTAXES, ids=str)
def test_each_syntax_says_the_same(towns: FlaskClient, syntax: RdfFormat) -> None:
    address = "/ldf?predicate=http://example.org/name"
    reply = towns.get(address, headers={"Accept": syntax.media_type})
    assert reply.mimetype == syntax.media_type
    quads = list(parse(reply.data, syntax))
    trig = towns.get(address, headers={"Accept": "application/trig"}).data
    assert not [q for q in quads if BlankNode in (type(q.subject), type(q.object))]
    assert {q.triple for q in quads} == {q.triple for q in parse(trig, RdfFormat.TRIG)}


def test_the_page_is_named_as_it_was_asked_for(towns: FlaskClient) -> None:
    address = "/ldf?predicate=http://example.org/name&object=%22Idlib%22@en&page=1"
    quads = list(
        parse(towns.get(address, headers={"Accept": "application/trig"}).data, RdfFormat.TRIG)
    )
    assert values(quads, "foaf:primaryTopic") == {HOST[:-1] + address}
    fragment = HOST[:-1] + address.removesuffix("&page=1")
    assert {fragment, HOST[:-1] + address} == values(quads, "void:subset")


def test_the_form_says_how_to_ask(towns: FlaskClient) -> None:
    quads = ask(towns)
    assert values(quads, "hydra:template") == {HOST + "ldf{?subject,predicate,object}"}
    assert values(quads, "hydra:variable") == {"subject", "predicate", "object"}
    assert values(quads, "hydra:property") == {
        PREFIXES["rdf"] + name for name in ("subject", "predicate", "object")
    }
    (form,) = values(quads, "hydra:search")
    mappings = [q for q in quads if q.subject == NamedNode(form) and "mapping" in str(q.predicate)]
    assert len(mappings) == 3


def test_blank_nodes_have_names_that_can_be_asked_for(towns: FlaskClient) -> None:
    quads = data(ask(towns, predicate=EX + "knows"))
    (one,) = quads
    assert isinstance(one.subject, NamedNode) and isinstance(one.object, NamedNode)
    assert one.subject.value.startswith(HOST + ".well-known/genid/")
    known = data(ask(towns, subject=one.object.value))
    assert [quad.object.value for quad in known] == ["nameless too"]
    assert data(ask(towns, object=one.object.value)) == quads
    assert data(ask(towns, predicate=EX + "knows", subject=one.subject.value)) == quads
    assert len(data(ask(towns, subject=one.subject.value))) == 2


def test_blank_nodes_in_triple_terms_have_the_same_names(tmp_path: Path) -> None:
    path = tmp_path / "terms.ttl"
    path.write_text("""@prefix ex: <http://example.org/> .
        ex:a ex:knows _:b ; ex:says <<( _:b ex:near <<( ex:a ex:knows _:b )>> )>> .""")
    settings = Settings(query_workers=1, page_workers=1)
    with open_pool([(path, None)], settings) as pool:
        client = create_app(settings, pool, None).test_client()
        (known,) = data(ask(client, predicate=EX + "knows"))
        (said,) = data(ask(client, predicate=EX + "says"))
    assert isinstance(known.object, NamedNode)
    near = NamedNode(EX + "near")
    assert said.object == Triple(known.object, near, known.triple)


def test_all_pages_together_hold_each_triple_once(site: FlaskClient) -> None:
    predicate = term("skosxl:literalForm").value
    address = "/ldf?" + urlencode({"predicate": predicate})
    found: list[Quad] = []
    pages = 0
    while address:
        quads = list(
            parse(site.get(address, headers={"Accept": "application/trig"}).data, RdfFormat.TRIG)
        )
        found += data(quads)
        pages += 1
        (total,) = values(quads, "void:triples")
        following = values(quads, "hydra:next")
        assert len(data(quads)) == 100 or not following
        assert bool(values(quads, "hydra:previous")) == (pages > 1)
        address = following.pop().removeprefix(HOST[:-1]) if following else ""
    assert len(found) == len(set(found)) == int(total)
    assert pages == -(-int(total) // 100) > 1
    query = f"SELECT (COUNT(*) AS ?n) {{ ?s <{predicate}> ?o }}"
    counted = site.get("/sparql", query_string={"query": query}, headers={"Accept": "text/csv"})
    assert counted.text.split() == ["n", total]


def test_a_triple_in_two_graphs_counts_once(site: FlaskClient) -> None:
    dataset = term("dataset:designata").value
    quads = data(ask(site, subject=dataset, predicate=term("dcterms:title").value))
    assert len(quads) == 1


REFUSED = [
    ("/ldf?subject=no%20iri", 400),
    ('/ldf?object="open', 400),
    ("/ldf?page=0", 400),
    ("/ldf?page=x", 400),
    ("/ldf?page=2", 404),
    ("/ldf?subject=http://a/b&subject=http://a/c", 400),
    ("/ldf?object=%FF", 400),
    ("/ldf?subject=http://a/%3Cscript%3E", 400),
    ("/ldf?object=" + "x" * 20_000, 413),
]


@pytest.mark.parametrize(("address", "status"), REFUSED)
def test_what_is_no_pattern_is_refused(towns: FlaskClient, address: str, status: int) -> None:
    reply = towns.get(address, headers={"Accept": "application/trig"})
    assert reply.status_code == status
    assert reply.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    ("method", "accept", "status"),
    [("POST", "*/*", 405), ("DELETE", "*/*", 405), ("GET", "image/png", 406), ("HEAD", "*/*", 200)],
)
def test_other_requests(towns: FlaskClient, method: str, accept: str, status: int) -> None:
    assert towns.open("/ldf", method=method, headers={"Accept": accept}).status_code == status


def test_a_fragment_can_be_kept(towns: FlaskClient) -> None:
    tags = set()
    for accept in ("text/turtle", "application/trig", "text/html"):
        reply = towns.get("/ldf", headers={"Accept": accept})
        assert reply.headers["Cache-Control"] == "public, max-age=300"
        assert "Accept" in reply.headers["Vary"]
        tags.add(reply.headers["ETag"])
        headers = {"Accept": accept, "If-None-Match": reply.headers["ETag"]}
        assert towns.get("/ldf", headers=headers).status_code == 304
    assert len(tags) == 3


def test_the_page_shows_triples_and_escapes_what_was_asked(towns: FlaskClient) -> None:
    evil = '"<script>alert(1)</script>"'
    reply = towns.get("/ldf", query_string={"object": evil}, headers={"Accept": "text/html"})
    assert reply.mimetype == "text/html"
    assert "<script>alert" not in reply.text
    assert "0 triples" in reply.text
    shown = towns.get("/ldf", headers={"Accept": "text/html"}).text
    assert "15 triples" in shown
    assert 'lang="ar"' in shown


def test_links_lead_on(site: FlaskClient) -> None:
    header = site.get("/ldf?page=2").headers["Link"]
    pages = {part.split('rel="')[1][:-1]: part.split(">")[0][1:] for part in header.split(", ")}
    numbers = {rel: dict(parse_qsl(urlsplit(at).query))["page"] for rel, at in pages.items()}
    assert numbers == {"first": "1", "prev": "1", "next": "3"}
