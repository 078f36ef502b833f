"""What the store holds as a whole: the names of its graphs, and the content of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, RdfFormat, parse

from designata.errors import ResultTooLarge
from designata.store.directory import DATASET
from designata.store.pool import Pool
from designata.store.query import DEFAULT_GRAPH, Query
from designata.store.rows import Term, rows
from designata.web.serving import served
from designata.web.syntaxes import translate

_NAMES: Final = "SELECT DISTINCT ?graph { GRAPH ?graph {} }"
_NAMELESS: Final = "SELECT * { GRAPH ?graph { ?s ?p ?o } FILTER (isBlank(?graph)) }"
_NAMED: Final = "SELECT * {{ VALUES ?graph {{ {} }} GRAPH ?graph {{ ?s ?p ?o }} }}"
_FEW: Final = 100
_PORTION_BYTES: Final = 50_000
_QUAD: Final = ("s", "p", "o", "graph")
_CONTENT: Final = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
_N_TRIPLES: Final = "application/n-triples"


def identity() -> tuple[Pool, str]:
    """What tells the present data from all other; a key for what is worked out from it once."""
    here = served()
    return here.pool, here.release.id if here.release else ""


def graph_names() -> frozenset[str]:
    """The IRIs of the named graphs."""
    return frozenset(one.value for one in _names(*identity()) if isinstance(one, NamedNode))


def is_divided() -> bool:
    """Whether there are graphs beside the default graph, be they named by blank nodes."""
    return bool(_names(*identity()))


def graph(name: str | None, media_type: str) -> bytes:
    """A named graph, or (None) the default graph without the named ones, in a syntax of RDF."""
    release = served().release
    if release is None:
        return _ask(name, media_type)
    return _converted(release.file(DATASET), name, media_type)


def dataset(media_type: str) -> bytes:
    """All graphs in a syntax that can hold several."""
    release = served().release
    if release is not None:
        return _everything(release.path, media_type)
    return translate(_gathered(), RdfFormat.N_QUADS, media_type)


@lru_cache(maxsize=4)
def _names(pool: Pool, release_id: str) -> frozenset[Term]:
    return frozenset(row["graph"] for row in rows(pool, _NAMES))


def _ask(name: str | None, media_type: str) -> bytes:
    query = Query(_CONTENT, graph=media_type, default_graphs=(name or DEFAULT_GRAPH,))
    return served().pool.query(query).body


def _gathered() -> bytes:
    """All graphs as N-Quads; ResultTooLarge where that is more than one answer may be."""
    limit = served().settings.result_bytes
    parts, size = [_ask(None, _N_TRIPLES)], 0
    names = sorted(graph_names())
    # An engine gives blank nodes other labels with each answer that is a table.
    together = len(names) > _FEW and served().pool.embedded
    for part in _several(names) if together else map(_single, names):
        parts.append(part)
        size += len(part)
        if size > limit:
            raise ResultTooLarge(f"the dataset has more than {limit:,} bytes; ask graph by graph")
    return b"".join(parts) + _nameless()


def _single(name: str) -> bytes:
    """A named graph as N-Quads."""
    return _ask(name, _N_TRIPLES).replace(b" .\n", f" <{name}> .\n".encode())


def _several(names: Sequence[str]) -> Iterator[bytes]:
    """Named graphs as N-Quads, so many with one question as its text has room for."""
    portion, size = [], 0
    for name in names:
        portion.append(f"<{name}>")
        size += len(portion[-1].encode())
        if size > _PORTION_BYTES:
            yield _quads(_NAMED.format(" ".join(portion)))
            portion, size = [], 0
    if portion:
        yield _quads(_NAMED.format(" ".join(portion)))


def _nameless() -> bytes:
    """The graphs that have a blank node for a name, as N-Quads; nobody can ask for one alone."""
    nameless = any(isinstance(one, BlankNode) for one in _names(*identity()))
    return _quads(_NAMELESS) if nameless else b""


def _quads(text: str) -> bytes:
    """The rows of a query as N-Quads."""
    found = (" ".join(str(row[name]) for name in _QUAD) for row in rows(served().pool, text))
    return "".join(f"{quad} .\n" for quad in found).encode()


@lru_cache(maxsize=2)
def _parted(path: Path) -> dict[str | None, bytes]:
    """The graphs in a file of N-Quads, each as N-Triples, term by term as they are written."""
    found: dict[str | None, list[str]] = {None: []}
    for quad in parse(path=path, format=RdfFormat.N_QUADS):
        name = None if isinstance(quad.graph_name, DefaultGraph) else quad.graph_name.value
        found.setdefault(name, []).append(f"{quad.triple} .\n")
    return {name: "".join(lines).encode() for name, lines in found.items()}


@lru_cache(maxsize=16)
def _converted(path: Path, name: str | None, media_type: str) -> bytes:
    content = _parted(path).get(name, b"")
    return translate(content, RdfFormat.N_TRIPLES, media_type)


@lru_cache(maxsize=4)
def _everything(folder: Path, media_type: str) -> bytes:
    """The dataset as it was built, where the release has it in this syntax."""
    built = {"application/n-quads": DATASET, "application/trig": "designata.trig"}
    if media_type in built and (folder / built[media_type]).is_file():
        return (folder / built[media_type]).read_bytes()
    return translate((folder / DATASET).read_bytes(), RdfFormat.N_QUADS, media_type)
