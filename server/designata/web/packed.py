"""The bytes of a release's file in the coding that a client takes, packed when it was built."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import brotli
from werkzeug.datastructures import Accept

_READ: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "br": brotli.decompress,
    "gzip": gzip.decompress,
}
_ENDS: Final = {"br": ".br", "gzip": ".gz"}
_DAMAGED: Final = (OSError, EOFError, zlib.error, brotli.error)


@dataclass(frozen=True, slots=True)
class Representation:
    """The bytes of a file as one request gets them, and their digest."""

    body: bytes
    digest: bytes
    media_type: str
    encoding: str | None = None
    attachment: str | None = None

    @property
    def etag(self) -> str:
        """The strong validator of these bytes."""
        return self.digest.hex()[:32] + (f"-{self.encoding}" if self.encoding else "")


def represent(path: Path, media_type: str, encodings: Iterable[str]) -> Representation:
    """The file in the first of the codings that can be had, else as it is."""
    for encoding in encodings:
        body, digest = _packed(path, encoding)
        if body:
            return Representation(body, digest, media_type, encoding)
    body, digest = _plain(path)
    return Representation(body, digest, media_type)


def archive(path: Path) -> Representation:
    """The file as a gzip file of its own."""
    body, digest = _packed(path, "gzip")
    return Representation(body, digest, "application/gzip", attachment=f"{path.name}.gz")


def preferred(accepted: Accept) -> list[str]:
    """The codings that a client likes at least as much as the bytes as they are, best first."""
    liked = {name: accepted[name] for name in _ENDS}
    found = [name for name in liked if 0 < liked[name] >= accepted["identity"]]
    return sorted(found, key=lambda name: -liked[name])


def named_by(etag: str | None) -> list[str]:
    """The coding of the representation that a strong validator names, if any."""
    end = (etag or "").strip('"').rpartition("-")[2]
    return [end] if end in _ENDS and not (etag or "").startswith("W/") else []


@lru_cache(maxsize=32)
def _plain(path: Path) -> tuple[bytes, bytes]:
    body = path.read_bytes()
    return body, hashlib.sha256(body).digest()


@lru_cache(maxsize=64)
def _packed(path: Path, encoding: str) -> tuple[bytes, bytes]:
    """What was packed when the release was built, if it is undamaged; else gzip, packed now."""
    content, digest = _plain(path)
    try:
        body = path.with_name(path.name + _ENDS[encoding]).read_bytes()
        if hashlib.sha256(_READ[encoding](body)).digest() == digest:
            return body, hashlib.sha256(body).digest()
    except _DAMAGED:
        pass
    if encoding != "gzip":
        return b"", b""
    body = gzip.compress(content, mtime=0)
    return body, hashlib.sha256(body).digest()
