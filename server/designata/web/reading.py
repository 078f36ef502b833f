"""What comes on a connection is made into requests; llhttp reads it, by way of httptools.

It is given to llhttp in pieces that end where a request may end, so that the same bytes mean the
same however they are cut on their way, and nobody looks at a request before there is room for it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Final

import httptools

from designata.errors import DesignataError, RequestRefused
from designata.web import heads
from designata.web.exchange import Environ
from designata.web.request import Client, Request

_TURN_BYTES: Final = 65_536
_TURN_PIECES: Final = 256
_FRAMING_BYTES: Final = 65_536
_END: Final = b"\r\n\r\n"
_EMPTY_LINES: Final = re.compile(rb"[\r\n]*")
_LINE: Final = re.compile(rb"[^ ]+ [^ ].* HTTP/\d\.\d\r?\n", re.DOTALL)
_METHOD: Final = re.compile(rb"([!#$%&'*+.^_`|~\w-]{1,32})( )?")
# The methods that llhttp shall see: those that are answered, and one with an address of its own.
_KNOWN: Final = (b"GET", b"POST", b"HEAD", b"OPTIONS", b"QUERY", b"CONNECT")
_USUAL: Final = re.compile(rb"(?:%b) [^ \r\n]+ HTTP/1\.[01]\r\n" % b"|".join(_KNOWN))
_SIMPLE: Final = re.compile(rb"(GET|HEAD) (/[!-~]{0,8191}) HTTP/1\.1\r\n")
_SHORT_BYTES: Final = 8_192
_LINE_ENDS: Final = b"\r\n"
_STAND_IN: Final = b"PURGE"
_HIGH: Final = re.compile(rb"[\x80-\xff]+")


class Reader:
    """Makes requests of what a client sends, and tells of each when its head is there."""

    def __init__(self, client: Client, common: Environ, begun: Callable[[Request], None]) -> None:
        # Over: what comes is not looked at any more. Rest: what has come and has not been read.
        self.over = self.in_head = False
        self.since = 0.0
        self.arriving: Request | None = None
        self._client, self._common, self._begun = client, common, begun
        self._clock = asyncio.get_running_loop().time
        self._parser = httptools.HttpRequestParser(self)
        self.rest = self._word = self._tail = b""
        self._in_line = False
        self._fed = 0
        # What stood after the address in the last head that was like most, and what it came to.
        self._said = b""
        self._plain: Environ | None = None
        self._model: Environ = {}

    def take(self, data: bytes) -> None:
        """Keep what has come until it is read."""
        if not self.over:
            self.rest += data

    def read(self, room: Callable[[], bool]) -> bool:
        """Read for a moment, as long as there is room; whether anything has been read."""
        data, at = self.rest, 0
        stop = len(data) if len(data) < _TURN_BYTES else _TURN_BYTES
        try:
            for _ in range(_TURN_PIECES):
                if at >= stop or self.over or not room():
                    break
                at = self._read_piece(data, at, stop)
        except httptools.HttpParserError as error:
            self.break_off(RequestRefused(f"the request is not well-formed: {error}"))
        except DesignataError as error:
            self.break_off(error)
        self.rest = b"" if self.over else data[at:]
        return bool(data) and (at > 0 or self.over)

    def end(self) -> None:
        """Look at nothing any more."""
        self.over = True
        self.in_head = False
        self.arriving = None
        self.rest = b""

    def break_off(self, error: DesignataError) -> None:
        """Nothing that comes from here on can be read; what has begun is refused."""
        if self.in_head:
            environ = {**self._common, "REQUEST_METHOD": self._method or "-"}
            self._refuse(Request(self._client, environ, keep=False), error)
        elif self.arriving:
            self.arriving.refusal = error
        self.end()

    def _refuse(self, request: Request, error: DesignataError) -> None:
        request.refusal = error
        self._begun(request)
        self.end()

    # Pieces

    def _read_piece(self, data: bytes, at: int, stop: int) -> int:
        """Read to where the request, or its head, may end, or up to `stop`; where that was."""
        if not (self.in_head or self.arriving):
            if data[at] in _LINE_ENDS:
                at = _EMPTY_LINES.match(data, at, stop).end()  # type: ignore[union-attr]
                if at == stop:
                    return stop
            self._begin()
            end = data.find(_END, at, stop) + len(_END)
            if end >= len(_END):
                simple = _SIMPLE.match(data, at, end)
                said = data[simple.end() : end] if simple else b""
                if simple and said == self._said:
                    self._repeat(simple[1].decode(), simple[2])
                    return end
                if _USUAL.match(data, at) and data[at:end].isascii():
                    return self._read_head(data, at, end, said)
        if self._in_line:
            return self._read_line(data, at, stop)
        end = min(stop, self._end(data, at))
        self._feed(data[at:end])
        return end

    def _begin(self) -> None:
        self.in_head = self._in_line = True
        self.since = self._clock()
        self._fed = 0
        self._method, self._word, self._target = "", b"", b""
        self._line = bytearray()
        self._fields: list[tuple[bytes, bytes]] = []

    def _end(self, data: bytes, at: int) -> int:
        """Where a head, or a body, may end at the earliest."""
        length = self.arriving.length if self.arriving else None
        if self.arriving and length is not None:
            return at + length - len(self.arriving.content)
        for known in (3, 2, 1):
            if self._tail.endswith(_END[:known]) and data.startswith(_END[known:], at):
                return at + len(_END) - known
        found = data.find(_END, at)
        return found + len(_END) if found >= 0 else len(data)

    def _read_head(self, data: bytes, at: int, end: int, said: bytes) -> int:
        """Nearly every head: it has come as a whole, and llhttp takes it as it is."""
        self._in_line = False
        self._method = data[at : data.index(b" ", at)].decode()
        self._plain = None
        self._feed(data[at:end])
        if said and self._plain and len(said) < _SHORT_BYTES:
            self._said, self._model = said, self._plain.copy()
        return end

    def _repeat(self, method: str, target: bytes) -> None:
        """A head that says the same as the one before, but for method and address."""
        self._in_line = False
        self._tail = _END[1:]
        environ = self._model.copy()
        heads.direct(environ, method, target)
        request = Request(self._client, environ, keep=True)
        request.whole = True
        self.in_head = False
        self._begun(request)

    def _read_line(self, data: bytes, at: int, stop: int) -> int:
        """The first line as llhttp takes it: a method that it knows, letters in ASCII."""
        end = data.find(b"\n", at, stop) + 1 or stop
        piece = self._word + data[at:end]
        if not self._method:
            found = _METHOD.match(piece)
            if not found or not (found[2] or found[0] == piece):
                raise RequestRefused("the request is not well-formed: it begins with no method")
            if not found[2]:
                self._word = piece
                return end
            self._word = b""
            self._method = found[1].decode()
            known = found[1] if found[1] in _KNOWN else _STAND_IN
            piece = known + piece[found.end(1) :]
        if not piece.isascii():
            piece = _HIGH.sub(lambda high: f"%{high[0].hex('%').upper()}".encode(), piece)
        self._line += piece
        self._in_line = not piece.endswith(b"\n")
        self._feed(piece)
        # llhttp lets more blanks pass, and other protocols.
        if not self._in_line and not _LINE.fullmatch(self._line):
            raise RequestRefused("a request begins with method, address and version of HTTP")
        return end

    def _feed(self, piece: bytes) -> None:
        self._fed += len(piece)
        self._tail = (self._tail + piece)[-3:] if len(piece) < 3 else piece[-3:]
        try:
            self._parser.feed_data(piece)
        except httptools.HttpParserUpgrade:
            # No other protocol is spoken here: the wish for one is not heard, and what follows is
            # the body, if the head has promised one, and other requests.
            self._parser = httptools.HttpRequestParser(self)
            if self.arriving:
                self._parser.feed_data(b"POST / HTTP/1.1\r\n%b\r\n" % self.arriving.framing)
        if self.in_head and self._fed > heads.MOST_BYTES:
            raise heads.address_too_long() if self._in_line else heads.fields_too_long()
        if self.arriving and self._fed > _FRAMING_BYTES + 8 * len(self.arriving.content):
            raise RequestRefused("the body of the request says too little in too many bytes")

    # What the parser says

    def on_url(self, target: bytes) -> None:
        """A part of the address."""
        if self.in_head:
            self._target += target

    def on_header(self, name: bytes, value: bytes) -> None:
        """A field; those after the body are left out."""
        if self.in_head:
            self._fields.append((name, value))

    def on_headers_complete(self) -> None:
        """The head of a request is there."""
        if not self.in_head:
            return
        parser = self._parser
        environ = self._common.copy()
        request = Request(self._client, environ, keep=parser.should_keep_alive())
        too_long = heads.too_long(self._fed, self._target, self._fields)
        fields = () if too_long else self._fields
        heads.fill(environ, self._method, self._target, parser.get_http_version(), fields)
        wrong = too_long or heads.wrong_with(environ)
        if wrong:
            self._refuse(request, wrong)
            return
        self.in_head = False
        self._fed = 0
        self.arriving = request
        self._begun(request)

    def on_body(self, piece: bytes) -> None:
        """A part of the body."""
        if self.arriving:
            self.arriving.content += piece

    def on_message_complete(self) -> None:
        """A request is there as a whole."""
        request = self.arriving
        if request and not (self._parser.should_upgrade() and request.framing):
            request.whole = True
            self.arriving = None
            self.over = self.over or not request.keep
            if request.keep and not request.framing and not self._parser.should_upgrade():
                self._plain = request.environ
