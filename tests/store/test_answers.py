import json
from collections.abc import Iterable, Mapping
from xml.etree import ElementTree

import pytest
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

from designata.errors import NotAcceptable, QueryRefused, QuerySyntaxError
from designata.store.formats import FORMATS
from designata.store.pool import Pool
from designata.store.query import XML_RESULTS, Query
from designata.store.rows import rows

PREFIX = "PREFIX ex: <http://example.org/>\n"
EX = "http://example.org/"
ALL = {"aleppo", "idlib", "latakia", "tartus"}


def names(pool: Pool, query: Query) -> set[str]:
    document = json.loads(pool.query(query).body)
    return {row["s"]["value"].removeprefix(EX) for row in document["results"]["bindings"]}


def columns(pool: Pool, text: str) -> list[str]:
    found: list[str] = json.loads(pool.query(Query(text)).body)["head"]["vars"]
    return found


def test_every_graph_is_in_the_default_graph(pool: Pool) -> None:
    assert names(pool, Query("SELECT ?s { ?s ?p ?o }")) == ALL


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT ?s FROM ex:graph-one { ?s ?p ?o }", {"latakia"}),
        ("SELECT ?s FROM ex:graph-one FROM ex:graph-two { ?s ?p ?o }", {"latakia", "tartus"}),
        ("SELECT ?s FROM NAMED ex:graph-one { ?s ?p ?o }", set()),
        ("SELECT ?s FROM NAMED ex:graph-one { GRAPH ?g { ?s ?p ?o } }", {"latakia"}),
        ("SELECT ?s (EXISTS { ?s ?p ?o } AS ?e) FROM ex:graph-one { ?s ?p ?o }", {"latakia"}),
        ("SELECT ?s { GRAPH ?g { ?s ?p ?o } }", {"latakia", "tartus"}),
        ("SELECT ?s { GRAPH ex:graph-two { ?s ?p ?o } }", {"tartus"}),
    ],
)
def test_from_names_the_graphs(pool: Pool, text: str, expected: set[str]) -> None:
    assert names(pool, Query(PREFIX + text)) == expected


@pytest.mark.parametrize(
    ("clauses", "expected"),
    [
        ("FROM ex:graph-one", {"latakia"}),
        ("FROM ex:graph-two", {"tartus"}),
        ("FROM ex:nothing", set()),
        ("FROM NAMED ex:graph-one", set()),
        ("# FROM ex:nothing\n", ALL),
    ],
)
@pytest.mark.parametrize("form", ["CONSTRUCT { ?s ?p ?o }", "CONSTRUCT", "ASK", "DESCRIBE ?s"])
def test_every_form_is_answered_from_the_graphs_that_it_names(
    pool: Pool, form: str, clauses: str, expected: set[str]
) -> None:
    text = f"{PREFIX} {form} {clauses} WHERE {{ ?s ?p ?o }}"
    body = pool.query(Query(text, graph="application/n-triples")).body
    if form == "ASK":
        assert json.loads(body)["boolean"] is bool(expected)
    elif form == "DESCRIBE ?s" and expected:
        assert {f"<{EX}{name}>" for name in expected} <= set(body.decode().split())
    else:
        found = {line.split()[0] for line in body.decode().splitlines()}
        assert found == {f"<{EX}{name}>" for name in expected}


@pytest.mark.parametrize(
    ("default", "named", "pattern", "expected"),
    [
        (["graph-one"], [], "?s ?p ?o", {"latakia"}),
        (["graph-one", "graph-two"], [], "?s ?p ?o", {"latakia", "tartus"}),
        (["graph-one", "graph-one"], [], "?s ?p ?o", {"latakia"}),
        ([], ["graph-two"], "?s ?p ?o", set()),
        ([], ["graph-two"], "GRAPH ?g { ?s ?p ?o }", {"tartus"}),
        (["graph-one"], [], "GRAPH ?g { ?s ?p ?o }", set()),
        (["unknown"], [], "?s ?p ?o", set()),
    ],
)
def test_a_dataset_beside_the_query_overrides_from(
    pool: Pool, default: Iterable[str], named: Iterable[str], pattern: str, expected: set[str]
) -> None:
    query = Query(
        f"SELECT ?s FROM <{EX}graph-two> {{ {pattern} }}",
        default_graphs=tuple(EX + name for name in default),
        named_graphs=tuple(EX + name for name in named),
    )
    assert names(pool, query) == expected


def test_a_graph_that_is_named_twice_is_there_once(pool: Pool) -> None:
    query = Query("SELECT ?s { ?s ?p ?o }", default_graphs=(EX + "graph-one",) * 2)
    assert len(json.loads(pool.query(query).body)["results"]["bindings"]) == 1


