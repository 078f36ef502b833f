"""JSON-LD with a context that shortens names and states the types of values."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from typing import Any, Final

from pyoxigraph import Literal, NamedNode, Triple

from designata.errors import InvalidDataset
from designata.release.terms import iri
from designata.vocabulary import PREFIXES, compact

RDF_TYPE: Final = PREFIXES["rdf"] + "type"
PLAIN: Final = (PREFIXES["xsd"] + "string", PREFIXES["rdf"] + "langString")
Json = dict[str, Any]


def context(triples: Iterable[Triple]) -> Json:
    """The prefixes, and each property whose values are all IRIs or all of one datatype."""
    kinds: dict[str, set[str | None]] = defaultdict(set)
    for triple in triples:
        kinds[triple.predicate.value].add(_kind(triple.object))
    terms: Json = dict(sorted(PREFIXES.items()))
    for name, found in sorted(kinds.items()):
        kind = found.pop() if len(found) == 1 else None
        if kind is not None and name != RDF_TYPE:
            terms[_name(name)] = {"@id": name, "@type": kind}
    return terms


def context_document(triples: Iterable[Triple]) -> bytes:
    """The context alone, as it is published."""
    return _dump({"@context": context(triples)})


def json_ld(triples: Set[Triple], main: NamedNode) -> bytes:
    """A JSON-LD document that carries its context; one object a subject, the main one first."""
    terms = context(triples)
    subjects: dict[NamedNode, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for triple in sorted(triples, key=str):
        key = _name(triple.predicate.value)
        if triple.predicate.value == RDF_TYPE and isinstance(triple.object, NamedNode):
            subjects[iri(triple.subject)]["@type"].append(_name(triple.object.value))
        else:
            subjects[iri(triple.subject)][key].append(_value(triple.object, terms.get(key)))
    order = sorted(subjects, key=lambda subject: (subject != main, subject.value))
    nodes = [_node(subject.value, subjects[subject]) for subject in order]
    return _dump({"@context": terms, "@graph": nodes})


def _node(name: str, properties: Mapping[str, list[Any]]) -> Json:
    node: Json = {"@id": _name(name)}
    for key in sorted(properties, key=lambda name: (name != "@type", name)):
        values = properties[key]
        node[key] = values[0] if len(values) == 1 else values
    return node


def _name(iri: str) -> str:
    """The IRI as short as the context allows; InvalidDataset where it would be misread."""
    name = compact(iri)
    if name == iri and iri.partition(":")[0] in PREFIXES:
        raise InvalidDataset(f"<{iri}>: JSON-LD would take its scheme for a prefix of ours")
    return name


def _kind(value: object) -> str | None:
    """What `@type` of a term must say so that this value can be written as a bare text."""
    if isinstance(value, NamedNode):
        return "@id"
    if isinstance(value, Literal) and value.datatype.value not in PLAIN:
        return _name(value.datatype.value)
    return None


def _value(value: object, definition: Any) -> Any:
    kind = _kind(value)
    text = value.value if isinstance(value, Literal) else _name(iri(value).value)
    if kind == (definition["@type"] if definition else None):
        language = value.language if isinstance(value, Literal) else None
        return {"@language": language, "@value": text} if language else text
    if kind == "@id":
        return {"@id": text}
    return {"@type": kind or "xsd:string", "@value": text}


def _dump(document: Json) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()
