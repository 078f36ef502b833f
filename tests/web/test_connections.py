"""What becomes of connections: who is slow, who stops, who asks ahead, who says too much."""

import json
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from processes import web_processes

from designata.errors import StoreBusy
from designata.release.publish import File, publish
from designata.web.cache import Reply, Stretch

if TYPE_CHECKING:
    from conftest import Site
    from designata.store.directory import Release

TOWNS = Path(__file__).parents[1] / "store" / "fixture" / "towns.trig"
ALIVE = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
POST = (
    b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n"
)


def connect(site: "Site") -> socket.socket:
    return socket.create_connection(("127.0.0.1", site.port), timeout=20)


def everything(client: socket.socket) -> bytes:
    """All that comes until the server ends the connection."""
    received = bytearray()
    with suppress(ConnectionResetError):
        while piece := client.recv(65_536):
            received += piece
    return bytes(received)


@pytest.fixture(scope="module")
def released(
    serving: Callable[..., AbstractContextManager["Site"]], release: "Release"
) -> Iterator["Site"]:
    with serving(environment={"DESIGNATA_RELEASES": str(release.path.parent)}) as site:
        yield site


def test_a_connection_is_kept_for_the_next_request(server: "Site") -> None:
    with connect(server) as client:
        for _ in range(3):
            client.sendall(ALIVE + b"\r\n")
            reply = client.recv(4_096)
            assert reply.startswith(b"HTTP/1.1 200 OK\r\n")
            assert b"\r\nDate: " in reply
            assert b"\r\nConnection:" not in reply


@pytest.mark.parametrize(
    ("version", "field", "expected"),
    [
        (b"1.1", b"Connection: close\r\n", b"close"),
        (b"1.0", b"", b"close"),
        (b"1.0", b"Connection: keep-alive\r\n", b"keep-alive"),
    ],
)
def test_it_is_said_whether_a_connection_is_kept(
    server: "Site", version: bytes, field: bytes, expected: bytes
) -> None:
    with connect(server) as client:
        client.sendall(ALIVE.replace(b"1.1", version) + field + b"\r\n")
        assert b"\r\nConnection: " + expected + b"\r\n" in client.recv(4_096)
        if expected == b"close":
            assert client.recv(1) == b""


def test_a_head_that_drips_is_refused_in_the_end(server: "Site") -> None:
    started = time.monotonic()
    with connect(server) as client, suppress(OSError):
        client.sendall(b"GET /healthz HTTP/1.1\r\n")
        client.settimeout(0.5)
        while True:
            client.sendall(b"A: b\r\n")
            with suppress(TimeoutError):
                reply = client.recv(4_096)
                break
    assert reply.startswith(b"HTTP/1.1 408")
    assert 9 < time.monotonic() - started < 14


def test_a_connection_that_asks_nothing_is_ended(server: "Site") -> None:
    started = time.monotonic()
    with connect(server) as client:
        assert client.recv(1) == b""
    assert 9 < time.monotonic() - started < 14


def test_a_body_whose_framing_breaks_off_is_not_evaluated(server: "Site") -> None:
    for rest in (b"6\r\nASK {}\r\nzz\r\n", b"6\r\nASK {}\n0\r\n\r\n", b"6\r\nASK {}\r\n-1\r\n\r\n"):
        with connect(server) as client:
            client.sendall(POST + rest)
            reply = everything(client)
        assert reply.startswith(b"HTTP/1.1 400")
        assert reply.count(b"HTTP/1.") == 1
    with connect(server) as client:
        client.sendall(POST + b"6\r\nASK {}\r\n")
        client.shutdown(socket.SHUT_WR)
        assert everything(client).startswith(b"HTTP/1.1 400")


def test_a_body_of_little_in_many_bytes_is_refused(server: "Site") -> None:
    with connect(server) as client, suppress(OSError):
        client.sendall(POST + b"1\r\n \r\n")
        for _ in range(400):
            client.sendall(b"1;" + b"a" * 1_000 + b"\r\n \r\n")
        assert everything(client).startswith(b"HTTP/1.1 400")


