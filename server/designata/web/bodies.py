"""Bodies of requests, which a client may send slowly, but neither for ever nor many at once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from designata.errors import BodyTooSlow, OverBudget, QueryTooLarge, RequestRefused, StoreBusy
from designata.web import heads
from designata.web.exchange import CLIENT, Exchange

_MOST: Final = 1_000
_MOST_OF_A_CLIENT: Final = 16


class Bodies:
    """Reads so many bodies at the same time, and few of one client."""

    def __init__(self, seconds: float = heads.SECONDS) -> None:
        self._seconds = seconds
        self._reading: Counter[str | None] = Counter()

    async def read(self, exchange: Exchange, largest: int) -> bytes:
        """The whole body of a request; a refusal where it is too large, too slow or cut off."""
        refusal = QueryTooLarge(f"a request may have {largest:,} bytes")
        length = exchange.environ.get("CONTENT_LENGTH") or ""
        if length.isdecimal() and int(length) > largest:
            raise refusal
        with self._place(exchange.environ.get(CLIENT)):
            try:
                async with asyncio.timeout(self._seconds):
                    body = await exchange.body(largest)
            except TimeoutError:
                raise BodyTooSlow(
                    f"the body of a request has to arrive within {self._seconds:g} seconds"
                ) from None
        if len(body) > largest:
            raise refusal
        if length.isdecimal() and len(body) < int(length):
            raise RequestRefused("the body of the request ends too early")
        return body

    @contextmanager
    def _place(self, client: str | None) -> Iterator[None]:
        if self._reading.total() >= _MOST:
            raise StoreBusy("too many requests with a body arrive at once")
        if client is not None and self._reading[client] >= _MOST_OF_A_CLIENT:
            raise OverBudget("too many requests of yours with a body arrive at once")
        self._reading[client] += 1
        try:
            yield
        finally:
            self._reading[client] -= 1
            if not self._reading[client]:
                del self._reading[client]
