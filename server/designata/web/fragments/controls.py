"""What a fragment says of itself: counts, and hypermedia controls in the Hydra vocabulary."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Triple

from designata.vocabulary import BASE, term
from designata.web.fragments.matches import PER_PAGE, Matches
from designata.web.fragments.pattern import PLACES

TYPE: Final = term("rdf:type")


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses of a fragment: of the dataset, of the pattern, of the page that was asked."""

    dataset: str
    fragment: str
    asked: str

    def page(self, number: int) -> str:
        """The address of a page of the fragment."""
        return f"{self.fragment}{'&' if '?' in self.fragment else '?'}page={number}"


def quads(matches: Matches, at: Addresses, nodes: str) -> list[Quad]:
    """The triples in the default graph, and the controls in a graph of their own."""
    controls = NamedNode(at.asked + "#metadata")
    topic = Triple(controls, term("foaf:primaryTopic"), NamedNode(at.asked))
    data = (_named(one, nodes) for one in matches.triples)
    return [
        *(Quad(one.subject, one.predicate, one.object) for one in data),
        *(
            Quad(one.subject, one.predicate, one.object, controls)
            for one in (topic, *metadata(matches, at))
        ),
    ]


def metadata(matches: Matches, at: Addresses) -> Iterator[Triple]:
    """The counts and controls of a page."""
    dataset, page = NamedNode(at.dataset + "#dataset"), NamedNode(at.asked)
    fragment = NamedNode(at.fragment)
    yield Triple(NamedNode(f"{BASE}ldf"), term("rdfs:seeAlso"), fragment)
    yield Triple(dataset, term("void:subset"), fragment)
    if page != fragment:
        yield Triple(fragment, term("void:subset"), page)
    yield from _search(dataset, at)
    for node in dict.fromkeys((fragment, page)):
        total = Literal(matches.total)
        yield Triple(node, term("void:triples"), total)
        yield Triple(node, term("hydra:totalItems"), total)
    yield Triple(fragment, TYPE, term("hydra:Collection"))
    yield Triple(page, TYPE, term("hydra:PartialCollectionView"))
    yield Triple(page, term("hydra:itemsPerPage"), Literal(PER_PAGE))
    for name, number in links(matches).items():
        yield Triple(page, term(f"hydra:{name}"), NamedNode(at.page(number)))


def links(matches: Matches) -> dict[str, int]:
    """The pages that a page leads to, by relation."""
    found = {"first": 1}
    if matches.page > 1:
        found["previous"] = min(matches.page - 1, matches.pages)
    if matches.page < matches.pages:
        found["next"] = matches.page + 1
    return found


def _search(dataset: NamedNode, at: Addresses) -> Iterator[Triple]:
    """The form to ask for another pattern."""
    form = NamedNode(at.dataset + "#search")
    template = Literal(f"{at.dataset}{{?{','.join(PLACES)}}}")
    yield Triple(dataset, TYPE, term("void:Dataset"))
    yield Triple(dataset, TYPE, term("hydra:Collection"))
    yield Triple(dataset, term("hydra:search"), form)
    yield Triple(form, TYPE, term("hydra:IriTemplate"))
    yield Triple(form, term("hydra:template"), template)
    explicit = term("hydra:ExplicitRepresentation")
    yield Triple(form, term("hydra:variableRepresentation"), explicit)
    for place in PLACES:
        mapping = NamedNode(f"{at.dataset}#{place}")
        yield Triple(form, term("hydra:mapping"), mapping)
        yield Triple(mapping, TYPE, term("hydra:IriTemplateMapping"))
        yield Triple(mapping, term("hydra:variable"), Literal(place))
        yield Triple(mapping, term("hydra:property"), term(f"rdf:{place}"))


def _named(triple: Triple, nodes: str) -> Triple:
    """The triple with its blank nodes named (RDF 1.1 Concepts, section 3.5)."""
    subject, value = triple.subject, triple.object
    if isinstance(value, Triple):
        value = _named(value, nodes)
    return Triple(
        NamedNode(nodes + subject.value) if isinstance(subject, BlankNode) else subject,
        triple.predicate,
        NamedNode(nodes + value.value) if isinstance(value, BlankNode) else value,
    )
