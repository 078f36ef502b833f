"""Requests whose framing, fields or bytes mean harm: one status each, and never a second answer."""

import re
import socket
import time
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from conftest import Site

HEALTH: Final = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
POST: Final = (
    b"POST /sparql HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    b"Content-Type: application/sparql-query\r\n"
)
CHUNKED: Final = POST + b"Transfer-Encoding: chunked\r\n"
STATUS: Final = re.compile(rb"HTTP/1\.1 (\d+) ")
EVIL: Final = b"GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n"


def exchange(site: "Site", *pieces: bytes) -> bytes:
    """All that comes back until the server closes the connection."""
    received = bytearray()
    with socket.create_connection(("127.0.0.1", site.port), timeout=5) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for number, content in enumerate(pieces):
            time.sleep(0.002 if number else 0)
            connection.sendall(content)
        while piece := connection.recv(65_536):
            received += piece
    return bytes(received)


FRAMING = {
    "two equal lengths": (POST + b"Content-Length: 5\r\n" * 2 + b"\r\nASK{}", 400),
    "a list of lengths": (POST + b"Content-Length: 5, 5\r\n\r\nASK{}", 400),
    "a length with a sign": (POST + b"Content-Length: +5\r\n\r\nASK{}", 400),
    "a space before the colon": (POST + b"Content-Length : 5\r\n\r\nASK{}", 400),
    "a length and chunks": (
        CHUNKED + b"Content-Length: 4\r\n\r\n5\r\nASK{}\r\n0\r\n\r\n" + EVIL,
        400,
    ),
    "an unknown coding": (
        POST + b"Transfer-Encoding: xchunked\r\n\r\n5\r\nASK{}\r\n0\r\n\r\n" + EVIL,
        400,
    ),
    "chunks of what is packed": (
        POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n5\r\nASK{}\r\n0\r\n\r\n" + EVIL,
        400,
    ),
    "a coding that was taken back": (
        POST + b"Transfer-Encoding: identity, chunked\r\n\r\n5\r\nASK{}\r\n0\r\n\r\n" + EVIL,
        400,
    ),
    "chunks twice": (
        CHUNKED + b"Transfer-Encoding: chunked\r\n\r\n5\r\nASK{}\r\n0\r\n\r\n" + EVIL,
        400,
    ),
    "chunks before there were any": (
        CHUNKED.replace(b"HTTP/1.1", b"HTTP/1.0") + b"\r\n5\r\nASK{}\r\n0\r\n\r\n" + EVIL,
        400,
    ),
    "chunks in capitals": (
        POST + b"Transfer-Encoding: CHUNKED\r\n\r\n5\r\nASK{}\r\n0\r\n\r\n",
        200,
    ),
    "chunks not last": (
        POST + b"Transfer-Encoding: chunked, identity\r\n\r\n5\r\nASK{}\r\n0\r\n\r\n" + EVIL,
        400,
    ),
    "chunks after a vertical tab": (
        POST + b"Transfer-Encoding:\x0bchunked\r\nContent-Length: 5\r\n\r\nASK{}" + EVIL,
        400,
    ),
    "a folded coding": (
        POST + b"Transfer-Encoding:\r\n chunked\r\n\r\n5\r\nASK{}\r\n0\r\n\r\n",
        400,
    ),
    "an extension of a chunk": (CHUNKED + b'\r\n5;a=b;c="d"\r\nASK{}\r\n0\r\n\r\n', 200),
    "an extension ended by LF": (CHUNKED + b"\r\n5;a\nASK{}\r\n0\r\n\r\n" + EVIL, 400),
    "a long extension": (CHUNKED + b"\r\n5;" + b"a" * 999_999 + b"\r\nASK{}\r\n0\r\n\r\n", 400),
    "a chunk beyond all sizes": (CHUNKED + b"\r\n" + b"f" * 18 + b"\r\nASK{}\r\n0\r\n\r\n", 400),
    "trailers that claim": (
        CHUNKED + b"\r\n5\r\nASK{}\r\n0\r\nX-Forwarded-For: 9.9.9.9\r\nHost: y\r\n\r\n",
        200,
    ),
    "a body where none belongs": (
        HEALTH + b"Content-Length: %d\r\n\r\n" % len(EVIL) + EVIL,
        200,
    ),
    "more after the last request": (HEALTH + b"\r\n" + EVIL, 200),
    "a folded field": (HEALTH + b"A: b\r\n c\r\n\r\n", 400),
    "a CR in a field": (HEALTH + b"A: b\rc\r\n\r\n", 400),
    "a zero in a field": (HEALTH + b"A: \0\r\n\r\n", 400),
    "a zero in the address": (b"GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "nothing but CR": (b"GET /healthz HTTP/1.1\rHost: x\r\r", 400),
    "tabs for spaces": (b"GET\t/healthz\tHTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "a space too many": (HEALTH.replace(b"GET ", b"GET  ") + b"\r\n", 400),
    "another protocol": (HEALTH.replace(b"HTTP/1.1", b"RTSP/1.0") + b"\r\n", 400),
    "another protocol after an odd address": (
        HEALTH.replace(b"/healthz HTTP/1.1", b"/healthz?\xff RTSP/1.0") + b"\r\n",
        400,
    ),
    "two hosts": (HEALTH + b"Host: x\r\n\r\n", 400),
    "no host": (b"GET /healthz HTTP/1.1\r\n\r\n", 400),
    "no host, which HTTP/1.0 allows": (b"GET /healthz HTTP/1.0\r\n\r\n", 200),
    "an odd host in HTTP/1.0": (b"GET /healthz HTTP/1.0\r\nHost: a b\r\n\r\n", 400),
    "a port that is none": (HEALTH.replace(b"Host: x", b"Host: x:99999") + b"\r\n", 400),
    "too many fields": (HEALTH + b"".join(b"A%d: x\r\n" % i for i in range(200)) + b"\r\n", 431),
    "a long name": (HEALTH + b"A" * 70_000 + b": x\r\n\r\n", 431),
    "high bytes in fields": (HEALTH + b"User-Agent: \xff\xfe\r\nAccept: \xc3\xa9\r\n\r\n", 200),
    "another host in the address": (
        b"GET http://evil.example/healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        200,
    ),
    "two hosts beside another in the address": (
        HEALTH.replace(b"/healthz", b"http://x/healthz") + b"Host: x\r\n\r\n",
        400,
    ),
    "no host beside one in the address": (
        b"GET http://x/healthz HTTP/1.1\r\nConnection: close\r\n\r\n",
        400,
    ),
    "no host beside one in the address, which HTTP/1.0 allows": (
        b"GET http://x/healthz HTTP/1.0\r\n\r\n",
        200,
    ),
    "a star for an address": (HEALTH.replace(b"/healthz", b"*") + b"\r\n", 400),
    "a file as address": (b"GET file:///etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "an upgrade to HTTP/2": (
        HEALTH.replace(b"close", b"Upgrade, HTTP2-Settings, close")
        + b"Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n",
        200,
    ),
}


@pytest.mark.parametrize(("content", "status"), FRAMING.values(), ids=FRAMING)
def test_a_request_of_odd_framing_gets_one_answer(
    server: "Site", content: bytes, status: int
) -> None:
    reply = exchange(server, content)
    assert reply.startswith(b"HTTP/1.%c %d" % (reply[7], status))
    assert reply.count(b"HTTP/1.") == 1
    assert b"ready:" not in reply


def test_the_preface_of_http_2_is_refused(server: "Site") -> None:
    reply = exchange(server, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0")
    assert reply.startswith(b"HTTP/1.1 400")
    assert reply.count(b"HTTP/1.") == 1


def test_no_tunnel_is_opened(server: "Site") -> None:
    for method in ("CONNECT evil.example:443", "TRACE /"):
        request = f"{method} HTTP/1.1\r\nHost: x\r\nX-Own: secret\r\nConnection: close\r\n\r\n"
        reply = exchange(server, request.encode())
        assert reply[9:12] in (b"404", b"405")
        assert b"secret" not in reply


def test_a_body_too_large_is_refused_without_being_called_for(server: "Site") -> None:
    reply = exchange(server, POST + b"Expect: 100-continue\r\nContent-Length: 5000000\r\n\r\n")
    assert reply.startswith(b"HTTP/1.1 413")


def _answers(site: "Site", addresses: list[str]) -> list[bytes]:
    """The bodies of the answers to requests that are sent at once over one connection."""
    heads = [f"GET {address} HTTP/1.1\r\nHost: x\r\n" for address in addresses]
    heads[-1] += "Connection: close\r\n"
    rest = exchange(site, "".join(head + "\r\n" for head in heads).encode())
    found = []
    while rest:
        head, _, rest = rest.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        found.append(rest[:length])
        rest = rest[length:]
    return found


def test_requests_sent_at_once_are_answered_in_their_order(server: "Site") -> None:
    kinds = (
        "/sparql?query=SELECT(7000{}%20AS%20?x){{}}",
        "/healthz?7000{}",
        "/nothing/7000{}",
        "/sparql?query=SELECT(7000{}%20AS%20?x){{?s%20?p%20?o}}LIMIT%201",
    )
    addresses = [kinds[i % 4].format(i) for i in range(100, 180)]
    bodies = _answers(server, addresses)
    for i, body in zip(range(100, 180), bodies, strict=True):
        assert (b"alive" if i % 4 == 1 else b"7000%d" % i) in body


def test_what_waits_behind_a_slow_query_does_not_end_it(server: "Site") -> None:
    slow = "/sparql?query=SELECT(COUNT(*)%20AS%20?n){{{}FILTER(?a0!={})}}"
    product = "".join(f"?a{i}%20?b{i}%20?c{i}%20." for i in range(5))
    addresses = [slow.format(product, i) for i in range(3)]
    bodies = _answers(server, [*addresses, "/healthz"])
    assert [b'"bindings"' in body for body in bodies] == [True] * 3 + [False]
    assert bodies[-1] == b"alive\n"


CHAIN: Final = (
    b"GET /healthz?\xc3\xa9 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"- /sparql HTTP/1.1\r\nHost: x\r\n\r\n",
    POST.replace(b"close", b"Upgrade\r\nUpgrade: h2c") + b"Content-Length: 6\r\n\r\nASK {}",
    b"PROPFIND /sparql HTTP/1.1\r\nHost: x\r\n\r\n",
    CHUNKED.replace(b"Connection: close\r\n", b"")
    + b"\r\n8\r\nASK\r\n\r\n{\r\n1\r\n}\r\n0\r\nA: b\r\n\r\n",
    b"\r\nOPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
    b"HEAD /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: x\r\n\r\n",
    b"TRACE\xff / HTTP/1.1\r\nHost: x\r\n\r\n",
)


def test_requests_mean_the_same_wherever_they_are_cut(server: "Site") -> None:
    whole = b"".join(CHAIN)
    expected = [b"200", b"405", b"200", b"405", b"200", b"204", b"200", b"400"]
    assert STATUS.findall(exchange(server, whole)) == expected
    for at in range(1, len(whole)):
        assert STATUS.findall(exchange(server, whole[:at], whole[at:])) == expected
    assert STATUS.findall(exchange(server, *(bytes([one]) for one in whole))) == expected
