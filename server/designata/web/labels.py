"""What things are called on pages: their own label, else a sentence made from their parts."""

from __future__ import annotations

import re
from typing import Final

from pyoxigraph import Literal, NamedNode

from designata.vocabulary import BASE, split, term
from designata.web.dates import Period, words
from designata.web.graph import Graph, plain
from designata.web.links import kind_of
from designata.web.texts import Text, preferred

OWN: Final = (
    "skos:prefLabel",
    "skosxl:literalForm",
    "dcterms:title",
    "rdfs:label",
    "sh:name",
    "dsg:statement",
)
_COMPOSED: Final = {
    "act": "{dsg:actKind} by {dsg:actBy}, "
    "{dsg:effectiveDate|dsg:publicationDate|dsg:announcementDate|dsg:decisionDate}",
    "change": "{dsg:changeKind}: {dsg:oldName|org:originalOrganization} → "
    "{dsg:newName|org:resultingOrganization}",
    "citation": "{dsg:source}, {dsg:locator|dsg:quote}",
    "control": "{dsg:controlledPlace}: {dsg:controlKind} by {dsg:controller}",
    "coverage": "What was checked for {dsg:coversProgramme}",
    "designation": "{dsg:designates}, designated by {dsg:designatedBy}: {dsg:underProgramme}",
    "geometry": "Position: {geo:asWKT}",
    "list-entry": "{dsg:officialId} in {dsg:inList}",
    "participation": "{dsg:participant} in {dsg:event}: {dsg:participantRole}",
    "relation": "{dsg:relationSubject}: {dsg:relationKind} {dsg:relationObject}",
    "tenure": "{dsg:tenant} at {dsg:base}: {dsg:tenureRole}",
}
_FOREIGN: Final = {
    term(curie).value: words
    for curie, words in {
        "cito:disputes": "disputes",
        "dcterms:issued": "published on",
        "dcterms:license": "licence",
        "eli:date_document": "date of the document",
        "geo:asWKT": "position as WKT",
        "geo:hasGeometry": "position",
        "org:subOrganizationOf": "part of",
        "rdfs:comment": "finding",
        "schema:url": "address",
        "skos:exactMatch": "the same elsewhere",
        "skos:topConceptOf": "first level of",
        "skosxl:literalForm": "text",
        "wgs84:lat": "latitude",
        "wgs84:long": "longitude",
    }.items()
}
_SLOT: Final = re.compile(r"\{([^}]+)\}")
_PERIOD: Final = (
    "dsg:startEarliest dsg:startLatest dsg:endEarliest dsg:endLatest "
    "dsg:startKind dsg:endKind dsg:asOf"
).split()
_SLOTS: Final = (slot for pattern in _COMPOSED.values() for slot in _SLOT.findall(pattern))
NAMING: Final = frozenset(
    term(curie).value
    for curies in (("rdf:type",), OWN, _PERIOD, *(slot.split("|") for slot in _SLOTS))
    for curie in curies
)


def label(graph: Graph, iri: str, depth: int = 0) -> Text:
    """The text that stands for a thing; never empty."""
    own = own_label(graph, iri)
    if own:
        return own
    kind = kind_of(iri)
    if kind == "period" and graph.value(iri, "dsg:endKind"):
        return Text(_sentence(Period.read(graph, iri).words), "en")
    pattern = _COMPOSED.get(kind or "")
    if pattern and depth < 3:
        composed = _compose(graph, iri, pattern, depth)
        if composed:
            return Text(_sentence(composed), "en")
    return Text(humanise(iri))


def own_label(graph: Graph, iri: str) -> Text | None:
    """The label that the data gives a thing, in the one order of properties and languages."""
    for curie in OWN:
        literals = [value for value in graph.objects(iri, curie) if isinstance(value, Literal)]
        if literals:
            return preferred(literals)
    return None


def _compose(graph: Graph, iri: str, pattern: str, depth: int) -> str:
    """The pattern with its slots filled; a slot without a value goes with the sign before it."""
    text = ""
    for before, slot in re.findall(r"([^{}]*)\{([^}]+)\}", pattern):
        found = next((v for curie in slot.split("|") if (v := graph.value(iri, curie))), None)
        if found is None:
            continue
        shown = (
            label(graph, found.value, depth + 1).value
            if isinstance(found, NamedNode)
            else words(plain(found))
        )
        text += (before if text or before.strip(", :→") else "") + shown
    return text


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def humanise(iri: str) -> str:
    """An IRI without a label: its last part as words where it is ours, else the IRI shortened."""
    if iri in _FOREIGN:
        return _FOREIGN[iri]
    kind, parts, last = kind_of(iri), split(iri), iri.rpartition("/")[2]
    if kind in ("term", "shape"):
        return iri.rpartition("#")[2]
    if kind and last:
        return last.replace("--", ", ").replace("-", " ")
    if iri.startswith(BASE):
        return f"/{iri.removeprefix(BASE)}"
    if parts is None or not parts[1]:
        return re.sub(r"^https?://(www\.)?", "", iri)
    if parts[1][:1].islower():
        return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", parts[1]).lower()
    return ":".join(parts)
