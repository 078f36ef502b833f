"""A triple pattern: from the parameters of a request to the text of a query."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pyoxigraph import BaseDirection, BlankNode, Literal, NamedNode, Triple

from designata.errors import RequestRefused

Term = NamedNode | BlankNode | Literal | Triple
PLACES: Final = ("subject", "predicate", "object")
_LITERAL: Final = re.compile(
    r'"(?P<value>.*)"'
    r"(?:@(?P<language>[a-z]{1,8}(?:-[a-z0-9]{1,8})*)(?:--(?P<direction>ltr|rtl))?"
    r'|\^\^<?(?P<datatype>[^<>"]+)>?)?',
    re.DOTALL | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Pattern:
    """What is asked for in each place; None asks for anything."""

    subject: Term | None
    predicate: Term | None
    object: Term | None

    @property
    def possible(self) -> bool:
        """Whether there can be such a triple in RDF at all."""
        return not isinstance(self.subject, Literal) and (
            self.predicate is None or isinstance(self.predicate, NamedNode)
        )

    @property
    def blank_nodes(self) -> tuple[tuple[str, str], ...]:
        """The variables of the query that stand for blank nodes, with their labels."""
        return tuple(
            (place, term.value)
            for place in PLACES
            if isinstance(term := getattr(self, place), BlankNode)
        )

    @property
    def variables(self) -> str:
        """The variables of the query; `*` where there are none."""
        free = (f"?{place}" for place in PLACES if not _is_constant(getattr(self, place)))
        return " ".join(free) or "*"

    def __str__(self) -> str:
        terms = (getattr(self, place) for place in PLACES)
        places = zip(PLACES, terms, strict=True)
        return " ".join(str(term) if _is_constant(term) else f"?{name}" for name, term in places)

    def triple(self, row: Mapping[str, Any]) -> Triple:
        """The triple that a solution of the query stands for."""
        subject, predicate, value = (row.get(name, getattr(self, name)) for name in PLACES)
        assert isinstance(subject, NamedNode | BlankNode) and isinstance(predicate, NamedNode)
        assert isinstance(value, Term)
        return Triple(subject, predicate, value)


def read(parameters: Mapping[str, Sequence[str]], nodes: str) -> Pattern:
    """The pattern in the parameters; IRIs that begin with `nodes` name blank nodes."""
    given = {place: parameters.get(place, []) for place in PLACES}
    for place, texts in given.items():
        if len(texts) > 1:
            raise RequestRefused(f"one {place} at a time: this request has {len(texts)}")
    return Pattern(*(read_term(texts[0] if texts else "", nodes) for texts in given.values()))


def read_term(text: str, nodes: str) -> Term | None:
    """A term: `?any` or nothing, an IRI, or a literal `"text"`, `"text"@en`, `"1"^^iri`."""
    if not text or text.startswith(("?", "_:")):
        return None
    try:
        if text.startswith('"'):
            return _read_literal(text)
        if text.startswith(nodes):
            return BlankNode(text.removeprefix(nodes))
        return NamedNode(text[1:-1] if text.startswith("<") and text.endswith(">") else text)
    except ValueError as error:
        raise RequestRefused(f"{text!r} is no term of a pattern: {error}") from None


def _read_literal(text: str) -> Literal:
    found = _LITERAL.fullmatch(text)
    if found is None:
        forms = '"text", "text"@language, "text"@language--direction or "text"^^datatype'
        raise ValueError(f"a literal is written {forms}")
    if found["datatype"]:
        return Literal(found["value"], datatype=NamedNode(found["datatype"]))
    if found["direction"]:
        direction = BaseDirection(found["direction"])
        return Literal(found["value"], language=found["language"], direction=direction)
    return Literal(found["value"], language=found["language"])


def _is_constant(term: Term | None) -> bool:
    return isinstance(term, NamedNode | Literal)
