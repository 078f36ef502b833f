"""What is said of blank nodes: it belongs to what leads to them, since nobody can ask for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from pyoxigraph import BlankNode

from designata.store.query import Query
from designata.store.rows import decode
from designata.web.graph import Said, fact
from designata.web.serving import served

_MOST: Final = 1_000
_SAID: Final = "SELECT ?s ?p ?o WHERE { ?s ?p ?o }"


def nameless(said: Iterable[Said]) -> Mapping[str, Said]:
    """What is said of the blank nodes that these lead to, and so on: of a thousand at most.

    An engine that is asked over HTTP cannot say it; releases have no blank nodes.
    """
    if not served().pool.embedded:
        return {}
    found: dict[str, Said] = {}
    waiting = _nodes(said)
    while waiting and len(found) < _MOST:
        node = waiting.pop(0)
        if str(node) not in found:
            found[str(node)] = _read(node)
            waiting += _nodes([found[str(node)]])
    return found


def _nodes(said: Iterable[Said]) -> list[BlankNode]:
    values = (value for one in said for several in one.values() for value in several)
    return [value for value in values if isinstance(value, BlankNode)]


def _read(node: BlankNode) -> Said:
    query = Query(_SAID, blank_nodes=(("s", node.value),))
    found: dict[str, dict[Any, None]] = {}
    for row in decode(served().pool.query(query, lane="pages").body):
        one = fact({**row, "s": node})
        found.setdefault(one.predicate, {})[one.object] = None
    return {predicate: list(values) for predicate, values in found.items()}
