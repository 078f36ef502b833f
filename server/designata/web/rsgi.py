"""Requests as the server hands them over by RSGI, which says also when a client has left."""

from __future__ import annotations

import re
from contextlib import suppress
from functools import lru_cache
from typing import Any, Final

from granian._granian import RSGIHTTPProtocol, RSGIProtocolClosed
from granian.rsgi import Scope

from designata.errors import StoreBusy
from designata.web.cache import Reply, Stretch
from designata.web.exchange import Environ
from designata.web.front import Front, refusal
from designata.web.spool import Spool

_HOST: Final = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_WHOLE: Final = frozenset(("content-type", "content-length"))
_NO_HOST: Final = b"a request names one host, in the field Host\n"


class Rsgi:
    """An application for RSGI over the front."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self._spool = Spool()

    async def __rsgi__(self, scope: Scope, protocol: RSGIHTTPProtocol) -> None:
        """Answer one request."""
        if scope.proto != "http":
            protocol.close(403)  # type: ignore[attr-defined]
            return
        exchange = _Exchange(scope, protocol)
        if _HOST.fullmatch(exchange.environ.get("HTTP_HOST", "")):
            reply = self._front.remembered(exchange.environ)
            if reply is None:
                reply = await self._front.answer(exchange)
        else:
            reply = Reply(400, [("content-type", "text/plain")], _NO_HOST)
        try:
            body = await self._spool.body(reply)
        except StoreBusy as error:
            reply = refusal(error)
            body = reply.body
        with suppress(RSGIProtocolClosed):
            _send(protocol, reply, body)


class _Exchange:
    """A request that came by RSGI."""

    def __init__(self, scope: Scope, protocol: RSGIHTTPProtocol) -> None:
        self.environ = environ_of(scope)
        self._protocol = protocol

    async def body(self, most: int) -> bytes:
        """Piece by piece, so that no more is taken than can be used."""
        content = bytearray()
        async for piece in self._protocol:
            content += piece
            if len(content) > most:
                break
        return bytes(content)

    async def gone(self) -> None:
        """The server notices when the connection is closed."""
        await self._protocol.client_disconnect()


def environ_of(scope: Scope) -> Environ:
    """The request as WSGI has it (PEP 3333), but for the body.

    Fields whose names have a `_` are left out: they could not be told from those with a `-`.
    """
    host, _, port = scope.server.rpartition(":")
    environ: Environ = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode("utf-8", "replace").decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope.headers.items():
        key = _key(name)
        if key is not None:
            environ[key] = f"{environ[key]}, {value}" if key in environ else value
    return environ


@lru_cache(maxsize=512)
def _key(name: str) -> str | None:
    if "_" in name:
        return None
    key = name.upper().replace("-", "_")
    return key if name in _WHOLE else f"HTTP_{key}"


def _send(protocol: Any, reply: Reply, body: bytes | Stretch) -> None:
    if not body:
        protocol.response_empty(reply.status, reply.all_headers)
    elif isinstance(body, Stretch):
        path, start, stop = str(body.path), body.start, body.stop
        protocol.response_file_range(reply.status, reply.all_headers, path, start, stop)
    else:
        protocol.response_bytes(reply.status, reply.all_headers, body)
