"""Content codings (RFC 9110, section 12.5.3): which a client takes, and replies in them."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final

import brotli

from designata.web.cache import Headers, Reply

SMALLEST: Final = 1_000
_QUICK_LEVEL: Final = 1
_LEVEL: Final = 6
_QUALITY: Final = 5
_MEMBER: Final = re.compile(r"\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*(?:;\s*q\s*=\s*([0-9.]+)\s*)?")
_TEXTS: Final = re.compile(
    r"text/|application/(?:[\w.-]+\+)?(?:json|xml)|application/[nt]-|.*/trig|.*svg"
)
_PACK: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "br": lambda content: brotli.compress(content, quality=_QUALITY),
    "gzip": lambda content: gzip.compress(content, _LEVEL, mtime=0),
}
UNPACK: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "br": brotli.decompress,
    "gzip": gzip.decompress,
}


@lru_cache(maxsize=256)
def liked(accept_encoding: str | None) -> tuple[str, ...]:
    """The codings that a client likes at least as much as the plain bytes, best first."""
    quality: dict[str, float] = {}
    for member in (accept_encoding or "").split(","):
        found = _MEMBER.fullmatch(member)
        if found:
            quality[found[1].lower().removeprefix("x-")] = _number(found[2])
    wild = quality.get("*", 0.0)
    plain = quality.get("identity", wild)
    wanted = {name: quality.get(name, wild) for name in _PACK}
    usable = [name for name in _PACK if 0 < wanted[name] >= plain]
    return tuple(sorted(usable, key=lambda name: -wanted[name]))


def takes_gzip(accept_encoding: str | None) -> bool:
    """Whether a client prefers gzip to the plain bytes, or likes it as much."""
    return "gzip" in liked(accept_encoding)


def pack(content: bytes) -> bytes:
    """The content as gzip, quickly, and the same each time."""
    return gzip.compress(content, _QUICK_LEVEL, mtime=0)


def encode(content: bytes, coding: str) -> bytes:
    """The content in a coding, the same each time."""
    return _PACK[coding](content)


def packed(reply: Reply, accept_encoding: str | None) -> Reply:
    """The reply in the coding that the client likes best, as a variant with its own validator."""
    found = {name.lower(): value for name, value in reply.headers}
    body = reply.body
    if (
        reply.status != 200
        or not isinstance(body, bytes)
        or len(body) < SMALLEST
        or "content-encoding" in found
        or not _TEXTS.match(found.get("content-type", ""))
    ):
        return reply
    found["vary"] = _with_member(found.get("vary", ""), "Accept-Encoding")
    codings = liked(accept_encoding)
    if not codings:
        return Reply(reply.status, _merged(reply.headers, found), body, reply.shared)
    coding = codings[0]
    content = encode(body, coding)
    found |= {"content-encoding": coding, "content-length": str(len(content))}
    if "etag" in found:
        found["etag"] = f'{found["etag"][:-1]}-{coding}"'
    return Reply(reply.status, _merged(reply.headers, found), content, reply.shared)


def _merged(headers: Headers, changed: Mapping[str, str]) -> Headers:
    """The header with new values, and with what is new at its end; a repeated field stays so."""
    single = {"vary", "etag", "content-length", "content-encoding"}
    kept = [(name, value) for name, value in headers if name.lower() not in single]
    return kept + [(name.title(), value) for name, value in changed.items() if name in single]


def _with_member(field: str, member: str) -> str:
    members = [one.strip() for one in field.split(",") if one.strip()]
    return ", ".join(members if member.lower() in map(str.lower, members) else [*members, member])


def _number(text: str | None) -> float:
    try:
        return min(float(text), 1.0) if text else 1.0
    except ValueError:
        return 0.0
