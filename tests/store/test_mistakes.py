"""Mistakes that people make in queries: the place that is named is where they would look."""

from __future__ import annotations

import pytest

from designata.errors import QuerySyntaxError
from designata.settings import Settings
from designata.store.parse import form_of
from designata.store.stop import stop
from designata.store.tokens import tokens

HERE = "▲"
MISTAKES = [
    ("missing dot", "SELECT * WHERE {\n  ?a ?b ?c\n  ▲?d ?e ?f\n}", "?d is not expected here"),
    ("missing dot same", "SELECT * WHERE { ?a ?b ?c ▲?d ?e ?f }", "?d is not expected here"),
    ("missing object", "SELECT * WHERE {\n  ?a ?b ▲.\n}", ". is not expected here"),
    ("missing closing brace", "SELECT * WHERE ▲{\n  ?a ?b ?c .\n", "this { is never closed"),
    (
        "missing brace before order",
        "SELECT ?x ▲{\n ?x ?y ?z .\nORDER BY ?x",
        "this { is never closed",
    ),
    ("unclosed select", "SELECT ?x ▲{", "this { is never closed"),
    ("extra brace", "SELECT ?x { ?x ?y ?z } ▲}", "this } closes nothing"),
    ("missing opening brace", "SELECT ?x WHERE ▲?x ?y ?z }", "?x is not expected here"),
    (
        "wrong keyword",
        "▲SELEKT ?x { ?x ?y ?z }",
        "a query begins with SELECT, ASK, CONSTRUCT or DESCRIBE",
    ),
    ("wrong keyword where", "SELECT ?x ▲WHEER { ?x ?y ?z }", "WHEER is not expected here"),
    (
        "wrong keyword optional",
        "SELECT ?x {\n ?x ?y ?z .\n ▲OPTINAL { ?x ?a ?b }\n}",
        "OPTINAL is not expected here",
    ),
    ("wrong filter", "SELECT ?x {\n ?x ?y ?z .\n ▲FLTER(?x > 1)\n}", "FLTER is not expected here"),
    (
        "unescaped quote",
        'SELECT ?x {\n ?x ?y "he said "▲no" to it" .\n}',
        "no is not expected here",
    ),
    ("open quote", 'SELECT ?x {\n ?x ?y ▲"he said no .\n}', "this quotation mark is never closed"),
    (
        "bad iri space",
        "SELECT ?x {\n ?x <http://example.org/a▲ b> ?z\n}",
        "an IRI cannot have this character: percent-encode it",
    ),
    (
        "bad iri brace",
        "SELECT ?x {\n ?x <http://example.org/▲{a}> ?z\n}",
        "an IRI cannot have this character: percent-encode it",
    ),
    ("bad iri percent", "SELECT ?x {\n ?x ▲<http://[> ?z\n}", "this is no well-formed IRI"),
    (
        "iri unclosed",
        "SELECT ?x {\n ?x ▲<http://example.org/a ?z .\n}",
        "this < begins an IRI that is never closed",
    ),
    (
        "relative prefix",
        "PREFIX ex: ▲http://example.org/\nSELECT ?x { ?x ex:a ?z }",
        "an IRI stands between < and >",
    ),
    (
        "prefix without colon",
        "PREFIX ▲ex <http://example.org/>\nSELECT ?x { ?x ex:a ?z }",
        "ex is not expected here",
    ),
    (
        "aggregate without alias",
        "SELECT ▲COUNT(?x) WHERE { ?x ?y ?z }",
        "an aggregate needs a name here: (COUNT(…) AS ?name)",
    ),
    (
        "aggregate without alias parens",
        "SELECT (COUNT(?x)▲) WHERE { ?x ?y ?z }",
        ") is not expected here",
    ),
    (
        "aggregate alias no parens",
        "SELECT ▲COUNT(?x) AS ?n WHERE { ?x ?y ?z }",
        "an aggregate needs a name here: (COUNT(…) AS ?name)",
    ),
    (
        "not grouped",
        "SELECT ▲?x (COUNT(?y) AS ?n) WHERE { ?x ?y ?z }",
        "the SELECT contains a variable that is unbound",
    ),
    (
        "filter without parenthesis",
        "SELECT ?x {\n ?x ?y ?z .\n FILTER ▲?z > 3\n}",
        "?z is not expected here",
    ),
    (
        "filter unclosed paren",
        "SELECT ?x {\n ?x ?y ?z .\n FILTER ▲(?z > 3\n}",
        "this ( is never closed",
    ),
    (
        "filter not exists no braces",
        "SELECT ?x {\n ?x ?y ?z .\n FILTER NOT EXISTS ▲?x a ?t\n}",
        "?x is not expected here",
    ),
    (
        "undeclared prefix",
        "SELECT ?x {\n ?x ▲foaf:name ?z\n}",
        "the prefix foaf: is not declared; add PREFIX foaf: <http://xmlns.com/foaf/0.1/>",
    ),
    (
        "undeclared known prefix",
        "SELECT ?x {\n ?x ▲dsg:hasName ?z\n}",
        "the prefix dsg: is not declared; add PREFIX dsg: <https://w3id.org/designata/ontology#>",
    ),
    (
        "undeclared in datatype",
        'SELECT ?x {\n ?x ?y "1"^^▲xsd:integer\n}',
        "the prefix xsd: is not declared; add PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>",
    ),
    ("tabs", "SELECT ?x {\n\t?x\t?y\t?z\t▲?w\n}", "?w is not expected here"),
    ("crlf", "SELECT ?x {\r\n ?x ?y ?z .\r\n ?a ?b ▲.\r\n}", ". is not expected here"),
    ("cr only", "SELECT ?x {\r ?x ?y ?z .\r ?a ?b ▲.\r}", ". is not expected here"),
    ("non-bmp before", 'SELECT ?x {\n ?x ?y "😀😀" ▲?w ?v\n}', "?w is not expected here"),
    (
        "arabic before",
        'SELECT ?x {\n ?x ?y "هيئة تحرير الشام" ▲?w ?v\n}',
        "?w is not expected here",
    ),
    ("arabic after fold", 'SELECT ?x {\n ?x ?y "é" ▲?w\n}', "?w is not expected here"),
    (
        "prefixed name with space",
        "PREFIX ex: <http://example.org/>\nSELECT ?x {\n ?x ex: ▲name ?z .\n}",
        "name is not expected here",
    ),
    ("limit without number", "SELECT ?x { ?x ?y ?z }\nLIMIT▲", "the query ends too early"),
    ("limit word", "SELECT ?x { ?x ?y ?z }\nLIMIT ▲ten", "ten is not expected here"),
    ("limit negative", "SELECT ?x { ?x ?y ?z }\nLIMIT ▲-1", "- is not expected here"),
    ("order by nothing", "SELECT ?x { ?x ?y ?z }\nORDER BY▲", "the query ends too early"),
    (
        "order nothing limit",
        "SELECT ?x { ?x ?y ?z }\nORDER BY\n▲LIMIT 10",
        "LIMIT is not expected here",
    ),
    ("order without by", "SELECT ?x { ?x ?y ?z }\nORDER ▲?x", "?x is not expected here"),
    ("group by nothing", "SELECT ?x { ?x ?y ?z }\nGROUP BY▲", "the query ends too early"),
    (
        "comment",
        '# a comment with a " quote and {\nSELECT ?x { # another }\n ?x ?y ▲.\n}',
        ". is not expected here",
    ),
    ("comment at end", "SELECT ?x ▲{\n ?x ?y ?z . # }\n", "this { is never closed"),
    (
        "multi-line string",
        'SELECT ?x {\n ?x ?y """one\ntwo\nthree""" ▲?w ?v\n}',
        "?w is not expected here",
    ),
    (
        "multi-line string open",
        'SELECT ?x {\n ?x ?y ▲"""one\ntwo\nthree"" .\n}',
        "this quotation mark is never closed",
    ),
    ("comma in select", "SELECT ?x▲, ?y { ?x ?y ?z }", ", is not expected here"),
    ("no vars", "SELECT ▲WHERE { ?x ?y ?z }", "WHERE is not expected here"),
    ("semicolon end brace", "SELECT * { ?x ?y ?z ;\n ?w ▲}", "} is not expected here"),
    ("equals", "SELECT * { ?x ?y ?z FILTER(?x =▲= ?y) }", "= is not expected here"),
    ("and", "SELECT * { ?x ?y ?z FILTER(?x = 1 ▲AND ?y = 2) }", "AND is not expected here"),
    ("bind no as", "SELECT * { ?x ?y ?z\n BIND(1 + 1▲) }", ") is not expected here"),
    ("bind used", "SELECT * {\n ?x ?y ?z\n BIND(1 AS ▲?x) }", "?x has a value before this BIND"),
    ("values", "SELECT * { VALUES ?x { 1 2 ▲?y } }", "?y is not expected here"),
    ("values arity", "SELECT * {\n VALUES (?x ?y) { (1 2)\n (3) ▲} }", "} is not expected here"),
    ("sql", "SELECT * FROM ▲table WHERE x = 1", "table is not expected here"),
    ("two queries", "SELECT * { ?x ?y ?z }\n▲SELECT * { ?x ?y ?z }", "SELECT is not expected here"),
    ("union word", "SELECT * { { ?x ?y ?z } ▲UNOIN { ?a ?b ?c } }", "UNOIN is not expected here"),
    ("var bare", "SELECT ▲x { ?x ?y ?z }", "x is not expected here"),
    ("lang", 'SELECT * { ?x ?y "a"▲@ }', "@ is not expected here"),
    ("unknown function", "SELECT * {\n ?x ?y ?z\n FILTER(▲FOO(?x)) }", "FOO is not expected here"),
    (
        "filter contains",
        'SELECT * {\n ?x ?y ?z\n FILTER CONTAINS(?x ▲"a") }',
        '"a" is not expected here',
    ),
    ("having", "SELECT ?x { ?x ?y ?z } HAVING▲", "the query ends too early"),
    ("path", "SELECT * {\n ?x a/ ▲?z }", "?z is not expected here"),
    ("escape", 'SELECT * {\n ?x ?y "a▲\\qb" }', "\\q is no escape in a string"),
    ("single ap", "SELECT * {\n ?x ?y 'it'▲s' }", "s is not expected here"),
    ("construct", "CONSTRUCT ▲?x ?y ?z WHERE { ?x ?y ?z }", "?x is not expected here"),
    ("ask", "ASK ▲?x { ?x ?y ?z }", "?x is not expected here"),
    ("empty prefix", "SELECT * { ?x ▲:name ?z }", "the prefix : is not declared"),
    ("after string", 'SELECT * {\n ?x ?y "a" , ▲.\n}', ". is not expected here"),
]