def test_a_graph_name_that_is_no_iri_is_refused(pool: Pool) -> None:
    with pytest.raises(QueryRefused, match="named by an IRI"):
        pool.query(Query("ASK {}", default_graphs=("no iri",)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT * { ?z ?y ?x }", ["z", "y", "x"]),
        ("SELECT DISTINCT * { ?b ?c ?a }", ["b", "c", "a"]),
        ("SELECT*{?b ?c ?a OPTIONAL { ?a ?d ?e }}", ["b", "c", "a", "d", "e"]),
        ("SELECT * { ?s ?p ?o FILTER NOT EXISTS { ?o ?hidden ?b } }", ["s", "p", "o"]),
        ("SELECT * { { SELECT ?q ?a { ?q ?r ?a } } }", ["q", "a"]),
        ("SELECT ?o ?s { ?s ?p ?o }", ["o", "s"]),
        ("SELECT (COUNT(*) AS ?n) ?p { ?s ?p ?o } GROUP BY ?p", ["n", "p"]),
        (
            "SELECT (STR(?p) AS ?x) (COUNT(DISTINCT *) AS ?n) ?p { ?s ?p ?o } GROUP BY ?p",
            ["x", "n", "p"],
        ),
    ],
)
def test_columns_keep_the_order_of_the_query(pool: Pool, text: str, expected: list[str]) -> None:
    assert columns(pool, text) == expected


def test_relative_iris_stand_below_the_dataset(pool: Pool) -> None:
    answer = pool.query(Query("CONSTRUCT { <id/a> a <b> } {}", graph="application/n-triples"))
    assert b"<https://w3id.org/designata/id/a>" in answer.body


TABLES = {
    "application/sparql-results+json": b'"value":"Idlib"',
    "application/sparql-results+xml": b'<literal xml:lang="en">Idlib</literal>',
    "text/csv": b"name\r\nIdlib\r\n",
    "text/tab-separated-values": b'?name\n"Idlib"@en\n',
}


@pytest.mark.parametrize("media_type", TABLES)
def test_a_table_comes_in_the_type_that_is_wanted(pool: Pool, media_type: str) -> None:
    answer = pool.query(Query(PREFIX + "SELECT ?name { ex:idlib ex:name ?name }", media_type))
    assert (answer.form, answer.media_type) == ("select", media_type)
    assert TABLES[media_type] in answer.body


def test_csv_has_quotes_around_whatever_has_a_comma(pool: Pool) -> None:
    text = """SELECT ?a ?b ?c ?d { VALUES (?a ?b ?c ?d) {
        (<http://x/a,b> "c,\\"d\\"" UNDEF "e\\nf"@en) (<http://x/g> 1 true "") } }"""
    body = pool.query(Query(text, "text/csv")).body
    assert body == (b'a,b,c,d\r\n"http://x/a,b","c,""d""",,"e\nf"\r\nhttp://x/g,1,true,\r\n')


@pytest.mark.parametrize("media_type", FORMATS["graph"])
def test_a_graph_is_the_same_in_every_type(pool: Pool, media_type: str) -> None:
    text = PREFIX + "CONSTRUCT { ?s a ex:Town ; ?p ?o } { ?s ?p ?o }"
    answer = pool.query(Query(text, graph=media_type))
    found = set(parse(answer.body, RdfFormat.from_media_type(media_type)))
    name, arabic = NamedNode(EX + "name"), Literal("حلب", language="ar")
    assert len(found) == 8 + 4
    assert Quad(NamedNode(EX + "aleppo"), name, arabic) in found


def test_turtle_declares_the_prefixes_that_it_uses(pool: Pool) -> None:
    text = "CONSTRUCT { <a> <http://purl.org/dc/terms/title> 'skos: no prefix' } {}"
    body = pool.query(Query(text)).body.decode()
    assert "@prefix dcterms: <http://purl.org/dc/terms/> ." in body
    assert "@prefix foaf:" not in body


def test_json_ld_has_a_context_of_prefixes_that_are_no_schemes(pool: Pool) -> None:
    text = "CONSTRUCT { <a> <http://purl.org/dc/terms/title> 'A' ; a <geo:1,2> , geo:x } {}"
    geo = "http://www.opengis.net/ont/geosparql#"
    query = Query(f"PREFIX geo: <{geo}> {text}", graph="application/ld+json")
    document = json.loads(pool.query(query).body)
    (node,) = document["@graph"]
    assert document["@context"] == {"dcterms": "http://purl.org/dc/terms/"}
    assert node["@id"] == "https://w3id.org/designata/a"
    assert node["dcterms:title"] == "A"
    assert set(node["@type"]) == {"geo:1,2", geo + "x"}


@pytest.mark.parametrize(
    ("pattern", "node"),
    [
        ('a "text"', {"rdf:type": "text"}),
        ("a <x:y>, 1", {"@type": "x:y", "rdf:type": {"@type": "xsd:integer", "@value": "1"}}),
        ("<x:p> '1'^^<xsd:x>", {"x:p": {"@type": "xsd:x", "@value": "1"}}),
    ],
)
def test_json_ld_has_every_triple_as_it_is(
    pool: Pool, pattern: str, node: Mapping[str, object]
) -> None:
    query = Query(f"CONSTRUCT {{ <http://x/s> {pattern} }} {{}}", graph="application/ld+json")
    document = json.loads(pool.query(query).body)
    assert document["@graph"] == [{"@id": "http://x/s", **node}]
    assert set(document["@context"]) <= {"rdf", "xsd"}


