"""The server as a process: how it starts, and how it ends."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import urlopen

import pytest
from processes import web_processes

if TYPE_CHECKING:
    from conftest import Site

TOWNS = Path(__file__).parents[1] / "store" / "fixture" / "towns.trig"
SLOW = "/sparql?query=SELECT%20(COUNT(*)%20AS%20%3Fn)%20%7B" + "".join(
    f"?a{i}+?b{i}+?c{i}+." for i in range(14)
)


def start(*arguments: str, **environment: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "designata", "serve", "--load", str(TOWNS), *arguments]
    return subprocess.Popen(
        command,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_taken_port_is_said_and_not_shared(server: "Site") -> None:
    with start("--port", str(server.port)) as second:
        output, errors = second.communicate(timeout=20)
    assert second.returncode == 4
    assert output == ""
    assert f"127.0.0.1:{server.port} cannot be used: Address already in use" in errors
    assert server.send("/sparql").status == 200


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    broken = tmp_path / "broken.ttl"
    broken.write_text("<a:s> <a:p> 1 .\nnonsense\n")
    with start(str(broken), "--port", "0") as process:
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 3
    assert f"{broken}:2:" in errors


def test_a_request_in_progress_is_answered_before_the_end() -> None:
    replies: list[bytes] = []

    def ask(port: int) -> None:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.sendall(
                f"GET {SLOW}%7D HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
            )
            replies.append(connection.recv(1_000))

    with start("--port", "0", DESIGNATA_QUERY_SECONDS="1") as process:
        assert process.stdout
        port = int(process.stdout.readline().rstrip("/\n").rpartition(":")[2])
        thread = threading.Thread(target=ask, args=(port,))
        thread.start()
        time.sleep(0.3)
        process.send_signal(signal.SIGTERM)
        thread.join()
        _, errors = process.communicate(timeout=20)
    assert replies[0].startswith(b"HTTP/1.1 504")
    assert process.returncode == 0
    assert [json.loads(line)["status"] for line in errors.splitlines()][-1] == 504


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_who_has_come_before_the_end_is_answered() -> None:
    with start("--port", "0") as process, ExitStack() as clients:
        assert process.stdout
        port = int(process.stdout.readline().rstrip("/\n").rpartition(":")[2])
        web = web_processes(process.pid)
        assert len(web) == 2
        for one in web:
            os.kill(one, signal.SIGSTOP)
        waiting = [
            clients.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
            for _ in range(20)
        ]
        for client in waiting:
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        process.send_signal(signal.SIGTERM)
        time.sleep(0.2)
        for one in web:
            os.kill(one, signal.SIGCONT)
        replies = [client.makefile("rb").read() for client in waiting]
        process.communicate(timeout=20)
    assert [reply[:12] for reply in replies] == [b"HTTP/1.1 200"] * 20
    assert process.returncode == 0


def test_the_manager_of_services_hears_when_requests_are_answered_and_when_it_ends(
    tmp_path: Path,
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(20)
        with start("--port", "0", NOTIFY_SOCKET=str(tmp_path / "notify")) as process:
            assert process.stdout
            assert manager.recv(100) == b"READY=1"
            port = int(process.stdout.readline().rstrip("/\n").rpartition(":")[2])
            with urlopen(f"http://127.0.0.1:{port}/readyz") as reply:
                assert reply.status == 200
            process.terminate()
            assert manager.recv(100) == b"STOPPING=1"
            process.communicate(timeout=20)
        manager.setblocking(False)
        with pytest.raises(BlockingIOError):
            manager.recv(100)


def test_a_misspelt_setting_is_said() -> None:
    with start("--port", "0", DESIGNATA_QUERY_SECOND="5") as process:
        assert process.stdout
        process.stdout.readline()
        process.terminate()
        _, errors = process.communicate(timeout=20)
    assert errors.splitlines()[0] == (
        "designata: warning: DESIGNATA_QUERY_SECOND is no setting; DESIGNATA_QUERY_SECONDS is one"
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_the_port_is_free_again_after_the_end(number: signal.Signals) -> None:
    with start("--port", "0") as process:
        assert process.stdout
        port = int(process.stdout.readline().rstrip("/\n").rpartition(":")[2])
        started = time.monotonic()
        process.send_signal(number)
        process.wait(20)
    while time.monotonic() - started < 5:
        with socket.socket() as trial:
            if trial.connect_ex(("127.0.0.1", port)) != 0:
                return
        time.sleep(0.05)
    pytest.fail("somebody still answers")
