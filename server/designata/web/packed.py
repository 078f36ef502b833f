"""The bytes of a release's file in the coding that a client takes, packed when it was built."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Final

import brotli
import zstandard

from designata.store.directory import ARCHIVES
from designata.web.cache import Stretch

_PIECE: Final = 1_048_576
_ENDS: Final = {"br": ".br", "gzip": ".gz"}
_DAMAGED: Final = (OSError, EOFError, zlib.error, brotli.error, zstandard.ZstdError)


@dataclass(frozen=True, slots=True)
class Representation:
    """The bytes of a file as one request gets them, and their digest."""

    content: Stretch | bytes
    digest: bytes
    media_type: str
    encoding: str | None = None
    attachment: str | None = None

    @property
    def etag(self) -> str:
        """The strong validator of these bytes."""
        return self.digest.hex()[:32] + (f"-{self.encoding}" if self.encoding else "")

    @property
    def length(self) -> int:
        """How many bytes there are."""
        content = self.content
        return content.stop if isinstance(content, Stretch) else len(content)

    def part(self, part: range) -> Stretch | bytes:
        """Some of the bytes."""
        content = self.content
        if isinstance(content, Stretch):
            return Stretch(content.path, part.start, part.stop)
        return content[part.start : part.stop]


def represent(path: Path, media_type: str, encodings: Iterable[str]) -> Representation:
    """The file in the first of the codings that can be had, else as it is."""
    for encoding in encodings:
        packed = _packed(path, _ENDS[encoding])
        if packed:
            return Representation(*packed, media_type, encoding)
    return Representation(*_whole(path), media_type)


def archive(path: Path, end: str) -> Representation:
    """The file packed as a file of its own, whose name ends with one of ARCHIVES."""
    packed = _packed(path, end)
    assert packed is not None
    return Representation(*packed, ARCHIVES[end], attachment=path.name + end)


def named_by(etag: str | None) -> list[str]:
    """The coding of the representation that a strong validator names, if any."""
    end = (etag or "").strip('"').rpartition("-")[2]
    return [end] if end in _ENDS and not (etag or "").startswith("W/") else []


@lru_cache(maxsize=256)
def _whole(path: Path) -> tuple[Stretch, bytes]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").digest()
        return Stretch(path, 0, file.tell()), digest


@lru_cache(maxsize=256)
def _packed(path: Path, end: str) -> tuple[Stretch | bytes, bytes] | None:
    """What was packed when the release was built, if it is undamaged; else packed now, if quick."""
    packed = path.with_name(path.name + end)
    unpacked = hashlib.sha256()
    try:
        for piece in _UNPACK[end](packed):
            unpacked.update(piece)
        if unpacked.digest() == _whole(path)[1]:
            return _whole(packed)
    except _DAMAGED:
        pass
    if end not in _PACK:
        return None
    content = _PACK[end](path.read_bytes())
    return content, hashlib.sha256(content).digest()


def _gunzip(path: Path) -> Iterator[bytes]:
    with gzip.open(path) as file:
        while piece := file.read(_PIECE):
            yield piece


def _unbrotli(path: Path) -> Iterator[bytes]:
    reader = brotli.Decompressor()
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield reader.process(piece)
    if not reader.is_finished():
        raise EOFError


def _unzstd(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file) as reader:
        while piece := reader.read(_PIECE):
            yield piece


_UNPACK: Final[Mapping[str, Callable[[Path], Iterator[bytes]]]] = {
    ".br": _unbrotli,
    ".gz": _gunzip,
    ".zst": _unzstd,
}
_PACK: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    ".gz": partial(gzip.compress, mtime=0),
    ".zst": zstandard.compress,
}
