"""What the front of the server does over a real socket: who left, who drips, who asks the same."""

import gzip
import os
import socket
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from processes import web_processes

if TYPE_CHECKING:
    from conftest import Site

pytestmark = pytest.mark.alone

TOWNS = Path(__file__).parents[1] / "store" / "fixture" / "towns.trig"
NEVER = "SELECT (COUNT(*) AS ?n) { " + " ".join(f"?a{i} ?b{i} ?c{i} ." for i in range(14))
CHEAP = "/sparql?query=ASK%7B%7D"


def never(number: int) -> str:
    """A query that runs into its limit, other for each number."""
    return quote(f"{NEVER} FILTER(?a0 != {number}) }}")


@pytest.fixture(scope="module")
def patient(serving: Callable[..., AbstractContextManager["Site"]]) -> Iterator["Site"]:
    """A server whose queries may take twenty seconds."""
    with serving("--load", str(TOWNS), environment={"DESIGNATA_QUERY_SECONDS": "20"}) as site:
        yield site


def connect(site: "Site") -> socket.socket:
    return socket.create_connection(("127.0.0.1", site.port), timeout=15)


def get(path: str, *fields: str) -> bytes:
    return "\r\n".join((f"GET {path} HTTP/1.1", *fields, "", "")).encode()


@pytest.mark.parametrize("how", ["close", "reset", "half"])
def test_a_query_ends_when_its_client_leaves(patient: "Site", how: str) -> None:
    with ExitStack() as stack:
        clients = [stack.enter_context(connect(patient)) for _ in range(20)]
        for number, client in enumerate(clients):
            client.sendall(get(f"/sparql?query={never(number)}", "Host: x"))
        time.sleep(0.5)
        for client in clients:
            if how == "reset":
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            if how == "half":
                client.shutdown(socket.SHUT_WR)
            else:
                client.close()
        started = time.monotonic()
        assert patient.send(CHEAP).status == 200
        assert time.monotonic() - started < 2


def test_a_query_goes_on_while_one_of_those_who_ask_it_waits(patient: "Site") -> None:
    text = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n_ ?o }"
    with connect(patient) as first, connect(patient) as second:
        for client in (first, second):
            client.sendall(get(f"/sparql?query={quote(text)}", "Host: x"))
        time.sleep(0.1)
        first.close()
        assert second.recv(1_000).startswith(b"HTTP/1.1 200")


