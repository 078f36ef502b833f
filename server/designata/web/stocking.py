"""Making the RDF documents of a release, once for all who ask."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import chain
from typing import Final

from flask import current_app

from designata.settings import Settings
from designata.store.directory import DATASET, Release
from designata.store.inside import Inside
from designata.vocabulary import BASE
from designata.web import tombstones
from designata.web.app import make_app
from designata.web.description import describe
from designata.web.links import local, things_of
from designata.web.made import as_made, for_stock
from designata.web.memory import Memory
from designata.web.rdf import in_order, write_sorted
from designata.web.sayings import remember_all
from designata.web.served import Served
from designata.web.signposts import shown
from designata.web.stock import STORED, Entry, entry

# Enough for all that is asked about the largest release that has its documents made.
_MEMORY: Final = 1_000_000
# So many triples in a document make a page that takes much longer than most.
_LONG: Final = 500
_FIRST: Final = ("/", "/query", "/ontology", "/shapes", "/void")


def documents(release: Release, settings: Settings, part: int, parts: int) -> list[Entry]:
    """One of so many parts of the documents of a release, by the number of the part, from 0.

    Of the pages only those that take long to make: those to begin with, and the longest.
    """
    pool = Inside.load([(release.file(DATASET), None)], settings)
    served = Served(settings, pool, release, memory=Memory(_MEMORY))
    with make_app(served).app_context():
        things = [*filter(_has_document, remember_all()[part::parts])]
        first = [_page(release, one, one) for one in _FIRST if part == 0]
        return [*chain(*first), *chain.from_iterable(map(partial(_entries, release), things))]


def _has_document(thing: str) -> bool:
    path = local(thing).removeprefix("/doc/")
    return thing.startswith(BASE) and thing in things_of(path)


def _entries(release: Release, thing: str) -> Iterator[Entry]:
    """Each form of a document; of what was withdrawn there is none."""
    description = describe(thing)
    if tombstones.is_withdrawn(description):
        return
    triples, known = in_order(description.facts()), shown(description)
    for suffix in STORED:
        yield entry(release, thing, suffix, known, write_sorted(triples, suffix, thing))
    if len(triples) >= _LONG:
        yield from _page(release, thing, local(thing))


def _page(release: Release, thing: str, address: str) -> Iterator[Entry]:
    """The page at an address."""
    current_app.test_client().get(address, headers={"Accept": "text/html"})
    if made := as_made(thing, 1):
        text, known = made
        yield entry(release, thing, "html", known, for_stock(release, text).encode())
