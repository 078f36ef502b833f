"""Triples as JSON-LD with a context: one object a subject, names shortened with our prefixes."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from designata.store.wellformed import refuse_triple_terms
from designata.vocabulary import PREFIXES, split

TYPE: Final = PREFIXES["rdf"] + "type"
_STRING: Final = PREFIXES["xsd"] + "string"


def serialize(triples: Iterable[Triple], others: Sequence[str]) -> Iterator[bytes]:
    """The document in pieces, subjects in the order in which they come.

    NotAcceptable, with the other media types, where there is a triple term.
    """
    context, nodes = described(dict.fromkeys(triples), others)
    yield b'{"@context":' + _dump(context) + b',"@graph":['
    for index, node in enumerate(nodes):
        yield b",\n" if index else b"\n"
        yield _dump({name: _alone(value) for name, value in node.items()})
    yield b"\n]}\n"


def described(
    triples: Collection[Triple], others: Sequence[str]
) -> tuple[Mapping[str, str], Collection[Mapping[str, Any]]]:
    """The context, and an object for each subject with the values of each property in a list."""
    refuse_triple_terms(triples, others)
    names = _Names(triples)
    subjects: dict[str, dict[str, Any]] = {}
    for triple in triples:
        subject = names.of(triple.subject)
        node = subjects.setdefault(subject, {"@id": subject})
        # What is no class by its kind is a value like any other.
        if triple.predicate.value == TYPE and not isinstance(triple.object, Literal):
            node.setdefault("@type", []).append(names.of(triple.object))
        else:
            node.setdefault(names.of(triple.predicate), []).append(_value(triple.object, names))
    return {prefix: PREFIXES[prefix] for prefix in sorted(names.used)}, subjects.values()


def _alone(value: Any) -> Any:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


class _Names:
    """Shortens IRIs, and remembers which prefixes the short names need.

    A prefix that is also the scheme of some IRI (`geo:37,35`) is not used: that IRI would expand.
    """

    def __init__(self, triples: Collection[Triple]) -> None:
        self.used: set[str] = set()
        self._barred = {
            node.value.partition(":")[0]
            for triple in triples
            for node in (triple.subject, triple.predicate, _named(triple.object))
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


def _named(node: object) -> object:
    """What of a node is an IRI, if anything is."""
    return node.datatype if isinstance(node, Literal) else node


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
