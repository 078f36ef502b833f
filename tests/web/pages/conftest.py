"""A small release made by hand, whose every fact the tests know; its pages as trees."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, RdfFormat, serialize

from designata.settings import Settings
from designata.store.directory import Release, open_release
from designata.store.pool import Pool, open_pool
from designata.turtle import format_turtle, read
from designata.vocabulary import ONTOLOGY, SHAPES, VOID, term
from designata.web.app import create_app

FIXTURE = Path(__file__).parent / "fixture"
RELEASE_ID = "1.0.0-0123456789ab"
MEDIA_TYPES = {
    ".ttl": "text/turtle",
    ".nq": "application/n-quads",
    ".jsonld": "application/ld+json",
}


def quads(path: Path, graph: str | None = None) -> Iterator[Quad]:
    name = NamedNode(graph) if graph else DefaultGraph()
    for quad, _ in read(path):
        yield Quad(quad.subject, quad.predicate, quad.object, name)


def contents(checkout: Path) -> dict[str, bytes]:
    """The files of the release: the data, the real ontology and the question about a day."""
    folder = checkout / "data" / "queries"
    question = Quad(
        term("query:asof"), term("sh:select"), Literal((folder / "asof.rq").read_text()), None
    )
    ontology = [q for file in sorted((checkout / "ontology").glob("*.ttl")) for q in quads(file)]
    data = [*quads(FIXTURE / "data.ttl"), *quads(folder / "asof.ttl"), question]
    shapes, void = list(quads(FIXTURE / "shapes.ttl")), list(quads(FIXTURE / "void.ttl"))
    graphs = ((data, None), (ontology, ONTOLOGY), (shapes, SHAPES), (void, VOID))
    everything = [
        Quad(q.subject, q.predicate, q.object, NamedNode(name) if name else DefaultGraph())
        for found, name in graphs
        for q in found
    ]
    dump = serialize(everything, format=RdfFormat.N_QUADS)
    assert dump
    return {
        "designata.nq": dump,
        "designata.ttl": format_turtle(data).encode(),
        "ontology.ttl": format_turtle(ontology).encode(),
        "shapes.ttl": format_turtle(shapes).encode(),
        "void.ttl": format_turtle(void).encode(),
        "context.jsonld": b'{"@context": {"dsg": "https://w3id.org/designata/ontology#"}}\n',
    }


@pytest.fixture(scope="session")
def small_release(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Release:
    """The small release on disk."""
    folder = tmp_path_factory.mktemp("small") / RELEASE_ID
    folder.mkdir()
    facts = {}
    for name, content in contents(checkout).items():
        (folder / name).write_bytes(content)
        facts[name] = {
            "bytes": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
            "mediaType": MEDIA_TYPES[Path(name).suffix],
        }
    manifest = {"id": RELEASE_ID, "version": "1.0.0", "files": facts, "triples": 1000}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (folder / "SHA256SUMS").write_text("".join(f"{f['sha256']}  {n}\n" for n, f in facts.items()))
    return open_release(folder)


@pytest.fixture(scope="session")
def small_pool(small_release: Release) -> Iterator[Pool]:
    """What answers questions about the small release."""
    with open_pool([(small_release.file("designata.nq"), None)], Settings()) as pool:
        yield pool


@pytest.fixture(scope="session")
def small(small_release: Release, small_pool: Pool) -> FlaskClient:
    """A client of the application over the small release."""
    settings = Settings(releases=small_release.path.parent)
    return create_app(settings, small_pool, small_release).test_client()


UNCLOSED = frozenset("area base br col embed hr img input link meta source track wbr".split())


@dataclass
class Element:
    """An element with its attributes and what it holds."""

    name: str
    attributes: dict[str, str]
    children: list[Element | str] = field(default_factory=list)

    def all(self, name: str | None = None, css: str | None = None) -> Iterator[Element]:
        """The elements below with a name or a class."""
        for child in self.children:
            if isinstance(child, Element):
                classes = child.attributes.get("class", "").split()
                if name in (None, child.name) and (css is None or css in classes):
                    yield child
                yield from child.all(name, css)

    @property
    def text(self) -> str:
        """The text below with single spaces."""
        parts = (child if isinstance(child, str) else child.text for child in self.children)
        return " ".join(" ".join(parts).split())


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in UNCLOSED:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in UNCLOSED:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].name == tag, f"</{tag}> closes <{self.open[-1].name}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def read_tree(page: str) -> Element:
    """The tree of a page; every element is closed where it must be."""
    reader = _Reader()
    reader.feed(page)
    assert len(reader.open) == 1, f"<{reader.open[-1].name}> is not closed"
    return reader.root


@pytest.fixture(scope="session")
def tree() -> Callable[[str], Element]:
    """Reads a page."""
    return read_tree


@pytest.fixture(scope="session")
def page(small: FlaskClient) -> Callable[[str], Element]:
    """The page at an address of the small release."""
    return lambda path: read_tree(small.get(path, headers={"Accept": "text/html"}).text)
