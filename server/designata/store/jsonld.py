"""Triples as JSON-LD with a context: one object a subject, names shortened with our prefixes."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from designata.store.wellformed import refuse_triple_terms
from designata.vocabulary import PREFIXES, split

_TYPE: Final = PREFIXES["rdf"] + "type"
_STRING: Final = PREFIXES["xsd"] + "string"


def serialize(triples: Iterable[Triple], others: Sequence[str]) -> Iterator[bytes]:
    """The document in pieces, subjects in the order in which they come.

    NotAcceptable, with the other media types, where there is a triple term.
    """
    unique = dict.fromkeys(triples)
    refuse_triple_terms(unique, others)
    names = _Names(unique)
    subjects: dict[str, dict[str, list[Any]]] = {}
    for triple in unique:
        properties = subjects.setdefault(names.of(triple.subject), {})
        if triple.predicate.value == _TYPE:
            properties.setdefault("@type", []).append(names.of(triple.object))
        else:
            values = properties.setdefault(names.of(triple.predicate), [])
            values.append(_value(triple.object, names))
    context = {prefix: PREFIXES[prefix] for prefix in sorted(names.used)}
    yield b'{"@context":' + _dump(context) + b',"@graph":['
    for index, (name, properties) in enumerate(subjects.items()):
        yield b",\n" if index else b"\n"
        single = {key: list_[0] if len(list_) == 1 else list_ for key, list_ in properties.items()}
        yield _dump({"@id": name, **single})
    yield b"\n]}\n"


class _Names:
    """Shortens IRIs, and remembers which prefixes the short names need.

    A prefix that is also the scheme of some IRI (`geo:37,35`) is not used: that IRI would expand.
    """

    def __init__(self, triples: Collection[Triple]) -> None:
        self.used: set[str] = set()
        self._barred = {
            node.value.partition(":")[0]
            for triple in triples
            for node in (triple.subject, triple.predicate, triple.object)
            if isinstance(node, NamedNode)
        }

    def of(self, node: object) -> str:
        if isinstance(node, BlankNode):
            return f"_:{node.value}"
        assert isinstance(node, NamedNode)
        parts = split(node.value)
        if parts is None or parts[0] in self._barred:
            return node.value
        self.used.add(parts[0])
        return ":".join(parts)


def _value(node: object, names: _Names) -> Any:
    if not isinstance(node, Literal):
        return {"@id": names.of(node)}
    if node.language:
        return {**tag(node), "@value": node.value}
    if node.datatype.value == _STRING:
        return node.value
    return {"@type": names.of(node.datatype), "@value": node.value}


def tag(literal: Literal) -> dict[str, str]:
    """The language of a literal, and its base direction where it has one, as JSON-LD has them."""
    found = {"@language": literal.language or ""}
    return {**found, "@direction": str(literal.direction)} if literal.direction else found


def _dump(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
