"""A bounded memory of whole replies, for one release, in one process."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

Headers = list[tuple[str, str]]

_KEPT_WHEN_UNCHANGED: Final = frozenset(
    (
        "access-control-allow-origin",
        "access-control-expose-headers",
        "cache-control",
        "content-location",
        "designata-release",
        "etag",
        "last-modified",
        "link",
        "vary",
    )
)
_OVERHEAD: Final = 1_000


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole reply: status line, header fields, body."""

    status: str
    headers: Headers
    body: bytes
    etag: str | None = None
    not_modified: Headers = field(default_factory=list)

    def remembered(self) -> Reply:
        """The same with what its 304 will need."""
        found = {name.lower(): value for name, value in self.headers}
        kept = [
            (name, value) for name, value in self.headers if name.lower() in _KEPT_WHEN_UNCHANGED
        ]
        return Reply(self.status, self.headers, self.body, found.get("etag"), kept)

    def unchanged_for(self, if_none_match: str | None) -> bool:
        """Whether the client has this already (RFC 9110, section 13.1.2)."""
        return if_none_match is not None and matches(if_none_match, self.etag)


def matches(if_none_match: str, etag: str | None) -> bool:
    """Whether a field of entity tags names this one; weak ones compare equal too."""
    if etag is None:
        return False
    if if_none_match == etag:
        return True
    tags = (tag.strip().removeprefix("W/") for tag in if_none_match.split(","))
    return any(tag in (etag, "*") for tag in tags)


class Cache:
    """Replies by their keys; the one that was not asked for longest goes first."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._lock = Lock()
        self._found: OrderedDict[Hashable, tuple[Reply, int]] = OrderedDict()

    @property
    def largest(self) -> int:
        """The most bytes that one reply may have here."""
        return self._limit // 8

    def get(self, key: Hashable) -> Reply | None:
        """The reply under a key, or None."""
        entry = self._found.get(key)
        if entry is None:
            return None
        with self._lock:
            if key in self._found:
                self._found.move_to_end(key)
        return entry[0]

    def put(self, key: Hashable, reply: Reply, extra: int = 0) -> None:
        """Keep a reply unless it is too large; `extra` is the size of its key."""
        size = len(reply.body) + extra + _OVERHEAD
        if size > self.largest:
            return
        with self._lock:
            former = self._found.pop(key, None)
            self._size += size - (former[1] if former else 0)
            self._found[key] = (reply, size)
            while self._size > self._limit:
                _, (_, freed) = self._found.popitem(last=False)
                self._size -= freed
