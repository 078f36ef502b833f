"""A summary answers as the store does, and leaves what it cannot answer to the store."""

from collections import Counter
from itertools import product
from typing import Any

import pytest
from pyoxigraph import QuerySolutions, RdfFormat, Store

from designata.store import summary as module
from designata.store.counted import COUNT, GRAPHS, PROPERTIES, WHOLE, counted
from designata.store.summary import Summary, summarise
from designata.vocabulary import BASE

PROLOGUE = "BASE <http://example.org/>\nPREFIX ex: <http://example.org/>\nPREFIX : <#>\n"
DATA = f"""
@base <http://example.org/> . @prefix ex: <http://example.org/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
ex:a a ex:Party, ex:State ; ex:name "A", "Ä"@de, "A"@ar--rtl ; ex:size 1.50, "+1"^^xsd:int .
ex:b a ex:Party ; ex:name "A" ; ex:size 1.5, 7 ; ex:at _:place, [] .
ex:c a ex:State ; ex:at _:place ; ex:says <<( ex:a ex:at ex:b )>> ; <#odd> true .
ex:d <{COUNT}> 7, ex:a ; <{WHOLE}> true ; <{PROPERTIES}> 1, 2 ; <{GRAPHS}> "1" .
ex:f a <#s>, <#x>, <#> ; ex:size 12 . ex:g a <#s>, <#x>, <#> ; ex:size 12 .
<#x> {{ ex:a a ex:Party . ex:c ex:p ex:x }} <#> {{ ex:a a ex:Party . ex:c ex:p ex:x }}
ex:one {{ ex:a a ex:Party . ex:e ex:at ex:a ; ex:size 7 }}
_:graph {{ ex:e a ex:State }}
"""
HEADS = (
    "SELECT DISTINCT ?x",
    "SELECT ?x (COUNT(*) AS ?n)",
    "SELECT ?x",
    "select distinct ?x (count(?s) as ?n)",
    "SELECT (COUNT(*) AS ?n) (COUNT(DISTINCT ?x) AS ?m)",
    "SELECT (COUNT(?s) AS ?n)",
    "SELECT (COUNT(?x) AS ?n) ?x",
    "SELECT (COUNT(DISTINCT ?s) AS ?n)",
    "SELECT (COUNT(DISTINCT *) AS ?n)",
    "SELECT (COUNT(?nothing) AS ?n)",
    "SELECT (COUNT(*) AS ?s)",
    "SELECT DISTINCT ?s",
    "SELECT DISTINCT *",
    "SELECT (SUM(?x) AS ?n)",
    "SELECT DISTINCT ?µ",
)
GROUPS = (
    "{ ?s a ?x }",
    "WHERE { $s ex:name ?x . }",
    "{ [] ex:size ?x }",
    "{ ?s ex:at ?x }",
    "{ ?s <says> ?x }",
    "{ ?s :odd ?x }",
    "{ ?s ex:nothing ?x }",
    f"{{ ?s <{COUNT}> ?x }}",
    f"{{ ?s <{WHOLE}> ?x }}",
    "{ ?s ?x ?o }",
    "{ ?s ?p ?x }",
    "{ ?x ?x ?s }",
    "{ ?s A ?x }",
    "{ ?s a :s }",
    "{ ?s a :x }",
    "{ ?s a : }",
    "{ ?s ex:size 7 }",
    "{ [] ex:size 12 }",
    "{ ?µ ?x ?o }",
    "{ ?s ?x ?µ }",
    "{ [ # }\n] ?x ?o }",
    "{ ?s ?x ?o # \ud800\n }",
    "{ GRAPH :x { ?x ?p ?s } }",
    "{ GRAPH : { ?s ?p ?o } }",
    f"{{ ?s <{PROPERTIES}> ?x }}",
    f"{{ ?s <{GRAPHS}> ?x }}",
    "{ ?s ?x ex:a }",
    "{ ?s a ?o }",
    "{ ?s a ex:Party }",
    "{ ?s a ex:Nothing }",
    "{ [] ex:size 1.500 }",
    "{ ?s ex:size '1'^^<http://www.w3.org/2001/XMLSchema#integer> }",
    "{ ?s ex:name 'Ä'@de }",
    "{ GRAPH ?x { ?s ?p ?o } }",
    "{ GRAPH ex:one { ?s ?p ?o } }",
    "{ GRAPH ex:none { ?s ?p ?o } . }",
    "{ GRAPH ?x { ?s a ?o } }",
    "{ GRAPH ?x { ?s ?p ?x } }",
    "{ ?s a ?x FILTER(?x != ex:State) }",
    "{ ?s a ?x ; ex:name ?o }",
    "{ ?s a/ex:at ?x }",
    "{ { ?s a ?x } }",
    "FROM ex:one { ?s a ?x }",
    "FROM NAMED ex:one { GRAPH ?x { ?s ?p ?o } }",
)
TAILS = (
    "",
    "GROUP BY ?x",
    "GROUP BY ?s",
    "GROUP BY $x HAVING(COUNT(*) > 1 && COUNT(?s) < 100)",
    "GROUP BY ?x ORDER BY DESC(COUNT(?s)) ?x LIMIT 2",
    "GROUP BY ?x ORDER BY DESC(?n) ?x LIMIT 10 OFFSET 1",
    "ORDER BY ?x LIMIT 1000",
    "GROUP BY (STR(?x) AS ?y)",
    "VALUES ?x { ex:State }",
)


