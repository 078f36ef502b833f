"""Which content codings a client takes (RFC 9110, section 12.5.3), and the one made here."""

from __future__ import annotations

import gzip
import re
from functools import lru_cache
from typing import Final

SMALLEST: Final = 1_000
_LEVEL: Final = 1
_MEMBER: Final = re.compile(r"\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*(?:;\s*q\s*=\s*([0-9.]+)\s*)?")


@lru_cache(maxsize=256)
def takes_gzip(accept_encoding: str | None) -> bool:
    """Whether a client prefers gzip to the plain bytes, or likes it as much."""
    if not accept_encoding:
        return False
    quality: dict[str, float] = {}
    for member in accept_encoding.split(","):
        found = _MEMBER.fullmatch(member)
        if found:
            quality[found[1].lower()] = _number(found[2])
    wild = quality.get("*", 0.0)
    wanted = quality.get("gzip", quality.get("x-gzip", wild))
    return wanted > 0 and wanted >= quality.get("identity", 0.0)


def pack(content: bytes) -> bytes:
    """The content as gzip, quickly, and the same each time."""
    return gzip.compress(content, _LEVEL, mtime=0)


def _number(text: str | None) -> float:
    try:
        return min(float(text), 1.0) if text else 1.0
    except ValueError:
        return 0.0
