"""Clients that ask the same at the same time: none gets what was meant for another."""

import json
import os
import socket
import time
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import pytest

if TYPE_CHECKING:
    from conftest import Site

PRODUCT: Final = " ".join(f"?a{i} ?b{i} ?c{i} ." for i in range(5))
COUNTED: Final = b'{"n":{"type":"literal","value":"'
VARIANTS: Final = {
    "Accept: text/csv\r\n": b"s,p,o",
    "Accept: application/sparql-results+xml\r\n": b"<?xml",
    "Accept: text/html\r\n": b"<!doctype",
    "Accept-Encoding: gzip\r\n": b"\x1f\x8b",
    "Accept: text/tab-separated-values\r\nAccept-Encoding: gzip\r\n": b"\x1f\x8b",
    'If-None-Match: "x"\r\n': b'{"head"',
    "": b'{"head"',
}


def fresh(pattern: str) -> str:
    """A query that nobody has asked yet; it takes a moment where its pattern is a product."""
    return "/sparql?query=" + quote(pattern.replace("FRESH", str(time.monotonic_ns())))


def begin(site: "Site", address: str, fields: str = "", host: str = "x") -> socket.socket:
    """A request that is sent, and whose answer is not awaited yet."""
    connection = socket.create_connection(("127.0.0.1", site.port), timeout=5)
    request = f"GET {address} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{fields}\r\n"
    connection.sendall(request.encode())
    return connection


def finish(connection: socket.socket) -> tuple[int, bytes]:
    """The status and the body of the answer."""
    received = bytearray()
    with connection:
        while piece := connection.recv(65_536):
            received += piece
    head, _, body = bytes(received).partition(b"\r\n\r\n")
    return int(head[9:12]), body


def slow() -> str:
    return fresh(f"SELECT (COUNT(*) AS ?n) {{ {PRODUCT} FILTER(?a0 != FRESH) }}")


def test_who_waits_gets_the_answer_when_who_asked_first_has_left(server: "Site") -> None:
    address = slow()
    clients = [begin(server, address) for _ in range(8)]
    time.sleep(0.1)
    for client in clients[:4]:
        client.close()
    for client in clients[4:]:
        status, body = finish(client)
        assert status == 200
        assert COUNTED in body


def test_who_asks_after_all_have_left_gets_the_answer(server: "Site") -> None:
    for _ in range(3):
        address = slow()
        clients = [begin(server, address) for _ in range(4)]
        time.sleep(0.1)
        for client in clients:
            client.close()
        status, body = finish(begin(server, address))
        assert status == 200
        assert COUNTED in body


def test_each_gets_the_form_that_it_asked_for(server: "Site") -> None:
    address = fresh("SELECT * { ?s ?p ?o . ?a ?b ?c FILTER(?o != FRESH) }")
    clients = [(begin(server, address, fields), start) for fields, start in VARIANTS.items()]
    for client, start in clients:
        status, body = finish(client)
        assert status == 200
        assert body.startswith(start)


def test_each_host_gets_its_own_addresses(server: "Site") -> None:
    hosts = ["aa.example", "bb.example:81"] * 4
    address = f"/.well-known/api-catalog?{time.monotonic_ns()}"
    clients = [(begin(server, address, host=host), host) for host in hosts]
    for client, host in clients:
        status, body = finish(client)
        (other,) = set(hosts) - {host}
        assert status == 200
        assert host.encode() in body
        assert other.encode() not in body


def test_what_fails_fails_for_all_in_the_same_way_and_is_asked_again(server: "Site") -> None:
    address = fresh(f"SELECT * {{ {PRODUCT} {PRODUCT.replace('?', '?x')} FILTER(?a0 != FRESH) }}")
    assert {finish(begin(server, address))[0] for _ in range(2)} <= {413, 504}
    clients = [begin(server, address) for _ in range(4)]
    assert {finish(client)[0] for client in clients} <= {413, 504}


@pytest.mark.skipif(os.uname().sysname != "Linux", reason="only there is all of 127/8 this host")
def test_a_client_that_is_not_trusted_names_neither_scheme_nor_host(server: "Site") -> None:
    forged = (
        "X-Forwarded-For: 10.0.0.1\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: y.example\r\n"
        "X_Forwarded_Proto: https\r\nForwarded: for=10.0.0.1;proto=https;host=y.example\r\n"
    )
    own = ("127.0.0.66", 0)
    with socket.create_connection(("127.0.0.1", server.port), 5, source_address=own) as client:
        request = (
            "GET /.well-known/api-catalog?{} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{}\r\n"
        )
        client.sendall(request.format(time.monotonic_ns(), forged).encode())
        status, body = finish(client)
    assert status == 200
    assert json.loads(body)
    assert b"http://x/" in body
    assert b"https://x/" not in body
    assert b"y.example" not in body
