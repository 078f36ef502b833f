"""The source tree as quads, each with the place where it is written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Triple

from designata.errors import UnreadableFile
from designata.turtle import read
from designata.vocabulary import ONTOLOGY, SHAPES, term

FOLDERS: Final = ("ontology", "shapes", "data")
GRAPHS: Final[Mapping[str, NamedNode | DefaultGraph]] = {
    "ontology": NamedNode(ONTOLOGY),
    "shapes": NamedNode(SHAPES),
    "data": DefaultGraph(),
}
QUESTIONS: Final = Path("data", "queries")
QUERY_TEXT: Final[Mapping[NamedNode, NamedNode]] = {
    term("sh:SPARQLSelectExecutable"): term("sh:select"),
    term("sh:SPARQLAskExecutable"): term("sh:ask"),
    term("sh:SPARQLConstructExecutable"): term("sh:construct"),
}


class Place(NamedTuple):
    """Where something is written: the file, and the line counted from 1."""

    path: Path
    line: int


@dataclass(frozen=True, slots=True)
class Source:
    """Everything that people wrote, by graph; where a quad stands twice, its first place counts."""

    root: Path
    places: Mapping[Quad, Place]

    def graph(self, folder: str) -> dict[Triple, Place]:
        """The triples of `ontology`, `shapes` or `data`, with their places."""
        name = GRAPHS[folder]
        return {
            quad.triple: place for quad, place in self.places.items() if quad.graph_name == name
        }

    def questions(self) -> frozenset[Triple]:
        """What is written about the published questions, whose texts are data, too."""
        folder = self.root / QUESTIONS
        return frozenset(
            quad.triple for quad, place in self.places.items() if folder in place.path.parents
        )


def source_files(root: Path) -> list[Path]:
    """The files that a release is made from, sorted by their paths."""
    turtle = (path for folder in FOLDERS for path in (root / folder).rglob("*.ttl"))
    return sorted((*turtle, *(root / QUESTIONS).glob("*.rq")))


def input_digest(root: Path, rules: Mapping[str, str]) -> str:
    """The SHA-256 of all source files and derivation rules, names included, in hexadecimal."""
    digest = hashlib.sha256()
    for path in source_files(root):
        _add(digest, path.relative_to(root).as_posix(), _content(path))
    for name in sorted(rules):
        _add(digest, name, rules[name].encode())
    return digest.hexdigest()


def _add(digest: hashlib._Hash, name: str, content: bytes) -> None:
    digest.update(f"{name}\0{len(content)}\0".encode() + content)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnreadableFile(path, None, error.strerror or str(error)) from None


def read_source(root: Path) -> Source:
    """Read the whole tree; the result does not depend on names or order of the files."""
    places: dict[Quad, Place] = {}
    for path in source_files(root):
        for quad, place in _quads_of(root, path):
            places.setdefault(quad, place)
    for folder in FOLDERS:
        if not any(place.path.is_relative_to(root / folder) for place in places.values()):
            raise UnreadableFile(root / folder, None, "no statements: is this the source folder?")
    return Source(root, places)


def _quads_of(root: Path, path: Path) -> Iterator[tuple[Quad, Place]]:
    if path.suffix == ".rq":
        yield _question(path)
        return
    graph = GRAPHS[path.relative_to(root).parts[0]]
    for quad, line in read(path):
        _refuse_local_names(path, line, quad)
        yield Quad(quad.subject, quad.predicate, quad.object, graph), Place(path, line)


def _refuse_local_names(path: Path, line: int, quad: Quad) -> None:
    for node in quad.triple:
        if isinstance(node, BlankNode):
            raise UnreadableFile(
                path, line, "a blank node: give it an IRI, so that it can be cited"
            )
        if isinstance(node, NamedNode) and node.value.startswith("file:"):
            raise UnreadableFile(path, line, "a relative IRI: write it in full or with a prefix")


def _question(path: Path) -> tuple[Quad, Place]:
    """The text of `<slug>.rq` as a property of `query:<slug>`, which `<slug>.ttl` describes."""
    described = path.with_suffix(".ttl")
    if not described.is_file():
        raise UnreadableFile(path, 1, f"nothing describes this query: write {described.name}")
    question = term(f"query:{path.stem}")
    types = {
        quad.object
        for quad, _ in read(described)
        if quad.subject == question and quad.predicate == term("rdf:type")
    }
    for kind, predicate in QUERY_TEXT.items():
        if kind in types:
            try:
                text = _content(path).decode("utf-8")
            except UnicodeDecodeError:
                raise UnreadableFile(path, None, "the text is not UTF-8") from None
            return Quad(question, predicate, Literal(text), DefaultGraph()), Place(path, 1)
    raise UnreadableFile(
        described, None, f"must say what query:{path.stem} is, e.g. a sh:SPARQLSelectExecutable"
    )
