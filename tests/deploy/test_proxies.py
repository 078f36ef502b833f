"""What comes through a proxy is what the server says itself."""

import json
import os
import re
import signal
import time
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from designata.store.directory import Release

if TYPE_CHECKING:
    from conftest import Place

TOWNS = Path(__file__).parents[1] / "store" / "fixture" / "towns.trig"
SELECT = "SELECT ?s { ?s a <https://w3id.org/designata/ontology#Organization> } ORDER BY ?s"
ASKED = "/sparql?query=" + quote(SELECT)
THING = "/doc/organization/hayat-tahrir-al-sham"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
QUERY = {"Content-Type": "application/sparql-query"}
NEVER_COMPARED = (
    "accept-ranges cache-control connection content-length date ratelimit ratelimit-policy "
    "retry-after server transfer-encoding x-cache"
).split()
REQUESTS: dict[str, tuple[str, str, dict[str, str], bytes | None]] = {
    "results as JSON": ("GET", ASKED, {"Accept": "application/json"}, None),
    "results as CSV": ("GET", ASKED, {"Accept": "text/csv"}, None),
    "packed results": ("GET", ASKED, {"Accept-Encoding": "gzip"}, None),
    "head of results": ("HEAD", ASKED, {"Accept": "text/csv"}, None),
    "query in a form": ("POST", "/sparql", FORM, b"query=" + quote(SELECT).encode()),
    "query as it is": ("POST", "/sparql", QUERY, SELECT.encode()),
    "QUERY": ("QUERY", "/sparql", QUERY, SELECT.encode()),
    "options": ("OPTIONS", "/sparql", {"Origin": "http://example.org"}, None),
    "update refused": ("POST", "/sparql", FORM, b"update=CLEAR%20ALL"),
    "syntax error": ("GET", "/sparql?query=SELECT", {}, None),
    "not acceptable": ("GET", ASKED, {"Accept": "image/png"}, None),
    "method not allowed": ("DELETE", THING, {}, None),
    "not found": ("GET", "/doc/organization/nobody", {}, None),
    "not found, as a page": ("GET", "/doc/organization/nobody", {"Accept": "text/html"}, None),
    "redirect": ("GET", "/id/organization/hayat-tahrir-al-sham", {}, None),
    "document": ("GET", THING, {"Accept": "text/turtle"}, None),
    "document in a coding": (
        "GET",
        THING,
        {"Accept": "text/turtle", "Accept-Encoding": "gzip, br"},
        None,
    ),
    "page": ("GET", THING, {"Accept": "text/html", "Accept-Language": "de"}, None),
    "start": ("GET", "/", {"Accept": "text/html"}, None),
    "escaped address": ("GET", "/doc/organization/%C3%A4%20%2F", {}, None),
    "latest dump": ("GET", "/release/latest/designata.nt", {}, None),
    "part of the latest dump": (
        "GET",
        "/release/latest/designata.nt",
        {"Range": "bytes=10-19"},
        None,
    ),
    "void": ("GET", "/.well-known/void", {"Accept": "text/turtle"}, None),
    "graph": ("GET", "/rdf-graph-store?default", {"Accept": "text/turtle"}, None),
    "fragment": ("GET", "/ldf?predicate=&page=1", {"Accept": "application/trig"}, None),
    "alive": ("GET", "/healthz", {}, None),
    "ready": ("GET", "/readyz", {}, None),
}


def compared(headers: object) -> dict[str, str]:
    items: list[tuple[str, str]] = headers.items()  # type: ignore[attr-defined]
    return {name.lower(): value for name, value in items if name.lower() not in NEVER_COMPARED}


@pytest.mark.parametrize("name", REQUESTS)
def test_an_answer_is_that_of_the_server(direct: "Place", proxy: "Place", name: str) -> None:
    method, path, headers, body = REQUESTS[name]
    wanted = direct.ask(path, headers, method=method, body=body)
    for _ in range(2):
        found = proxy.ask(path, headers, method=method, body=body)
        assert found.status == wanted.status
        assert found.body == wanted.body
        assert compared(found.headers) == compared(wanted.headers)
        assert found["Cache-Control"] == wanted["Cache-Control"]


def test_what_the_client_has_is_not_sent_again(direct: "Place", proxy: "Place") -> None:
    etag = direct.ask(ASKED, {"Accept": "text/csv"})["ETag"]
    for _ in range(2):
        found = proxy.ask(ASKED, {"Accept": "text/csv", "If-None-Match": str(etag)})
        assert (found.status, found.body, found["ETag"]) == (304, b"", etag)
        assert found["Access-Control-Allow-Origin"] == "*"
        assert found["Cache-Control"] == "public, max-age=300"


def names(release: Release) -> list[str]:
    found = [name for name in release.manifest["files"] if re.search(r"\.(?!txt)\w+$", name)]
    assert len(found) > 12
    return found


CODINGS = ["", "gzip", "br", "gzip, deflate, br", "identity", "deflate", "br;q=0.1, gzip", "*"]


