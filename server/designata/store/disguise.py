"""Datatypes that an engine would rewrite: in there they have a name that it does not know.

Virtuoso makes its own geometry of a `geo:wktLiteral`, with another datatype and rounded numbers.
"""

from __future__ import annotations

from typing import Any, Final

from pyoxigraph import Literal, NamedNode, Triple

from designata.vocabulary import PREFIXES

HIDDEN: Final = {PREFIXES["geo"] + "wktLiteral": "urn:x-designata:wktLiteral"}
_SHOWN: Final = {hidden: shown for shown, hidden in HIDDEN.items()}


def hide(triple: Triple) -> Triple:
    """The triple as an engine is to hold it."""
    return _renamed(triple, HIDDEN)


def show(triple: Triple) -> Triple:
    """The triple as it was before."""
    return _renamed(triple, _SHOWN)


def show_term(term: dict[str, Any]) -> dict[str, Any]:
    """A term of a JSON result as it was before."""
    key = "value" if term.get("type") == "uri" else "datatype"
    name = term.get(key)
    return {**term, key: _SHOWN[name]} if name in _SHOWN else term


def _renamed(triple: Triple, names: dict[str, str]) -> Triple:
    value = triple.object
    if isinstance(value, Literal) and value.datatype.value in names:
        value = Literal(value.value, datatype=NamedNode(names[value.datatype.value]))
        return Triple(triple.subject, triple.predicate, value)
    if isinstance(value, NamedNode) and value.value in names:
        return Triple(triple.subject, triple.predicate, NamedNode(names[value.value]))
    return triple