def test_who_has_sent_all_still_gets_what_is_known_at_once(server: "Site") -> None:
    with connect(server) as client:
        client.sendall(ALIVE + b"\r\n")
        client.shutdown(socket.SHUT_WR)
        assert everything(client).startswith(b"HTTP/1.1 200")


def test_requests_ahead_are_answered_up_to_a_number(server: "Site") -> None:
    with connect(server) as client:
        client.sendall((ALIVE + b"\r\n") * 3_000)
        client.shutdown(socket.SHUT_WR)
        found = everything(client).count(b"HTTP/1.1 200 OK")
    assert 200 < found <= 3_000


def test_requests_ahead_hold_up_none_that_come_later(server: "Site") -> None:
    ask = b"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: x\r\n\r\n"
    for many in (20, 2_000):
        with connect(server) as client:
            sending = threading.Thread(target=client.sendall, args=(ask * many,))
            sending.start()
            received = b""
            while received.count(b"HTTP/1.1 200 OK") < many:
                received += client.recv(65_536)
            sending.join()
            client.sendall(ALIVE + b"\r\n")
            assert client.recv(15) == b"HTTP/1.1 200 OK"


def test_what_is_sent_after_the_end_does_not_take_the_reply_away(server: "Site") -> None:
    with connect(server) as client:
        client.sendall(ALIVE + b"Connection: close\r\n\r\n")
        for _ in range(20):
            time.sleep(0.01)
            client.sendall(b"a" * 1_000)
        assert everything(client).endswith(b"alive\n")


def test_nobody_of_the_last_century_is_called_for_a_body(server: "Site") -> None:
    post = POST.replace(b"Transfer-Encoding: chunked\r\n", b"Content-Length: 6\r\n")
    expecting = post.replace(b"Host: x", b"Host: x\r\nExpect: 100-continue")
    for request, called in ((expecting, True), (expecting.replace(b"1.1", b"1.0", 1), False)):
        with connect(server) as client:
            client.sendall(request)
            time.sleep(0.2)
            client.sendall(b"ASK {}")
            assert (client.recv(4_096)[:12] == b"HTTP/1.1 100") is called


def test_a_call_for_a_body_waits_for_the_replies_before(server: "Site") -> None:
    post = POST.replace(b"Host: x", b"Host: x\r\nExpect: 100-continue")
    with connect(server) as client:
        client.sendall(ALIVE + b"\r\n" + post)
        received = b""
        while b"100 Continue" not in received:
            received += client.recv(4_096)
        client.sendall(b"6\r\nASK {}\r\n0\r\n\r\n")
        received += client.recv(4_096)
    first, _, rest = received.partition(b"HTTP/1.1 100 Continue\r\n\r\n")
    assert first.startswith(b"HTTP/1.1 200 OK") and first.endswith(b"alive\n")
    assert rest.startswith(b"HTTP/1.1 200 OK") and rest.endswith(b"true}")


def test_the_reply_to_what_is_too_long_arrives_although_more_is_sent(server: "Site") -> None:
    heads = {
        b"GET /" + b"a" * 3_000_000 + b" HTTP/1.1\r\n": b"414",
        ALIVE + b"A: " + b"b" * 3_000_000 + b"\r\n": b"431",
        ALIVE + b"A: b\r\n" * 3_000: b"431",
        POST.replace(b"Transfer-Encoding: chunked", b"Content-Length: 3000000")
        + b"a" * 3_000_000: b"413",
    }
    for head, status in heads.items():
        with connect(server) as client:
            sending = threading.Thread(target=client.sendall, args=(head + b"\r\n",))
            sending.start()
            assert client.recv(12)[9:] == status
            sending.join()