@pytest.mark.parametrize("coding", CODINGS)
def test_a_dump_has_the_bytes_and_the_types_of_the_server(
    direct: "Place", proxy: "Place", release: Release, coding: str
) -> None:
    headers = {"Accept-Encoding": coding} if coding else {}
    for name in names(release):
        path = f"/release/{release.id}/{name}"
        wanted, found = direct.ask(path, headers), proxy.ask(path, headers)
        assert (found.status, found.body) == (200, wanted.body)
        same = compared(wanted.headers)
        del same["etag"], same["repr-digest"]
        del same["access-control-expose-headers"]
        assert same.items() <= compared(found.headers).items()
        assert found["Cache-Control"] == "public, max-age=31536000, immutable"
        assert found["Last-Modified"] or found["ETag"] == wanted["ETag"]


def test_a_packed_dump_is_a_file_of_its_own(
    direct: "Place", proxy: "Place", release: Release
) -> None:
    for name in names(release):
        path = f"/release/{release.id}/{name}.gz"
        wanted, found = direct.ask(path), proxy.ask(path)
        assert found.body == wanted.body
        for header in ("Content-Type", "Content-Disposition", "Content-Encoding", "Vary"):
            assert found[header] == wanted[header]


def test_each_coding_has_a_validator_of_its_own(proxy: "Place", release: Release) -> None:
    path = f"/release/{release.id}/designata.ttl"
    found = {}
    for coding in ("identity", "gzip", "br"):
        etag = found[coding] = str(proxy.ask(path, {"Accept-Encoding": coding})["ETag"])
        again = proxy.ask(path, {"Accept-Encoding": coding, "If-None-Match": etag})
        assert (again.status, again.body, again["ETag"]) == (304, b"", etag)
    assert len(set(found.values())) == 3
    assert not any(etag.startswith("W/") for etag in found.values())
    other = proxy.ask(path, {"Accept-Encoding": "br", "If-None-Match": found["gzip"]})
    assert other.status == 200


def test_a_part_is_one_of_the_plain_bytes(proxy: "Place", release: Release) -> None:
    path = f"/release/{release.id}/designata.ttl"
    whole = release.file("designata.ttl").read_bytes()
    found = proxy.ask(path, {"Accept-Encoding": "gzip", "Range": "bytes=100-199"})
    assert (found.status, found.body) == (206, whole[100:200])
    assert found["Content-Range"] == f"bytes 100-199/{len(whole)}"
    assert found["Content-Encoding"] is None


@pytest.mark.parametrize("name", ["designata.nt", "designata.nt.gz", "manifest.json"])
def test_nobody_keeps_the_refusal_of_a_part_in_place_of_the_file(
    proxy: "Place", release: Release, name: str
) -> None:
    path = f"/release/{release.id}/{name}"
    whole = proxy.ask(path)
    assert "immutable" in str(whole["Cache-Control"])
    beyond = {"Range": f"bytes={len(whole.body)}-"}
    for fields in (beyond, {**beyond, "If-Range": str(whole["ETag"])}):
        refused = proxy.ask(path, fields)
        if refused.status == 200:
            assert refused.body == whole.body
        else:
            assert (refused.status, refused["Content-Range"]) == (416, f"bytes */{len(whole.body)}")
            assert refused.headers.get_all("Cache-Control") == ["no-store"]
    assert proxy.ask(path, {"Range": "bytes=a-b"}).body == whole.body


def test_a_later_moment_counts_for_what_never_changes(
    direct: "Place", proxy: "Place", release: Release
) -> None:
    path = f"/release/{release.id}/designata.nt"
    now = {"If-Modified-Since": formatdate(usegmt=True)}
    before = {"If-Modified-Since": "Thu, 01 Jan 2004 00:00:00 GMT"}
    for place in (direct, proxy):
        assert [place.ask(path, fields).status for fields in (now, before)] == [304, 200]


def test_a_page_is_never_refused_for_a_part(proxy: "Place") -> None:
    for _ in range(2):
        page = proxy.ask("/", {"Accept": "text/html", "Range": "bytes=99999999-"})
        assert (page.status, page["Content-Type"]) == (200, "text/html; charset=utf-8")


@pytest.mark.parametrize("method", ["TRACE", "PUT", "DELETE", "NONSENSE"])
def test_a_refused_method_names_the_others(proxy: "Place", method: str) -> None:
    refused = proxy.ask("/", method=method)
    assert (refused.status, refused["Allow"]) == (405, "GET, HEAD, OPTIONS")


@pytest.mark.parametrize("coding", ["identity", "gzip", "br"])
def test_a_broken_download_goes_on(proxy: "Place", release: Release, coding: str) -> None:
    path = f"/release/{release.id}/designata.nq"
    whole = proxy.ask(path, {"Accept-Encoding": coding})
    again = {"Accept-Encoding": coding, "Range": "bytes=1000-", "If-Range": str(whole["ETag"])}
    found = proxy.ask(path, again)
    assert (found.status, found.body) == (206, whole.body[1000:])
    assert found["Content-Encoding"] == whole["Content-Encoding"]
    changed = proxy.ask(path, {**again, "If-Range": '"other"'})
    assert (changed.status, changed.body) == (200, whole.body)


