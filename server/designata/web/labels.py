"""What things are called on pages: their own label, else a sentence made from their parts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final
from unicodedata import bidirectional

from pyoxigraph import Literal, NamedNode

from designata.vocabulary import BASE, split, term
from designata.web.dates import Period, words
from designata.web.graph import Graph, Term, key, plain
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
    "act": "{dsg:actsOn/dsg:designates}: {dsg:actKind} by {dsg:actBy} "
    "under {dsg:actsOn/dsg:underProgramme}, "
    "{dsg:effectiveDate|dsg:publicationDate|dsg:announcementDate|dsg:decisionDate|"
    "dsg:period}",
    "change": "{dsg:changeKind}: {dsg:oldName|org:originalOrganization} → "
    "{dsg:newName|org:resultingOrganization}, {dsg:period}",
    "citation": "{dsg:source}, {dsg:locator|dsg:quote}",
    "control": "{dsg:controlledPlace}: {dsg:controlKind} by {dsg:controller}, {dsg:period}",
    "coverage": "What was checked for {dsg:coversProgramme}: {dsg:coversOrganization}",
    "designation": "{dsg:designates}, designated by {dsg:designatedBy}: {dsg:underProgramme}, "
    "through {dsg:primaryDesignation/dsg:designates}",
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
_MOST_NAMED: Final = 3
_STEERING: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
_TURNING: Final = frozenset("R AL AN RLE RLO LRE LRO PDF RLI LRI FSI PDI".split())
_SLOT: Final = re.compile(r"\{([^}]+)\}")
_PERIOD: Final = (
    "dsg:startEarliest dsg:startLatest dsg:endEarliest dsg:endLatest "
    "dsg:startKind dsg:endKind dsg:asOf"
).split()
_SLOTS: Final = (slot for pattern in _COMPOSED.values() for slot in _SLOT.findall(pattern))
NAMING: Final = frozenset(
    term(curie).value
    for curies in (("rdf:type",), OWN, _PERIOD, *(re.split("[|/]", slot) for slot in _SLOTS))
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
        values = graph.objects(iri, curie)
        literals = [one for one in values if isinstance(one, Literal) and one.value.strip()]
        if literals:
            return preferred(literals)
    return None


def _compose(graph: Graph, iri: str, pattern: str, depth: int) -> str:
    """The pattern with its slots filled; a slot without a value goes with the sign before it."""
    text = ""
    for before, slot in re.findall(r"([^{}]*)\{([^}]+)\}", pattern):
        found = next((v for path in slot.split("|") if (v := _at(graph, iri, path))), None)
        if found is None:
            continue
        shown = _shown(graph, iri, found, depth)
        text += (before if text or before.strip(", :→") else "") + shown
    return text.lstrip()


def _at(graph: Graph, iri: str, path: str) -> Sequence[Term]:
    """What properties lead to, one after the other."""
    ends: list[Term] = [NamedNode(iri)]
    for curie in path.split("/"):
        ends = [v for one in ends for v in graph.objects(key(one), curie)]
    return [*dict.fromkeys(ends)]


def _shown(graph: Graph, iri: str, found: Sequence[Term], depth: int) -> str:
    """Things by their labels, of many a few; a period of the thing in words; a text as it is."""
    first = found[0]
    if not isinstance(first, NamedNode):
        return _apart(words(plain(first)))
    if kind_of(first.value) == "period":
        occurrence = kind_of(iri) in ("act", "change")
        read = (Period.read(graph, key(one), occurrence=occurrence) for one in found)
        first_of_all = min(read, key=lambda period: period.order)
        return first_of_all.moment if kind_of(iri) == "act" else first_of_all.words
    names = sorted({_named(graph, key(one), depth + 1) for one in found})
    more = f" and {len(names) - _MOST_NAMED:,} more" if len(names) > _MOST_NAMED else ""
    shown = names[:_MOST_NAMED]
    comma = "; " if any("," in name for name in shown) else ", "
    return comma.join(shown) + more


def _named(graph: Graph, iri: str, depth: int) -> str:
    """What a thing is called within the label of another one."""
    own = own_label(graph, iri)
    return _apart(own.value) if own else label(graph, iri, depth).value


def _apart(text: str) -> str:
    """A part of a sentence that does not turn the rest of it round, whatever its direction is.

    Within the isolate that it gets (Unicode Standard Annex 9), no sign of its own may end that.
    """
    if text.isascii() or not any(bidirectional(sign) in _TURNING for sign in text):
        return text
    return f"\u2068{_STEERING.sub('', text)}\u2069"


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
        place = iri.partition("#")[2]
        return place.replace("-", " ") or f"/{iri.removeprefix(BASE)}"
    if parts is None or not parts[1]:
        return re.sub(r"^https?://(www\.)?", "", iri)
    if parts[1][:1].islower():
        return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", parts[1]).lower()
    return ":".join(parts)
