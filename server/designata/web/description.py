"""What is said about one thing: the content of its document and of its page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

from pyoxigraph import NamedNode

from designata.errors import NotFound
from designata.store.question import fill
from designata.vocabulary import BASE, PREFIXES, term
from designata.web.asking import ask_text, recall, text_of
from designata.web.belongings import PER_PAGE, belongings
from designata.web.graph import TYPE, Fact, Graph, Said, Term, fact, iri, plain
from designata.web.labels import OWN
from designata.web.links import href, things_of
from designata.web.paging import pages_of
from designata.web.sayings import ours, sayings
from designata.web.serving import served
from designata.web.things import Thing

DATASET: Final = f"{BASE}id/dataset/designata"
LICENCE: Final = "https://creativecommons.org/licenses/by/4.0/"
_MODIFIED: Final = iri("dcterms:modified")
_LABELS: Final = frozenset(map(iri, OWN))


@dataclass(frozen=True)
class Description:
    """A thing, what belongs to it, one page of what points to it, and what all that is called.

    `links` are those that point to it, `values` those of its longest property, on all pages.
    """

    iri: str
    own: Graph
    inverse: Graph
    names: Graph
    page: int
    links: int
    values: int

    @property
    def pages(self) -> int:
        """How many pages the inverse links fill, or the values of the longest property."""
        return pages_of(max(self.links, self.values), PER_PAGE)

    def place(self, page: int) -> str:
        """The fragment of one of the pages that shows what is new on it."""
        return "#links" if page <= pages_of(self.links, PER_PAGE) and self.links else ""

    @cached_property
    def thing(self) -> Thing:
        """The thing as templates see it."""
        return Thing.of(self.iri, self.own + self.inverse + self.names)

    @property
    def document(self) -> str:
        """The IRI of the document about it."""
        return BASE + "doc/" + self.iri.removeprefix(BASE).removeprefix("id/")

    def facts(self, *, labelled: bool = False) -> tuple[Fact, ...]:
        """The content of the RDF document, with what it says about itself.

        Labelled: with what the things that it links to are called, too.
        """
        labels = self._labels() if labelled else ()
        return (*self.own.facts, *self.inverse.facts, *labels, *self._about_itself())

    def _labels(self) -> Iterable[Fact]:
        linked = (self.own + self.inverse).linked()
        return (
            one for one in self.names.facts if one.predicate in _LABELS and one.subject in linked
        )

    def _modified(self) -> Sequence[Term]:
        """When the thing was changed last, by what is said of it, else of the whole dataset."""
        own = self.own.values(self.iri, _MODIFIED)
        return own or sayings((DATASET,))[DATASET].said.get(_MODIFIED, ())

    def _about_itself(self) -> Iterable[Fact]:
        document, foaf = self.document, PREFIXES["foaf"]
        yield Fact(document, TYPE, NamedNode(foaf + "Document"))
        yield Fact(document, foaf + "primaryTopic", NamedNode(self.iri))
        whole = dataset()
        if whole.licence:
            yield Fact(document, iri("dcterms:license"), NamedNode(whole.licence))
        if whole.iri:
            yield Fact(document, iri("void:inDataset"), NamedNode(whole.iri))
        for moment in self._modified():
            yield Fact(document, _MODIFIED, moment)
        yield Fact(self.iri, foaf + "isPrimaryTopicOf", NamedNode(document))
        if self.page < self.pages:
            # The page has a next one, not the document: who merges all pages keeps the order.
            here = f"{document}?page={self.page}" if self.page > 1 else document
            more = NamedNode(f"{document}?page={self.page + 1}")
            yield Fact(document, iri("rdfs:seeAlso"), more)
            yield Fact(here, iri("hydra:next"), more)
        release = served().release
        if release:
            origin = NamedNode(f"{BASE}release/{release.id}/designata.nq")
            yield Fact(document, iri("prov:wasDerivedFrom"), origin)


class Dataset(NamedTuple):
    """What a document belongs to, as far as that is known: of loaded files the data has to say."""

    iri: str | None
    licence: str | None


def dataset() -> Dataset:
    """The dataset of what is served."""
    if served().release:
        return Dataset(DATASET, LICENCE)
    said = sayings((DATASET,))[DATASET].said
    licences = (plain(one) for one in said.get(iri("dcterms:license"), ()))
    return Dataset(DATASET if said else None, next(filter(href, licences), None))


def describe(subject: str, page: int = 1, *, whole: bool = False) -> Description:
    """All of that; NotFound where the release does not mention the thing.

    The whole has all values of the thing's properties on one page.
    """
    thing = NamedNode(subject)
    own, values = belongings(thing, None if whole else page)
    inverse, links = _links_to(thing, page)
    if not own.predicates(subject) and not links:
        raise NotFound(f"{subject}: this release does not mention it")
    names = names_in(own + inverse, known=own.known())
    found = Description(subject, own, inverse, names, page, links, values)
    if not 1 <= page <= found.pages:
        raise NotFound(f"{subject}: there are {found.pages} pages about it, and no page {page}")
    return found


def _links_to(thing: NamedNode, page: int) -> tuple[Graph, int]:
    """One page of the links to a thing, and how many there are on all pages."""
    first = max(0, page - 1) * PER_PAGE
    count = _count_links(thing) if first else None
    if count is not None and first >= count:
        return Graph(), count
    paged = f"LIMIT {PER_PAGE} OFFSET {first}"
    found = recall(fill(text_of("inverse"), {"thing": thing}) + paged)
    if count is None:
        count = len(found) if len(found) < PER_PAGE else _count_links(thing)
    return Graph(map(fact, found)), count


def _count_links(thing: NamedNode) -> int:
    found = recall(fill(text_of("inverse-count"), {"thing": thing}))
    return int(found[0]["count"].value)


def find_thing(path: str) -> str | None:
    """The IRI that `/doc/<path>` describes, by its path as it was sent, or None."""
    candidates = things_of(path)
    if len(candidates) > 1:
        return next((one for one in candidates if exists(one)), candidates[0])
    return candidates[0] if candidates else None


def exists(subject: str) -> bool:
    """Whether the release mentions a thing."""
    thing = NamedNode(subject)
    text = f"SELECT * WHERE {{ {{ {thing} ?p ?o }} UNION {{ ?s ?p {thing} }} }} LIMIT 1"
    return bool(ask_text(text))


def names_in(graph: Graph, known: Iterable[str] = ()) -> Graph:
    """What the things of ours in a graph are called, and the things in their labels.

    Of those that are known the graph says everything already.
    """
    found: dict[str, Said] = {}
    seen = set(known)
    wanted = ours(graph.linked())
    for _ in range(3):
        wanted -= seen
        if not wanted:
            break
        seen |= wanted
        fresh = sayings(wanted)
        found |= {one: saying.naming for one, saying in fresh.items() if saying.naming}
        wanted = frozenset().union(*(saying.named for saying in fresh.values()))
    return Graph.of(found)


def named(things: Iterable[str]) -> Graph:
    """A graph that knows only what some things are called; of others than ours it knows nothing."""
    kind = term("rdf:type").value
    return names_in(Graph(Fact(one, kind, NamedNode(one)) for one in ours(things)))
