"""The documents that were made when their release was: packed, in one file beside the others.

It is a file of SQLite with one row for each document. Its name says which version of this program
made it, and no other uses it.
"""

from __future__ import annotations

import hashlib
import json
import os
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import brotli
import pyoxigraph

from designata.store.directory import DOCUMENTS, UNFINISHED, Release
from designata.web.coding import SMALLEST, UNPACK, encode

if TYPE_CHECKING:
    import sqlite3

CODINGS: Final = ("br", "gzip")
# Other than in their media type these are the same without named graphs.
LIKE: Final[Mapping[str, str]] = {"trig": "ttl", "nq": "nt"}
STORED: Final = ("ttl", "jsonld", "nt", "rdf")
SUFFIXES: Final = (*STORED, *LIKE)
_DECIDING: Final = (".py", ".rq", ".html", ".css", ".svg")
_MAKE: Final = """CREATE TABLE document (
    thing TEXT, suffix TEXT, type TEXT, pages INTEGER, seal BLOB, plain BLOB, br BLOB, gzip BLOB,
    PRIMARY KEY (thing, suffix))"""
_PUT: Final = "INSERT INTO document VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_FIND: Final = """SELECT type, pages, seal, plain, {} FROM document
    WHERE thing = ? AND suffix = ?"""


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
    type: str
    pages: int
    seal: bytes
    plain: bytes | None
    br: bytes | None
    gzip: bytes | None


def entry(release: Release, thing: str, suffix: str, shown: Shown, content: bytes) -> Entry:
    """A document packed."""
    seal = _seal(release, thing, suffix, shown, content)
    if len(content) < SMALLEST:
        return Entry(thing, suffix, *shown, seal, content, None, None)
    return Entry(thing, suffix, *shown, seal, None, *(encode(content, one) for one in CODINGS))


def find(release: Release, thing: str, suffix: str, liked: Sequence[str]) -> Found | None:
    """The first page of a document in the coding that is liked best.

    None where this version of the program has none; what is damaged counts as missing.
    """
    stored = LIKE.get(suffix, suffix)
    coding = liked[0] if liked else CODINGS[0]
    try:
        with _opened(place_of(release), "?mode=ro&immutable=1") as base:
            row = base.execute(_FIND.format(coding), (thing, stored)).fetchone()
        if row is None:
            return None
        kind, pages, seal, plain, packed = row
        content = UNPACK[coding](packed) if plain is None else plain
        shown = Shown(kind, pages)
        if _seal(release, thing, stored, shown, content) != seal:
            return None
    except (OSError, EOFError, ValueError, TypeError, zlib.error, brotli.error):
        return None
    is_packed = plain is None and coding in liked
    body, coding = (packed, coding) if is_packed else (content, "")
    return Found(Document(etag_of(suffix, content), coding, body), shown)


def put(release: Release, entries: Iterable[Entry]) -> None:
    """Put documents beside the other files of a release; OSError where they cannot be written.

    None is asked for before there is a file to put it in. Those that another version of this
    program made go: it makes them anew, or does without.
    """
    place = place_of(release)
    # What is left of it goes when the next release is published.
    unfinished = release.path.parent / f"{UNFINISHED}{place.name}-{os.getpid()}"
    try:
        unfinished.unlink(missing_ok=True)
        with _opened(unfinished) as base:
            base.execute("PRAGMA journal_mode = OFF")
            base.execute(_MAKE)
            done = base.executemany(_PUT, entries)
            base.execute(f"PRAGMA user_version = {done.rowcount}")
        unfinished.rename(place)
    except BaseException:
        with suppress(OSError):
            unfinished.unlink()
        raise
    for other in place.parent.glob(place_of(release, "*").name):
        if other != place:
            with suppress(OSError):
                other.unlink()


def is_whole(release: Release) -> bool:
    """Whether this version of the program has all documents of a release in stock."""
    try:
        with _opened(place_of(release), "?mode=ro&immutable=1") as base:
            ((said,),) = base.execute("PRAGMA quick_check")
            ((promised,),) = base.execute("PRAGMA user_version")
            ((found,),) = base.execute("SELECT COUNT(*) FROM document")
    except (OSError, ValueError):
        return False
    return bool(said == "ok" and 0 < promised == found)


def place_of(release: Release, by: str | None = None) -> Path:
    """The file for the documents of a release, as this version of the program makes them."""
    return release.path / DOCUMENTS.format(by or maker())


def etag_of(suffix: str, content: bytes) -> str:
    """The validator of a document."""
    return hashlib.sha256(suffix.encode() + b"\0" + content).hexdigest()[:32]


def _seal(release: Release, thing: str, suffix: str, shown: Shown, content: bytes) -> bytes:
    """A digest of all that a document is, so that no damage makes another of it."""
    about = json.dumps((release.id, thing, suffix, *shown))
    return hashlib.sha256(about.encode() + b"\0" + content).digest()


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
def maker() -> str:
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
