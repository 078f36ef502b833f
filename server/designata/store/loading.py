"""RDF files into a store."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pyoxigraph import NamedNode, Store

from designata import turtle
from designata.errors import UnreadableFile

Files = Sequence[tuple[str, str | None]]


def load_into(store: Store, files: Files) -> None:
    """Add the content of the files; UnreadableFile names the line that cannot be read."""
    for name, graph in files:
        path = Path(name)
        syntax = turtle.format_of(path)
        target = NamedNode(graph) if graph else None
        try:
            store.bulk_load(
                path=path, format=syntax, base_iri=path.absolute().as_uri(), to_graph=target
            )
        except (SyntaxError, OSError) as error:
            for _ in turtle.read(path):
                pass
            raise UnreadableFile(path, None, str(error)) from None
