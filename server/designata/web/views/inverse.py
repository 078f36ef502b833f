"""What else points to a thing, in groups with headings that people understand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from designata.web.description import Description
from designata.web.graph import iri
from designata.web.things import Thing, by_label

_TITLES: Final[Mapping[str, str]] = {
    iri(curie): title
    for curie, title in {
        "dsg:designatedBy": "Its designations",
        "dsg:underProgramme": "Designations under it",
        "dsg:listedUnderName": "Designations under this name",
        "dsg:actBy": "Its acts",
        "dsg:addsName": "Acts that add it",
        "dsg:removesName": "Acts that remove it",
        "dsg:renamesTo": "Acts that rename to it",
        "dsg:instrument": "Acts that it carries",
        "dsg:legalBasis": "Programmes that rest on it",
        "dsg:agreement": "Uses of bases that rest on it",
        "dsg:issuer": "Its programmes and lists",
        "dsg:inList": "Its entries",
        "dsg:hasName": "What has this name",
        "dsg:preferredName": "What prefers this name",
        "dsg:period": "What has this period",
        "geo:hasGeometry": "What has this position",
        "dsg:inPlace": "What lies or happened there",
        "dsg:hostCountry": "Bases there",
        "dsg:citation": "Claims that rest on it",
        "dsg:source": "Citations",
        "dsg:assertedBy": "What it says",
        "dsg:reportedBy": "What it reports",
        "dcterms:publisher": "What it published",
        "org:subOrganizationOf": "Its parts",
        "skos:inScheme": "Codes",
        "sh:parameter": "Questions with this parameter",
    }.items()
}
_UNSHOWN: Final = frozenset(
    map(
        iri,
        (
            "dsg:currentlyDesignatedBy dsg:currentlyOperatedBy rdfs:isDefinedBy sh:defaultValue "
            "skos:hasTopConcept skos:topConceptOf void:exampleResource foaf:homepage"
        ).split(),
    )
)


@dataclass(frozen=True, slots=True)
class Group:
    """Things that point to this one by one property."""

    title: str
    property: Thing
    things: Sequence[Thing]


def inverse(description: Description, thing: Thing) -> list[Group]:
    """The groups in the order of the table above; what the page shows anyway is left out."""
    shown = set(description.own.known())
    groups: dict[str, list[Thing]] = {}
    for subject, predicate, _ in description.inverse.facts:
        if subject not in shown and predicate not in _UNSHOWN:
            groups.setdefault(predicate, []).append(Thing.of(subject, thing.graph))
    order = {predicate: rank for rank, predicate in enumerate(_TITLES)}
    return [
        Group(_TITLES.get(one, ""), Thing.of(one, thing.graph), by_label(groups[one]))
        for one in sorted(groups, key=lambda one: (order.get(one, len(order)), one))
    ]
