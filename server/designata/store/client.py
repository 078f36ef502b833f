"""HTTP to another server, with every way closed in which it could keep or mislead this one.

A request has one deadline for everything (name, connection, headers, body), an answer has a most of
bytes, no redirect is followed, nothing is unpacked, and an answer that breaks off is no answer.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final
from urllib.parse import urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

from designata.errors import UsageError
from designata.store.credentials import Credentials

_PIECE: Final = 65_536
_KEPT_CONNECTIONS: Final = 32
_RETRY_STATUSES: Final = (429, 503)
_HERE: Final = threading.local()


class Unreachable(Exception):
    """There was no whole answer; the message says why."""


class Expired(Exception):
    """The deadline passed before the answer was whole."""


class TooLong(Exception):
    """The answer has more bytes than were to be read."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer; the names of the headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    # Whether the answer said how long it is, so that one that breaks off is noticed.
    is_delimited: bool = True

    @property
    def media_type(self) -> str:
        """The content type without its parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def line(self) -> str:
        """The first line of the body, for a message."""
        text = self.body[:2_000].decode("utf-8", "replace").strip()
        return printable(" ".join(text.partition("\n")[0].split())[:300])


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may use; a Retry-After is honoured up to a number of seconds."""

    seconds: float
    body_bytes: int
    patience: float = 2.0


@dataclass
class _Watch:
    """Cuts a connection when its time is over, whatever it is doing."""

    expired: bool = False
    connection: HTTPConnection | None = None
    line: Any = field(default=None)

    def cut(self) -> None:
        self.expired = True
        line = self.line or getattr(self.connection, "sock", None)
        if line is not None:
            with suppress(OSError):
                socket.socket.shutdown(line, socket.SHUT_RDWR)


class _Watched:
    """A connection that shows itself to the watch of its thread."""

    def request(self, *arguments: Any, **options: Any) -> None:
        watch: _Watch = _HERE.watch
        watch.connection, watch.line = self, None  # type: ignore[assignment]
        super().request(*arguments, **options)  # type: ignore[misc]
        watch.line = self.sock  # type: ignore[attr-defined]


class _Plain(_Watched, HTTPConnection):
    pass


class _Secure(_Watched, HTTPSConnection):
    pass


class _Chunked(urllib3.HTTPResponse):
    """A response that refuses chunks of less than nothing, which would be read without end."""

    chunk_left: int | None

    def _update_chunk_length(self) -> None:
        super()._update_chunk_length()
        if self.chunk_left is not None and self.chunk_left < 0:
            self.close()
            raise urllib3.exceptions.ProtocolError("a chunk has less than no bytes")


class _PlainPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _Secure


@cache
def _connections(process: int) -> urllib3.PoolManager:
    """The open connections of this process; those of its parent are not its own."""
    manager = urllib3.PoolManager(maxsize=_KEPT_CONNECTIONS, retries=False)
    manager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}
    return manager


def check_address(address: str) -> str:
    """The address, or UsageError where it is not http(s), or holds a name and password."""
    try:
        parts = urlsplit(address)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    # Nobody shall read a password, not even in a message about an address that is none.
    if "@" in shown(address) or (not usable and "@" in address) or "#" in address:
        raise UsageError(
            "an address is http://… or https://…, and has no user, password or fragment; "
            "see DESIGNATA_STORE_USER"
        )
    if not usable or any(sign <= " " or sign > "~" for sign in address):
        raise UsageError(f"{shown(address)!r} is not an address: write http://… or https://…")
    return address


def shown(address: str) -> str:
    """An address as everybody may read it: without its query, in which there may be a key."""
    return address.partition("?")[0]


def printable(text: str) -> str:
    """What others have said, without signs that a terminal obeys."""
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in text)


def send(
    method: str,
    url: str,
    limits: Limits,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    credentials: Credentials | None = None,
) -> Reply:
    """One request and its whole answer, of whatever status; Unreachable, Expired or TooLong.

    Asked again once: with credentials where it wants them, after Retry-After where that is short,
    and where a kept connection turned out to be closed.
    """
    deadline = time.monotonic() + limits.seconds
    given = {"Accept-Encoding": "identity", "User-Agent": "designata", **(headers or {})}
    reply = None
    for attempt in range(3):
        if credentials:
            given |= credentials.headers(method, url)
        try:
            reply = _once(method, url, given, body, limits, deadline)
        except ConnectionResetError as error:
            if attempt:
                raise Unreachable(str(error)) from None
            continue
        if attempt == 2 or not _shall_repeat(reply, credentials, limits, deadline):
            break
    if reply is None:
        raise Unreachable("the connection was closed")
    return reply


def _shall_repeat(
    reply: Reply, credentials: Credentials | None, limits: Limits, deadline: float
) -> bool:
    if reply.status == 401 and credentials:
        return credentials.learn(reply.headers.get("www-authenticate", ""))
    wait = reply.headers.get("retry-after", "")
    if reply.status not in _RETRY_STATUSES or not wait.isascii() or not wait.isdecimal():
        return False
    seconds = int(wait[:6])
    if seconds > limits.patience or time.monotonic() + seconds >= deadline:
        return False
    time.sleep(seconds)
    return True


def _once(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes | None,
    limits: Limits,
    deadline: float,
) -> Reply:
    left = deadline - time.monotonic()
    if left <= 0:
        raise Expired
    watch = _HERE.watch = _Watch()
    timer = threading.Timer(left, watch.cut)
    timer.daemon = True
    timer.start()
    try:
        reply = _exchange(method, url, headers, body, limits.body_bytes, left)
        # To be cut looks like the end of an answer that has no length.
        if watch.expired:
            raise Expired
        return reply
    except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
        if watch.expired or _is_late(error):
            if watch.line is None and getattr(watch.connection, "sock", None) is None:
                raise Unreachable("no connection came about in time") from None
            raise Expired from None
        if "RemoteDisconnected" in repr(error) or "ConnectionReset" in repr(error):
            raise ConnectionResetError("the connection was closed without an answer") from None
        raise Unreachable(_reason(error)) from None
    finally:
        timer.cancel()


def _exchange(
    method: str, url: str, headers: Mapping[str, str], body: bytes | None, most: int, left: float
) -> Reply:
    response = _connections(os.getpid()).request(
        method,
        url,
        body=body,
        headers=headers,
        redirect=False,
        retries=False,
        preload_content=False,
        timeout=urllib3.Timeout(connect=left, read=left),
    )
    if response.chunked:
        response.__class__ = _Chunked
    try:
        content = bytearray()
        for piece in response.stream(_PIECE, decode_content=False):
            content += piece
            if len(content) > most:
                raise TooLong
    except BaseException:
        response.close()
        raise
    response.release_conn()
    names = {name.lower(): value for name, value in response.headers.items()}
    delimited = response.chunked or names.get("content-length", "").isdecimal()
    return Reply(response.status, names, bytes(content), delimited)


def _is_late(error: Exception) -> bool:
    """Whether time was over; urllib3 counts a refused connection among these."""
    late = isinstance(error, urllib3.exceptions.TimeoutError)
    return late and not isinstance(error, urllib3.exceptions.NewConnectionError)


def _reason(error: Exception) -> str:
    """What went wrong, without addresses of objects."""
    inner = getattr(error, "reason", None) or error
    text = str(inner.args[-1] if getattr(inner, "args", None) else inner)
    return printable(text.rpartition("object at 0x")[2].partition(": ")[2] or text)