def test_equal_queries_are_asked_once(patient: "Site") -> None:
    text = quote("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?q ?o }")
    replies: Counter[tuple[int, bytes]] = Counter()

    def ask() -> None:
        reply = patient.send(f"/sparql?query={text}&format=csv", timeout=25)
        replies[reply.status, reply.body] += 1

    threads = [threading.Thread(target=ask) for _ in range(60)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(replies) == 1
    assert {status for status, _ in replies} == {200}


def test_equal_pages_at_once_are_all_answered(patient: "Site") -> None:
    statuses: Counter[int] = Counter()

    def ask(number: int) -> None:
        statuses[patient.send(f"/search?q=north{number % 2}").status] += 1

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(128)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == {200: 128}


def test_bodies_that_drip_leave_room_for_others_and_are_ended(patient: "Site") -> None:
    head = (
        b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
        b"Content-Length: 1000\r\nX-Forwarded-For: 203.0.113.%d\r\n\r\n"
    )
    started = time.monotonic()
    with ExitStack() as stack:
        clients = [stack.enter_context(connect(patient)) for _ in range(200)]
        for number, client in enumerate(clients):
            client.sendall(head % number + b"A")
        direct = {"Content-Type": "application/sparql-query"}
        for _ in range(20):
            assert patient.send("/sparql", headers=direct, body=b"ASK {}").status == 200
        assert clients[0].recv(1_000).startswith(b"HTTP/1.1 408")
        assert 9 < time.monotonic() - started < 15


def test_one_client_does_not_hold_every_query_process(patient: "Site") -> None:
    with ExitStack() as stack:
        for number in range(12):
            client = stack.enter_context(connect(patient))
            path = f"/sparql?query={never(100 + number)}"
            client.sendall(get(path, "Host: x", "X-Forwarded-For: 203.0.113.9"))
        time.sleep(0.5)
        for number in range(10):
            started = time.monotonic()
            fresh = "/sparql?query=" + quote(f"ASK {{ FILTER({number} < 99) }}")
            reply = patient.send(fresh, headers={"X-Forwarded-For": f"203.0.113.{number + 10}"})
            assert reply.status == 200
            assert time.monotonic() - started < 1


@pytest.mark.parametrize(
    "fields",
    [[], ["Host: x", "Host: y"], ["Host: a b"], ["Host: <x>"], ["Host: x/y"], ["Host: u@x"]],
    ids=lambda fields: ", ".join(fields) or "none",
)
def test_a_request_names_one_host(patient: "Site", fields: list[str]) -> None:
    with connect(patient) as client:
        client.sendall(get("/", *fields))
        assert client.recv(1_000).startswith(b"HTTP/1.1 400")


def test_a_field_with_an_underline_is_not_taken_for_another(patient: "Site") -> None:
    with connect(patient) as client:
        client.sendall(get(CHEAP, "Host: x", "X_Forwarded_For: 203.0.113.9", "If_None_Match: *"))
        reply = client.recv(10_000).lower()
        assert reply.startswith(b"http/1.1 200")
        assert b"\r\nratelimit" not in reply


def test_behind_a_proxy_addresses_have_the_scheme_of_the_client(patient: "Site") -> None:
    headers = {"X-Forwarded-Proto": "https", "Host": "data.example"}
    reply = patient.send("/sparql", headers={**headers, "Accept": "text/turtle"})
    assert b"<https://data.example/sparql>" in reply.body
    reply = patient.send("/sparql", headers={**headers, "X-Forwarded-Proto": "javascript"})
    assert b"javascript" not in reply.body


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_clients_that_take_nothing_hold_no_memory(patient: "Site") -> None:
    values = " ".join(map(str, range(50)))
    columns = f"VALUES ?a {{ {values} }} VALUES ?b {{ {values} }} BIND('{'x' * 1_000}' AS ?d) "
    path = f"/sparql?format=csv&query=SELECT%20*%20%7B{quote(columns)}"
    size = len(patient.send(f"{path}%20VALUES%20%3Fc%20%7B1%202%203%204%7D%7D").body)
    assert size > 9_000_000
    before = web_memory(patient)
    with ExitStack() as stack:
        clients = [stack.enter_context(connect(patient)) for _ in range(40)]
        for number, client in enumerate(clients):
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            numbers = "%20".join(str(number * 4 + column) for column in range(4))
            client.sendall(get(f"{path}%20VALUES%20%3Fc%20%7B{numbers}%7D%7D", "Host: x"))
            assert client.recv(15).endswith(b"200 OK")
        assert web_memory(patient) - before < 20 * size
        assert patient.send(CHEAP).status == 200


def web_memory(site: "Site") -> int:
    """The bytes that the processes which answer requests hold together."""
    pages = [
        int(Path(f"/proc/{process}/statm").read_text().split()[1])
        for process in web_processes(site.process)
    ]
    assert pages
    return sum(pages) * os.sysconf("SC_PAGE_SIZE")


def test_a_large_result_comes_whole(patient: "Site") -> None:
    values, filler = " ".join(map(str, range(250))), "x" * 30
    columns = f"VALUES ?a {{ {values} }} VALUES ?b {{ {values} }} BIND('{filler}' AS ?d)"
    text = quote(f"SELECT ?a ?b ?d {{ {columns} }}")
    rows = [f"{a},{b},{filler}" for b in range(250) for a in range(250)]
    for _ in range(2):
        reply = patient.send(f"/sparql?format=csv&query={text}")
        assert sorted(reply.text.splitlines()) == sorted([*rows, "a,b,d"])
        assert int(reply.headers["Content-Length"]) == len(reply.body)
    packed = patient.send(f"/sparql?format=csv&query={text}", headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(packed.body) == reply.body
