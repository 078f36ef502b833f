"""Bodies of requests, which a client may send slowly, but not so many at the same time."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from designata.errors import OverBudget, QueryTooLarge, RequestRefused, StoreBusy

MOST: Final = 64
_MOST_OF_A_CLIENT: Final = 8


class Bodies:
    """Reads so many bodies at the same time, and few of one client."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reading: Counter[str | None] = Counter()

    def read(self, environ: dict[str, Any], largest: int, client: str | None) -> bytes:
        """The whole body of a request; a refusal where it is too large or cut off."""
        refusal = QueryTooLarge(f"a request may have {largest:,} bytes")
        length = environ.get("CONTENT_LENGTH") or ""
        wanted = int(length) if length.isdecimal() else largest + 1
        if length.isdecimal() and wanted > largest:
            raise refusal
        with self._place(client):
            try:
                body: bytes = environ["wsgi.input"].read(wanted)
            except OSError:
                body = b""
        if len(body) > largest:
            raise refusal
        if length.isdecimal() and len(body) < wanted:
            raise RequestRefused("the body of the request ends too early")
        return body

    @contextmanager
    def _place(self, client: str | None) -> Iterator[None]:
        with self._lock:
            if self._reading.total() >= MOST:
                raise StoreBusy("too many requests with a body arrive at once")
            if client is not None and self._reading[client] >= _MOST_OF_A_CLIENT:
                raise OverBudget("too many requests of yours with a body arrive at once")
            self._reading[client] += 1
        try:
            yield
        finally:
            with self._lock:
                self._reading[client] -= 1
                if not self._reading[client]:
                    del self._reading[client]
