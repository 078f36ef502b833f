"""Triples that follow from others by CONSTRUCT queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pyoxigraph import Quad, QueryTriples, Store, Triple

from designata.errors import QuerySyntaxError


def construct(quads: Iterable[Quad], rules: Mapping[str, str]) -> frozenset[Triple]:
    """What the rules (name → CONSTRUCT query) say of the union of all graphs.

    Each rule sees only the quads given, never what another rule added. For rules of our own: the
    engine runs in this process, without limits.
    """
    store = Store()
    store.extend(quads)
    return frozenset(triple for rule in rules.items() for triple in _run(store, *rule))


def _run(store: Store, name: str, text: str) -> QueryTriples:
    try:
        result = store.query(text, use_default_graph_as_union=True)
    except SyntaxError as error:
        raise QuerySyntaxError(f"{name}: {error}") from None
    if not isinstance(result, QueryTriples):
        raise QuerySyntaxError(f"{name}: a rule must be a CONSTRUCT query")
    return result
