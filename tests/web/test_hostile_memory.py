"""What one client asks must never become what another gets, nor fill the memory."""

import asyncio
import os
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from designata.errors import OverBudget, QuerySyntaxError
from designata.settings import Settings
from designata.store import guard
from designata.store.departure import Departure
from designata.web.exchange import Leaving
from designata.web.flights import Flights

if TYPE_CHECKING:
    from conftest import Site

TOWNS = Path(__file__).parents[1] / "store" / "fixture" / "towns.trig"
CSV = {"Accept": "text/csv"}
NEVER = "SELECT (COUNT(*) AS ?n) { " + " ".join(f"?a{i} ?b{i} ?c{i} ." for i in range(14))


@pytest.fixture(scope="module")
def site(serving: Callable[..., AbstractContextManager["Site"]]) -> Iterator["Site"]:
    with serving("--load", str(TOWNS), environment={"DESIGNATA_QUERY_SECONDS": "6"}) as found:
        yield found


@pytest.mark.parametrize("tags", ["*", "*, x", "x, *", 'W/"x", *'])
def test_a_condition_never_becomes_the_answer_of_others(site: "Site", tags: str) -> None:
    path = "/sparql?query=" + quote(f"SELECT ?s {{ ?s ?p ?o }} # {tags}")
    for address in (path, "/sparql?query=" + quote(f"no query {tags}")):
        before = site.send(address, headers={**CSV, "If-None-Match": tags})
        plain = site.send(address, headers=CSV)
        assert before.status in (200, 304, 400)
        assert (plain.status == 200) == (address == path)
        assert len(plain.body) > 10
    assert b"SELECT" not in site.send(path, headers=CSV).body


def test_who_has_the_answer_in_another_coding_spoils_it_for_nobody(site: "Site") -> None:
    text = "SELECT * { VALUES ?n { " + " ".join(map(str, range(900))) + " } }"
    path = "/sparql?query=" + quote(text)
    plain = site.send(path, headers=CSV)
    packed = {**CSV, "Accept-Encoding": "gzip"}
    for _ in range(4):
        site.send(path, headers={**packed, "If-None-Match": plain.headers["ETag"]})
    reply = site.send(path, headers=packed)
    assert (reply.status, reply.headers["Content-Encoding"]) == (200, "gzip")
    assert len(reply.body) > 100


def test_a_condition_says_nothing_to_a_post(site: "Site") -> None:
    headers = {**CSV, "Content-Type": "application/sparql-query", "If-None-Match": "*"}
    for _ in range(2):
        reply = site.send("/sparql", headers=headers, body=b"SELECT ?o { ?s ?p ?o }")
        assert reply.status == 200
        assert reply.body.startswith(b"o\r\n")


def test_what_is_refused_to_one_is_not_refused_to_those_who_wait_with_him() -> None:
    async def run() -> list[object]:
        flights: Flights[str] = Flights()
        refusals: list[Exception] = [OverBudget("x"), QuerySyntaxError("y", 1, 1)]

        async def work(_: Departure) -> str:
            await asyncio.sleep(0.05)
            if refusals:
                raise refusals.pop()
            return "answer"

        asked = [flights.join("key", work, Leaving()) for _ in range(5)]
        return list(await asyncio.gather(*asked, return_exceptions=True))

    with ThreadPoolExecutor(1) as thread:
        found = thread.submit(asyncio.run, run()).result()
    assert found.count("answer") == 3
    assert sum(isinstance(one, Exception) for one in found) == 2


def test_a_popular_question_does_not_wait_for_a_client_with_much_to_do(site: "Site") -> None:
    busy = {"X-Forwarded-For": "203.0.113.7"}
    popular = "/sparql?query=" + quote("SELECT ?s { ?s ?p ?o } LIMIT 3")
    with ExitStack() as stack:
        for number in range(4):
            client = stack.enter_context(socket.create_connection(("127.0.0.1", site.port)))
            text = quote(f"{NEVER} FILTER(?a0 != {number}) }}")
            head = f"GET /sparql?query={text} HTTP/1.1\r\nHost: x\r\n"
            client.sendall(f"{head}X-Forwarded-For: 203.0.113.7\r\n\r\n".encode())
        time.sleep(0.3)
        threads = [
            threading.Thread(target=site.send, args=(popular,), kwargs={"headers": busy})
            for _ in range(2)
        ]
        for thread in threads:
            thread.start()
        time.sleep(0.2)
        started = time.monotonic()
        reply = site.send(popular, headers={"X-Forwarded-For": "198.51.100.9"})
        assert reply.status == 200
        assert time.monotonic() - started < 2
    for thread in threads:
        thread.join()


