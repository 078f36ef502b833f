"""Programs that people ask endpoints with: Apache Jena's rsparql and curl.

DESIGNATA_JENA names a folder with the libraries of org.apache.jena:jena-cmds. What these programs
send is theirs; what they print is compared.
"""

import os
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from designata.store.directory import Release

if TYPE_CHECKING:
    from conftest import Site

REQUIRE_ALL = os.environ.get("DESIGNATA_REQUIRE_ALL") == "1"
NAMES = "PREFIX ex: <http://example.org/> SELECT ?name { ?town ex:name ?name } ORDER BY STR(?name)"
CURRENT = """
PREFIX dsg: <https://w3id.org/designata/ontology#>
PREFIX organization: <https://w3id.org/designata/id/organization/>
SELECT ?authority { organization:hayat-tahrir-al-sham dsg:currentlyDesignatedBy ?authority }
ORDER BY ?authority
"""
Ask = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def rsparql(require: Callable[[str], str]) -> Ask:
    """Asks an endpoint as Jena does."""
    java, folder = require("java"), os.environ.get("DESIGNATA_JENA")
    if folder is None or not list(Path(folder).glob("jena-cmds-*.jar")):
        (pytest.fail if REQUIRE_ALL else pytest.skip)("DESIGNATA_JENA names no installation")

    def ask(site: "Site", query: str, results: str = "CSV") -> "subprocess.CompletedProcess[str]":
        command = [java, "-cp", f"{folder}/*", "arq.rsparql", "--service", f"{site.url}sparql"]
        command += [f"--results={results}", query]
        return subprocess.run(command, capture_output=True, text=True, timeout=120)

    return ask


@pytest.fixture(scope="module")
def curl(require: Callable[[str], str]) -> Callable[[Sequence[str]], str]:
    """Runs curl with arguments."""
    program = require("curl")

    def run(arguments: Sequence[str]) -> str:
        command = [program, "--silent", "--show-error", "--max-time", "20", *arguments]
        return subprocess.run(command, capture_output=True, check=True).stdout.decode()

    return run


@pytest.fixture(scope="module")
def published(
    serving: Callable[..., AbstractContextManager[Any]], release: Release
) -> Iterator[Any]:
    """The real data, served."""
    with serving(environment={"DESIGNATA_RELEASES": str(release.path.parent)}) as site:
        yield site


def rows(text: str) -> list[str]:
    return text.replace("\r\n", "\n").splitlines()


@pytest.mark.slow
@pytest.mark.parametrize("results", ["CSV", "TSV", "JSON", "XML"])
def test_jena_gets_the_rows_of_any_file(
    rsparql: Ask, curl: Callable[[Sequence[str]], str], server: "Site", results: str
) -> None:
    done = rsparql(server, NAMES, results)
    assert done.returncode == 0, done.stderr
    if results == "CSV":
        address = f"{server.url}sparql?query={quote(NAMES)}"
        direct = rows(curl([address, "-H", "Accept: text/csv"]))
        assert rows(done.stdout) == direct
        assert len(direct) == 6
    else:
        assert "Idlib" in done.stdout


@pytest.mark.slow
def test_jena_gets_the_rows_of_the_release(rsparql: Ask, published: "Site") -> None:
    done = rsparql(published, CURRENT)
    assert rows(done.stdout)[0] == "authority"
    assert "https://w3id.org/designata/id/organization/united-states" in rows(done.stdout)


@pytest.mark.slow
def test_jena_gets_a_truth_and_a_graph(rsparql: Ask, server: "Site") -> None:
    assert rsparql(server, "ASK { ?s ?p ?o }", "text").stdout == "Ask => Yes\n"
    query = "PREFIX ex: <http://example.org/> CONSTRUCT { ?s ex:is ?n } { ?s ex:name ?n }"
    done = rsparql(server, query, "NT")
    assert len([line for line in done.stdout.splitlines() if line.endswith(" .")]) == 5


@pytest.mark.slow
def test_jena_sends_a_long_query_in_a_body(rsparql: Ask, server: "Site") -> None:
    values = " ".join(f'"{number:050}"' for number in range(400))
    done = rsparql(server, f"SELECT (COUNT(*) AS ?n) {{ VALUES ?x {{ {values} }} }}")
    assert rows(done.stdout) == ["n", "400"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("query", "status"),
    [("SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }", "403 Forbidden")],
)
def test_jena_says_a_refusal(rsparql: Ask, server: "Site", query: str, status: str) -> None:
    done = rsparql(server, query)
    assert done.returncode != 0
    assert status in done.stderr


def test_curl_asks_in_every_way(curl: Callable[[Sequence[str]], str], server: "Site") -> None:
    address = f"{server.url}sparql"
    text = ["-H", "Accept: text/csv"]
    direct = ["-H", "Content-Type: application/sparql-query", "--data", NAMES]
    ways = {
        "GET": ["--get", "--data-urlencode", f"query={NAMES}"],
        "form": ["--data-urlencode", f"query={NAMES}"],
        "direct": direct,
        "QUERY": ["-X", "QUERY", *direct],
        "packed": ["--compressed", "--get", "--data-urlencode", f"query={NAMES}"],
    }
    answers = {name: curl([address, *text, *way]) for name, way in ways.items()}
    assert len(rows(answers["GET"])) == 6
    assert set(answers.values()) == {answers["GET"]}


def test_curl_without_a_wish_gets_json_and_turtle(
    curl: Callable[[Sequence[str]], str], server: "Site"
) -> None:
    shown = ["--output", os.devnull, "--write-out", "%{content_type}"]
    address = f"{server.url}sparql?query="
    select = curl([*shown, address + quote(NAMES)])
    construct = curl([*shown, address + quote("CONSTRUCT WHERE { ?s ?p ?o }")])
    assert (select, construct) == (
        "application/sparql-results+json",
        "text/turtle; charset=utf-8",
    )


def test_curl_follows_a_thing_to_its_document(
    curl: Callable[[Sequence[str]], str], published: "Site"
) -> None:
    address = f"{published.url}id/organization/hayat-tahrir-al-sham"
    assert "organization:hayat-tahrir-al-sham\n" in curl(["--location", address])


def test_curl_fails_where_a_script_should_notice(
    require: Callable[[str], str], server: "Site"
) -> None:
    command = [require("curl"), "--silent", "--fail", f"{server.url}sparql?query=SELECT"]
    assert subprocess.run(command, capture_output=True).returncode == 22


def test_curl_goes_on_with_a_broken_download(
    curl: Callable[[Sequence[str]], str], published: "Site", release: Release, tmp_path: Path
) -> None:
    whole = release.file("designata.nt").read_bytes()
    path = tmp_path / "designata.nt"
    path.write_bytes(whole[:1000])
    address = f"{published.url}release/{release.id}/designata.nt"
    curl(["--continue-at", "-", "--output", str(path), address])
    assert path.read_bytes() == whole
