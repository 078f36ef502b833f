"""RDF/XML, one description a subject, sorted."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from pyoxigraph import Literal, NamedNode, Triple

from designata.errors import InvalidDataset
from designata.release.terms import iri
from designata.vocabulary import PREFIXES, split

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*$")
_NOT_XML: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_STRING: Final = PREFIXES["xsd"] + "string"


def rdf_xml(triples: Iterable[Triple], main: NamedNode) -> bytes:
    """RDF/XML; InvalidDataset where XML has no form for a predicate or a character."""
    subjects: dict[str, list[Triple]] = defaultdict(list)
    used = {"rdf"}
    for triple in sorted(triples, key=str):
        subjects[iri(triple.subject).value].append(triple)
        used.update((split(triple.predicate.value) or ("rdf",))[:1])
    order = sorted(subjects, key=lambda name: (name != main.value, name))
    namespaces = "".join(f'\n    xmlns:{name}="{PREFIXES[name]}"' for name in sorted(used))
    body = "".join(_description(name, subjects) for name in order)
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF{namespaces}>\n'
    return f"{head}{body}</rdf:RDF>\n".encode()


def _description(name: str, subjects: Mapping[str, list[Triple]]) -> str:
    properties = "".join(_property(triple) for triple in subjects[name])
    return f"<rdf:Description rdf:about={quoteattr(name)}>\n{properties}</rdf:Description>\n"


def _property(triple: Triple) -> str:
    name, namespace = _element(triple.predicate.value)
    value = triple.object
    if not isinstance(value, Literal):
        return f"  <{name}{namespace} rdf:resource={quoteattr(iri(value).value)}/>\n"
    mark = ""
    if value.language:
        mark = f' xml:lang="{value.language}"'
    elif value.datatype.value != _STRING:
        mark = f" rdf:datatype={quoteattr(value.datatype.value)}"
    return f"  <{name}{namespace}{mark}>{_text(triple, value.value)}</{name}>\n"


def _element(predicate: str) -> tuple[str, str]:
    """The element's name, and the declaration that it needs where no prefix of ours fits."""
    parts = split(predicate)
    if parts and _NAME.fullmatch(parts[1]):
        return ":".join(parts), ""
    name = _NAME.search(predicate)
    if name is None:
        raise InvalidDataset(f"<{predicate}>: a property whose name cannot be written in RDF/XML")
    return name[0], f" xmlns={quoteattr(predicate[: name.start()])}"


def _text(triple: Triple, text: str) -> str:
    if _NOT_XML.search(text):
        raise InvalidDataset(f"{triple}: a control character, which RDF/XML cannot hold")
    return escape(text, {"\r": "&#13;"})