@pytest.mark.parametrize(
    "tail",
    ["#" + "service#" * 4_000, "#" + "service#\n" * 3_500, "#service " * 3_500, "#" + " " * 30_000],
    ids=["comments", "lines", "one comment", "blanks"],
)
def test_the_guard_is_quick_on_every_text(tail: str) -> None:
    text = "ASK { FILTER(?a<?b&&?c>?d) } " + tail
    used = time.thread_time()
    try:
        guard.check(text[:32_000], Settings())
    except Exception as error:
        assert type(error).__name__ == "FederationRefused"
    assert time.thread_time() - used < 0.5


@pytest.mark.parametrize("field", ["Accept", "Accept-Language", "X-Forwarded-For", "X-Other"])
def test_long_fields_are_refused(site: "Site", field: str) -> None:
    reply = site.send("/", headers={field: "a/b," * 5_000})
    assert reply.status == 431
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert b"fields-too-long" in reply.body


def test_different_fields_do_not_fill_the_memory(site: "Site") -> None:
    def memory() -> int:
        found = subprocess.run(
            ["ps", "-o", "rss=", "--ppid", str(site.process)], capture_output=True, text=True
        )
        return sum(int(size) for size in found.stdout.split()) * 1_024

    before = memory()
    for number in range(1_500):
        site.send("/", headers={"Accept-Language": f"x{number}" + "a" * 12_000})
    assert memory() - before < 150_000_000


@pytest.mark.parametrize(
    ("method", "fields", "status"),
    [
        ("GET", {"Authorization": "x"}, 200),
        ("GET", {"Range": "bytes=0-1"}, 200),
        ("GET", {"If-Modified-Since": "Sat, 01 Jan 2000 00:00:00 GMT"}, 200),
        ("HEAD", {}, 200),
        ("OPTIONS", {}, 204),
        ("POST", {}, 405),
        ("DELETE", {}, 405),
    ],
)
def test_a_probe_answers_whatever_else_is_said(
    site: "Site", method: str, fields: dict[str, str], status: int
) -> None:
    for path in ("/healthz", "/readyz", "/metrics"):
        reply = site.send(path, method=method, headers=fields)
        assert reply.status == status
        assert (reply.headers["Allow"] is not None) == (status in (204, 405))


def test_readiness_is_told_while_others_ask_for_counts(site: "Site") -> None:
    ending = threading.Event()

    def ask() -> None:
        while not ending.is_set():
            site.send("/metrics", headers={"X-Forwarded-For": "203.0.113.7"})

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    try:
        assert {site.send("/readyz").status for _ in range(50)} == {200}
    finally:
        ending.set()
        for thread in threads:
            thread.join()


def test_letters_as_they_are_in_an_address_are_read(site: "Site") -> None:
    for path in ("/sparql?query=ASK%7B%7D&x=ſé", "/search?q=ſé"):
        with socket.create_connection(("127.0.0.1", site.port)) as connection:
            request = f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            connection.sendall(request.encode())
            assert connection.recv(15) == b"HTTP/1.1 200 OK"


@pytest.mark.parametrize("end", ["9" * 5_000, "-" + "9" * 5_000, "٣-٤"])
def test_a_range_of_any_length_is_no_failure(
    release_site: "Site", release: object, end: str
) -> None:
    path = f"/release/{release.id}/manifest.json"  # type: ignore[attr-defined]
    with socket.create_connection(("127.0.0.1", release_site.port)) as connection:
        head = f"GET {path} HTTP/1.1\r\nHost: x\r\nRange: bytes=0-{end}\r\n\r\n"
        connection.sendall(head.encode())
        assert connection.recv(12) in (b"HTTP/1.1 200", b"HTTP/1.1 206", b"HTTP/1.1 416")


@pytest.fixture(scope="module")
def release_site(
    serving: Callable[..., AbstractContextManager["Site"]], release: object
) -> Iterator["Site"]:
    environment = {**os.environ, "DESIGNATA_RELEASES": str(release.path.parent)}  # type: ignore[attr-defined]
    with serving(environment=environment) as found:
        yield found


def test_a_large_page_is_refused_before_it_is_made(site: "Site") -> None:
    values = " ".join(map(str, range(800)))
    text = f"SELECT * {{ VALUES ?a {{ {values} }} VALUES ?b {{ {values} }} }}"
    started = time.monotonic()
    reply = site.send("/sparql?query=" + quote(text), headers={"Accept": "text/html"})
    assert reply.status == 413
    assert time.monotonic() - started < 5
