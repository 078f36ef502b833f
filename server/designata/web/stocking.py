"""Making the RDF documents of a release that is small enough, once for all who ask."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import unquote

from designata.settings import Settings
from designata.store.directory import DATASET, Release
from designata.store.inside import Inside
from designata.vocabulary import BASE
from designata.web import tombstones
from designata.web.app import make_app
from designata.web.coding import SMALLEST, encode
from designata.web.description import Description, describe
from designata.web.links import local, things_of
from designata.web.memory import Memory
from designata.web.rdf import in_order, write_sorted
from designata.web.sayings import remember_all
from designata.web.served import Served
from designata.web.signposts import shown
from designata.web.stock import CODINGS, LIKE, SUFFIXES, etag_of, place_of

LARGEST: Final = 50_000
# Enough for all that is asked about the largest.
_MEMORY: Final = 1_000_000


def stock(release: Release, settings: Settings) -> bool:
    """Put the documents of a release of at most so many quads beside its other files.

    Those that another version of this program made go: it makes them anew, or does without.
    False where it is larger, where they are there already, and where nothing can be written.
    """
    place = place_of(release)
    if place.exists() or release.manifest.get("quads", LARGEST + 1) > LARGEST:
        return False
    pool = Inside.load([(release.file(DATASET), None)], settings)
    served = Served(settings, pool, release, memory=Memory(_MEMORY))
    index: dict[str, Any] = {}
    bodies = bytearray()
    with make_app(served).app_context():
        for description in _descriptions():
            index[description.iri] = _add(bodies, description)
    head = json.dumps({"release": release.id, "things": index}, separators=(",", ":"))
    unfinished = place.with_name(f".{place.name}-{os.getpid()}")
    try:
        unfinished.write_bytes(head.encode() + b"\n" + bodies)
        unfinished.rename(place)
        for other in place.parent.glob(place_of(release, "*").name):
            if other != place:
                other.unlink()
    except OSError:
        return place.exists()
    return True


def _descriptions() -> Iterator[Description]:
    """What is said of each thing that has a document; those that were withdrawn stay apart."""
    things = remember_all()
    for one in things:
        path = unquote(local(one).removeprefix("/doc/"))
        if one.startswith(BASE) and one in things_of(path):
            description = describe(one)
            if not tombstones.is_withdrawn(description):
                yield description


def _add(bodies: bytearray, description: Description) -> Mapping[str, Any]:
    """Add the documents about a thing; where each of them is."""
    triples, main = in_order(description.facts()), description.iri
    contents = {
        suffix: write_sorted(triples, suffix, main) for suffix in SUFFIXES if suffix not in LIKE
    }
    bounds = {suffix: list(_put(bodies, content)) for suffix, content in contents.items()}
    found: dict[str, Any] = {"shown": shown(description)}
    for suffix in SUFFIXES:
        like = LIKE.get(suffix, suffix)
        found[suffix] = [etag_of(suffix, contents[like]), *bounds[like]]
    return found


def _put(bodies: bytearray, content: bytes) -> Iterator[tuple[int, int]]:
    """Add a content in each coding, or as it is where it is short."""
    short = len(content) < SMALLEST
    for packed in (content,) if short else (encode(content, coding) for coding in CODINGS):
        bodies += packed
        yield len(bodies) - len(packed), len(bodies)