def test_an_unknown_method_is_refused_by_its_name(server: "Site") -> None:
    for method in (b"FOO", b"PROPFIND", b"M-SEARCH", b"PURGE"):
        with connect(server) as client:
            client.sendall(ALIVE.replace(b"GET /healthz", method + b" /sparql") + b"\r\n")
            reply = client.recv(4_096)
            assert reply.startswith(b"HTTP/1.1 405")
            assert b"\r\nAllow: GET, HEAD, OPTIONS, POST, QUERY\r\n" in reply
            client.sendall(ALIVE + b"\r\n")
            assert client.recv(15) == b"HTTP/1.1 200 OK"


def test_an_upgrade_is_not_heard_and_the_next_request_is(server: "Site") -> None:
    upgrade = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"
    post = (
        b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
        b"Content-Length: 6\r\n" + upgrade + b"\r\nASK {}"
    )
    sockets = b"Connection: Upgrade\r\nUpgrade: websocket\r\n"
    page = ALIVE.replace(b"/healthz", b"/robots.txt") + sockets + b"\r\n"
    for first in (post, page, ALIVE + upgrade + b"\r\n"):
        for piece in (10_000, 7):
            content = first + ALIVE + b"Connection: close\r\n\r\n"
            with connect(server) as client:
                for start in range(0, len(content), piece):
                    client.sendall(content[start : start + piece])
                replies = everything(client)
            assert replies.count(b"HTTP/1.1 200 OK") == 2
            assert (b'"boolean"' in replies) == (first == post)
            assert replies.endswith(b"alive\n")


def test_a_dump_comes_whole_to_a_slow_client(released: "Site", release: "Release") -> None:
    wanted = release.file("designata.nq").read_bytes()
    received = bytearray()
    with connect(released) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        head = f"GET /release/{release.id}/designata.nq HTTP/1.1\r\nHost: x\r\n".encode()
        client.sendall(head + b"\r\n" + head + b"Connection: close\r\n\r\n")
        while piece := client.recv(262_144):
            received += piece
            time.sleep(0.01)
    first, _, rest = bytes(received).partition(b"\r\n\r\n")
    assert f"content-length: {len(wanted)}".encode() in first.lower()
    assert rest[: len(wanted)] == wanted
    assert rest[len(wanted) :].startswith(b"HTTP/1.1 200 OK\r\n")
    assert rest.endswith(b"\r\n\r\n" + wanted)


def test_who_leaves_in_the_middle_of_a_dump_leaves_nothing_open(
    released: "Site", release: "Release"
) -> None:
    head = f"GET /release/{release.id}/designata.nt HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    before = open_files(released)
    with ExitStack() as stack:
        for _ in range(30):
            client = stack.enter_context(connect(released))
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            client.sendall(head)
            client.recv(100)
        assert released.send("/healthz").status == 200
    deadline = time.monotonic() + 10
    while open_files(released) > before + 5:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_whose_requests_ahead_are_unread_is_missed_all_the_same(
    serving: Callable[..., AbstractContextManager["Site"]],
) -> None:
    slow = b"GET /sparql?query=SELECT(COUNT(*)%20AS%20?n){" + b"".join(
        b"?a%d%%20?b%d%%20?c%d%%20." % (i, i, i) for i in range(12)
    )
    environment = {"DESIGNATA_QUERY_SECONDS": "60", "DESIGNATA_WEB_PROCESSES": "1"}
    with serving("--load", str(TOWNS), environment=environment) as site:
        with connect(site) as client:
            client.sendall(slow + b"} HTTP/1.1\r\nHost: x\r\n\r\n" + (ALIVE + b"\r\n") * 20)
            time.sleep(0.5)
        deadline = time.monotonic() + 10
        while 'status="499"' not in site.send("/metrics").text:
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_a_reply_has_one_date(released: "Site") -> None:
    for _ in range(2):
        with connect(released) as client:
            client.sendall(ALIVE.replace(b"/healthz", b"/") + b"Connection: close\r\n\r\n")
            head, _, _ = everything(client).partition(b"\r\n\r\n")
        assert head.count(b"\r\nDate: ") == 1


