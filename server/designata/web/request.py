"""A request as it comes on a connection: an exchange whose body may still be on its way."""

from __future__ import annotations

from typing import Protocol

from designata.errors import DesignataError
from designata.web.exchange import Environ, Leaving


class Client(Protocol):
    """Who sends a request, as the request has to know it."""

    leaving: Leaving

    async def more(self) -> None:
        """Wait until something has come or gone."""

    def call_for_body(self) -> None:
        """Tell it that its body is welcome."""


class Request:
    """A request whose head is there; its body comes, or does not."""

    def __init__(self, client: Client, environ: Environ, *, keep: bool) -> None:
        self.environ = environ
        self.keep = keep
        self.whole = self.wanted = False
        self.refusal: DesignataError | None = None
        self.content = bytearray()
        # The end of what the client sends is taken for its leaving.
        self.leaving = client.leaving
        self._client = client

    @property
    def length(self) -> int | None:
        """How many bytes the body has by its head; None where it says so itself, in chunks."""
        if "HTTP_TRANSFER_ENCODING" in self.environ:
            return None
        return int(self.environ.get("CONTENT_LENGTH") or 0)

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
        try:
            if not self.whole and self._waits_to_be_called():
                self._client.call_for_body()
            while not (self.whole or self.refusal) and len(self.content) <= most:
                await self._client.more()
        finally:
            self.wanted = False
        if self.refusal:
            raise self.refusal
        return bytes(self.content)

    def _waits_to_be_called(self) -> bool:
        expected: str = self.environ.get("HTTP_EXPECT", "")
        old = self.environ["SERVER_PROTOCOL"] == "HTTP/1.0"
        return expected.lower() == "100-continue" and not old
