"""A query against a store in this process: only for processes that may be killed meanwhile."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from pyoxigraph import (
    BlankNode,
    DefaultGraph,
    NamedNode,
    QueryBoolean,
    QuerySolutions,
    Store,
    Variable,
)

from designata.errors import (
    FederationRefused,
    NotAcceptable,
    QueryExhausted,
    QueryFailed,
    QueryRefused,
)
from designata.store.clauses import has_dataset, in_query_order
from designata.store.explain import explain
from designata.store.formats import FORMATS, Result, Spill, write
from designata.store.query import DEFAULT_GRAPH, Answer, Form, Query
from designata.store.summary import Loaded, Summary
from designata.vocabulary import BASE

_UNKNOWN_FUNCTION: Final = re.compile(r"The custom function (<.*>) is not supported")
PAGE_BYTES: Final = 8 * 1024 * 1024
_NAMES: Final[Mapping[Form, str]] = {
    "select": "a SELECT query",
    "ask": "an ASK query",
    "graph": "a CONSTRUCT or DESCRIBE query",
}


def evaluate(loaded: Loaded, query: Query, limit: int, spill: Spill | None = None) -> Answer:
    """The whole answer to a query, at most `limit` bytes, or one of the refusals.

    Relative IRIs in the query are resolved against the dataset's base. Where pieces of a long
    result may be spilled as they are found, the answer has the rest; a refusal may come after them.
    What the summary can tell is not looked for in the store.
    """
    try:
        result = _in_general(loaded.summary, query) or _solve(loaded.store, query)
        form = _form_of(result)
        media_type = query.wanted(form)
        if media_type not in FORMATS[form]:
            raise NotAcceptable(
                f"this is {_NAMES[form]}, and no accepted type can hold its answer", FORMATS[form]
            )
        most = min(limit, PAGE_BYTES) if form in query.shown else limit
        return Answer(form, media_type, write(result, media_type, most, spill))
    except SyntaxError as error:
        raise explain(query.text, str(error)) from None
    except MemoryError:
        raise QueryExhausted("the query needs more memory than one query may use") from None
    except (OSError, RuntimeError, ValueError) as error:
        raise _failure(query.text, error) from None


def _failure(text: str, error: Exception) -> QueryRefused:
    """The sandbox leaves a call to another host nothing but an error of the system."""
    if isinstance(error, OSError) and "service" in text.casefold():
        return FederationRefused("SERVICE would make this server send requests to other hosts")
    unknown = _UNKNOWN_FUNCTION.match(str(error))
    if unknown:
        return QueryRefused(f"there is no function {unknown[1]} here")
    return QueryFailed(str(error))


def _in_general(summary: Summary | None, query: Query) -> QuerySolutions | None:
    if summary is None or query.default_graphs or query.named_graphs or query.blank_nodes:
        return None
    return summary.ask(query.text)


def _solve(store: Store, query: Query) -> Result:
    result = _run(store, query, query.text)
    if "*" in query.text and isinstance(result, QuerySolutions):
        ordered = in_query_order(query.text, [name.value for name in result.variables])
        if ordered:
            return _run(store, query, ordered)
    return result


def _run(store: Store, query: Query, text: str) -> Result:
    bound: Any = {Variable(name): BlankNode(label) for name, label in query.blank_nodes} or None
    if query.default_graphs or query.named_graphs:
        return store.query(
            text,
            base_iri=BASE,
            default_graph=_nodes(dict.fromkeys(query.default_graphs)),
            # The default graph has no name there, and nobody finds it by one.
            named_graphs=_nodes(set(query.named_graphs) - {DEFAULT_GRAPH}),
            substitutions=bound,
        )
    union = not has_dataset(text)
    return store.query(text, base_iri=BASE, use_default_graph_as_union=union, substitutions=bound)


def _nodes(names: Iterable[str]) -> list[Any]:
    try:
        return [DefaultGraph() if name == DEFAULT_GRAPH else NamedNode(name) for name in names]
    except ValueError as error:
        raise QueryRefused(f"a graph is named by an IRI: {error}") from None


def _form_of(result: Result) -> Form:
    if isinstance(result, QuerySolutions):
        return "select"
    return "ask" if isinstance(result, QueryBoolean) else "graph"
