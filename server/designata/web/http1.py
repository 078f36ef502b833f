"""HTTP/1.1 on one connection: the front is asked for what comes, its replies go out in order."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import Final, cast

from designata.errors import BodyTooSlow, ClientLeft, RequestRefused, StoreBusy
from designata.web import heads
from designata.web.cache import Reply, Stretch
from designata.web.connections import Connections
from designata.web.exchange import Leaving
from designata.web.front import Front
from designata.web.reading import Reader
from designata.web.refusal import refusal
from designata.web.request import Request
from designata.web.sending import PACES, Outlet, Pace, has_left

_IDLE_SECONDS: Final = 30.0
_LINGER_SECONDS: Final = 2.0
_READ_AHEAD: Final = 8
_UNREAD_BYTES: Final = 65_536
_LOG: Final = logging.getLogger(__name__)


class Connection(asyncio.Protocol):
    """A client's connection, from its beginning to its end."""

    def __init__(self, front: Front, connections: Connections) -> None:
        self.leaving = Leaving()
        self._front = front
        self._connections = connections
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[Request] = deque()
        self._current: Request | None = None
        self._task: asyncio.Task[None] | None = None
        self._more: asyncio.Future[None] | None = None
        self._again: asyncio.Handle | None = None
        # Lost: the connection is over. Paused: nothing is taken from the client. Lingering: all is
        # sent, and what still comes is thrown away.
        self._lost = self._paused = self._lingering = False
        self._answered = False
        self._paces = [Pace(*pace) for pace in PACES]

    # What the loop says

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has connected."""
        self._transport = cast(asyncio.Transport, transport)
        self._out = Outlet(self._transport)
        self._since = self._loop.time()
        common = heads.environ_for(
            transport.get_extra_info("peername"), transport.get_extra_info("sockname")
        )
        self._reader = Reader(self, common, self._waiting.append)
        if not self._connections.add(self):
            self._reader.end()
            busy = self._front.refuse(common, StoreBusy("too many connections are open"))
            self._out.write(busy, b"Connection: close\r\n")
            self._out.close()

    def data_received(self, data: bytes) -> None:
        """Some bytes have come."""
        self._reader.take(data)
        self._turn()
        self._connections.give_way()

    def eof_received(self) -> bool:
        """No more comes; what is known at once is still answered."""
        self.leaving.leave()
        if self._lingering:
            self._out.close()
        else:
            self._reader.break_off(RequestRefused("the request ends too early"))
            self._wake()
            self._turn()
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is over."""
        self._lost = True
        self._out.drained()
        self._reader.end()
        self.leaving.leave()
        self._waiting.clear()
        self._wake()
        if self._out.left and self._task:
            self._task.cancel()
        self._connections.discard(self)

    def pause_writing(self) -> None:
        """The client takes less than is sent."""
        self._out.is_full = True

    def resume_writing(self) -> None:
        """The client has taken what was sent."""
        self._out.drained()
        self._wake()
        self._turn()

    # Turns

    def _turn(self) -> None:
        """Read and answer for a moment: then it is the turn of others."""
        if self._again:
            self._again.cancel()
            self._again = None
        reader = self._reader
        if reader.read(self._has_room) and self._more:
            self._wake()
        left = _READ_AHEAD
        while left and self._waiting and self._may_answer():
            left -= 1
            self._next()
        if (self._waiting and self._may_answer()) or (reader.rest and self._has_room()):
            self._turn_again()
        elif reader.over and not (self._waiting or self._current or self._lingering):
            self._out.close()
        if self._paused or self._waiting or reader.rest or reader.arriving:
            self._throttle()

    def _turn_again(self) -> None:
        if not self._again:
            self._again = self._loop.call_soon(self._turn)

    def _has_room(self) -> bool:
        """Whether somebody is going to use what is read now."""
        unread = self._reader.arriving
        return len(self._waiting) <= _READ_AHEAD and (
            unread is None or unread.wanted or len(unread.content) <= _UNREAD_BYTES
        )

    def _may_answer(self) -> bool:
        return not (self._current or self._out.is_full or self._lost or self._lingering)

    def _throttle(self) -> None:
        """Take more only when what has come is read, or to throw it away."""
        pause = not self._reader.over and bool(self._reader.rest or not self._has_room())
        if pause != self._paused and not self._lost:
            self._paused = pause
            (self._transport.pause_reading if pause else self._transport.resume_reading)()

    async def more(self) -> None:
        """Wait until something has come or gone."""
        self._turn_again()
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
        """Answer the request that waits for longest: at once where it is known, or by a task."""
        self._current = request = self._waiting.popleft()
        try:
            if request.refusal:
                reply: Reply | None = self._front.refuse(request.environ, request.refusal)
            else:
                reply = self._front.remembered(request.environ)
            if reply is None or isinstance(reply.body, Stretch):
                self._task = self._loop.create_task(self._answer(request, reply))
            else:
                self._send(request, reply)
        except Exception as error:
            self._give_up(error)

    async def _answer(self, request: Request, reply: Reply | None) -> None:
        try:
            if reply is None:
                reply = await self._ask(request)
            if isinstance(reply.body, Stretch):
                await self._send_file(request, reply, reply.body)
        except asyncio.CancelledError:
            # The connection is over. An error that is kept would keep the reply, and its file.
            pass
        except Exception as error:
            self._give_up(error)
        else:
            self._turn()

    async def _ask(self, request: Request) -> Reply:
        """The reply of the front; on its way, if it is in memory, before anything is concluded."""
        reply, conclude = await self._front.answer(request)
        try:
            if reply.status == ClientLeft.status:
                self._transport.abort()
            elif not isinstance(reply.body, Stretch):
                self._send(request, reply)
        finally:
            conclude()
        return reply

    def _give_up(self, error: Exception) -> None:
        """A reply cannot be finished: its client must not take what it has for the whole."""
        if not self._lost:
            if not isinstance(error, ConnectionError):
                _LOG.error("a reply was broken off", exc_info=error)
            self._out.abandon()

    def _send(self, request: Request, reply: Reply) -> None:
        """A reply whose body is in memory."""
        if not self._lost:
            keep = self._keeps(request)
            self._out.write(reply, self._connection_field(request, keep))
            self._finish(keep=keep)

    async def _send_file(self, request: Request, reply: Reply, body: Stretch) -> None:
        """A reply whose body is read from a file while it is sent."""
        if self._lost:
            return
        try:
            file = body.path.open("rb")
        except OSError as error:
            self._send(request, refusal(error))
            return
        with file:
            keep = self._keeps(request)
            field = self._connection_field(request, keep)
            self._out.begin_file(reply, field, body.stop - body.start)
            while self._out.is_full and not self._lost:
                await self.more()
            await self._out.send_file(file, body.start, body.stop)
        self._finish(keep=keep)

    def _keeps(self, request: Request) -> bool:
        """Whether the connection goes on after the reply to a request."""
        sound = request.keep and request.whole and not request.refusal
        more = self._waiting or not self._reader.over
        return bool(sound and more and not self._connections.stopping)

    def _connection_field(self, request: Request, keep: bool) -> bytes:
        if not keep:
            return b"Connection: close\r\n"
        old = request.environ["SERVER_PROTOCOL"] == "HTTP/1.0"
        return b"Connection: keep-alive\r\n" if old else b""

    def _finish(self, *, keep: bool) -> None:
        """After a reply: the next request, or the end."""
        self._current = self._task = None
        self._answered = True
        self._since = self._loop.time()
        if keep:
            return
        self._reader.end()
        self._waiting.clear()
        if self.leaving.has_left:
            self._out.close()
            return
        # Who still sends gets the reply only while somebody takes what he sends.
        self._lingering = True
        self._throttle()
        self._transport.write_eof()

    # Ending

    def stop(self) -> None:
        """Accept no more requests."""
        if not (self._current or self._waiting or self._reader.in_head or self._reader.rest):
            self._out.close()

    def look(self, now: float) -> None:
        """End the connection if its client stood or crept for too long; notice if it has left."""
        if self._paused and has_left(self._transport):
            self.leaving.leave()
        untaken = self._out.untaken()
        if not all([pace.is_kept(untaken, now) for pace in self._paces]):
            self._out.abandon()
        if untaken:
            self._since = now
            return
        still = now - self._since
        if self._lingering:
            if still > _LINGER_SECONDS:
                self._transport.abort()
        elif self._current is None and self._reader.in_head:
            if now - max(self._since, self._reader.since) > heads.SECONDS:
                self._reader.break_off(
                    BodyTooSlow(f"a request has to arrive within {heads.SECONDS:g} seconds")
                )
                self._turn()
        elif self._current is None and still > (_IDLE_SECONDS if self._answered else heads.SECONDS):
            self._out.close()