@pytest.fixture(scope="module")
def store() -> Store:
    store = Store()
    store.load(DATA, format=RdfFormat.TRIG)
    return store


@pytest.fixture(autouse=True)
def all_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """In so little data nothing is said often."""
    monkeypatch.setattr(module, "_REPEATED", 1)


@pytest.fixture
def summary(store: Store, all_counted: None) -> Summary:
    return summarise(store)


def rows(found: Any) -> Counter[tuple[str, ...]]:
    assert isinstance(found, QuerySolutions)
    names = [variable.value for variable in found.variables]
    return Counter((*names, *(str(row[name]) for name in names)) for row in found)


def test_a_summary_answers_as_the_store_does(store: Store, summary: Summary) -> None:
    answered = 0
    for head, group, tail in product(HEADS, GROUPS, TAILS):
        text = f"{PROLOGUE}{head} {group} {tail}"
        found = summary.ask(text)
        if found is None:
            continue
        answered += 1
        union = "FROM" not in group
        expected = rows(store.query(text, base_iri=BASE, use_default_graph_as_union=union))
        assert rows(found) == expected, text
    assert answered > 200


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT DISTINCT ?class { ?s a ?class }", 5),
        ("SELECT ?class (COUNT(?s) AS ?n) WHERE { ?s a ?class } GROUP BY ?class LIMIT 3", 3),
        ("SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p ORDER BY DESC(?n)", 11),
        ("SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }", 4),
        ("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", 1),
        ("PREFIX ex: <http://example.org/> SELECT (COUNT(*) AS ?n) { ?s ex:size 7 }", 1),
    ],
)
def test_what_is_asked_first_of_a_dataset_is_in_the_summary(
    summary: Summary, text: str, expected: int
) -> None:
    found = summary.ask(text)
    assert found is not None and len(list(found)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?x { ?s a ?x }",
        "SELECT DISTINCT ?s { ?s a ?x }",
        "SELECT DISTINCT ?x { ?s a ?x . ?s ?p ?o }",
        "SELECT DISTINCT ?designataNumber { ?s a ?designataNumber }",
        "SELECT (COUNT(*) AS ?n) { ?s a ?x } VALUES ?x { <a:b> }",
        "SELECT (COUNT(*) AS ?n) { ?s a ?x OPTIONAL { ?s ?p ?o } }",
        "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s a ?x }",
        "SELECT (COUNT(*) + 1 AS ?n) { ?s a ?x }",
        "SELECT DISTINCT (STR(?x) AS ?y) { ?s a ?x }",
        "ASK { ?s a ?x }",
        "",
    ],
)
def test_all_else_is_left_to_the_store(text: str) -> None:
    assert counted(text) is None


