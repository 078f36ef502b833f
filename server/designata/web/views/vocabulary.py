"""Pages of the ontology, the shapes and the dataset: every term under its local name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from flask import render_template

from designata.web.graph import Graph, iri, key
from designata.web.links import kind_of, local
from designata.web.rdf import FORMATS
from designata.web.texts import Text
from designata.web.things import Thing, Value, arrange, by_label

_GROUPS: Final[Mapping[str, Sequence[tuple[str, tuple[str, ...]]]]] = {
    "ontology": (
        ("Classes", ("owl:Class", "rdfs:Class")),
        (
            "Properties",
            (
                "owl:ObjectProperty",
                "owl:DatatypeProperty",
                "owl:AnnotationProperty",
                "rdf:Property",
                "dsg:DerivedProperty",
            ),
        ),
    ),
    "shapes": (
        ("Shapes of things", ("sh:NodeShape",)),
        ("Shapes of properties", ("sh:PropertyShape",)),
        ("Rules that are queries", ("sh:SPARQLConstraint",)),
        ("Prefixes of the queries", ("owl:Ontology",)),
    ),
    "void": (
        (
            "The dataset",
            ("void:Dataset", "dcat:Dataset", "dcat:DatasetSeries", "dcat:Catalog"),
        ),
        ("Files and services", ("dcat:Distribution", "dcat:DataService", "void:Linkset")),
        ("Periods", ("dcterms:PeriodOfTime",)),
        ("Checksums", ("spdx:Checksum",)),
    ),
}
_TITLES: Final = {
    "ontology": "Ontology",
    "shapes": "Shapes",
    "void": "Description of the dataset",
}
_INTRODUCTIONS: Final = {
    "ontology": "The words in which this dataset speaks: every class and property, defined.",
    "shapes": "What must hold for the data: a release is only published when all of it does.",
    "void": "How large the dataset is, what it is made of and where it can be had.",
}
_DECLARE: Final = iri("sh:declare")
_IN_HEADING: Final = frozenset(
    map(
        iri,
        (
            "rdf:type rdfs:label skos:definition rdfs:isDefinedBy sh:message "
            "void:classPartition void:propertyPartition"
        ).split(),
    )
)


@dataclass(frozen=True, slots=True)
class Group:
    """Terms of one sort."""

    title: str
    anchor: str
    terms: Sequence[Thing]


def render_vocabulary(name: str, subject: str, graph: Graph) -> str:
    """The page as HTML."""
    groups = _groups(name, subject, graph)
    return render_template(
        "vocabulary.html",
        name=name,
        title=_TITLES[name],
        introduction=_INTRODUCTIONS[name],
        thing=Thing.of(subject, graph),
        groups=groups,
        schemes=_schemes(graph) if name == "ontology" else (),
        partitions=_partitions(graph) if name == "void" else (),
        properties=_properties,
        formats=[(form.suffix, form.media_type) for form in FORMATS if form.suffix != "html"],
        address=local(subject) if name != "void" else "/void",
    )


def _groups(name: str, subject: str, graph: Graph) -> list[Group]:
    seen: set[str] = {subject}
    found = []
    for title, classes in _GROUPS[name]:
        members = {
            one
            for curie in classes
            for one in graph.subjects("rdf:type", iri(curie))
            if name != "shapes" or kind_of(one) == "shape"
        } - seen
        seen |= members
        if members:
            terms = by_label(Thing.of(one, graph) for one in members if not one.startswith("_:"))
            found.append(Group(title, title.lower().replace(" ", "-"), terms))
    return found


def _partitions(graph: Graph) -> list[tuple[Thing, str]]:
    """How many things of each class the dataset has, the most first."""
    found = [
        (Thing.of(key(one), graph), graph.text(partition, "void:entities") or "")
        for partition in graph.known()
        if (one := graph.value(partition, "void:class")) and graph.text(partition, "void:entities")
    ]
    return sorted(found, key=lambda row: (-int(row[1]), row[0].iri))


def _schemes(graph: Graph) -> list[Thing]:
    return by_label(
        Thing.of(one, graph) for one in graph.subjects("rdf:type", iri("skos:ConceptScheme"))
    )


def _properties(term: Thing) -> list[tuple[Thing, Sequence[Value]]]:
    """What is said of a term below its heading."""
    graph = term.graph
    return sorted(
        (
            (Thing.of(predicate, graph), _values(graph, term.iri, predicate))
            for predicate in graph.predicates(term.iri)
            if predicate not in _IN_HEADING
        ),
        key=lambda pair: pair[0].label.value,
    )


def _values(graph: Graph, subject: str, predicate: str) -> Sequence[Value]:
    values = graph.values(subject, predicate)
    if predicate != _DECLARE:
        return arrange(graph, values)
    declared = (
        f"{graph.text(key(one), 'sh:prefix')}: {graph.text(key(one), 'sh:namespace')}"
        for one in values
    )
    return [Text(one) for one in sorted(declared)]
