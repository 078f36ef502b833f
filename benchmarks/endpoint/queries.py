"""Sixteen questions, each in any number of texts that ask the same.

`{n}` is another number in each text that no cache has seen. It stands where it costs nothing and
where only who evaluates the query can tell that it does not matter: in a LIMIT above the number of
rows, in a HAVING, in a comparison with few rows.
"""

# ruff: noqa: E501 (a query stays on its line)

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

RESULTS = "application/sparql-results+json"
TRIPLES = "application/n-triples"
PREFIXES = {
    "dsg": "https://w3id.org/designata/ontology#",
    "organization": "https://w3id.org/designata/id/organization/",
    "place": "https://w3id.org/designata/id/place/",
    "programme": "https://w3id.org/designata/id/programme/",
    "kind": "https://w3id.org/designata/code/actor-kind/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "skosxl": "http://www.w3.org/2008/05/skos-xl#",
    "wgs84": "http://www.w3.org/2003/01/geo/wgs84_pos#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
GENERATED = {"organization": "organization:o17", "needle": "brigade"}
REAL = {"organization": "organization:islamic-state", "needle": "front"}
LEAST = 10_000_000
FIRST_YEAR, YEARS = 1600, 300


@dataclass(frozen=True, slots=True)
class Question:
    """A query with holes, and what kind of answer it has."""

    name: str
    pattern: str
    accept: str = RESULTS

    def text(self, constants: Mapping[str, str], number: int) -> str:
        """The query in its text of that number."""
        body = self.pattern.replace("{n}", str(LEAST + number)).replace("{day}", _day(number))
        for name, value in constants.items():
            body = body.replace(f"${name}", value)
        used = [f"PREFIX {name}: <{iri}>" for name, iri in PREFIXES.items() if f"{name}:" in body]
        return "\n".join((*used, body))

    def target(self, path: str, constants: Mapping[str, str], number: int) -> str:
        """The query as a path with its parameter."""
        sign = "&" if "?" in path else "?"
        return f"{path}{sign}query={quote(self.text(constants, number), safe='')}"


def _day(number: int) -> str:
    """A day long before all others."""
    month, day = number // 28 % 12 + 1, number % 28 + 1
    return f"{FIRST_YEAR + number // 336 % YEARS}-{month:02}-{day:02}"


POINT = Question("point lookup", "SELECT ?p ?o { $organization ?p ?o } LIMIT {n}")
ASK = Question(
    "ASK",
    "ASK { ?d dsg:designates $organization ; dsg:designatedBy ?authority FILTER(?authority != <urn:n:{n}>) }",
)
LARGE = Question(
    "550 kB",
    "SELECT ?d ?o { ?d dsg:designatedBy organization:united-states ; dsg:designates ?o } LIMIT {n}",
)
QUESTIONS: Sequence[Question] = (
    POINT,
    Question(
        "alias CONTAINS, lower case",
        'SELECT ?name ?label { ?name a dsg:Alias ; skosxl:literalForm ?label FILTER(CONTAINS(LCASE(STR(?label)), "$needle")) } LIMIT {n}',
    ),
    Question(
        "valid on a date",
        'SELECT ?o ?start { ?d dsg:underProgramme programme:us-fto ; dsg:designates ?o ; dsg:period ?p . ?p dsg:startLatest ?start FILTER(?start <= "2015-06-15"^^xsd:date) OPTIONAL { ?p dsg:endEarliest ?end } FILTER(!BOUND(?end) || ?end > "2015-06-15"^^xsd:date) } LIMIT {n}',
    ),
    Question(
        "bases in a box",
        "SELECT ?b ?lat ?long { ?b wgs84:lat ?lat ; wgs84:long ?long FILTER(?lat > 32.5 && ?lat < 37.5 && ?long > 35 && ?long < 42.5) } LIMIT {n}",
    ),
    Question(
        "OPTIONAL-heavy",
        "SELECT ?o ?label ?name ?d ?base { ?o a dsg:Organization ; dsg:actorKind kind:state-force OPTIONAL { ?o skos:prefLabel ?label } OPTIONAL { ?o dsg:preferredName ?n . ?n skosxl:literalForm ?name } OPTIONAL { ?d dsg:designates ?o ; dsg:underProgramme programme:us-fto } OPTIONAL { ?t dsg:tenant ?o ; dsg:base ?base } } LIMIT {n}",
    ),
    Question("DISTINCT", "SELECT DISTINCT ?label { ?name skosxl:literalForm ?label } LIMIT {n}"),
    Question(
        "count by designator",
        "SELECT ?authority (COUNT(?d) AS ?count) { ?d dsg:designatedBy ?authority } GROUP BY ?authority LIMIT {n}",
    ),
    Question(
        "group and order",
        "SELECT ?o (COUNT(?label) AS ?count) { ?o dsg:hasName ?name . ?name skosxl:literalForm ?label } GROUP BY ?o HAVING(COUNT(?label) != {n}) ORDER BY DESC(?count) ?o",
    ),
    Question("full scan", "SELECT ?p (COUNT(*) AS ?count) { ?s ?p ?o } GROUP BY ?p LIMIT {n}"),
    Question(
        "path downwards", "SELECT ?b { ?b a dsg:MilitaryBase ; dsg:inPlace+ place:syria } LIMIT {n}"
    ),
    Question(
        "join of three",
        "SELECT ?label ?authority ?b { ?t dsg:tenant ?o ; dsg:base ?b . ?b dsg:hostCountry place:syria . ?d dsg:designates ?o ; dsg:designatedBy ?authority . ?o skos:prefLabel ?label } LIMIT {n}",
    ),
    ASK,
    Question(
        "CONSTRUCT",
        "CONSTRUCT { ?o skos:prefLabel ?label ; dsg:designatedBy ?authority } WHERE { ?d dsg:underProgramme programme:us-fto ; dsg:designates ?o ; dsg:designatedBy ?authority . ?o skos:prefLabel ?label } LIMIT {n}",
        TRIPLES,
    ),
    LARGE,
    Question(
        "UNION, NOT EXISTS",
        "SELECT ?o { { ?o dsg:actorKind kind:military-command } UNION { ?o dsg:actorKind kind:ngo } FILTER NOT EXISTS { ?d dsg:designates ?o FILTER EXISTS { ?d dsg:designatedBy organization:united-states } } } LIMIT {n}",
    ),
    Question(
        "ORDER BY … LIMIT",
        'SELECT ?o ?start { ?d dsg:designates ?o ; dsg:period ?p . ?p dsg:startLatest ?start FILTER(?start > "{day}"^^xsd:date) } ORDER BY DESC(?start) ?o LIMIT 20',
    ),
)
