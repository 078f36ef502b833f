"""The documents that were made when their release was: packed, in one file beside the others.

It is a file of SQLite with one row for each document. Its name says which version of this program
made it, and no other uses it.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import brotli
import pyoxigraph

from designata.store.directory import Release
from designata.web.coding import UNPACK

if TYPE_CHECKING:
    import sqlite3

CODINGS: Final = ("br", "gzip")
# Other than in their media type these are the same without named graphs.
LIKE: Final[Mapping[str, str]] = {"trig": "ttl", "nq": "nt"}
STORED: Final = ("ttl", "jsonld", "nt", "rdf")
SUFFIXES: Final = (*STORED, *LIKE)
_DECIDING: Final = (".py", ".rq", ".html", ".css", ".svg")
_MAKE: Final = """CREATE TABLE document (
    thing TEXT, suffix TEXT, release TEXT, type TEXT, pages INTEGER, etag TEXT,
    plain BLOB, br BLOB, gzip BLOB, PRIMARY KEY (thing, suffix))"""
_PUT: Final = "INSERT INTO document VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
_FIND: Final = """SELECT type, pages, etag, plain, {} FROM document
    WHERE thing = ? AND suffix = ? AND release = ?"""


class Shown(NamedTuple):
    """What the links of a document say of its thing: its class and on how many pages it is."""

    type: str
    pages: int


class Document(NamedTuple):
    """A document in one form: the validator of its content, the coding of the bytes, the bytes."""

    etag: str
    coding: str
    body: bytes


class Found(NamedTuple):
    """A document, and what its links have to know."""

    document: Document
    shown: Shown


class Entry(NamedTuple):
    """A document as it is kept: plain where it is short, else in each coding."""

    thing: str
    suffix: str
    shown: Shown
    etag: str
    plain: bytes | None
    br: bytes | None
    gzip: bytes | None


def find(release: Release, thing: str, suffix: str, liked: Sequence[str]) -> Found | None:
    """The first page of a document in the coding that is liked best.

    None where this version of the program has none; what is damaged counts as missing.
    """
    stored = LIKE.get(suffix, suffix)
    coding = liked[0] if liked else ""
    found = _row(release, thing, stored, coding or CODINGS[0])
    if found is None:
        return None
    kind, pages, etag, plain, packed = found
    try:
        content = UNPACK[coding or CODINGS[0]](packed) if plain is None else plain
        sound = etag_of(stored, content) == etag
    except (OSError, EOFError, ValueError, TypeError, zlib.error, brotli.error):
        return None
    if not sound:
        return None
    body, coding = (packed, coding) if plain is None and coding else (content, "")
    return Found(Document(etag_of(suffix, content), coding, body), Shown(kind, pages))


def put(release: Release, entries: Iterable[Entry]) -> bool:
    """Put documents beside the other files of a release; False where nothing can be written.

    Those that another version of this program made go: it makes them anew, or does without.
    """
    place = place_of(release)
    unfinished = place.with_name(f".{place.name}-{os.getpid()}")
    try:
        unfinished.unlink(missing_ok=True)
        with _opened(unfinished) as base:
            base.execute(_MAKE)
            base.executemany(_PUT, (_columns(release, one) for one in entries))
        unfinished.rename(place)
        for other in place.parent.glob(place_of(release, "*").name):
            if other != place:
                other.unlink()
    except OSError:
        return place.exists()
    return True


def place_of(release: Release, maker: str | None = None) -> Path:
    """The file for the documents of a release, as this version of the program makes them."""
    return release.path / f"documents-{maker or _maker()}.sqlite"


def etag_of(suffix: str, content: bytes) -> str:
    """The validator of a document."""
    return hashlib.sha256(suffix.encode() + b"\0" + content).hexdigest()[:32]


def _columns(release: Release, one: Entry) -> tuple[Any, ...]:
    return (one.thing, one.suffix, release.id, *one.shown, one.etag, one.plain, one.br, one.gzip)


def _row(release: Release, thing: str, suffix: str, coding: str) -> tuple[Any, ...] | None:
    try:
        with _opened(place_of(release), "?mode=ro&immutable=1") as base:
            query = base.execute(_FIND.format(coding), (thing, suffix, release.id))
            found: tuple[Any, ...] | None = query.fetchone()
            return found
    except OSError:
        return None


@contextmanager
def _opened(path: Path, options: str = "") -> Iterator[sqlite3.Connection]:
    """A file of SQLite; OSError for all that can go wrong with it."""
    try:
        import sqlite3
    except ImportError as error:
        raise OSError("this Python has no SQLite") from error
    try:
        address = path.absolute().as_uri() + options
        with closing(sqlite3.connect(address, uri=True)) as base, base:
            yield base
    except sqlite3.Error as error:
        raise OSError(str(error)) from error


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
        elif one.name.endswith(_DECIDING):
            yield one
