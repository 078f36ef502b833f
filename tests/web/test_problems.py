import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient

from designata import errors
from designata.settings import Settings
from designata.store.pool import open_pool
from designata.web import guardrails, problems
from designata.web.app import make_app
from designata.web.current import Fixed
from designata.web.front import Front
from designata.web.served import Served
from designata.web.wsgi import Wsgi

if TYPE_CHECKING:
    from conftest import Site

TOWNS = Path(__file__).parents[1] / "store" / "fixture" / "towns.trig"


def tree(root: type[errors.DesignataError]) -> Iterator[type[errors.DesignataError]]:
    yield root
    for child in root.__subclasses__():
        yield from tree(child)


ALL = list(tree(errors.DesignataError))


def make(kind: type[errors.DesignataError]) -> errors.DesignataError:
    if kind is errors.UnreadableFile:
        return errors.UnreadableFile(Path("a.ttl"), 3, "reason")
    return kind("reason")


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    """An application whose addresses raise what their names say."""
    app = Flask("designata.web", template_folder="no-templates-here")
    guardrails.register(app)
    problems.register(app)
    for kind in ALL:

        def fail(kind: type[errors.DesignataError] = kind) -> str:
            raise make(kind)

        app.add_url_rule(f"/{kind.__name__}", kind.__name__, fail)
    app.add_url_rule("/bug", "bug", lambda: 1 // 0)
    return app.test_client()


def test_the_tree_is_not_empty() -> None:
    assert len(ALL) >= 20


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_every_refusal_has_its_status_and_its_members(
    client: FlaskClient, kind: type[errors.DesignataError]
) -> None:
    reply = client.get(f"/{kind.__name__}")
    assert (reply.status_code, reply.mimetype) == (kind.status, "application/problem+json")
    assert json.loads(reply.data) == {
        "type": f"https://w3id.org/designata/problem/{kind.slug}",
        "title": kind.title,
        "status": kind.status,
        "detail": str(make(kind)),
        "instance": f"/{kind.__name__}",
        **({"line": 3} if kind is errors.UnreadableFile else {}),
    }
    assert ("Retry-After" in reply.headers) == (kind.status in (429, 503))
    assert ("Accept-Post" in reply.headers) == (kind.status == 415)
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers["Vary"] == "Accept"
    assert reply.headers["Access-Control-Allow-Origin"] == "*"


def test_every_status_is_one_of_an_error() -> None:
    assert all(400 <= kind.status < 600 for kind in ALL)
    assert all(kind.slug and kind.title for kind in ALL)


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, "application/problem+json"),
        ("*/*", "application/problem+json"),
        ("application/json", "application/problem+json"),
        ("application/sparql-results+json", "application/problem+json"),
        ("text/plain", "text/plain"),
        ("text/turtle", "text/plain"),
        ("application/pdf", "text/plain"),
    ],
)
def test_a_problem_comes_in_a_type_that_the_client_reads(
    client: FlaskClient, accept: str | None, media_type: str
) -> None:
    reply = client.get("/NotFound", headers={"Accept": accept} if accept else {})
    assert (reply.status_code, reply.mimetype) == (404, media_type)
    assert "reason" in reply.text


def test_the_instance_is_an_address_in_ascii(server: "Site") -> None:
    address = "/doc/organization/%D8%AD%20b"
    assert json.loads(server.send(address).body)["instance"] == address


def test_a_refusal_at_the_gate_names_its_instance(server: "Site") -> None:
    reply = server.send("/sparql", headers={f"X-{n}": "x" for n in range(120)})
    assert reply.status == 431
    assert json.loads(reply.body)["instance"] == "/sparql"


def test_what_cannot_be_written_as_a_field_is_an_error_of_ours() -> None:
    settings = Settings(query_workers=1, page_workers=1)
    with open_pool([(TOWNS, None)], settings) as pool:
        here = Served(settings, pool, None)
        app = make_app(here)
        app.add_url_rule("/x", view_func=lambda: Response("x", headers={"X-Name": "حماس"}))
        app.wsgi_app = Wsgi(Front(app.wsgi_app, Fixed(here), settings))  # type: ignore[method-assign]
        reply = app.test_client().get("/x")
    assert (reply.status_code, reply.mimetype) == (500, "application/problem+json")


def test_a_browser_gets_a_page(server: "Site") -> None:
    reply = server.send("/nowhere", headers={"Accept": "text/html,*/*;q=0.8"})
    assert (reply.status, reply.media_type) == (404, "text/html")
    assert "nothing is published under /nowhere" in reply.text


def test_a_page_that_cannot_be_made_is_replaced_by_text(client: FlaskClient) -> None:
    reply = client.get("/NotFound", headers={"Accept": "text/html"})
    assert (reply.status_code, reply.mimetype) == (404, "text/plain")
    assert reply.text.startswith("404 Not found")


def test_a_bug_tells_the_client_nothing_of_the_inside(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    reply = client.get("/bug")
    assert reply.status_code == 500
    assert "ZeroDivisionError" not in reply.text
    assert "ZeroDivisionError" in caplog.text


def test_a_wrong_method_names_the_right_ones(client: FlaskClient) -> None:
    reply = client.delete("/NotFound")
    assert (reply.status_code, reply.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/search", "/search/", "/doc/a/b/"])
def test_the_preflight_of_a_browser_is_answered(server: "Site", path: str) -> None:
    reply = server.send(path, method="OPTIONS", headers={"Origin": "https://other.example"})
    assert (reply.status, reply.headers["Allow"]) == (204, "GET, HEAD, OPTIONS")
    for name in ("Methods", "Headers"):
        assert reply.headers[f"Access-Control-Allow-{name}"]
    assert reply.headers["Access-Control-Max-Age"] == "86400"


def test_a_browser_may_ask_what_is_wrong_with_an_address(server: "Site") -> None:
    preflight = {"Origin": "https://other.example", "Access-Control-Request-Method": "GET"}
    assert server.send("/nothing", method="OPTIONS", headers=preflight).status == 204
    assert server.send("/nothing", method="OPTIONS").status == 404


def test_a_syntax_error_shows_the_place(server: "Site") -> None:
    address = "/sparql?" + urlencode({"query": "SELECT ?s\nWERE { ?s ?p ?o }"})
    members = json.loads(server.send(address).body)
    assert (members["line"], members["column"]) == (2, 1)
    assert members["excerpt"] == "WERE { ?s ?p ?o }\n^"
    plain = server.send(address, headers={"Accept": "text/plain,text/csv"}).text
    assert plain.endswith("line 2, column 1\n\nWERE { ?s ?p ?o }\n^\n")
