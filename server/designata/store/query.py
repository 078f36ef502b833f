"""What is asked of a store and what it answers, as plain values."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

Form = Literal["select", "ask", "graph"]
Lane = Literal["queries", "pages"]
LANES: Final[tuple[Lane, ...]] = ("queries", "pages")
DEFAULT_GRAPH: Final = "urn:x-arq:DefaultGraph"

JSON_RESULTS: Final = "application/sparql-results+json"
XML_RESULTS: Final = "application/sparql-results+xml"


class Query(NamedTuple):
    """A SPARQL query and the media type wanted for each form that it may turn out to have.

    A wanted type of None means that the client accepts none for that form. `default_graphs` and
    `named_graphs` override the query's own FROM clauses (SPARQL 1.1 Protocol, section 2.1.4);
    among them DEFAULT_GRAPH is the default graph itself, without the named ones. `blank_nodes` sets
    variables of the projection to blank nodes of the store, by their labels. Answers of the forms
    in `shown` are meant for a page, which cannot be large.
    """

    text: str
    select: str | None = JSON_RESULTS
    ask: str | None = JSON_RESULTS
    graph: str | None = "text/turtle"
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    blank_nodes: tuple[tuple[str, str], ...] = ()
    shown: tuple[Form, ...] = ()

    def wanted(self, form: Form) -> str | None:
        """The media type wanted for a query of this form."""
        found: str | None = getattr(self, form)
        return found


class Answer(NamedTuple):
    """The whole result of a query, serialised; `media_type` has no parameters."""

    form: Form
    media_type: str
    body: bytes
