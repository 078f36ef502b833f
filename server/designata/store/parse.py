"""The form of a query, by the engine's own parser: for queries of our own, in this process."""

from __future__ import annotations

from pyoxigraph import QueryBoolean, QuerySolutions, Store

from designata.settings import Settings
from designata.store.explain import explain
from designata.store.guard import check
from designata.store.query import Form
from designata.vocabulary import BASE


def form_of(text: str, settings: Settings) -> Form:
    """What a query answers with; QueryRefused where the endpoint would not take it."""
    check(text, settings)
    try:
        result = Store().query(text, base_iri=BASE)
    except SyntaxError as error:
        raise explain(text, str(error)) from None
    if isinstance(result, QuerySolutions):
        return "select"
    return "ask" if isinstance(result, QueryBoolean) else "graph"
