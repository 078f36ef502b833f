"""What nginx keeps: the right answer for each client, of the current release, never an error."""

import os
import signal
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

if TYPE_CHECKING:
    from conftest import Answer, Place

FRESH = count()
ROWS = 200


def fresh() -> str:
    """The address of a query that nobody has asked yet."""
    return "/sparql?query=" + quote(f"SELECT ?n {{ VALUES ?n {{ {os.getpid()} {next(FRESH)} }} }}")


def test_the_second_answer_is_kept_and_the_same(cached: "Place") -> None:
    path = fresh()
    first, second = (cached.ask(path, {"Accept": "text/csv"}) for _ in range(2))
    assert [first["X-Cache"], second["X-Cache"]] == ["MISS", "HIT"]
    assert (second.status, second.body) == (200, first.body)
    for name in ("Content-Type", "ETag", "Vary", "Cache-Control", "Date", "Designata-Release"):
        assert second[name] == first[name] is not None
    assert cached.ask(path, {"Accept": "text/csv"}, method="HEAD")["X-Cache"] == "HIT"


def test_who_accepts_something_else_gets_that(cached: "Place") -> None:
    path = fresh()
    types = {"text/csv": b"n", "application/sparql-results+json": b"{", "text/html": b"<"}
    for state in ("MISS", "HIT"):
        for media_type, start in types.items():
            found = cached.ask(path, {"Accept": media_type})
            assert found["X-Cache"] == state
            assert found.headers.get_content_type() == media_type
            assert found.body.startswith(start)


def test_who_takes_no_packed_answer_gets_none(cached: "Place") -> None:
    path = "/sparql?query=" + quote("SELECT ?s { ?s ?p ?o } LIMIT 100")
    for state in ("MISS", "HIT"):
        packed = cached.ask(path, {"Accept": "text/csv", "Accept-Encoding": "gzip"})
        plain = cached.ask(path, {"Accept": "text/csv"})
        assert [packed["X-Cache"], plain["X-Cache"]] == [state, state]
        assert [packed["Content-Encoding"], plain["Content-Encoding"]] == ["gzip", None]
        assert packed["ETag"] != plain["ETag"]


def test_another_host_has_another_entry(cached: "Place") -> None:
    for host in ("one.example", "two.example"):
        for _ in range(2):
            found = cached.ask("/robots.txt", {"Host": host})
            assert f"http://{host}/".encode() in found.body


def test_an_answer_that_depends_on_the_moment_is_not_kept(cached: "Place") -> None:
    path = "/sparql?query=" + quote("SELECT (NOW() AS ?n) {}")
    found = [cached.ask(path) for _ in range(2)]
    assert [one["X-Cache"] for one in found] == ["MISS", "MISS"]
    assert found[0].body != found[1].body


@pytest.mark.parametrize(
    ("path", "accept", "status"),
    [
        ("/sparql?query=SELECT", "*/*", 400),
        ("/sparql?query=ASK%7B%7D", "image/png", 406),
        ("/doc/organization/nobody", "*/*", 404),
        ("/sparql?query=" + "x" * 60_000, "*/*", 413),
    ],
)
def test_an_error_is_not_kept(cached: "Place", path: str, accept: str, status: int) -> None:
    for _ in range(2):
        found = cached.ask(path, {"Accept": accept})
        assert found.status == status
        assert found["X-Cache"] in ("MISS", None)
        assert found["Cache-Control"] == "no-store"


FIELDS = (
    "X-Forwarded-Host: evil.example",
    "X-Forwarded-Proto: https",
    "X-Forwarded-Prefix: /evil",
    "Forwarded: host=evil.example;proto=https",
    "X-Original-URL: /metrics",
    "X-Rewrite-URL: /metrics",
    "X-HTTP-Method-Override: DELETE",
    "Range: bytes=0-0",
    "Range: bytes=99999999-",
    "If-None-Match: *",
    'If-Match: "x"',
    "If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT",
    "If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT",
    "Accept: application/x-none",
    "Accept-Encoding: *;q=0",
    "Accept-Language: xx-evil",
    "Accept-Datetime: Thu, 01 Jan 1970 00:00:00 GMT",
    "Content-Encoding: gzip",
    "Content-Type: application/sparql-update",
    "Content-Length: 3",
    "Connection: close, Accept, Accept-Encoding",
    "Expect: 100-continue",
    "Authorization: Bearer x",
    "Origin: https://evil.example",
    "Prefer: return=minimal",
)


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize(
    "path", ["/?", "/robots.txt?", "/sparql?query=ASK%7B%7D&", "/search?q=ham&"]
)
def test_what_one_client_adds_changes_nothing_for_the_next(
    cached: "Place", path: str, field: str
) -> None:
    name, _, value = field.partition(": ")
    address = f"{path}n={FIELDS.index(field)}"
    accept = {"Accept": "text/html, */*;q=0.1"}
    body = b"abc" if name == "Content-Length" else None
    fields = accept if body else {**accept, name: value}
    assert cached.ask(address, fields, body=body).status < 500
    found, untouched = cached.ask(address, accept), cached.ask(f"{address}-other", accept)
    assert (found.status, found.body) == (200, untouched.body)
    for header in set(found.headers) | set(untouched.headers):
        if header not in ("Date", "X-Cache", "RateLimit"):
            assert found[header] == untouched[header]


