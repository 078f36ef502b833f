"""What the requests of a process are answered from, and how it goes over to something newer.

It looks at the link to what is served now, and holds the lock of what it still answers from.
"""

from __future__ import annotations

import fcntl
import os
import pickle
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from designata.web.cache import Cache, Fields
from designata.web.guardrails import HEADERS
from designata.web.layout import CONTENT, CURRENT, LOCK, shared_turn
from designata.web.served import Served

_VARY: Final = ("Vary", "Accept, Accept-Encoding")
_LOOK_SECONDS: Final = 0.2


@dataclass(eq=False, slots=True)
class Serving:
    """One thing that is served, the replies remembered of it, and how many requests use it."""

    served: Served
    cache: Cache
    name: str = ""
    lock: int | None = None
    users: int = 0
    release_header: tuple[str, str] = field(init=False)
    common_headers: Fields = field(init=False)

    def __post_init__(self) -> None:
        self.release_header = ("Designata-Release", self.served.identity)
        common = [*HEADERS.items(), self.release_header, _VARY]
        if self.served.derivation:
            common.append(("Link", self.served.derivation))
        self.common_headers = tuple(common)

    def close(self) -> None:
        """Let the main process end what answers this."""
        if self.lock is not None:
            os.close(self.lock)
            self.lock = None


class Source(Protocol):
    """Where a request finds what it is answered from, the same from its beginning to its end."""

    def now(self) -> Serving:
        """What is served at this moment, for whoever needs nothing but what is in memory."""

    def acquire(self) -> Serving:
        """What is served now; to be released when the request is over."""

    def release(self, serving: Serving) -> None:
        """The request is over."""


class Fixed:
    """A source that never changes."""

    def __init__(self, served: Served) -> None:
        self._serving = Serving(served, Cache(served.settings.cache_bytes))

    def now(self) -> Serving:
        """What is served."""
        return self._serving

    acquire = now

    def release(self, serving: Serving) -> None:
        """Nothing is to be done."""


class Following:
    """A source that goes over to what the link names, between two requests."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._link = str(root / CURRENT)
        self._turns = shared_turn(root)
        self._lock = threading.Lock()
        self._turn = self._turns[0]
        self._told: Callable[[Serving], object] = id
        self._serving = self._open()
        threading.Thread(target=self._look, name="current", daemon=True).start()

    @property
    def served(self) -> Served:
        """What is served."""
        return self._serving.served

    def tell(self, told: Callable[[Serving], object]) -> None:
        """Have something told, without delay, of what is served and of all that comes after it."""
        with self._lock:
            self._told = told
            told(self._serving)

    def now(self) -> Serving:
        """What is served now."""
        if self._turns[0] == self._turn:
            return self._serving
        with self._lock:
            return self._follow()

    def acquire(self) -> Serving:
        """What is served now."""
        with self._lock:
            serving = self._follow()
            serving.users += 1
            return serving

    def release(self, serving: Serving) -> None:
        """The last request that used a former thing lets it go."""
        with self._lock:
            serving.users -= 1
            if not serving.users and serving is not self._serving:
                serving.close()

    def _follow(self) -> Serving:
        turn = self._turns[0]
        if turn != self._turn:
            former, self._serving = self._serving, self._open()
            self._turn = turn
            self._told(self._serving)
            if not former.users:
                former.close()
        return self._serving

    def _open(self) -> Serving:
        """Lock first, then look again: what is locked while it is current stays alive."""
        while True:
            name = os.readlink(self._link)
            try:
                lock = os.open(self._root / name / LOCK, os.O_RDONLY)
            except FileNotFoundError:
                continue
            fcntl.flock(lock, fcntl.LOCK_SH)
            if os.readlink(self._link) == name:
                served = pickle.loads((self._root / name / CONTENT).read_bytes())  # noqa: S301
                return Serving(served, Cache(served.settings.cache_bytes), name, lock)
            os.close(lock)

    def _look(self) -> None:
        """A process without requests lets go, too."""
        while True:
            time.sleep(_LOOK_SECONDS)
            self.release(self.acquire())