@pytest.mark.parametrize(
    ("query", "form"),
    [
        (Query("SELECT * {}", select=None), "SELECT"),
        (Query("ASK {}", ask=None), "ASK"),
        (Query("ASK {}", ask="text/csv"), "ASK"),
        (Query("DESCRIBE <a>", graph=None), "CONSTRUCT or DESCRIBE"),
    ],
)
def test_a_form_that_the_client_cannot_read_is_refused(pool: Pool, query: Query, form: str) -> None:
    with pytest.raises(NotAcceptable, match=form) as caught:
        pool.query(query)
    assert caught.value.available


MISTAKES = [
    ("SELECT ?s WERE { ?s ?p ?o }", 1, 11, "WERE is not expected here"),
    ("SELECT ?s\nWHERE {\n  ?s dsg:hasName ?o }", 3, 6, "add PREFIX dsg: <https://w3id.org/"),
    ("SELECT ?s WHERE { ?s nope:x ?o }", 1, 22, "the prefix nope: is not declared"),
    ("SELECT (foo(?s) AS ?x) { ?s ?p ?o }", 1, 9, "foo is not expected here"),
    ("ASK {\n ?a ?b ?c", 1, 5, "this { is never closed"),
    ("ASK { ?a ?b ?c\n}}", 2, 2, "this } closes nothing"),
    ('ASK { ?s ?p "x }', 1, 13, "quotation mark is never closed"),
    ("hello", 1, 1, "begins with SELECT"),
    ("SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o }", None, None, "variable that is unbound"),
]


@pytest.mark.parametrize(("text", "line", "column", "message"), MISTAKES)
def test_a_mistake_is_named_with_its_place(
    pool: Pool, text: str, line: int | None, column: int | None, message: str
) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        pool.query(Query(text))
    assert message in str(caught.value)
    if line:
        assert (caught.value.line, caught.value.column) == (line, column)


def test_an_unknown_function_fails_by_name(pool: Pool) -> None:
    with pytest.raises(QueryRefused, match="no function <http://example"):
        pool.query(Query(f"SELECT (<{EX}f>(1) AS ?x) {{}}"))


def test_rows_are_terms_and_leave_out_what_is_unbound(pool: Pool) -> None:
    text = PREFIX + "SELECT ?s ?n { ?s ex:name 'Idlib'@en OPTIONAL { ?s ex:people ?n } }"
    assert rows(pool, text) == [{"s": NamedNode(EX + "idlib"), "n": Literal(165000)}]
    text = PREFIX + "SELECT ?s ?n { ?s ex:name 'Aleppo'@en OPTIONAL { ?s ex:people ?n } }"
    assert rows(pool, text, lane="queries") == [{"s": NamedNode(EX + "aleppo")}]


def test_only_a_select_query_has_rows(pool: Pool) -> None:
    with pytest.raises(QueryRefused, match="only a SELECT"):
        rows(pool, "ASK {}")


def test_a_carriage_return_survives_xml(pool: Pool) -> None:
    text = "a\r\nb\tc"
    wanted = r"'a\r\nb\tc'"
    rows_of = Query(f"SELECT ({wanted} AS ?x) {{}}", select=XML_RESULTS)
    found = ElementTree.fromstring(pool.query(rows_of).body)
    assert [one.text for one in found.iter("{http://www.w3.org/2005/sparql-results#}literal")] == [
        text
    ]
    graph = Query(f"CONSTRUCT {{ <a:a> <a:b> {wanted} }} WHERE {{}}", graph="application/rdf+xml")
    document = ElementTree.fromstring(pool.query(graph).body)
    assert [one.text for one in document.iter("{a:}b")] == [text]


@pytest.mark.parametrize(
    "term",
    [r"'\u0001'", r"'\u0000'", r"'\u001F'", r"'\uFFFE'", r"'\uFFFF'"],
)
def test_a_character_that_xml_cannot_hold_is_refused_in_xml_alone(pool: Pool, term: str) -> None:
    select, construct = f"SELECT ({term} AS ?x) {{}}", f"CONSTRUCT {{ <a:a> <a:b> {term} }} {{}}"
    for query in (
        Query(select, select=XML_RESULTS),
        Query(construct, graph="application/rdf+xml"),
    ):
        with pytest.raises(NotAcceptable, match="XML cannot hold"):
            pool.query(query)
    assert pool.query(Query(select, select="text/csv")).body
    assert pool.query(Query(construct, graph="text/turtle")).body


RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"


@pytest.mark.parametrize(
    "name",
    ["http://example.org/123", "http://example.org/", "urn:a(b)", f"{RDF}bagID", f"{RDF}aboutEach"],
)
def test_a_property_without_a_name_in_xml_is_refused_in_xml_alone(pool: Pool, name: str) -> None:
    text = f"CONSTRUCT {{ <a:a> <{name}> 1 }} WHERE {{}}"
    with pytest.raises(NotAcceptable) as refused:
        pool.query(Query(text, graph="application/rdf+xml"))
    assert "application/rdf+xml" not in refused.value.available
    for kind in refused.value.available:
        assert b"a:a" in pool.query(Query(text, graph=kind)).body
