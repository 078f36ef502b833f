"""What shapes cannot see in a source: things without a class, questions that cannot be asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from pyoxigraph import Literal, NamedNode, Triple

from designata.errors import InvalidDataset, QueryRefused, UsageError
from designata.release.sources import QUERY_TEXT, Place, Source
from designata.settings import Settings
from designata.store.parse import form_of
from designata.store.question import fill
from designata.vocabulary import compact, term

TYPE: Final = term("rdf:type")
_FORMS: Final = {"sh:select": "select", "sh:ask": "ask", "sh:construct": "graph"}
_ASKED: Final = {term(curie): form for curie, form in _FORMS.items()}
_KINDS: Final = frozenset({term("sh:SPARQLExecutable"), *QUERY_TEXT})


class Fault(NamedTuple):
    """Where something is wrong, and what to do about it."""

    place: Place
    text: str

    def __str__(self) -> str:
        return f"{self.place.path}:{self.place.line}: {self.text}"


Written = Mapping[Triple, Place]


def faults(source: Source) -> list[Fault]:
    """All of them, by their places."""
    about: dict[object, dict[Triple, Place]] = defaultdict(dict)
    for triple, place in source.graph("data").items():
        about[triple.subject][triple] = place
    terms = {triple.subject for triple in source.graph("ontology") if triple.predicate == TYPE}
    found: list[Fault] = []
    for subject, triples in about.items():
        kinds = {triple.object for triple in triples if triple.predicate == TYPE}
        if not kinds and subject not in terms:
            place = min(triples.values())
            found.append(Fault(place, f"{_name(subject)}: say with `a` which class it has"))
        elif kinds & _KINDS:
            found.extend(_question(str(subject), triples, about))
    return sorted(found)


def require_none(source: Source) -> None:
    """InvalidDataset, with file and line of each, where there are any."""
    found = faults(source)
    if found:
        count = f"{len(found)} fault{'' if len(found) == 1 else 's'}"
        raise InvalidDataset("\n".join([f"{count} in the source", *map(str, found)]))


def _question(
    name: str, triples: Written, about: Mapping[object, Mapping[Triple, Place]]
) -> Iterator[Fault]:
    slug = name.rstrip(">").rpartition("/")[2]
    texts = [triple for triple in triples if triple.predicate in _ASKED]
    if len(texts) != 1:
        described = min(place for triple, place in triples.items() if triple.predicate == TYPE)
        yield Fault(described, f"query:{slug}: write its text, one query, to {slug}.rq beside this")
        return
    text, place = str(getattr(texts[0].object, "value", "")), triples[texts[0]]
    yield from _text(text, place, _ASKED[texts[0].predicate])
    for triple, where in triples.items():
        if triple.predicate == term("sh:parameter"):
            yield from _parameter(text, about.get(triple.object, {}), where)


def _text(text: str, place: Place, form: str) -> Iterator[Fault]:
    try:
        found = form_of(text, Settings())
    except QueryRefused as error:
        line, column = getattr(error, "line", None), getattr(error, "column", None)
        if line is not None and place.path.suffix == ".rq":
            yield Fault(Place(place.path, line), f"column {column}: {error.detail}")
        else:
            yield Fault(place, error.detail)
        return
    if found != form:
        yield Fault(place, "its description names another kind of query: SELECT, ASK or CONSTRUCT")


def _parameter(text: str, triples: Written, where: Place) -> Iterator[Fault]:
    """A parameter is a line of the query, which is filled in."""
    names = [triple for triple in triples if triple.predicate == term("sh:name")]
    if len(names) != 1 or not isinstance(names[0].object, Literal):
        yield Fault(where, "give this parameter one sh:name, the variable that it stands for")
        return
    try:
        fill(text, {names[0].object.value: None})
    except UsageError as error:
        yield Fault(triples[names[0]], error.detail)


def _name(subject: object) -> str:
    return compact(subject.value) if isinstance(subject, NamedNode) else str(subject)
