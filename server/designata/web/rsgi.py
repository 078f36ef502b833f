"""Requests as the server hands them over by RSGI, which says also when a client has left."""

from __future__ import annotations

import asyncio
import re
import sys
from contextlib import suppress
from functools import lru_cache
from typing import Final
from urllib.parse import quote

from granian._granian import RSGIHTTPProtocol, RSGIProtocolClosed
from granian.rsgi import Scope

from designata.errors import FieldsTooLong, RequestRefused
from designata.web.cache import Reply, Stretch
from designata.web.exchange import Environ
from designata.web.front import Front

_HOST: Final = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_WHOLE: Final = frozenset(("content-type", "content-length"))
_ASCII: Final = "".join(map(chr, range(0x21, 0x7F)))
_FIELD_BYTES: Final = 16_384
_OPENED_SECONDS: Final = 5.0


class Rsgi:
    """An application for RSGI over the front."""

    def __init__(self, front: Front) -> None:
        self._front = front

    async def __rsgi__(self, scope: Scope, protocol: RSGIHTTPProtocol) -> None:
        """Answer one request."""
        if scope.proto != "http":
            protocol.close(403)  # type: ignore[attr-defined]
            return
        exchange = _Exchange(scope, protocol)
        wrong = _wrong(exchange.environ, scope)
        if wrong:
            reply = self._front.refuse(exchange.environ, wrong)
        else:
            known = self._front.remembered(exchange.environ)
            reply = known or await self._front.answer(exchange)
        with suppress(RSGIProtocolClosed):
            _send(protocol, reply)


def _wrong(environ: Environ, scope: Scope) -> RequestRefused | None:
    """Why nobody has to look at a request."""
    if sum(len(name) + len(value) for name, value in scope.headers.items()) > _FIELD_BYTES:
        return FieldsTooLong(f"the fields of a request may have {_FIELD_BYTES:,} bytes together")
    if not _HOST.fullmatch(environ.get("HTTP_HOST", "")):
        return RequestRefused("a request names one host, in the field Host")
    return None


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
        "QUERY_STRING": _in_ascii(scope.query_string),
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope.headers.items():
        key = _key(name)
        if key is not None:
            environ[key] = f"{environ[key]}, {value}" if key in environ else value
    return environ


def _in_ascii(query_string: str) -> str:
    return query_string if query_string.isascii() else quote(query_string, safe=_ASCII)


@lru_cache(maxsize=512)
def _key(name: str) -> str | None:
    if "_" in name:
        return None
    key = name.upper().replace("-", "_")
    return key if name in _WHOLE else f"HTTP_{key}"


def _send(protocol: RSGIHTTPProtocol, reply: Reply) -> None:
    body = reply.body
    if not body:
        protocol.response_empty(reply.status, reply.all_headers)
    elif isinstance(body, Stretch):
        path, start, stop = str(body.path), body.start, body.stop
        protocol.response_file_range(reply.status, reply.all_headers, path, start, stop)
        if reply.keeper:
            # The server opens the file a moment later.
            asyncio.get_running_loop().call_later(_OPENED_SECONDS, id, reply.keeper)
    else:
        protocol.response_bytes(reply.status, reply.all_headers, body)
