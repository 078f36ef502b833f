"""The rows of a SELECT query as terms, for pages and for the command line."""

from __future__ import annotations

from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    QueryResultsFormat,
    QuerySolutions,
    Triple,
    parse_query_results,
)

from designata.errors import QueryRefused
from designata.store.pool import Pool
from designata.store.query import Lane, Query

Term = NamedNode | BlankNode | Literal | Triple
Row = dict[str, Term]


def rows(pool: Pool, text: str, *, lane: Lane = "pages") -> list[Row]:
    """The rows of a SELECT query; a variable without a value is missing from its row."""
    return decode(pool.query(Query(text), lane=lane).body)


def decode(body: bytes) -> list[Row]:
    """The rows in a document of SPARQL results in JSON."""
    results = parse_query_results(body, QueryResultsFormat.JSON)
    if not isinstance(results, QuerySolutions):
        raise QueryRefused("only a SELECT query has rows")
    names = [variable.value for variable in results.variables]
    return [
        {name: value for name, value in zip(names, solution, strict=True) if value is not None}
        for solution in results
    ]
