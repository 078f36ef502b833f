"""What a reply holds (memory, a file) is free again as soon as its connection is over."""

import asyncio
import gc
import socket
import sys
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from designata.web import connections, http1, sending
from designata.web.cache import Reply, Stretch
from designata.web.connections import Connections
from designata.web.http1 import Connection

SIZE = 30_000_000
# What the system takes of a reply though its client takes nothing.
SMALL = 500_000
# As little as moves what the system keeps: it says nothing of less.
CREEPING = 2_000
REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


class Keeper:
    """Something that goes with its reply."""


class Front:
    """Answers everything with one large reply, and keeps no hold of it."""

    def __init__(self, path: Path | None, size: int) -> None:
        self.path, self.size = path, size
        self.was_asked = False
        self.unsent = 0
        self.keeper: Callable[[], Keeper | None] = lambda: None

    def remembered(self, _: object) -> None:
        return None

    async def answer(self, _: object) -> tuple[Reply, Callable[[], None]]:
        self.was_asked = True
        keeper = Keeper()
        self.keeper = weakref.ref(keeper)
        body = Stretch(self.path, 0, self.size) if self.path else b"x" * self.size
        return Reply(200, [("Content-Length", str(self.size))], body, keeper=keeper), lambda: None


def unsent(port: int) -> int:
    """How many bytes the system keeps for those who are connected to a port; Linux alone says."""
    if sys.platform != "linux":
        return 0
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    found = [line.split() for line in lines]
    return sum(int(one[4][:8], 16) for one in found if one[1].endswith(f":{port:04X}"))


async def stand_still(front: Front, *, is_half_closed: bool, is_creeping: bool = False) -> None:
    """A client takes nothing until its connection is ended, and nothing is kept for it.

    Creeping: it takes a little again and again.
    """
    found = Connections(1)
    server = await asyncio.get_running_loop().create_server(
        lambda: Connection(front, found),  # type: ignore[arg-type]
        "127.0.0.1",
        0,
    )
    watching = asyncio.create_task(found.watch())
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        client.connect(server.sockets[0].getsockname())
        client.sendall(REQUEST)
        if is_half_closed:
            client.shutdown(socket.SHUT_WR)
        while not front.was_asked:
            await asyncio.sleep(0.01)
        for _ in range(100):
            await asyncio.sleep(0.05)
            if is_creeping:
                client.setblocking(False)
                with suppress(OSError):
                    client.recv(CREEPING)
            front.unsent = unsent(server.sockets[0].getsockname()[1])
            if not (front.keeper() or front.unsent):
                break
    watching.cancel()
    server.close()


@pytest.mark.parametrize(
    ("is_file", "size", "is_half_closed", "is_creeping"),
    [
        (True, SIZE, False, False),
        (True, SIZE, False, True),
        (False, SIZE, False, False),
        (False, SMALL, False, False),
        (False, SMALL, False, True),
        (False, SMALL, True, False),
    ],
)
def test_a_reply_goes_with_the_connection_of_who_stands_still(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    is_file: bool,
    size: int,
    is_half_closed: bool,
    is_creeping: bool,
) -> None:
    monkeypatch.setattr(sending, "STILL_SECONDS", 0.3)
    # In 0.5 s a client that creeps takes 20 kB.
    monkeypatch.setattr(http1, "PACES", ((1, 0.3), (80_000, 0.5)))
    monkeypatch.setattr(connections, "_LOOK_SECONDS", 0.05)
    path = tmp_path / "reply"
    path.write_bytes(b"x" * SIZE)
    front = Front(path if is_file else None, size)
    gc.collect()
    gc.disable()
    try:
        # Where a browser is driven, a loop is already running in this thread.
        with ThreadPoolExecutor(1) as threads:
            client = stand_still(front, is_half_closed=is_half_closed, is_creeping=is_creeping)
            threads.submit(asyncio.run, client).result()
        assert front.keeper() is None
        assert front.unsent == 0
    finally:
        gc.enable()