@pytest.mark.parametrize(
    "path",
    [
        "/release/{id}/designata.ttl.br",
        "/release/{id}/nothing.ttl",
        "/release/{id}/../{id}/nothing.ttl",
        "/release/{id}/%2e%2e/current/manifest.json.br",
        "/release/current/designata.ttl",
        "/release/0.0.0-000000000000/designata.ttl",
        "/release/{id}/.lock",
        "/release/.lock/",
    ],
)
def test_what_the_server_does_not_publish_is_not_found(
    direct: "Place", proxy: "Place", release: Release, path: str
) -> None:
    address = path.format(id=release.id)
    assert direct.ask(address).status == 404
    found = proxy.ask(address)
    assert found.status == 404
    assert json.loads(found.body)["type"].endswith("/problem/not-found")


def test_other_methods_on_a_dump_are_for_the_server(
    direct: "Place", proxy: "Place", release: Release
) -> None:
    path = f"/release/{release.id}/designata.ttl"
    for method in ("OPTIONS", "POST", "DELETE"):
        wanted, found = direct.ask(path, method=method), proxy.ask(path, method=method)
        assert (found.status, found["Allow"]) == (wanted.status, "GET, HEAD, OPTIONS")
    head = proxy.ask(path, method="HEAD")
    assert (head.status, head.body) == (200, b"")
    assert head["Content-Length"] == str(release.manifest["files"]["designata.ttl"]["bytes"])


@pytest.mark.parametrize("name", ["nginx", "caddy"])
def test_any_file_comes_through(
    request: pytest.FixtureRequest, serving: Callable[..., Any], tmp_path: Path, name: str
) -> None:
    run = request.getfixturevalue(name)
    (tmp_path / "current").mkdir()
    query = quote("SELECT ?name { ?town <http://example.org/name> ?name } ORDER BY STR(?name)")
    arguments = ("-m", "designata", "serve", "--port", "0", "--load", str(TOWNS))
    with serving(*arguments, environment={}) as server, run(server.port, tmp_path) as front:
        for path, accept in (
            (f"/sparql?query={query}", "text/csv"),
            (f"/sparql?query={query}", "text/html"),
            ("/rdf-graph-store?default", "text/turtle"),
            ("/ldf", "application/trig"),
            ("/release/", "text/html"),
        ):
            wanted = server.ask(path, {"Accept": accept})
            for _ in range(2):
                found = front.ask(path, {"Accept": accept})
                assert (found.status, found.body) == (wanted.status, wanted.body)
                assert compared(found.headers) == compared(wanted.headers)


def test_a_client_cannot_say_that_it_asked_by_tls(proxy: "Place") -> None:
    for name in ("X-Forwarded-Proto", "X_Forwarded_Proto", "X-Forwarded_Proto"):
        found = proxy.ask("/robots.txt", {name: "https"})
        assert b"http://kb.example/" in found.body
        assert b"https://kb.example/" not in found.body


def test_a_known_proxy_says_that_it_was_asked_by_tls(cached: "Place") -> None:
    found = cached.ask("/robots.txt", {"X-Forwarded-Proto": "https"}, source="127.0.0.9")
    assert b"https://kb.example/" in found.body
    assert b"http://kb.example/" in cached.ask("/robots.txt").body


@pytest.mark.parametrize("name", ["nginx", "caddy"])
def test_a_server_that_is_gone_is_said(
    request: pytest.FixtureRequest, free_port: Callable[[], int], tmp_path: Path, name: str
) -> None:
    (tmp_path / "current").mkdir()
    with request.getfixturevalue(name)(free_port(), tmp_path) as proxy:
        found = proxy.ask("/sparql?query=ASK%7B%7D")
        assert (found.status, found["Retry-After"], found["Cache-Control"]) == (
            503,
            "5",
            "no-store",
        )
        assert found.headers.get_content_type() == "application/problem+json"
        assert found["Access-Control-Allow-Origin"] == "*"


def test_the_log_of_nginx_names_what_was_asked_and_not_the_query(
    nginx: Callable[[int, Path], Any], free_port: Callable[[], int], tmp_path: Path
) -> None:
    with nginx(free_port(), tmp_path) as place:
        assert place.ask("/sparql?query=ASK%7B%7D").status == 503
        title = Path(f"/proc/{place.process}/cmdline").read_text()
        (folder,) = re.findall(r" -p (\S+)", title.replace("\0", " "))
        # It opens the file anew, and writes what it still holds before.
        os.kill(place.process, signal.SIGUSR1)
        deadline = time.monotonic() + 20
        while not (text := (Path(folder) / "access.log").read_text()):
            assert time.monotonic() < deadline
            time.sleep(0.05)
    found = json.loads(text)
    assert (found["path"], found["status"]) == ("/sparql", 503)
    assert "ASK" not in text
