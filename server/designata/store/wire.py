"""How a query and its answer travel between two processes over a UNIX socket.

A frame is the length of its header (4 bytes), the length of its body (8 bytes), both big-endian,
the header (a JSON object) and the body. One connection carries one query: the client sends
the fields of a `Query` with its text as body; the worker sends `{"form", "media_type"}` with the
result as body, or `{"error", "message", …}` with an empty one. A connection that ends earlier means
that the worker was stopped; one that is reset, that none had read the query.
"""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import Mapping
from typing import Any, Final

from designata import errors
from designata.store.query import Query

_LENGTHS: Final = struct.Struct("!IQ")
_AT_ONCE: Final = 65_536
_EXTRA: Final = ("line", "column", "available")


class Ended(Exception):
    """The other side closed the connection before the frame was whole."""


def pack(header: Mapping[str, Any], body: bytes = b"") -> bytes:
    """One frame."""
    head = json.dumps(header).encode()
    return _LENGTHS.pack(len(head), len(body)) + head + body


def send(connection: socket.socket, header: Mapping[str, Any], body: bytes) -> None:
    """Send one frame; a short one in one piece."""
    if len(body) <= _AT_ONCE:
        connection.sendall(pack(header, body))
    else:
        head = json.dumps(header).encode()
        connection.sendall(_LENGTHS.pack(len(head), len(body)) + head)
        connection.sendall(body)


class Incoming:
    """The frames that come over a connection."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._rest = b""

    def receive(self) -> tuple[dict[str, Any], bytes]:
        """The next frame; Ended where the connection breaks off."""
        header_length, body_length = _LENGTHS.unpack(self._take(_LENGTHS.size))
        header = json.loads(self._take(header_length))
        return header, self._take(body_length)

    def _more(self) -> bytes:
        content = self._connection.recv(_AT_ONCE)
        if not content:
            raise Ended
        return content

    def _take(self, length: int) -> bytes:
        if length > _AT_ONCE:
            return self._collect(length)
        while len(self._rest) < length:
            self._rest += self._more()
        taken, self._rest = self._rest[:length], self._rest[length:]
        return taken

    def _collect(self, length: int) -> bytes:
        """So many bytes, of which the first ones are here already."""
        content = bytearray(length)
        view = memoryview(content)
        count = len(self._rest)
        view[:count] = self._rest
        self._rest = b""
        while count < length:
            found = self._connection.recv_into(view[count:])
            if not found:
                raise Ended
            count += found
        return bytes(content)


class Arriving:
    """The frames that come over a connection, in a loop."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._loop = asyncio.get_running_loop()
        self._rest = b""

    async def wait(self) -> None:
        """Return when something of the next frame is there; Ended where there will be none."""
        if not self._rest:
            self._rest = await self._more()

    async def receive(self) -> tuple[dict[str, Any], bytes]:
        """The next frame; Ended where the connection breaks off."""
        header_length, body_length = _LENGTHS.unpack(await self._take(_LENGTHS.size))
        header = json.loads(await self._take(header_length))
        return header, await self._take(body_length)

    async def _more(self) -> bytes:
        content = await self._loop.sock_recv(self._connection, _AT_ONCE)
        if not content:
            raise Ended
        return content

    async def _take(self, length: int) -> bytes:
        while len(self._rest) < length:
            if length > _AT_ONCE:
                return await self._collect(length)
            self._rest += await self._more()
        taken, self._rest = self._rest[:length], self._rest[length:]
        return taken

    async def _collect(self, length: int) -> bytes:
        """So many bytes, of which the first ones are here already."""
        content = bytearray(length)
        view = memoryview(content)
        count = len(self._rest)
        view[:count] = self._rest
        self._rest = b""
        while count < length:
            found = await self._loop.sock_recv_into(self._connection, view[count:])
            if not found:
                raise Ended
            count += found
        return bytes(content)


def pack_query(query: Query) -> tuple[dict[str, Any], bytes]:
    """A query as header and body."""
    header = {
        "select": query.select,
        "ask": query.ask,
        "graph": query.graph,
        "default_graphs": query.default_graphs,
        "named_graphs": query.named_graphs,
        "blank_nodes": query.blank_nodes,
        "shown": query.shown,
    }
    return header, query.text.encode()


def unpack_query(header: Mapping[str, Any], body: bytes) -> Query:
    """The query that `pack_query` packed."""
    return Query(
        body.decode(),
        header["select"],
        header["ask"],
        header["graph"],
        tuple(header["default_graphs"]),
        tuple(header["named_graphs"]),
        tuple((name, label) for name, label in header["blank_nodes"]),
        tuple(header["shown"]),
    )


def pack_error(error: errors.DesignataError) -> dict[str, Any]:
    """A refusal as a header."""
    if isinstance(error, errors.UnreadableFile):
        place = {"path": str(error.path), "line": error.line}
        bare = str(errors.UnreadableFile(error.path, error.line, ""))
        return {"error": "UnreadableFile", "message": str(error).removeprefix(bare), **place}
    extra = {name: getattr(error, name) for name in _EXTRA if hasattr(error, name)}
    return {"error": type(error).__name__, "message": str(error), **extra}


def unpack_error(header: Mapping[str, Any]) -> errors.DesignataError:
    """The refusal that `pack_error` packed."""
    kind = getattr(errors, header["error"])
    message = header["message"]
    if kind is errors.UnreadableFile:
        return errors.UnreadableFile(header["path"], header["line"], message)
    if kind is errors.QuerySyntaxError:
        return errors.QuerySyntaxError(message, header["line"], header["column"])
    if kind is errors.NotAcceptable:
        return errors.NotAcceptable(message, tuple(header["available"]))
    refusal: errors.DesignataError = kind(message)
    return refusal
