"""The RDF documents that were made when their release was: packed, in one file beside the others.

The first line of the file is an index; what it counts begins after that. The name of the file says
which version of this program made it, and no other uses it.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final, NamedTuple

import brotli
import pyoxigraph

from designata.store.directory import Release
from designata.web.coding import UNPACK

CODINGS: Final = ("br", "gzip")
# Other than in their media type these are the same without named graphs.
LIKE: Final[Mapping[str, str]] = {"trig": "ttl", "nq": "nt"}
SUFFIXES: Final = ("ttl", "jsonld", "nt", "rdf", *LIKE)
_WRONG: Final = (OSError, EOFError, ValueError, LookupError, TypeError)
_DAMAGED: Final = (*_WRONG, zlib.error, brotli.error)


class Document(NamedTuple):
    """A document in one form: the validator of its content, the coding of the bytes, the bytes."""

    etag: str
    coding: str
    body: bytes


class Shown(NamedTuple):
    """What the links of a document say of its thing: its class and on how many pages it is."""

    type: str
    pages: int


@dataclass(frozen=True, slots=True)
class Stock:
    """All that one file holds."""

    path: Path
    begin: int
    things: Mapping[str, Any]

    def shown(self, thing: str) -> Shown:
        """What the links say."""
        return Shown(*self.things[thing]["shown"])

    def find(self, thing: str, suffix: str, liked: Sequence[str]) -> Document | None:
        """The first page of a document in the coding that is liked best, or None.

        What is damaged counts as missing.
        """
        try:
            etag, *bounds = self.things[thing][suffix]
            places = dict(zip(CODINGS if len(bounds) > 1 else ("",), bounds, strict=True))
            coding = next((one for one in liked if one in places), "")
            stored = coding if coding in places else CODINGS[0]
            body = self._read(*places[stored])
            content = UNPACK[stored](body) if stored else body
        except _DAMAGED:
            return None
        if etag_of(suffix, content) != etag:
            return None
        return Document(etag, coding, body if coding else content)

    def _read(self, start: int, stop: int) -> bytes:
        with self.path.open("rb") as file:
            file.seek(self.begin + start)
            return file.read(stop - start)


def stock_of(release: Release) -> Stock | None:
    """What this version of the program has in stock for a release, or None."""
    path = place_of(release)
    return _open(path, release.id) if path.exists() else None


def place_of(release: Release, maker: str | None = None) -> Path:
    """The file for the documents of a release, as this version of the program makes them."""
    return release.path / f"documents-{maker or _maker()}.pack"


def etag_of(suffix: str, content: bytes) -> str:
    """The validator of a document."""
    return hashlib.sha256(suffix.encode() + b"\0" + content).hexdigest()[:32]


@lru_cache(maxsize=4)
def _open(path: Path, release_id: str) -> Stock | None:
    try:
        with path.open("rb") as file:
            index = json.loads(file.readline())
            stock = Stock(path, file.tell(), index["things"])
            return stock if index["release"] == release_id else None
    except _DAMAGED:
        return None


@cache
def _maker() -> str:
    """A digest of all that decides what is in the documents: this program and its engine."""
    digest = hashlib.sha256(pyoxigraph.__version__.encode())
    for file in _files(resources.files("designata")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def _files(folder: Traversable) -> Iterator[Traversable]:
    for one in sorted(folder.iterdir(), key=lambda one: one.name):
        if one.is_dir():
            yield from _files(one)
        elif one.name.endswith((".py", ".rq")):
            yield one
