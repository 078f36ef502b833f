"""RDF files into a store."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from functools import partial
from pathlib import Path
from typing import Any, Final

from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Store, parse, serialize

from designata import turtle
from designata.errors import UnreadableFile
from designata.store.query import DEFAULT_GRAPH

Files = Sequence[tuple[str, str | None]]
_TYPE: Final = f"<{turtle.RDF_TYPE}>".encode()
_ORDERED: Final = RdfFormat.N_QUADS
_FEW: Final = 4
# A literal, an IRI or the beginning of a triple term, or else a blank node. The loop of a literal
# keeps nothing for each sign, and no branch of it fails halfway.
_TOKEN: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"|<<\(|<[^>]*>|(_:[^\s]+)')


def load_into(store: Store, files: Files) -> None:
    """Add the content of the files; UnreadableFile names the line that cannot be read."""
    for name, graph in files:
        path = Path(name)
        syntax = turtle.format_of(path)
        try:
            store.bulk_load(
                **_source(path), format=syntax, base_iri=_base(path), to_graph=_target(graph)
            )
        except (SyntaxError, OSError, MemoryError) as error:
            raise _unreadable(path, error) from None
        _check_names(store, path)


def load_in_order(store: Store, files: Files) -> None:
    """The same into a store in memory, so that what is read together lies together.

    The engine keeps quads in the order in which they came, and a query mostly goes through many
    subjects of one class and looks at several properties of each, or at one property of small
    things. It needs room for the text of a file twice besides. Blank nodes have the same labels
    whenever the same files are loaded: whoever has seen one may ask for it again.
    """
    for number, (name, graph) in enumerate(files):
        target = _target(graph)
        plain, nameless = _in_order(Path(name), number)
        store.bulk_load(plain, format=_ORDERED, to_graph=target, lenient=True)
        if nameless:
            # The other way gives blank nodes labels by chance.
            quads = parse(nameless, _ORDERED, lenient=True)
            store.bulk_extend(map(partial(_moved, target), quads) if target else quads)
        _check_names(store, Path(name))


def _check_names(store: Store, path: Path) -> None:
    """A graph with the name that is kept for the default graph could not be told from it."""
    if store.contains_named_graph(NamedNode(DEFAULT_GRAPH)):
        raise UnreadableFile(path, None, f"{DEFAULT_GRAPH} names the default graph, and no other")


def _in_order(path: Path, number: int) -> tuple[bytes, bytes]:
    """The statements of a file as N-Quads, sorted by class, and then by subject.

    By property, and then by subject, where the things of a class have few. Those with blank nodes
    are apart; the number of the file is in their labels.
    """
    syntax = turtle.format_of(path)
    try:
        quads = parse(**_source(path), format=syntax, base_iri=_base(path))
        text = serialize(quads, format=_ORDERED) or b""
    except (SyntaxError, OSError, MemoryError) as error:
        raise _unreadable(path, error) from None
    if b"_:" in text:
        text = _labelled(text, b"_:f%dn" % number)
    lines = text.splitlines(keepends=True)
    classes: dict[bytes, bytes] = {}
    for line in lines:
        subject, verb, rest = line.split(b" ", 2)
        if verb == _TYPE:
            classes.setdefault(subject, rest)
    small = _small(lines, classes)

    def place(line: bytes) -> tuple[bytes, bytes, bytes]:
        subject, verb, _ = line.split(b" ", 2)
        found = classes.get(subject, b"")
        return found, verb if found in small else b"", line

    lines.sort(key=place)
    nameless = [line for line in lines if b"_:" in line]
    if nameless:
        lines = [line for line in lines if b"_:" not in line]
    return b"".join(lines), b"".join(nameless)


def _source(path: Path) -> Mapping[str, Any]:
    """What is read: a file, or what comes after the byte order mark that some programs write."""
    with path.open("rb") as file:
        marked = file.read(len(BOM_UTF8)) == BOM_UTF8
        return {"input": file.read()} if marked else {"path": path}


def _moved(target: NamedNode, quad: Quad) -> Quad:
    """A quad in this graph if it is in none of its own."""
    if quad.graph_name != DefaultGraph():
        return quad
    return Quad(quad.subject, quad.predicate, quad.object, target)


def _labelled(text: bytes, start: bytes) -> bytes:
    """N-Quads with the blank nodes numbered in the order in which they come."""
    numbers: dict[bytes, bytes] = {}

    def name(found: re.Match[bytes]) -> bytes:
        label = found[1]
        if label is None:
            return found[0]
        return numbers.setdefault(label, b"%b%d" % (start, len(numbers)))

    return _TOKEN.sub(name, text)


def _small(lines: Sequence[bytes], classes: Mapping[bytes, bytes]) -> Set[bytes]:
    """The classes of which a thing has few statements."""
    things = Counter(classes.values())
    statements = Counter(classes.get(line.split(b" ", 1)[0]) for line in lines)
    return {one for one, number in things.items() if statements[one] <= number * _FEW}


def _unreadable(path: Path, error: Exception) -> UnreadableFile:
    """The refusal with the line, which only a slower reader knows; it may raise its own."""
    for _ in turtle.read(path):
        pass
    return UnreadableFile(path, None, str(error))


def _base(path: Path) -> str:
    return path.absolute().as_uri()


def _target(graph: str | None) -> NamedNode | None:
    return NamedNode(graph) if graph else None
