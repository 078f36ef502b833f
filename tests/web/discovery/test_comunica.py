"""Comunica over a real socket: the same answers by SPARQL and by Triple Pattern Fragments.

DESIGNATA_COMUNICA names a folder in which `npm install @comunica/query-sparql@4` was run: version 4
is for Node 20. It loses the language tags of SPARQL results, so that rows are compared without.
"""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from designata.store.directory import Release

Serving = Callable[..., AbstractContextManager[Any]]
REQUIRE_ALL = os.environ.get("DESIGNATA_REQUIRE_ALL") == "1"
TOWNS = Path(__file__).parents[2] / "store" / "fixture" / "towns.trig"
STRANGE = Path(__file__).parent / "strange.ttl"
NAMES = "SELECT ?thing ?name WHERE { ?thing <http://example.org/name> ?name }"
JOIN = """
PREFIX ex: <http://example.org/>
SELECT DISTINCT ?name ?near WHERE {
  ?a ex:near ?b ; ex:name ?name . ?b ex:name ?near . FILTER (?name != "Idlib")
}
"""
STRANGE_TEXTS = "SELECT ?text WHERE { <http://example.org/quotes> <http://example.org/text> ?text }"
NAMELESS = """
PREFIX ex: <http://example.org/>
SELECT ?text WHERE { ?a ex:knows ?b . ?b ex:text ?text }
"""
DESIGNATED = """
PREFIX dsg: <https://w3id.org/designata/ontology#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
SELECT DISTINCT ?organization ?authority WHERE {
  ?designation dsg:designates ?organization ; dsg:designatedBy ?authority ; dsg:period ?period .
  ?period dsg:endKind <https://w3id.org/designata/code/end-kind/ongoing> .
}
"""


@pytest.fixture(scope="module")
def comunica(require: Callable[[str], str]) -> Callable[[str, str], list[str]]:
    """Asks a source, and gives the rows as sorted texts."""
    require("node")
    folder = os.environ.get("DESIGNATA_COMUNICA")
    program = Path(folder or ".") / "node_modules" / ".bin" / "comunica-sparql"
    if folder is None or not program.exists():
        (pytest.fail if REQUIRE_ALL else pytest.skip)("DESIGNATA_COMUNICA names no installation")

    def ask(source: str, query: str) -> list[str]:
        command = [str(program), source, query, "-t", "application/sparql-results+json"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        rows = json.loads(done.stdout)["results"]["bindings"]
        for row in rows:
            for term in row.values():
                term.pop("xml:lang", None)
        return sorted(json.dumps(row, sort_keys=True) for row in rows)

    return ask


@pytest.fixture(scope="module")
def towns_site(serving: Serving) -> Iterator[Any]:
    files = (str(TOWNS), f"http://localhost/graphs/strange={STRANGE}")
    with serving("--load", *files, environment={}) as site:
        yield site


@pytest.fixture(scope="module")
def release_site(serving: Serving, release: Release) -> Iterator[Any]:
    environment = {"DESIGNATA_RELEASES": str(release.path.parent)}
    with serving(environment=environment) as site:
        yield site


@pytest.mark.slow
@pytest.mark.parametrize(
    ("query", "count"), [(NAMES, 5), (JOIN, 2), (STRANGE_TEXTS, 3), (NAMELESS, 1)]
)
def test_both_ways_give_the_same_rows(
    comunica: Callable[[str, str], list[str]], towns_site: Any, query: str, count: int
) -> None:
    by_sparql = comunica(f"sparql@{towns_site.url}sparql", query)
    by_fragments = comunica(f"qpf@{towns_site.url}ldf", query)
    assert by_fragments == by_sparql
    assert len(by_fragments) == count


@pytest.mark.slow
def test_it_finds_out_by_itself(
    comunica: Callable[[str, str], list[str]], release_site: Any
) -> None:
    by_sparql = comunica(f"{release_site.url}sparql", DESIGNATED)
    by_fragments = comunica(f"{release_site.url}ldf", DESIGNATED)
    assert by_fragments == by_sparql
    assert len(by_fragments) > 5
