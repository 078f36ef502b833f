"""The same server for hosts that speak WSGI: nobody can say there when a client has left."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, Final

from designata.web.cache import Stretch, status_line
from designata.web.exchange import Environ, Leaving
from designata.web.front import Front

_PIECE: Final = 65_536


class Wsgi:
    """An application for WSGI (PEP 3333) over the front."""

    def __init__(self, front: Front) -> None:
        self._front = front

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request in the loop of this process."""
        reply = self._front.remembered(environ)
        if reply is None:
            answer = self._front.answer(_Exchange(environ))
            reply, conclude = asyncio.run_coroutine_threadsafe(answer, _loop()).result()
            conclude()
        start_response(status_line(reply.status), reply.all_headers)
        body = reply.body
        return _read(body) if isinstance(body, Stretch) else [body] if body else []


class _Exchange:
    """A request that came by WSGI."""

    def __init__(self, environ: Environ) -> None:
        self.environ = environ
        # Which is never known.
        self.leaving = Leaving()

    async def body(self, most: int) -> bytes:
        """As long as the request says, else to its end."""
        length = self.environ.get("CONTENT_LENGTH") or ""
        wanted = int(length) if length.isdecimal() else most + 1
        read = self.environ["wsgi.input"].read
        body: bytes = await asyncio.get_running_loop().run_in_executor(None, read, wanted)
        return body


@cache
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="loop", daemon=True).start()
    return loop


def _read(body: Stretch) -> Iterable[bytes]:
    with body.path.open("rb") as file:
        file.seek(body.start)
        left = body.stop - body.start
        while left > 0:
            piece = file.read(min(left, _PIECE))
            if not piece:
                return
            left -= len(piece)
            yield piece
