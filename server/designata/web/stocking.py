"""Making the RDF documents of a release, once for all who ask."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Final
from urllib.parse import unquote

from flask import current_app

from designata.settings import Settings
from designata.store.directory import DATASET, Release
from designata.store.inside import Inside
from designata.vocabulary import BASE
from designata.web import tombstones
from designata.web.app import make_app
from designata.web.coding import SMALLEST, encode
from designata.web.description import describe
from designata.web.links import local, things_of
from designata.web.made import as_made, for_stock
from designata.web.memory import Memory
from designata.web.rdf import in_order, write_sorted
from designata.web.sayings import remember_all
from designata.web.served import Served
from designata.web.serving import served
from designata.web.signposts import shown
from designata.web.stock import STORED, Entry, Shown, etag_of

# Enough for all that is asked about the largest release that has its documents made.
_MEMORY: Final = 1_000_000
# So many triples in a document make a page that takes much longer than most.
_LONG: Final = 500


def documents(release: Release, settings: Settings, part: int, parts: int) -> list[Entry]:
    """One of so many parts of the documents of a release, by the number of the part, from 0.

    Of the pages only those that take long to make: the home page and the longest.
    """
    pool = Inside.load([(release.file(DATASET), None)], settings)
    everything = Served(settings, pool, release, memory=Memory(_MEMORY))
    with make_app(everything).app_context():
        things = [*filter(_has_document, remember_all()[part::parts])]
        home = _page(BASE, "/") if part == 0 else ()
        return [*home, *chain.from_iterable(map(_entries, things))]


def _has_document(thing: str) -> bool:
    path = unquote(local(thing).removeprefix("/doc/"))
    return thing.startswith(BASE) and thing in things_of(path)


def _entries(thing: str) -> Iterator[Entry]:
    """Each form of a document; of what was withdrawn there is none."""
    description = describe(thing)
    if tombstones.is_withdrawn(description):
        return
    triples = in_order(description.facts())
    for suffix in STORED:
        yield _entry(thing, suffix, shown(description), write_sorted(triples, suffix, thing))
    if len(triples) >= _LONG:
        yield from _page(thing, local(thing))


def _page(thing: str, address: str) -> Iterator[Entry]:
    """The page at an address."""
    current_app.test_client().get(address, headers={"Accept": "text/html"})
    release, made = served().release, as_made(thing, 1)
    if release and made:
        text, known = made
        yield _entry(thing, "html", known, for_stock(release, text).encode())


def _entry(thing: str, suffix: str, known: Shown, content: bytes) -> Entry:
    etag = etag_of(suffix, content)
    if len(content) < SMALLEST:
        return Entry(thing, suffix, known, etag, content, None, None)
    return Entry(thing, suffix, known, etag, None, encode(content, "br"), encode(content, "gzip"))
