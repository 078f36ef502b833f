"""RDF files into a store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pyoxigraph import NamedNode, RdfFormat, Store, parse, serialize

from designata import turtle
from designata.errors import UnreadableFile

Files = Sequence[tuple[str, str | None]]
_ORDERED: Final = RdfFormat.N_QUADS


def load_into(store: Store, files: Files) -> None:
    """Add the content of the files; UnreadableFile names the line that cannot be read."""
    for name, graph in files:
        path = Path(name)
        syntax = turtle.format_of(path)
        try:
            store.bulk_load(path=path, format=syntax, base_iri=_base(path), to_graph=_target(graph))
        except (SyntaxError, OSError) as error:
            raise _unreadable(path, error) from None


def load_in_order(store: Store, files: Files) -> None:
    """The same into a store in memory, so that what is read together lies together.

    The engine keeps quads where they came to be, and its queries mostly follow one property
    through many subjects: those that follow it far take half the time when they were added in the
    order of properties and subjects. It needs room for the text of a file besides.
    """
    for name, graph in files:
        path = Path(name)
        store.bulk_load(
            _in_order(path), format=_ORDERED, to_graph=_target(graph), lenient=True
        )


def _in_order(path: Path) -> bytes:
    """The statements of a file as N-Quads, sorted by property, subject and object."""
    syntax = turtle.format_of(path)
    try:
        quads = parse(path=path, format=syntax, base_iri=_base(path), rename_blank_nodes=True)
        text = serialize(quads, format=_ORDERED)
    except (SyntaxError, OSError) as error:
        raise _unreadable(path, error) from None
    lines: defaultdict[bytes, list[bytes]] = defaultdict(list)
    for line in text.splitlines(keepends=True):
        lines[line.split(b" ", 2)[1]].append(line)
    return b"".join(line for _, some in sorted(lines.items()) for line in sorted(some))


def _unreadable(path: Path, error: Exception) -> UnreadableFile:
    """The refusal with the line, which only a slower reader knows; it may raise its own."""
    for _ in turtle.read(path):
        pass
    return UnreadableFile(path, None, str(error))


def _base(path: Path) -> str:
    return path.absolute().as_uri()


def _target(graph: str | None) -> NamedNode | None:
    return NamedNode(graph) if graph else None
