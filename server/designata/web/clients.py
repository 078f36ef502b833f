"""Who asks, and how much one client may use."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, Final

from designata.errors import OverBudget, UsageError
from designata.settings import Settings

_NEVER: Final = 86_400
_REMEMBERED: Final = 10_000
_NETWORK_BITS: Final = 64
_FREE: Final = nullcontext()
Address = IPv4Address | IPv6Address


class Proxies:
    """The hosts that are believed when they say whom they ask for."""

    def __init__(self, text: str) -> None:
        try:
            self._networks = [ip_network(part.strip()) for part in text.split(",") if part.strip()]
        except ValueError as error:
            raise UsageError(f"DESIGNATA_TRUSTED_PROXIES={text}: {error}") from None
        self._key = lru_cache(maxsize=4096)(self._find)
        self._scheme = lru_cache(maxsize=4096)(self._believe)

    def client(self, environ: Mapping[str, Any]) -> str | None:
        """A name for who asks, an IPv6 network for all its hosts; None for our own side.

        Our own side is a trusted host that asks for itself: health checks, the operator.
        """
        return self._key(environ.get("REMOTE_ADDR", ""), environ.get("HTTP_X_FORWARDED_FOR", ""))

    def introduce(self, environ: dict[str, Any]) -> str | None:
        """The same, for a request whose scheme becomes the one by which its client asked."""
        if "HTTP_X_FORWARDED_PROTO" in environ:
            environ["wsgi.url_scheme"] = self.scheme(environ)
        return self.client(environ)

    def scheme(self, environ: Mapping[str, Any]) -> str:
        """How the client asked: https where a trusted host says so."""
        said: str = environ.get("HTTP_X_FORWARDED_PROTO", "")
        if not said:
            return str(environ["wsgi.url_scheme"])
        return self._scheme(environ.get("REMOTE_ADDR", ""), said, environ["wsgi.url_scheme"])

    def _believe(self, remote: str, said: str, otherwise: str) -> str:
        """The last one who said it is the host that asks, which is trusted or not."""
        address, scheme = _address(remote), said.rpartition(",")[2].strip().lower()
        trusted = address is not None and any(address in one for one in self._networks)
        return scheme if trusted and scheme in ("http", "https") else otherwise

    def _find(self, remote: str, forwarded: str) -> str | None:
        """The last host on the way that is not ours; what stands before it anybody can write."""
        for text in (remote, *reversed(forwarded.split(","))):
            address = _address(text)
            if address is None:
                return "unknown" if text.strip() else None
            if not any(address in network for network in self._networks):
                return _name(address)
        return None


def _address(text: str) -> Address | None:
    host = text.strip().removeprefix("[")
    if host.count(":") == 1 or "]" in host:
        host = host.rpartition(":")[0] if "]:" in host or "]" not in host else host
        host = host.rstrip("]")
    try:
        found = ip_address(host.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def _name(address: Address) -> str:
    if isinstance(address, IPv6Address):
        return str(IPv6Network((address, _NETWORK_BITS), strict=False))
    return str(address)


@dataclass(slots=True)
class _Account:
    """What one client has left; a `with` is a query of its own at work, known to one loop alone."""

    seconds: float
    asked: float
    running: int = 0

    def __enter__(self) -> None:
        self.running += 1

    def __exit__(self, *_: object) -> None:
        self.running -= 1


@dataclass
class Budgets:
    """Seconds of query that each client may use, refilled all the time, and how many at once."""

    seconds: float
    refill: float
    at_once: int
    _accounts: OrderedDict[str, _Account] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def load(cls, settings: Settings) -> Budgets:
        """The share of one process in the budget of the settings."""
        share = max(1, settings.web_processes)
        return cls(
            settings.client_seconds / share,
            settings.client_refill / share,
            math.ceil(settings.client_queries / share),
        )

    def asking(self, client: str | None) -> AbstractContextManager[object]:
        """One more query of a client; OverBudget where it has too many, or nothing is left."""
        return _FREE if client is None else self._open(client)

    def spending(self, client: str | None) -> AbstractContextManager[object]:
        """Work on a client's account, which pays for the time."""
        return _FREE if client is None else self._spending(client)

    def headers(self, client: str | None) -> Sequence[tuple[str, str]]:
        """What a client may know of its budget (draft-ietf-httpapi-ratelimit-headers)."""
        if client is None:
            return ()
        with self._lock:
            left = max(0, math.floor(self._account(client).seconds))
        window = self._time_for(self.seconds)
        return (
            ("RateLimit-Policy", f'"query-seconds";q={math.floor(self.seconds)};w={window}'),
            ("RateLimit", f'"query-seconds";r={left};t={self._wait(self.seconds - left)}'),
        )

    def _open(self, client: str) -> _Account:
        with self._lock:
            account = self._account(client)
            if account.running >= self.at_once:
                raise OverBudget(
                    f"{self.at_once} queries of yours are being answered; wait for one of them"
                )
            if account.seconds <= 0:
                raise OverBudget(
                    f"your queries have used up {self.seconds:g} seconds; "
                    f"{self.refill:g} come back each second",
                    self._wait(1 - account.seconds),
                )
            return account

    @contextmanager
    def _spending(self, client: str) -> Iterator[None]:
        started = time.monotonic()
        try:
            yield
        finally:
            with self._lock:
                self._account(client).seconds -= time.monotonic() - started

    def _account(self, client: str) -> _Account:
        now = time.monotonic()
        account = self._accounts.setdefault(client, _Account(self.seconds, now))
        self._accounts.move_to_end(client)
        account.seconds = min(self.seconds, account.seconds + (now - account.asked) * self.refill)
        account.asked = now
        while len(self._accounts) > _REMEMBERED:
            self._accounts.popitem(last=False)
        return account

    def _wait(self, seconds: float) -> int:
        return max(1, self._time_for(seconds))

    def _time_for(self, seconds: float) -> int:
        """In how many seconds so much has come back; where nothing does, that is far away."""
        return math.ceil(min(seconds / self.refill if self.refill else math.inf, _NEVER))
