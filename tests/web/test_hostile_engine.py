"""Queries at the edges of what the engine computes: each ends in time, and none ends the server."""

import time
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

import pytest

if TYPE_CHECKING:
    from conftest import Site

FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}
XSD: Final = "PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> "
PRODUCT: Final = " ".join(f"?a{i} ?b{i} ?c{i} ." for i in range(16))
SHORT: Final = " ".join(f"?a{i} ?b{i} ?c{i} ." for i in range(3))
LARGEST: Final = 2**63 - 1


def calls(function: str, count: int) -> str:
    """A chain of bindings, each of which makes the value ten times as long."""
    ten = [", ".join([f"?v{i}"] * 10) for i in range(count)]
    return "BIND('é' AS ?v0) " + " ".join(
        f"BIND({function}(CONCAT({ten[i]})) AS ?v{i + 1})" for i in range(count)
    )


VALUES = {
    "a year of 10^18": 'YEAR("1000000000000000000-01-01T00:00:00"^^xsd:dateTime)',
    "a year of -2^63": 'YEAR("-9223372036854775808-01-01T00:00:00Z"^^xsd:dateTime)',
    "a date and too long": '"2000-01-01"^^xsd:date + "P99999999999999M"^^xsd:yearMonthDuration',
    "durations of months": " + ".join([f'"P{LARGEST}M"^^xsd:yearMonthDuration'] * 2),
    "durations of days": " + ".join(['"P999999999999999999D"^^xsd:dayTimeDuration'] * 2),
    "a zone of 99 hours": 'TZ("2000-01-01T00:00:00+99:99"^^xsd:dateTime)',
    "the end of the last day": f'HOURS("{LARGEST}-12-31T24:00:00"^^xsd:dateTime)',
    "a long second": f'SECONDS("2000-01-01T00:00:59.{"9" * 2_000}"^^xsd:dateTime)',
    "decimals": "170141183460469231731.0 * 170141183460469231731.0",
    "integers": f"{LARGEST} + 1",
    "the least integer": f"-{LARGEST + 1} / -1",
    "division by zero": "1/0",
    "nothing but failures": f"COALESCE({','.join(['1/0'] * 900)})",
}


@pytest.mark.parametrize("expression", VALUES.values(), ids=VALUES)
def test_a_value_that_cannot_be_had_is_unbound(server: "Site", expression: str) -> None:
    text = f"{XSD}SELECT ({expression} AS ?x) {{}}"
    reply = server.send("/sparql", headers=FORM, body=urlencode({"query": text}).encode())
    assert (reply.status, reply.body) == (
        200,
        b'{"head":{"vars":["x"]},"results":{"bindings":[{}]}}',
    )


BOMBS = {
    "paths": (
        f"SELECT (COUNT(*) AS ?n) {{ ?s (!<a:>|^!<a:>)* ?o . {SHORT} ?q (!<a:>)+ ?r . "
        "?x (!<a:>|^!<a:>)* ?y . ?z (!<a:>)+ ?w }",
        504,
    ),
    "a long path": (f"SELECT * {{ ?s {'/'.join(['(!<a:>|^!<a:>)*'] * 150)} ?o }}", 413),
    "nested paths": (f"ASK {{ ?s {'(' * 30}!<a:>{')*' * 30} ?o FILTER(?o = 7) }}", 200),
    "escapes": (f"SELECT (STRLEN(?v7) AS ?n) {{ {calls('ENCODE_FOR_URI', 7)} }}", 504),
    "distinct": (f"SELECT (COUNT(DISTINCT *) AS ?n) {{ {PRODUCT} }}", 504),
    "a sample": (f"SELECT ?a0 (SAMPLE(?c1) AS ?n) {{ {PRODUCT} }} GROUP BY ?a0", 504),
    "descriptions": (f"DESCRIBE * {{ {PRODUCT} }}", 504),
    "blank nodes": (f"CONSTRUCT {{ _:a <a:b> [ <a:c> [ <a:d> ?c0 ] ] }} {{ {PRODUCT} }}", 413),
    "a large template": (f"CONSTRUCT {{ {'[] <a:b> [] . ' * 450} }} {{ {SHORT} }}", 413),
    "values": (
        "SELECT (COUNT(*) AS ?n) { "
        + " ".join(f"VALUES ?{name} {{ {'1 ' * 900} }}" for name in "wxyz")
        + " FILTER(?w + ?x + ?y + ?z = 5) }",
        504,
    ),
    "lateral": (f"SELECT (COUNT(*) AS ?n) {{ {SHORT} LATERAL {{ {PRODUCT} }} }}", 504),
    "nested lateral": (f"ASK {{ {'?s ?p ?o LATERAL { ' * 38}{'}' * 38} FILTER(false) }}", 200),
    "minus": (f"SELECT * {{ {PRODUCT} MINUS {{ {PRODUCT} }} }}", 504),
    "unions": (f"SELECT (COUNT(*) AS ?n) {{ {'{ {} UNION {} } ' * 60} }}", 504),
    "nested optional": (
        "SELECT (COUNT(*) AS ?n) { "
        + "".join(f"OPTIONAL {{ ?x{i} ?y{i} ?z{i} " for i in range(39))
        + "}" * 40,
        504,
    ),
    "chance": (f"SELECT * {{ {PRODUCT} }} ORDER BY RAND()", 504),
    "a long list": (f"ASK {{ ?s ?p ?o FILTER(?o IN ({','.join(['?s'] * 1_900)})) }}", 200),
    "nested triples": (f"SELECT ({'TRIPLE(<a:>,<b:>,' * 39}1{')' * 39} AS ?x) {{}}", 200),
    "prefixes": (f"{' '.join(f'PREFIX p{i}: <a:>' for i in range(1_200))} ASK {{}}", 200),
    "a beginning beyond the end": ("SELECT * { ?s ?p ?o } OFFSET 18446744073709551615", 200),
    "more than can be counted": ("SELECT * { ?s ?p ?o } LIMIT 99999999999999999999999", 400),
    "a function that is an address": ("SELECT (<http://127.0.0.1:1/>(1) AS ?x) {}", 400),
}


@pytest.mark.parametrize(("text", "status"), BOMBS.values(), ids=BOMBS)
def test_a_query_at_an_edge_ends_and_the_next_is_answered(
    server: "Site", text: str, status: int
) -> None:
    started = time.monotonic()
    reply = server.send("/sparql", headers=FORM, body=urlencode({"query": text}).encode())
    assert reply.status in {status, 504}
    assert time.monotonic() - started < 5
    assert server.send("/sparql?query=ASK%7B%7D").status == 200
