"""The VoID statistics of a dataset: how many of which class, property and outward link."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set

from pyoxigraph import Literal, NamedNode, Triple

from designata.release.terms import iri, whole_number
from designata.vocabulary import PREFIXES, VOID, split, term

TYPE = term("rdf:type")


def partitions(published: Set[Triple], dataset: NamedNode) -> Iterator[Triple]:
    """Class partitions with their property partitions, property partitions, and linksets."""
    classes: dict[NamedNode, set[NamedNode]] = defaultdict(set)
    for triple in published:
        if triple.predicate == TYPE and isinstance(triple.object, NamedNode):
            classes[iri(triple.subject)].add(triple.object)
    entities = Counter(kind for kinds in classes.values() for kind in kinds)
    properties = Counter(triple.predicate for triple in published)
    within: Counter[tuple[NamedNode, NamedNode]] = Counter()
    targets: Counter[tuple[NamedNode, NamedNode, NamedNode]] = Counter()
    for triple in published:
        for kind in classes.get(iri(triple.subject), ()):
            within[kind, triple.predicate] += 1
            for target in _kinds(triple.object, classes):
                targets[kind, triple.predicate, target] += 1
    for kind, count in entities.items():
        part = _part("class", kind)
        yield Triple(dataset, term("void:classPartition"), part)
        yield Triple(part, term("void:class"), kind)
        yield Triple(part, term("void:entities"), whole_number(count))
    for predicate, count in properties.items():
        yield from _property(dataset, _part("property", predicate), predicate, count)
    for (kind, predicate), count in within.items():
        part = _part("class", kind, "property", predicate)
        yield from _property(_part("class", kind), part, predicate, count)
    for (kind, predicate, target), count in targets.items():
        whole = _part("class", kind, "property", predicate)
        yield from _target(whole, target, count, is_datatype=target not in entities)
    yield from _links(published, dataset)


def _property(
    whole: NamedNode, part: NamedNode, predicate: NamedNode, count: int
) -> Iterator[Triple]:
    yield Triple(whole, term("void:propertyPartition"), part)
    yield Triple(part, term("void:property"), predicate)
    yield Triple(part, term("void:triples"), whole_number(count))


def _kinds(value: object, classes: Mapping[NamedNode, Set[NamedNode]]) -> Iterable[NamedNode]:
    """The datatype of a literal, or the classes of a thing."""
    if isinstance(value, Literal):
        return (value.datatype,)
    return classes.get(value, ()) if isinstance(value, NamedNode) else ()


def _target(
    whole: NamedNode, target: NamedNode, count: int, *, is_datatype: bool
) -> Iterator[Triple]:
    """How many values of a property are of one class or datatype, as generators of VoID say it."""
    name = "datatype" if is_datatype else "class"
    vocabulary = "void-ext" if is_datatype else "void"
    part = NamedNode(f"{whole.value}-{name}-{_word(target.value)}")
    yield Triple(whole, term(f"{vocabulary}:{name}Partition"), part)
    yield Triple(part, term(f"{vocabulary}:{name}"), target)
    yield Triple(part, term("void:triples"), whole_number(count))


def _links(published: Set[Triple], dataset: NamedNode) -> Iterator[Triple]:
    """The linkset to Wikidata, where there is one."""
    count = sum(
        triple.predicate == term("skos:exactMatch")
        and str(triple.object).startswith("<" + PREFIXES["wikidata"])
        for triple in published
    )
    if count:
        links = NamedNode(VOID + "#links-wikidata")
        target = NamedNode("http://www.wikidata.org/")
        yield Triple(dataset, term("void:subset"), links)
        yield Triple(links, TYPE, term("void:Linkset"))
        yield Triple(target, TYPE, term("void:Dataset"))
        yield Triple(target, term("dcterms:title"), Literal("Wikidata", language="en"))
        yield Triple(links, term("void:subjectsTarget"), dataset)
        yield Triple(links, term("void:objectsTarget"), target)
        yield Triple(links, term("void:linkPredicate"), term("skos:exactMatch"))
        yield Triple(links, term("void:triples"), whole_number(count))


def _part(*names: str | NamedNode) -> NamedNode:
    """The IRI of a partition, e.g. `#class-dsg-Name-property-dsg-nameKind`."""
    words = (name if isinstance(name, str) else _word(name.value) for name in names)
    return NamedNode(f"{VOID}#{'-'.join(words)}")


def _word(name: str) -> str:
    parts = split(name)
    return "-".join(parts) if parts else hashlib.sha256(name.encode()).hexdigest()[:12]
