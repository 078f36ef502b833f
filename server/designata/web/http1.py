"""HTTP/1.1 on one connection: requests come in, the front is asked, its replies go out in order.

llhttp reads what comes (by way of httptools), and the loop carries it.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections import deque
from typing import Final, cast

import httptools

from designata.errors import BodyTooSlow, ClientLeft, DesignataError, RequestRefused, StoreBusy
from designata.web import heads
from designata.web.cache import Reply, Stretch
from designata.web.connections import Connections
from designata.web.exchange import Environ
from designata.web.front import Front
from designata.web.refusal import refusal
from designata.web.sending import send_file, unread

_HEAD_SECONDS: Final = 10.0
_IDLE_SECONDS: Final = 30.0
_STILL_SECONDS: Final = 30.0
_LINGER_SECONDS: Final = 2.0
_READ_AHEAD: Final = 8
_MOST_AHEAD: Final = 256
_UNREAD_BYTES: Final = 65_536
_FRAMING_BYTES: Final = 65_536
_TOGETHER: Final = 65_536
_USUAL: Final = (b"GET ", b"POST ", b"HEAD ", b"OPTIONS ", b"QUERY ")
_METHOD: Final = re.compile(rb"(?!(?:PUT|DELETE|CONNECT|TRACE|PATCH) )([!#$%&'*+.^_`|~\w-]{1,32}) ")
_STAND_IN: Final = b"PURGE"
_HIGH: Final = re.compile(rb"[\x80-\xff]")
_LOG: Final = logging.getLogger(__name__)


class Request:
    """A request whose head is there; its body comes, or does not."""

    def __init__(self, connection: Connection, environ: Environ, *, keep: bool) -> None:
        self.environ = environ
        self.keep = keep
        self.whole = self.wanted = False
        self.refusal: DesignataError | None = None
        self.content = bytearray()
        self._connection = connection

    @property
    def framing(self) -> bytes:
        """The fields that say how the body ends; none where there is no body."""
        names = ("Content-Length", "Transfer-Encoding")
        values = (self.environ.get("CONTENT_LENGTH"), self.environ.get("HTTP_TRANSFER_ENCODING"))
        return b"".join(
            f"{name}: {value}\r\n".encode("latin-1")
            for name, value in zip(names, values, strict=True)
            if value is not None
        )

    async def body(self, most: int) -> bytes:
        """Piece by piece, so that no more is taken than can be used."""
        self.wanted = True
        if not self.whole and self.environ.get("HTTP_EXPECT", "").lower() == "100-continue":
            self._connection.call_for_body()
        while not (self.whole or self.refusal) and len(self.content) <= most:
            await self._connection.more()
        if self.refusal:
            raise self.refusal
        return bytes(self.content)

    async def gone(self) -> None:
        """The end of what the client sends is taken for its leaving."""
        await self._connection.gone.wait()


class Connection(asyncio.Protocol):
    """A client's connection, from its beginning to its end."""

    def __init__(self, front: Front, connections: Connections) -> None:
        self.gone = asyncio.Event()
        self._front = front
        self._connections = connections
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[Request] = deque()
        self._arriving: Request | None = None
        self._current: Request | None = None
        self._task: asyncio.Task[None] | None = None
        self._more: asyncio.Future[None] | None = None
        # Lost: the connection is over. Deaf: what comes is not read any more. Full: the client
        # takes less than is sent. Paused: nothing is taken from it.
        self._lost = self._deaf = self._full = self._paused = self._lingering = False
        self._answered = False
        self._left = self._seen_left = 0
        self._parser = httptools.HttpRequestParser(self)
        self._in_head = self._in_line = False
        self._fed = 0

    # What the loop says

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has connected."""
        self._transport = cast(asyncio.Transport, transport)
        self._since = self._loop.time()
        self._common = heads.environ_for(
            transport.get_extra_info("peername"), transport.get_extra_info("sockname")
        )
        if not self._connections.add(self):
            self._deaf = True
            busy = self._front.refuse(self._common, StoreBusy("too many connections are open"))
            self._write(busy, b"Connection: close\r\n")
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        """Some bytes have come."""
        if self._deaf:
            return
        try:
            self._read(data)
        except httptools.HttpParserError as error:
            self._break_off(RequestRefused(f"the request is not well-formed: {error}"))
        except DesignataError as error:
            self._break_off(error)
        self._throttle()
        self._next()

    def eof_received(self) -> bool:
        """No more comes; what is known at once is still answered."""
        self.gone.set()
        if self._lingering:
            self._transport.close()
        else:
            self._break_off(RequestRefused("the request ends too early"))
            self._next()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is over."""
        self._lost = self._deaf = True
        self.gone.set()
        self._waiting.clear()
        self._wake()
        if self._left and self._task:
            self._task.cancel()
        self._connections.discard(self)

    def pause_writing(self) -> None:
        """The client takes less than is sent."""
        self._full = True

    def resume_writing(self) -> None:
        """The client has taken what was sent."""
        self._full = False
        self._wake()
        self._next()

    # What the parser says

    def on_message_begin(self) -> None:
        """A request begins, or its body where the wish for another protocol stood before it."""
        if self._arriving:
            return
        self._in_head = True
        self._since = self._loop.time()
        self._target = b""
        self._fields: list[tuple[bytes, bytes]] = []

    def on_url(self, target: bytes) -> None:
        """A part of the address."""
        if self._in_head:
            self._target += target

    def on_header(self, name: bytes, value: bytes) -> None:
        """A field; those after the body are left out."""
        if self._in_head:
            self._fields.append((name, value))

    def on_headers_complete(self) -> None:
        """The head of a request is there."""
        if not self._in_head:
            return
        parser = self._parser
        self._in_head = self._in_line = False
        self._fed = 0
        environ = self._common.copy()
        method = environ["REQUEST_METHOD"]
        if method == "-":
            method = parser.get_method().decode()
        else:
            self._common["REQUEST_METHOD"] = "-"
        heads.fill(environ, method, self._target, parser.get_http_version(), self._fields)
        request = Request(self, environ, keep=parser.should_keep_alive())
        request.refusal = heads.wrong_with(environ, self._target, self._fields)
        self._arriving = request
        if len(self._waiting) < _MOST_AHEAD:
            self._waiting.append(request)
        else:
            self._deaf = True

    def on_body(self, piece: bytes) -> None:
        """A part of the body."""
        if self._arriving:
            self._arriving.content += piece
            self._wake()

    def on_message_complete(self) -> None:
        """A request is there as a whole."""
        request = self._arriving
        if request and not (self._parser.should_upgrade() and request.framing):
            request.whole = True
            self._arriving = None
            self._wake()

    # Reading

    def _read(self, data: bytes) -> None:
        while data:
            begins = not self._in_head and not self._arriving
            if begins or self._in_line:
                data = self._readable(data, begins)
            self._fed += len(data)
            try:
                self._parser.feed_data(data)
                break
            except httptools.HttpParserUpgrade as upgrade:
                # No other protocol is spoken here: the wish for one is not heard, and what follows
                # is the body, if the head has promised one, and other requests.
                self._parser = httptools.HttpRequestParser(self)
                if self._arriving:
                    self._parser.feed_data(b"POST / HTTP/1.1\r\n%b\r\n" % self._arriving.framing)
                data = data[upgrade.args[0] :]
        if self._in_head:
            self._in_line = (begins or self._in_line) and b"\n" not in data
            if self._fed > heads.MOST_BYTES:
                raise heads.address_too_long() if self._in_line else heads.fields_too_long()
        elif self._arriving:
            if self._fed > _FRAMING_BYTES + 8 * len(self._arriving.content):
                raise RequestRefused("the body of the request says too little in too many bytes")
        else:
            self._fed = 0

    def _readable(self, data: bytes, begins: bool) -> bytes:
        """The first line as the parser takes it: letters in ASCII, a method that it knows."""
        if begins:
            data = data.lstrip(b"\r\n")
            if not data.startswith(_USUAL):
                found = _METHOD.match(data)
                if found:
                    self._common["REQUEST_METHOD"] = found[1].decode()
                    data = _STAND_IN + data[found.end(1) :]
        if not data.isascii():
            line, end, rest = data.partition(b"\n")
            data = _HIGH.sub(lambda high: b"%%%02X" % high[0][0], line) + end + rest
        return data

    def _break_off(self, error: DesignataError) -> None:
        """Nothing that comes from here on can be read."""
        self._deaf = True
        if self._in_head:
            request = Request(self, self._common.copy(), keep=False)
            request.refusal = error
            self._waiting.append(request)
        elif self._arriving:
            self._arriving.refusal = self._arriving.refusal or error
            self._arriving = None
        self._in_head = False
        self._wake()

    def _throttle(self) -> None:
        """Take more only where somebody is going to use it, or to throw it away."""
        unread = self._arriving
        full = len(self._waiting) > _READ_AHEAD or (
            unread is not None and not unread.wanted and len(unread.content) > _UNREAD_BYTES
        )
        pause = full and not self._deaf
        if pause != self._paused and not self._lost:
            self._paused = pause
            (self._transport.pause_reading if pause else self._transport.resume_reading)()

    async def more(self) -> None:
        """Wait until something has come or gone."""
        self._throttle()
        self._more = self._loop.create_future()
        await self._more

    def _wake(self) -> None:
        if self._more and not self._more.done():
            self._more.set_result(None)

    def call_for_body(self) -> None:
        """Tell the client that its body is welcome."""
        if not self._lost:
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    # Answering

    def _next(self) -> None:
        """Answer what waits, in its order: what is known at once, anything else by a task."""
        turns = _READ_AHEAD
        while not (self._current or self._full or self._lost or self._lingering):
            if not self._waiting:
                if self._deaf:
                    self._transport.close()
                return
            if not turns:
                self._loop.call_soon(self._next)
                return
            turns -= 1
            self._current = request = self._waiting.popleft()
            if request.refusal:
                reply: Reply | None = self._front.refuse(request.environ, request.refusal)
            else:
                reply = self._front.remembered(request.environ)
            if reply is None or isinstance(reply.body, Stretch):
                self._task = self._loop.create_task(self._answer(request, reply))
                return
            self._send(request, reply)

    async def _answer(self, request: Request, reply: Reply | None) -> None:
        try:
            reply = reply or await self._front.answer(request)
            if reply.status == ClientLeft.status:
                self._transport.abort()
            elif isinstance(reply.body, Stretch):
                await self._send_file(request, reply, reply.body)
            else:
                self._send(request, reply)
        except Exception:
            # The reply cannot be finished: its client must not take what it has for the whole.
            if not self._lost:
                _LOG.exception("a reply was broken off")
                self._transport.abort()
            return
        self._throttle()
        self._next()

    def _send(self, request: Request, reply: Reply) -> None:
        """A reply whose body is in memory."""
        if not self._lost:
            keep = self._keeps(request)
            self._write(reply, self._connection_field(request, keep))
            self._finish(request, keep)

    async def _send_file(self, request: Request, reply: Reply, body: Stretch) -> None:
        """A reply whose body is read from a file while it is sent."""
        try:
            file = body.path.open("rb")
        except OSError as error:
            self._send(request, refusal(error))
            return
        with file:
            keep = self._keeps(request)
            # Let the loop say when the head has been sent.
            self._transport.set_write_buffer_limits(high=0)
            self._left = body.stop - body.start
            head = Reply(reply.status, reply.all_headers)
            self._write(head, self._connection_field(request, keep))
            while self._full and not self._lost:
                await self.more()
            self._transport.set_write_buffer_limits()
            async for left in send_file(self._transport, file, body.start, body.stop):
                self._left = left
        self._finish(request, keep)

    def _keeps(self, request: Request) -> bool:
        """Whether the connection goes on after the reply to a request."""
        sound = request.keep and request.whole and not request.refusal
        more = self._waiting or not self._deaf
        return bool(sound and more and not self._connections.stopping)

    def _connection_field(self, request: Request, keep: bool) -> bytes:
        if not keep:
            return b"Connection: close\r\n"
        old = request.environ["SERVER_PROTOCOL"] == "HTTP/1.0"
        return b"Connection: keep-alive\r\n" if old else b""

    def _write(self, reply: Reply, more: bytes) -> None:
        body = reply.body if isinstance(reply.body, bytes) else b""
        head = b"".join((reply.head, heads.date_field(), more, b"\r\n"))
        if len(body) < _TOGETHER:
            self._transport.write(head + body)
        else:
            self._transport.write(head)
            self._transport.write(body)

    def _finish(self, request: Request, keep: bool) -> None:
        """After a reply: the next request, or the end."""
        self._current = self._task = None
        self._answered = True
        self._since = self._loop.time()
        if keep:
            return
        self._deaf = True
        self._waiting.clear()
        if request.whole or self.gone.is_set():
            self._transport.close()
            return
        # Who still sends gets the reply only while somebody takes what he sends.
        self._lingering = True
        self._throttle()
        self._transport.write_eof()

    # Ending

    def stop(self) -> None:
        """Accept no more requests."""
        if self._current is None and not self._waiting and not self._in_head:
            self._transport.close()

    def look(self, now: float) -> None:
        """End the connection if its client has stood still for too long."""
        still = now - self._since
        left = self._left + self._transport.get_write_buffer_size() + unread(self._transport)
        if left:
            if left != self._seen_left:
                self._seen_left, self._since = left, now
            elif still > _STILL_SECONDS:
                self._transport.abort()
        elif self._lingering:
            if still > _LINGER_SECONDS:
                self._transport.abort()
        elif self._current is None and self._in_head:
            if still > _HEAD_SECONDS:
                self._break_off(
                    BodyTooSlow(f"a request has to arrive within {_HEAD_SECONDS:g} seconds")
                )
                self._next()
        elif self._current is None and still > (_IDLE_SECONDS if self._answered else _HEAD_SECONDS):
            self._transport.close()
