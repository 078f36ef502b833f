"""FROM where the engine of this server reads it; other engines refuse some of these texts."""

from __future__ import annotations

import json

import pytest

from designata.store.pool import Pool
from designata.store.query import DEFAULT_GRAPH, Query

EX = "http://example.org/"
ALL = {"aleppo", "idlib", "latakia", "tartus"}
TEXTS = [
    (r"SELECT ?s (ex:O\_\'x AS ?z) FROM ex:graph-one { ?s ?p ?o }", {"latakia"}),
    ("SELECT ?s (?o AS ?ende\u0301from) { ?s ?p ?o }", ALL),
    ("PREFIX : <http://example.org/> SELECT ?s FROM:graph-one { ?s ?p ?o }", {"latakia"}),
    ("PREFIX from: <urn:> SELECT ?s (from:x AS ?z) { ?s ?p ?o }", ALL),
    ("SELECT (1<'x>\"y' AS ?c) ?s FROM ex:graph-one { ?s ?p ?o }", {"latakia"}),
]


def names(pool: Pool, query: Query) -> set[str]:
    document = json.loads(pool.query(query).body)
    return {row["s"]["value"].removeprefix(EX) for row in document["results"]["bindings"]}


@pytest.mark.parametrize(("text", "expected"), TEXTS)
def test_from_counts_however_it_is_written(pool: Pool, text: str, expected: set[str]) -> None:
    assert names(pool, Query(f"PREFIX ex: <{EX}> {text}")) == expected


def test_from_counts_in_the_short_form_of_construct(pool: Pool) -> None:
    text = f"CONSTRUCTFROM <{EX}graph-one> WHERE {{ ?s <{EX}name> ?o }}"
    body = pool.query(Query(text, graph="application/n-triples")).body
    assert {line.split()[0] for line in body.splitlines()} == {f"<{EX}latakia>".encode()}


def test_the_default_graph_has_no_name_among_the_named(pool: Pool) -> None:
    query = Query("SELECT ?s { GRAPH ?g { ?s ?p ?o } }", named_graphs=(DEFAULT_GRAPH,))
    assert names(pool, query) == set()