@pytest.mark.parametrize(
    ("text", "message"), [row[1:] for row in MISTAKES], ids=[row[0] for row in MISTAKES]
)
def test_a_mistake_is_named_where_a_person_would_look(text: str, message: str) -> None:
    before, _, after = text.partition(HERE)
    with pytest.raises(QuerySyntaxError) as caught:
        form_of(before + after, Settings())
    assert str(caught.value) == message
    line, column = before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1
    assert (caught.value.line, caught.value.column) == (line, column)


def test_there_are_many() -> None:
    assert len(MISTAKES) > 60
    assert all(text.count(HERE) == 1 for _, text, _ in MISTAKES)


SOUND = [
    'SELECT * { ?a ?b "1"^^<http://www.w3.org/2001/XMLSchema#integer>, "a"@en-GB ; ?c <#d> }',
    "SELECT*{?a!(<a>|^<b>)/<c>*?d.FILTER(?a<=1&&?d!=2||!(?a>=3))}",
    "PREFIX : <#> ASK { :a.b :c [ :d ( 1 -2 +3.5e0 ) ] MINUS { _:b :e ?f } }",
    "SELECT (COUNT(*) AS ?n) ?x { ?x a ?y } GROUP BY ?x HAVING(?n > 1) ORDER BY DESC(?n) LIMIT 1",
]


@pytest.mark.parametrize("text", SOUND)
def test_nothing_is_suspected_in_a_sound_query(text: str) -> None:
    assert form_of(text, Settings()) in ("select", "ask")
    assert stop(text, list(tokens(text))) is None


@pytest.mark.parametrize("text", SOUND)
def test_the_first_word_too_many_is_found_in_each_of_them(text: str) -> None:
    for separator in (" ", "\n", "\r\n\t", " # comment\n"):
        found = list(tokens(f"{text}{separator}nonsense }}"))
        index = stop(f"{text}{separator}nonsense }}", found)
        assert index is not None
        assert found[index].text == "nonsense"
