"""The page of one thing: a template for its kind, filled with what is said about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import render_template, request

from designata.web.description import Description
from designata.web.graph import TYPE, Graph, Term, iri, key
from designata.web.links import kind_of, local, query_page
from designata.web.rdf import FORMATS
from designata.web.things import Thing, Value, arrange, by_label
from designata.web.views import organization
from designata.web.views.asof import as_of
from designata.web.views.inverse import inverse
from designata.web.views.locator import locator
from designata.web.views.sections import disputes, sections
from designata.web.views.timeline import timeline

KIND_TITLES: Final[Mapping[str, str]] = {
    "act": "Act",
    "agent": "Publisher or speaker",
    "base": "Military base",
    "change": "Change of an organization",
    "citation": "Citation",
    "claim": "Statement",
    "code": "Code",
    "control": "Control of a place",
    "coverage": "Coverage statement",
    "dataset": "Dataset",
    "designation": "Designation",
    "event": "Event",
    "geometry": "Position",
    "instrument": "Legal instrument",
    "list": "Official list",
    "list-entry": "Entry in an official list",
    "name": "Name",
    "organization": "Organization",
    "parameter": "Parameter",
    "participation": "Part in an event",
    "period": "Period",
    "place": "Place",
    "programme": "Programme",
    "query": "Question",
    "relation": "Relation",
    "scheme": "List of codes",
    "source": "Source",
    "tenure": "Use of a base",
}
# What has such a thing, which alone tells it from others like it.
_OWNERS: Final[Mapping[str, str]] = {
    "geometry": "geo:hasGeometry",
    "name": "dsg:hasName",
    "parameter": "sh:parameter",
    "period": "dsg:period",
}
_TEMPLATES: Final = {"organization": "organization.html", "query": "question.html"}
_ELSEWHERE: Final = frozenset(
    iri(curie)
    for curie in (
        "skos:prefLabel skos:altLabel dsg:searchKey dsg:assertedBy dsg:reportedBy "
        "dsg:citation dsg:claimStatus dsg:statedOn dsg:hasName dsg:preferredName cito:disputes "
        "skos:note skos:editorialNote rdfs:isDefinedBy"
    ).split()
)
_ELSEWHERE_BY_KIND: Final[Mapping[str, frozenset[str]]] = {
    kind: frozenset(map(iri, curies.split()))
    for kind, curies in {
        "dataset": "void:classPartition void:propertyPartition",
        "organization": "dsg:actorKind dsg:period",
        "base": "wgs84:lat wgs84:long",
        "place": "wgs84:lat wgs84:long",
    }.items()
}
_ORDER: Final = tuple(
    map(
        iri,
        (
            "dsg:designates dsg:designatedBy dsg:underProgramme dsg:coverage "
            "dsg:primaryDesignation dsg:actKind dsg:actsOn dsg:actBy dsg:decisionDate "
            "dsg:announcementDate dsg:publicationDate dsg:effectiveDate dsg:tenant dsg:base "
            "dsg:tenureRole dsg:participant dsg:event dsg:participantRole dsg:controller "
            "dsg:controlledPlace dsg:controlKind dsg:relationSubject dsg:relationKind "
            "dsg:relationObject dsg:changeKind org:originalOrganization dsg:oldName "
            "org:resultingOrganization dsg:newName skosxl:literalForm dsg:nameKind "
            "dsg:nameQuality dcterms:title dcterms:publisher dcterms:issued schema:url"
        ).split(),
    )
)


def render(description: Description) -> tuple[str, int]:
    """The page as HTML, and its status: 400 where it is asked about a day that is none."""
    thing = description.thing
    own = _of_kind(thing)
    kind, owner = KIND_TITLES.get(thing.kind or "", "Thing"), _owner(thing)
    text = render_template(
        _TEMPLATES.get(thing.kind or "", "thing.html"),
        thing=thing,
        title=_title(description, f"{kind} of {owner.label}" if owner else kind),
        kind=kind,
        owner=owner,
        other_labels=_other_labels(thing),
        properties=_properties(description, thing),
        sections=sections(thing),
        disputes=disputes(_claims(thing)),
        names=organization.names(thing),
        locator=locator(thing),
        inverse=inverse(description, thing),
        description=description,
        formats=[(form.suffix, form.media_type) for form in FORMATS if form.suffix != "html"],
        address=local(thing.iri),
        sparql=query_page(_query(thing)),
        **own,
    )
    thing.graph.forget()
    return text, 400 if own.get("as_of") and own["as_of"].error else 200


def _owner(thing: Thing) -> Thing | None:
    """The one thing that has this one; a code is in a list."""
    if thing.kind == "code":
        return thing.thing("skos:inScheme")
    curie = _OWNERS.get(thing.kind or "")
    owners = thing.inverse(curie) if curie else ()
    return owners[0] if len(owners) == 1 else None


def _title(description: Description, kind: str) -> str:
    """What no other page is called, as far as the data tells things apart."""
    thing = description.thing
    parts = [str(thing.label), kind]
    if thing.kind in ("designation", "name"):
        parts.append(thing.when)
    elif thing.kind == "instrument":
        parts += map(str, thing.all("dcterms:identifier"))
    if description.page > 1:
        parts.append(f"page {description.page}")
    return " · ".join(filter(None, parts))


def _of_kind(thing: Thing) -> Mapping[str, Any]:
    """What only one kind of thing has."""
    if thing.kind == "organization":
        groups = organization.designations(thing)
        asked = as_of(thing, request.args.get("date")) if groups else None
        return {
            "designations": groups,
            "timeline": organization.lifelines(groups),
            "as_of": asked,
        }
    claims = thing.inverse("dsg:base") if thing.kind == "base" else [thing]
    return {"timeline": timeline(claims) if thing.kind in ("base", "designation") else None}


def _other_labels(thing: Thing) -> list[Value]:
    shown = [one for one in thing.all("skos:prefLabel") if one != thing.label]
    return shown


def _properties(description: Description, thing: Thing) -> list[tuple[Thing, Sequence[Value]]]:
    """Its own properties that have no better place on the page, in an order that reads well."""
    own = description.own
    elsewhere = _ELSEWHERE | _ELSEWHERE_BY_KIND.get(thing.kind or "", frozenset())
    found = (
        (Thing.of(one, thing.graph), arrange(thing.graph, _worth_saying(own, thing.iri, one)))
        for one in own.predicates(thing.iri)
        if one not in elsewhere
    )
    rows = ((one, values) for one, values in found if values and values != [thing.label])
    return sorted(rows, key=lambda row: (_rank(row[0].iri), row[0].label.value.casefold()))


def _worth_saying(own: Graph, subject: str, predicate: str) -> Sequence[Term]:
    """The values of a property; of its classes those of others, as its kind says ours."""
    values = own.values(subject, predicate)
    return values if predicate != TYPE else [v for v in values if kind_of(key(v)) != "term"]


def _rank(predicate: str) -> int:
    return _ORDER.index(predicate) if predicate in _ORDER else len(_ORDER)


def _claims(thing: Thing) -> list[Thing]:
    """The thing itself and the claims in its document: those among which disputes may be."""
    graph: Graph = thing.graph
    disputing = (iri for iri in graph.known() if graph.objects(iri, "cito:disputes"))
    return [thing, *by_label(Thing.of(iri, graph) for iri in disputing)]


def _query(thing: Thing) -> str:
    """A first query about a thing, for whoever wants to go on from its page."""
    return (
        "SELECT ?property ?value WHERE {\n"
        f"  <{thing.iri}> ?property ?value .\n"
        "}\nORDER BY ?property ?value"
    )
