"""RDF files into a store."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pyoxigraph import NamedNode, RdfFormat, Store, parse, serialize

from designata import turtle
from designata.errors import UnreadableFile

Files = Sequence[tuple[str, str | None]]
_TYPE: Final = f"<{turtle.RDF_TYPE}>".encode()
_ORDERED: Final = RdfFormat.N_QUADS


def load_into(store: Store, files: Files) -> None:
    """Add the content of the files; UnreadableFile names the line that cannot be read."""
    for name, graph in files:
        path = Path(name)
        syntax = turtle.format_of(path)
        try:
            store.bulk_load(path=path, format=syntax, base_iri=_base(path), to_graph=_target(graph))
        except (SyntaxError, OSError, MemoryError) as error:
            raise _unreadable(path, error) from None


def load_in_order(store: Store, files: Files) -> None:
    """The same into a store in memory, so that what is read together lies together.

    The engine keeps quads in the order in which they came, and a query mostly goes through many
    subjects of one class and looks at several properties of each. It needs room for the text of a
    file twice besides.
    """
    for name, graph in files:
        store.bulk_load(
            _in_order(Path(name)), format=_ORDERED, to_graph=_target(graph), lenient=True
        )


def _in_order(path: Path) -> bytes:
    """The statements of a file as N-Quads, sorted by class and subject."""
    syntax = turtle.format_of(path)
    try:
        quads = parse(path=path, format=syntax, base_iri=_base(path))
        text = serialize(quads, format=_ORDERED) or b""
    except (SyntaxError, OSError, MemoryError) as error:
        raise _unreadable(path, error) from None
    lines = text.splitlines(keepends=True)
    classes: dict[bytes, bytes] = {}
    for line in lines:
        subject, verb, rest = line.split(b" ", 2)
        if verb == _TYPE:
            classes.setdefault(subject, rest)
    lines.sort(key=lambda line: (classes.get(line.split(b" ", 1)[0], b""), line))
    return b"".join(lines)


def _unreadable(path: Path, error: Exception) -> UnreadableFile:
    """The refusal with the line, which only a slower reader knows; it may raise its own."""
    for _ in turtle.read(path):
        pass
    return UnreadableFile(path, None, str(error))


def _base(path: Path) -> str:
    return path.absolute().as_uri()


def _target(graph: str | None) -> NamedNode | None:
    return NamedNode(graph) if graph else None
