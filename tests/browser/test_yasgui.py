"""YASGUI, embedded in a page of another origin, asks the endpoint from a browser.

DESIGNATA_YASGUI names a folder in which `npm install @zazuko/yasgui@4` was run.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]
REQUIRE_ALL = os.environ.get("DESIGNATA_REQUIRE_ALL") == "1"
TOWNS = Path(__file__).parents[1] / "store" / "fixture" / "towns.trig"
PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Another site</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="yasgui.min.css"><div id="here"></div>
<script src="yasgui.min.js"></script>
<script>new Yasgui(document.getElementById("here"), {requestConfig: ENDPOINT});</script>
</html>
"""
NAMES = "PREFIX ex: <http://example.org/> SELECT ?name { ?town ex:name ?name } ORDER BY STR(?name)"
ORGANIZATIONS = (
    "SELECT ?s { ?s a <https://w3id.org/designata/ontology#Organization> } ORDER BY ?s LIMIT 3"
)
ASK = "ASK { ?s ?p ?o }"
FORBIDDEN = "SELECT ?s { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }"
UNREADABLE = "SELECT ?s { ?s ?p ?o FILTER(nonsense(?o)) }"


class _Quiet(SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is to be said."""


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """Makes a page of another origin that asks an endpoint; its address."""
    folder = os.environ.get("DESIGNATA_YASGUI")
    built = Path(folder or ".") / "node_modules" / "@zazuko" / "yasgui" / "build"
    if folder is None or not built.is_dir():
        (pytest.fail if REQUIRE_ALL else pytest.skip)("DESIGNATA_YASGUI names no installation")
    root = tmp_path_factory.mktemp("site")
    for name in ("yasgui.min.js", "yasgui.min.css"):
        (root / name).write_bytes((built / name).read_bytes())
    site = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(root)))
    threading.Thread(target=site.serve_forever, daemon=True).start()

    def make(endpoint: str) -> str:
        config = json.dumps({"endpoint": endpoint})
        (root / "index.html").write_text(PAGE.replace("ENDPOINT", config))
        return f"http://127.0.0.1:{site.server_port}/"

    yield make
    site.shutdown()
    site.server_close()


@pytest.fixture(scope="module")
def loaded() -> Iterator[str]:
    """The address of `designata serve --load` with four towns."""
    command = [sys.executable, "-m", "designata", "serve", "--port", "0", "--load", str(TOWNS)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield process.stdout.readline().split()[-1].rstrip("/")
        finally:
            process.terminate()
            process.wait(20)


def ask(tab: Any, query: str) -> None:
    """Type a query in the place of the one that is there, and send it."""
    tab.click(".CodeMirror")
    tab.keyboard.press("Control+A")
    tab.keyboard.insert_text(query)
    tab.click(".yasqe_queryButton")


def cells(tab: Any) -> list[str]:
    """The first column of the table of results."""
    tab.wait_for_selector(".yasr table tbody tr")
    return [
        text.split("\n")[-1].strip() for text in tab.locator(".yasr tbody tr").all_inner_texts()
    ]


def test_it_shows_the_rows_of_the_release(
    tab: Any, server: str, elsewhere: Callable[[str], str]
) -> None:
    tab.goto(elsewhere(f"{server}/sparql"))
    ask(tab, ORGANIZATIONS)
    assert cells(tab) == [
        f"<https://w3id.org/designata/id/organization/{name}>"
        for name in ("abdallah-azzam-brigades", "al-qaida", "ansar-al-din-front")
    ]
    assert tab.complaints == []


def test_it_shows_the_rows_of_any_file(
    tab: Any, loaded: str, elsewhere: Callable[[str], str]
) -> None:
    tab.goto(elsewhere(f"{loaded}/sparql"))
    ask(tab, NAMES)
    assert len(cells(tab)) == 5
    assert any("Idlib" in cell for cell in cells(tab))
    assert tab.complaints == []


def test_it_shows_a_truth(tab: Any, server: str, elsewhere: Callable[[str], str]) -> None:
    tab.goto(elsewhere(f"{server}/sparql"))
    ask(tab, ASK)
    tab.wait_for_selector(".yasr .booleanResult")
    assert tab.locator(".yasr .booleanResult").inner_text().strip() == "True"


@pytest.mark.parametrize(
    ("query", "status", "title"),
    [
        (FORBIDDEN, 403, "SERVICE is not allowed here"),
        (UNREADABLE, 400, "The query is not well-formed"),
    ],
)
def test_it_shows_why_a_query_is_refused(
    tab: Any, server: str, elsewhere: Callable[[str], str], query: str, status: int, title: str
) -> None:
    tab.goto(elsewhere(f"{server}/sparql"))
    ask(tab, query)
    tab.wait_for_selector(".yasr .errorResult")
    text = tab.locator(".yasr .errorResult").inner_text()
    members = json.loads(text[text.index("{") : text.rindex("}") + 1])
    assert (members["status"], members["title"]) == (status, title)
