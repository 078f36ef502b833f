"""Documents from an engine against those from query processes here, byte by byte."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode, RdfFormat, parse

from designata.release.fill import Target, fill
from designata.settings import Settings
from designata.store.directory import Release
from designata.store.engine import engine_of
from designata.store.opening import open_store
from designata.vocabulary import BASE
from designata.web.app import create_app

if TYPE_CHECKING:
    from conftest import Engine

EVERY = 60
ALWAYS = ["", "doc/organization/hayat-tahrir-al-sham", "doc/organization/russia", "sitemap-1.xml"]


def sample(release: Release) -> list[str]:
    """Addresses of some things of each kind."""
    found = parse(path=release.file("designata.nq"), format=RdfFormat.N_QUADS)
    things = {
        quad.subject.value.removeprefix(f"{BASE}id/")
        for quad in found
        if isinstance(quad.subject, NamedNode) and quad.subject.value.startswith(f"{BASE}id/")
    }
    first = {thing.partition("/")[0]: thing for thing in sorted(things, reverse=True)}
    chosen = {*first.values(), *sorted(things)[::EVERY]}
    return [*ALWAYS, *(f"doc/{thing}" for thing in sorted(chosen) if "#" not in thing)]


def test_a_document_is_the_same_from_an_engine(engine: Engine, release: Release) -> None:
    here = Settings(query_seconds=60)
    there = replace(here, store=engine.url, store_user=engine.user, store_password=engine.password)
    asked = engine_of(there)
    target = Target(engine.update, engine.graph_store, asked.credentials)
    fill(asked, target, release.id, release.file("designata.nq"), lambda stage: None)
    addresses = sample(release)
    assert len(addresses) >= 40
    with open_store(release, here) as ours, open_store(release, there) as theirs:
        one = create_app(here, ours, release).test_client()
        other = create_app(there, theirs, release).test_client()
        different = [
            (address, media_type)
            for address in addresses
            for media_type in ("text/turtle", "text/html")
            if one.get(f"/{address}", headers={"Accept": media_type}).data
            != other.get(f"/{address}", headers={"Accept": media_type}).data
        ]
    assert different == []