def test_a_post_is_not_kept(cached: "Place") -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for _ in range(2):
        found = cached.ask("/sparql", form, method="POST", body=b"query=ASK%7B%7D")
        assert (found.status, found["X-Cache"]) == (200, None)


def test_a_budget_is_not_that_of_another_client(cached: "Place") -> None:
    path = fresh()
    first = cached.ask(path, source="127.0.0.3")
    assert first["RateLimit"] is not None
    second = cached.ask(path, source="127.0.0.4")
    assert [second["X-Cache"], second["RateLimit"], second["RateLimit-Policy"]] == [
        "HIT",
        None,
        None,
    ]


def test_a_dump_does_not_reach_the_server(cached: "Place", release: Any, direct: "Place") -> None:
    path = f"/release/{release.id}/designata.ttl"
    assert cached.ask(path)["X-Cache"] == "FILE"
    assert direct.ask(path)["X-Cache"] is None


def wait_for(place: "Place", path: str, release: str) -> "Answer":
    deadline = time.monotonic() + 20
    while True:
        found = place.ask(path, {"Accept": "text/csv"})
        value = release.partition("-")[0].rpartition(".")[2]
        assert found.body == b"o\r\n" + f"{value}\r\n".encode() * ROWS or (
            found["Designata-Release"] != release
        )
        if found["Designata-Release"] == release:
            return found
        assert time.monotonic() < deadline, f"{release} never came"
        time.sleep(0.05)


def test_a_switch_of_release_is_followed_at_once(
    nginx: Callable[[int, Path], Any],
    serving_release: Callable[[Path], Any],
    put: Callable[[Path, int], str],
    tmp_path: Path,
) -> None:
    path = "/sparql?query=" + quote("SELECT ?o { ?s <urn:p> ?o }")
    first = put(tmp_path, 1)
    with serving_release(tmp_path) as server, nginx(server.port, tmp_path) as proxy:
        wait_for(proxy, path, first)
        for number in (2, 3, 4):
            release = put(tmp_path, number)
            os.kill(server.process, signal.SIGHUP)
            wait_for(server, path, release)
            found = wait_for(proxy, path, release)
            assert found["X-Cache"] in ("MISS", "HIT")
            assert proxy.ask(path, {"Accept": "text/csv"})["X-Cache"] == "HIT"
            dump = proxy.ask(f"/release/{release}/designata.nt")
            assert f'"{number}"'.encode() in dump.body
            latest = proxy.ask("/release/latest/manifest.json")
            assert latest["Location"] == f"/release/{release}/manifest.json"
        former = proxy.ask(f"/release/{first}/designata.nt")
        assert (former.status, former.body.count(b'"1"')) == (200, ROWS)


def test_an_answer_of_a_release_that_is_not_on_disk_is_not_kept(
    nginx: Callable[[int, Path], Any],
    direct: "Place",
    put: Callable[[Path, int], str],
    tmp_path: Path,
) -> None:
    put(tmp_path, 1)
    with nginx(direct.port, tmp_path) as proxy:
        path = fresh()
        assert [proxy.ask(path)["X-Cache"] for _ in range(3)] == ["MISS"] * 3


def test_what_was_loaded_is_kept_too(
    nginx: Callable[[int, Path], Any], serving: Callable[..., Any], tmp_path: Path
) -> None:
    mine = tmp_path / "mine.ttl"
    mine.write_text("<urn:a> <urn:b> 1 .")
    arguments = ("-m", "designata", "serve", "--port", "0", "--load", str(mine))
    with serving(*arguments, environment={}) as server:
        (tmp_path / "current").mkdir()
        with nginx(server.port, tmp_path) as proxy:
            path = "/sparql?query=" + quote("SELECT ?o { ?s ?p ?o }")
            found = [proxy.ask(path, {"Accept": "text/csv"}) for _ in range(2)]
            assert [one["X-Cache"] for one in found] == ["MISS", "HIT"]
            assert {one.body for one in found} == {b"o\r\n1\r\n"}
            direct = server.ask(path, {"Accept": "text/csv"})
            assert direct["ETag"] == found[0]["ETag"]
