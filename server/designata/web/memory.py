"""A bounded memory: of replies, and of what was asked about single things."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Any, Final

MOST: Final = 50_000


class Memory:
    """Values by their keys, up to a sum of weights; what was not used for longest goes first."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._sum = 0
        self._lock = Lock()
        self._found: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()

    def __reduce__(self) -> tuple[type[Memory], tuple[int]]:
        """In another process it begins empty."""
        return Memory, (self._most,)

    def get(self, key: Hashable) -> Any:
        """The value under a key, or None."""
        entry = self._found.get(key)
        if entry is None:
            return None
        with self._lock:
            if key in self._found:
                self._found.move_to_end(key)
        return entry[0]

    def put(self, key: Hashable, value: Any, weight: int) -> None:
        """Keep a value of so much weight."""
        with self._lock:
            former = self._found.pop(key, None)
            self._sum += weight - (former[1] if former else 0)
            self._found[key] = (value, weight)
            while self._sum > self._most:
                _, (_, freed) = self._found.popitem(last=False)
                self._sum -= freed