def test_what_has_many_values_is_not_counted(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_VALUES", 4)
    few = summarise(store)
    assert few.ask("SELECT DISTINCT ?x { ?s <http://example.org/name> ?x }") is not None
    assert few.ask("SELECT DISTINCT ?x { ?s a ?x }") is None
    assert few.ask("SELECT (COUNT(*) AS ?n) { ?s a ?x }") is not None
    monkeypatch.setattr(module, "_MOST_NAMES", 4)
    fewer = summarise(store)
    assert fewer.ask("SELECT DISTINCT ?p { ?s ?p ?o }") is None
    assert fewer.ask("SELECT DISTINCT ?x { ?s <http://example.org/name> ?x }") is None
    assert fewer.ask("SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }") is not None


def test_a_summary_does_not_grow_with_the_number_of_properties(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_MOST_TOGETHER", 25)
    store = Store()
    data = [
        f'<http://e/{subject}> <http://e/p{number}> "{subject % 10}" .'
        for number in range(9)
        for subject in range(10 * number + 10)
    ]
    store.load("\n".join(data), format=RdfFormat.N_TRIPLES)
    found = summarise(store)
    counted = [
        number
        for number in range(9)
        if found.ask(f"SELECT DISTINCT ?x {{ ?s <http://e/p{number}> ?x }}") is not None
    ]
    # Those that are there most often: five values are left, which is too few for another.
    assert counted == [7, 8]
    assert found.ask("SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p") is not None


@pytest.mark.parametrize("forged", [PROPERTIES, GRAPHS])
def test_data_cannot_say_what_a_summary_has(forged: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_VALUES", 5)
    monkeypatch.setattr(module, "_MOST_NAMES", 3)
    data = "".join(f'<http://e/s> <{forged}> "{value}" .\n' for value in range(9))
    many = Store()
    many.load(data, format=RdfFormat.N_TRIPLES)
    values = f"SELECT (COUNT(DISTINCT ?x) AS ?n) {{ ?s <{forged}> ?x }}"
    assert summarise(many).ask(values) is None
    data = "".join(f'<http://e/s> <{forged}> "1" <http://e/{graph}> .\n' for graph in range(9))
    named = Store()
    named.load(data, format=RdfFormat.N_QUADS)
    graphs = "SELECT (COUNT(DISTINCT ?g) AS ?n) { GRAPH ?g { ?s ?p ?o } }"
    assert summarise(named).ask(graphs) is None


def test_what_is_said_once_of_each_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_REPEATED", 8)
    store = Store()
    data = [f'<http://e/{n}> <http://e/own> "{n}" ; a <http://e/{n % 2}> .' for n in range(16)]
    store.load("\n".join(data), format=RdfFormat.TURTLE)
    found = summarise(store)
    assert found.ask("SELECT DISTINCT ?x { ?s <http://e/own> ?x }") is None
    assert found.ask("SELECT DISTINCT ?x { ?s a ?x }") is not None


def test_what_is_long_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_LETTERS", 1_000)
    store = Store()
    data = f'<http://e/s> <http://e/long> "{"x" * 2_000}" ; <http://e/short> "x" .'
    store.load(data, format=RdfFormat.TURTLE)
    found = summarise(store)
    assert found.ask("SELECT DISTINCT ?x { ?s <http://e/long> ?x }") is None
    assert found.ask("SELECT DISTINCT ?x { ?s <http://e/short> ?x }") is not None


def test_a_mistake_is_left_to_the_store(summary: Summary) -> None:
    assert summary.ask("SELECT ?x (COUNT(*) AS ?n) { ?s a ?x }") is None
    assert summary.ask("SELECT DISTINCT ?x { ?s un:known ?x }") is None