def test_a_file_that_is_cut_while_it_is_sent_is_never_taken_for_the_whole(
    serving: Callable[..., AbstractContextManager["Site"]], tmp_path: Path
) -> None:
    size = 50_000_000
    files = {
        "designata.nq": File("application/n-quads", b"<urn:a> <urn:b> <urn:c> .\n"),
        "long.ttl": File("text/turtle", b"#" * size),
    }
    facts = {"id": "1.0.0-000000000001", "triples": 1, "quads": 1}
    dump = publish(tmp_path, files, facts).path / "long.ttl"
    environment = {"DESIGNATA_RELEASES": str(tmp_path)}
    with serving("--no-build", environment=environment) as site, connect(site) as client:
        client.sendall(f"GET /release/{facts['id']}/long.ttl HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        received = client.recv(1_000)
        os.truncate(dump, 1_000)
        received += everything(client)
        assert received.startswith(b"HTTP/1.1 200")
        assert len(received) < size
        dump.unlink()
        gone = site.send("/release/latest/long.ttl")
        assert gone.status in (404, 500, 503)
        assert site.send("/healthz").status == 200


def test_a_file_is_noted_when_it_begins_to_be_sent(
    serving: Callable[..., AbstractContextManager["Site"]],
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    files = {
        "designata.nq": File("application/n-quads", b"<urn:a> <urn:b> <urn:c> .\n"),
        "long.ttl": File("text/turtle", b"#" * 50_000_000),
    }
    facts = {"id": "1.0.0-000000000001", "triples": 1, "quads": 1}
    publish(tmp_path, files, facts)
    address = f"/release/{facts['id']}/long.ttl"
    environment = {"DESIGNATA_RELEASES": str(tmp_path)}
    with serving("--no-build", environment=environment) as site, connect(site) as client:
        client.sendall(f"GET {address} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert client.recv(1_000).startswith(b"HTTP/1.1 200")
        time.sleep(1)
        said = capfd.readouterr().err
    lines = [json.loads(one) for one in said.splitlines() if one.startswith("{")]
    (line,) = [one for one in lines if one["path"] == address]
    assert (line["status"], line["bytes"]) == (200, 50_000_000)


def open_files(site: "Site") -> int:
    """How many files and sockets the processes that answer requests have open."""
    return sum(len(os.listdir(f"/proc/{child}/fd")) for child in web_processes(site.process))


def test_idle_connections_end_at_once_when_the_server_does(
    serving: Callable[..., AbstractContextManager["Site"]],
) -> None:
    with serving("--load", str(TOWNS), environment={}) as site, connect(site) as client:
        client.sendall(ALIVE + b"\r\n")
        assert client.recv(4_096).startswith(b"HTTP/1.1 200")
        started = time.monotonic()
        os.kill(site.process, signal.SIGTERM)
        assert client.recv(1) == b""
        assert time.monotonic() - started < 3


@pytest.mark.parametrize("value", ["a\r\nB: c", "a\nb", "a\0"])
def test_a_field_never_begins_another(value: str) -> None:
    with pytest.raises(ValueError, match="not a field"):
        _ = Reply(200, [("A", value)]).head


def test_the_head_of_a_reply_says_how_long_it_is() -> None:
    assert Reply(200, [("A", "b")], b"xyz").head == (
        b"HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 3\r\n"
    )
    assert Reply(304, [("A", "b")]).head == b"HTTP/1.1 304 Not Modified\r\nA: b\r\n"
    part = Reply(200, [], Stretch(TOWNS, 5, 15))
    assert part.head == part.bare.head == b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n"
    assert Reply(StoreBusy.status, [("content-length", "0")]).head == (
        b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n"
    )
