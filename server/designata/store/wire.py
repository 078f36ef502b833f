"""How a query and its answer travel between two processes over a UNIX socket.

A frame is the length of its header (4 bytes), the length of its body (8 bytes), both big-endian,
the header (JSON) and the body. One connection carries one query: the client sends a list of the
fields of a `Query` with its text as body; the worker sends `[form, media type]` with the result as
body, or an object `{"error", "message", …}` with an empty one. A connection that ends earlier means
that the worker was stopped; one that is reset, that none had read the query.
"""

from __future__ import annotations

import io
import json
import socket
import struct
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from typing import Any, Final, NamedTuple

from designata import errors
from designata.store.query import Answer, Query

_LENGTHS: Final = struct.Struct("!IQ")
_AT_ONCE: Final = 65_536
_MOST_UNREAD: Final = 4_194_304
_EXTRA: Final = ("line", "column", "available")


class Ended(Exception):
    """The other side closed the connection before the frame was whole."""


class Frame(NamedTuple):
    """A header and a body."""

    header: bytes
    body: bytes = b""

    @property
    def is_short(self) -> bool:
        """Whether it is sent in one piece, which the system takes at once."""
        return len(self.body) <= _AT_ONCE

    def packed(self) -> bytes:
        """The frame as it is sent."""
        return self._lengths() + self.header + self.body

    def send(self, connection: socket.socket) -> None:
        """Send the frame; the body of a long one is not copied for that."""
        if self.is_short:
            connection.sendall(self.packed())
        else:
            # As much room as the system grants, so that the two sides seldom wait for each other.
            connection.setsockopt(
                socket.SOL_SOCKET, socket.SO_SNDBUF, min(len(self.body), _MOST_UNREAD)
            )
            connection.sendall(self._lengths() + self.header)
            connection.sendall(self.body)

    def _lengths(self) -> bytes:
        return _LENGTHS.pack(len(self.header), len(self.body))


class Incoming:
    """The frame that comes over a connection."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._content = b""
        self._header = b""
        self._body = io.BytesIO()
        self._missing = 0

    def receive(self) -> Frame:
        """The frame, waited for; Ended where the connection breaks off."""
        while (frame := self.more()) is None:
            pass
        return frame

    def more(self, flags: int = 0) -> Frame | None:
        """What can be read now: the frame where it is whole then; Ended where there is no more."""
        if self._missing:
            return self._fill()
        content = self._connection.recv(_AT_ONCE, flags)
        if not content:
            raise Ended
        content = self._content = self._content + content if self._content else content
        if len(content) < _LENGTHS.size:
            return None
        header_length, body_length = _LENGTHS.unpack_from(content)
        start = _LENGTHS.size + header_length
        if len(content) >= start + body_length:
            return Frame(content[_LENGTHS.size : start], content[start:])
        if len(content) >= start:
            self._header = content[_LENGTHS.size : start]
            self._missing = start + body_length - len(content)
            self._body.seek(body_length - 1)
            self._body.write(b"\0")
            self._body.getbuffer()[: -self._missing] = content[start:]
            return self._fill()
        return None

    def _fill(self) -> Frame | None:
        """Read into what becomes the body, so that a large one is not copied once more."""
        with suppress(BlockingIOError):
            while self._missing:
                found = self._connection.recv_into(self._body.getbuffer()[-self._missing :])
                if not found:
                    raise Ended
                self._missing -= found
            return Frame(self._header, self._body.getvalue())
        return None


def pack_query(query: Query) -> Frame:
    """A query as a frame."""
    return Frame(_header_of(query[1:]), query.text.encode())


def unpack_query(frame: Frame) -> Query:
    """The query that `pack_query` packed."""
    return Query(frame.body.decode(), *_fields_in(frame.header))


def pack_answer(answer: Answer) -> Frame:
    """An answer as a frame."""
    return Frame(_header_of(answer[:-1]), answer.body)


def unpack_answer(frame: Frame) -> Answer:
    """The answer that `pack_answer` packed; the refusal where it is one."""
    if frame.header.startswith(b"{"):
        raise unpack_error(json.loads(frame.header))
    form, media_type = _fields_in(frame.header)
    return Answer(form, media_type, frame.body)


@lru_cache(maxsize=32)
def _header_of(fields: tuple[Any, ...]) -> bytes:
    """There are few that differ, but for those that name graphs."""
    return json.dumps(fields).encode()


@lru_cache(maxsize=32)
def _fields_in(header: bytes) -> tuple[Any, ...]:
    return _as_tuples(json.loads(header))


def _as_tuples(found: list[Any]) -> tuple[Any, ...]:
    return tuple(_as_tuples(one) if isinstance(one, list) else one for one in found)


def pack_error(error: errors.DesignataError) -> dict[str, Any]:
    """A refusal as a header."""
    if isinstance(error, errors.UnreadableFile):
        place = {"path": str(error.path), "line": error.line}
        return {"error": "UnreadableFile", "message": error.reason, **place}
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
