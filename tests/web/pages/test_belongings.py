"""What belongs to a thing, step by step, is what one query along paths would say."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pyoxigraph import NamedNode, RdfFormat, parse

from designata.store.directory import Release
from designata.store.question import fill
from designata.vocabulary import BASE
from designata.web.asking import ask_text
from designata.web.belongings import PER_PAGE, belongings
from designata.web.graph import Graph, fact
from designata.web.sayings import sayings

NAMES = ("itself", "owner", "thing", "object")
BY_PATHS = (Path(__file__).parent / "fixture" / "description.rq").read_text(encoding="utf-8")


def described(release: Release) -> list[NamedNode]:
    """Every IRI of ours that stands in a release, as subject or as object."""
    quads = parse(path=release.file("designata.nq"), format=RdfFormat.N_QUADS)
    nodes = {node for quad in quads for node in (quad.subject, quad.object)}
    ours = (node for node in nodes if isinstance(node, NamedNode) and node.value.startswith(BASE))
    return sorted(ours, key=str)


def test_every_thing_has_the_same_facts(small: FlaskClient, small_release: Release) -> None:
    things = described(small_release)
    assert len(things) > 300
    sizes = set()
    with small.application.app_context():
        for thing in things:
            expected = Graph(map(fact, ask_text(fill(BY_PATHS, dict.fromkeys(NAMES, thing)))))
            found, _ = belongings(thing)
            assert set(found.facts) == set(expected.facts), thing
            assert len(found.facts) == len(expected.facts), thing
            sizes.add(len(found.facts))
    assert max(sizes) > 100


def test_what_was_asked_before_is_remembered(small: FlaskClient, small_release: Release) -> None:
    with small.application.app_context():
        for thing in described(small_release)[:50]:
            iri = thing.value
            assert sayings([iri])[iri] is sayings([iri])[iri]


def test_a_thing_that_nobody_mentions_has_none(small: FlaskClient) -> None:
    with small.application.app_context():
        assert belongings(NamedNode(f"{BASE}id/organization/nobody"))[0].facts == ()


def test_many_claims_come_in_pages(small: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    thing = NamedNode(f"{BASE}id/organization/hayat-tahrir-al-sham")
    with small.application.app_context():
        whole, most = belongings(thing, 1)
        monkeypatch.setattr("designata.web.belongings._CLAIMS_PER_PAGE", 5)
        pages = [belongings(thing, page) for page in range(1, 8)]
    assert most <= PER_PAGE
    assert len({count for _, count in pages}) == 1
    several = -(-pages[0][1] // PER_PAGE)
    assert 2 < several < 7
    sizes = [len(page.facts) for page, _ in pages]
    assert max(sizes) < len(whole.facts)
    assert len(set(sizes[several:])) <= 1
    assert set(whole.facts) == {one for page, _ in pages for one in page.facts}
