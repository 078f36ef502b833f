"""What a reply holds (memory, a file) is free again as soon as its connection is over."""

import asyncio
import gc
import socket
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from designata.web import connections, http1
from designata.web.cache import Reply, Stretch
from designata.web.connections import Connections
from designata.web.http1 import Connection

SIZE = 30_000_000
REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


class Keeper:
    """Something that goes with its reply."""


class Front:
    """Answers everything with one large reply, and keeps no hold of it."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.keeper: Callable[[], Keeper | None] = lambda: None

    def remembered(self, _: object) -> None:
        return None

    async def answer(self, _: object) -> tuple[Reply, Callable[[], None]]:
        keeper = Keeper()
        self.keeper = weakref.ref(keeper)
        body = Stretch(self.path, 0, SIZE) if self.path else b"x" * SIZE
        return Reply(200, [("Content-Length", str(SIZE))], body, keeper=keeper), lambda: None


async def stand_still(front: Front) -> None:
    """A client takes nothing until its connection is ended."""
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
        while not front.keeper():
            await asyncio.sleep(0.01)
        for _ in range(100):
            await asyncio.sleep(0.05)
            if not front.keeper():
                break
    watching.cancel()
    server.close()


@pytest.mark.parametrize("is_file", [True, False])
def test_a_reply_goes_with_the_connection_of_who_stands_still(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, is_file: bool
) -> None:
    monkeypatch.setattr(http1, "_STILL_SECONDS", 0.3)
    monkeypatch.setattr(connections, "_LOOK_SECONDS", 0.05)
    path = tmp_path / "reply"
    path.write_bytes(b"x" * SIZE)
    front = Front(path if is_file else None)
    gc.collect()
    gc.disable()
    try:
        # Where a browser is driven, a loop is already running in this thread.
        with ThreadPoolExecutor(1) as threads:
            threads.submit(asyncio.run, stand_still(front)).result()
        assert front.keeper() is None
    finally:
        gc.enable()
