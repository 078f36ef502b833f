"""Whole replies, and a bounded memory of them, for one release, in one process."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import Final, NamedTuple

from designata.web.memory import Memory

Headers = list[tuple[str, str]]
Fields = tuple[tuple[str, str], ...]

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
_WITHOUT_BODY: Final = (204, 304)
_LENGTH: Final = frozenset(("Content-Length", "content-length"))
_PHRASES: Final = {status.value: status.phrase for status in HTTPStatus}
_OVERHEAD: Final = 2_000


class Stretch(NamedTuple):
    """Bytes of a file, from the first to before the last."""

    path: Path
    start: int
    stop: int


@dataclass(frozen=True, eq=False)
class Reply:
    """A whole reply: status, header fields, those that many replies share, and the body.

    The body is bytes, or a stretch of a file that is read when it is sent. A file that was made for
    this reply goes when its keeper does.
    """

    status: int
    headers: Headers
    body: bytes | Stretch = b""
    shared: Fields = ()
    keeper: object = None
    known_head: bytes | None = field(default=None, init=False, repr=False)

    @property
    def size(self) -> int:
        """How many bytes the body has."""
        body = self.body
        return body.stop - body.start if isinstance(body, Stretch) else len(body)

    @cached_property
    def etag(self) -> str | None:
        """The entity tag, or None."""
        return self._value("etag")

    @property
    def last_modified(self) -> str | None:
        """Since when it is as it is, or None."""
        return self._value("last-modified")

    def _value(self, field: str) -> str | None:
        return next((value for name, value in self.headers if name.lower() == field), None)

    @cached_property
    def all_headers(self) -> Headers:
        """The whole header."""
        return [*self.headers, *self.shared]

    @property
    def head(self) -> bytes:
        """The status line and the fields as HTTP/1.1 has them, before the empty line.

        ValueError where a field would begin another.
        """
        found = self.known_head
        if found is None:
            text = _written(self._sized_headers) + _written_once(self.shared)
            found = f"HTTP/1.1 {status_line(self.status)}\r\n{text}".encode("latin-1")
            object.__setattr__(self, "known_head", found)
        return found

    @property
    def _sized_headers(self) -> Headers:
        """The fields that are its own, with its length."""
        fields = self.headers
        if self.status in _WITHOUT_BODY or any(name in _LENGTH for name, _ in fields):
            return fields
        return [*fields, ("Content-Length", str(self.size))]

    @cached_property
    def unchanged(self) -> Reply:
        """What a client gets in the place of this that has it already."""
        return Reply(
            304, [one for one in self.all_headers if one[0].lower() in _KEPT_WHEN_UNCHANGED]
        )

    @cached_property
    def bare(self) -> Reply:
        """The header alone."""
        return Reply(self.status, self._sized_headers, shared=self.shared)

    def unchanged_for(self, if_none_match: str) -> bool:
        """Whether the client has this already (RFC 9110, section 13.1.2)."""
        return self.status == 200 and matches(if_none_match, self.etag)


def _written(fields: Iterable[tuple[str, str]]) -> str:
    """Fields as HTTP/1.1 has them; ValueError where one would begin another."""
    lines = [f"{name}: {value}\r\n" for name, value in fields]
    text = "".join(lines)
    if "\0" in text or text.count("\r") != len(lines) or text.count("\n") != len(lines):
        raise ValueError(f"one of these is not a field: {fields!r}")
    return text


@lru_cache(maxsize=16)
def _written_once(fields: Fields) -> str:
    return _written(fields)


def status_line(status: int) -> str:
    """A status with its phrase."""
    return f"{status} {_PHRASES.get(status, 'Unknown')}"


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
        self._memory = Memory(limit)

    @property
    def largest(self) -> int:
        """The most bytes that one reply may have here."""
        return self._limit // 8

    def get(self, key: Hashable) -> Reply | None:
        """The reply under a key, or None."""
        found: Reply | None = self._memory.get(key)
        return found

    def put(self, key: Hashable, reply: Reply, extra: int = 0) -> None:
        """Keep a reply unless it is too large; `extra` is the size of its key.

        A file counts as well, but for those of a release, which are there anyway.
        """
        own = isinstance(reply.body, bytes) or reply.keeper is not None
        size = (reply.size if own else 0) + extra + _OVERHEAD
        if size <= self.largest:
            self._memory.put(key, reply, size)
