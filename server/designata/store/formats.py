"""The syntaxes in which results are written, and the writing."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Mapping
from typing import IO, Any, Final, cast

from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Triple,
    serialize,
)

from designata.errors import ResultTooLarge
from designata.store import jsonld
from designata.store.query import JSON_RESULTS, XML_RESULTS, Form
from designata.store.wellformed import held, sound_document, sound_results
from designata.vocabulary import PREFIXES

Result = QuerySolutions | QueryBoolean | Iterable[Triple]
_NO_GRAPHS: Final = (QuerySolutions, QueryBoolean)
Spill = Callable[[bytes], None]
_SPILLED_BYTES: Final = 65_536

TABLES: Final[Mapping[str, QueryResultsFormat]] = {
    JSON_RESULTS: QueryResultsFormat.JSON,
    XML_RESULTS: QueryResultsFormat.XML,
    "text/csv": QueryResultsFormat.CSV,
    "text/tab-separated-values": QueryResultsFormat.TSV,
}
RDF_XML: Final = RdfFormat.RDF_XML.media_type
GRAPHS: Final[Mapping[str, RdfFormat]] = {
    "text/turtle": RdfFormat.TURTLE,
    "application/n-triples": RdfFormat.N_TRIPLES,
    "application/ld+json": RdfFormat.JSON_LD,
    "application/rdf+xml": RdfFormat.RDF_XML,
    "application/trig": RdfFormat.TRIG,
    "application/n-quads": RdfFormat.N_QUADS,
}
# What is written of these is not looked at again.
_AS_FOUND: Final = frozenset(
    (
        JSON_RESULTS,
        "text/csv",
        "text/tab-separated-values",
        "application/n-triples",
        "application/n-quads",
    )
)
FORMATS: Final[Mapping[Form, tuple[str, ...]]] = {
    "select": tuple(TABLES),
    "ask": (JSON_RESULTS, XML_RESULTS),
    "graph": tuple(GRAPHS),
}


class _Capped(io.RawIOBase):
    """Takes what is written piece by piece, and refuses more than a limit.

    A buffer that grows is copied, and touches new memory, again and again.
    """

    def __init__(self, limit: int, spill: Spill | None) -> None:
        self._limit = self._left = limit
        self._pieces: list[bytes] = []
        self._spill = spill
        self._kept = limit - _SPILLED_BYTES if spill else -1

    def write(self, content: Any, /) -> int:
        piece: bytes = bytes(content)
        self._pieces.append(piece)
        self._left -= len(piece)
        if self._left < 0:
            raise ResultTooLarge(
                f"the result has more than {self._limit:,} bytes; "
                "ask for less with LIMIT, or download the whole dataset"
            )
        if self._spill and self._left < self._kept:
            self._spill(self.rest())
            self._kept = self._left - _SPILLED_BYTES
        return len(piece)

    def rest(self) -> bytes:
        """All that was written and not spilled."""
        whole = b"".join(self._pieces)
        self._pieces.clear()
        return whole


def write(result: Result, media_type: str, limit: int, spill: Spill | None = None) -> bytes:
    """The result in one of `FORMATS`, whole; ResultTooLarge past the limit.

    Where pieces of what is long may be spilled, the rest.
    """
    pieces = _Capped(limit, spill if media_type in _AS_FOUND else None)
    output = cast("IO[bytes]", pieces)
    if media_type == "text/csv":
        _write_csv(cast("QuerySolutions", result), pieces)
    elif isinstance(result, _NO_GRAPHS):
        result.serialize(output, TABLES[media_type])
        if media_type == XML_RESULTS:
            return sound_results(pieces.rest(), tuple(TABLES))
    elif media_type == "application/ld+json":
        for piece in jsonld.serialize(result, tuple(GRAPHS)):
            output.write(piece)
    elif media_type in ("application/n-triples", "application/n-quads"):
        if isinstance(result, QueryTriples):
            # Without an object of Python for each.
            result.serialize(output, GRAPHS[media_type])
        else:
            serialize(result, output, GRAPHS[media_type])
    else:
        with held(tuple(GRAPHS)):
            serialize(result, output, GRAPHS[media_type], prefixes=dict(PREFIXES))
        content = _without_idle_prefixes(pieces.rest(), media_type)
        return sound_document(content, tuple(GRAPHS)) if media_type == RDF_XML else content
    return pieces.rest()


def _write_csv(solutions: QuerySolutions, output: io.RawIOBase) -> None:
    """The rows by RFC 4180, which takes `csv` three times as long where there are long texts.

    The engine puts no quotes around an IRI with a comma in it.
    """
    rows = [",".join(variable.value for variable in solutions.variables)]
    size = 0
    for row in solutions:
        rows.append(line := ",".join(map(_field, row)))
        size += len(line)
        if size > _SPILLED_BYTES:
            output.write("\r\n".join((*rows, "")).encode())
            rows, size = [], 0
    output.write("\r\n".join((*rows, "")).encode())


def _field(term: NamedNode | BlankNode | Literal | Triple | None) -> str:
    """A term as CSV has it: what type it is of is not told."""
    if term is None:
        return ""
    if isinstance(term, Triple):
        text = f"<<( {term} )>>"
    else:
        text = str(term) if isinstance(term, BlankNode) else term.value
    if '"' in text or "," in text or "\n" in text or "\r" in text:
        return '"' + text.replace('"', '""') + '"'
    return text


def _without_idle_prefixes(content: bytes, media_type: str) -> bytes:
    """The document without the declarations of prefixes that nothing in it uses."""
    form = b' xmlns:%b="%b"' if media_type == "application/rdf+xml" else b"@prefix %b: <%b> .\n"
    declarations = {
        prefix.encode(): form % (prefix.encode(), namespace.encode())
        for prefix, namespace in PREFIXES.items()
    }
    ends = [content.find(line) + len(line) for line in declarations.values() if line in content]
    body = max(ends, default=0)
    head = content[:body]
    for prefix, line in declarations.items():
        if content.find(b"%b:" % prefix, body) < 0:
            head = head.replace(line, b"")
    return head + content[body:]
