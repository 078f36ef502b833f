"""The SPARQL endpoint: queries, the description of the service, and results as a page."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Final

from flask import Blueprint, Response, current_app, g, render_template, request
from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from designata.errors import NotFound, ResultTooLarge
from designata.store.query import Answer, Form
from designata.store.rows import Term, decode
from designata.web import holdings, pages, protocol, service
from designata.web.description import named
from designata.web.endpoint import MAX_AGE, STATE, State, content_type, validators
from designata.web.graph import Graph
from designata.web.links import kind_of
from designata.web.protocol import HTML, Asked, Described
from designata.web.serving import served

blueprint = Blueprint("sparql", __name__)

SHOWN_ROWS: Final = 10_000
NAMED_THINGS: Final = 1_000
# In which other forms a result can be had that is shown as a page.
_OTHERS: Final[Mapping[Form, Sequence[tuple[str, str]]]] = {
    "select": (("csv", "CSV"), ("json", "JSON")),
    "ask": (("json", "JSON"), ("xml", "XML")),
    "graph": (("ttl", "Turtle"), ("jsonld", "JSON-LD")),
}


@blueprint.route("/sparql", methods=protocol.METHODS)
@blueprint.route("/sparql/", methods=protocol.METHODS)
def endpoint() -> Response:
    """A query of the SPARQL 1.1 Protocol, or without one the description of the service.

    The front answers most of them: what is left are pages, descriptions and refusals.
    """
    state: State | None = request.environ.get(STATE)
    if state is None:
        raise NotFound(
            f"{request.method} {request.path}: write the method and the address as they are"
        )
    if isinstance(state.asked, Asked):
        g.query = state.asked.query
    if state.refusal:
        raise state.refusal
    if isinstance(state.asked, Described):
        response = _introduce(state.asked)
        response.add_etag()
        response.cache_control.public, response.cache_control.max_age = True, MAX_AGE
    else:
        assert state.asked and state.answer
        response = _respond(_page(state.asked, state.answer).encode(), HTML)
        response.headers.extend(validators(state.etag))
        derivation = served().derivation
        if derivation:
            response.headers["Link"] = derivation
    # The same for each form of a result, or a cache in front finds none of them again.
    response.vary.update(("Accept", "Accept-Encoding"))
    return response


def _introduce(asked: Described) -> Response:
    if asked.media_type == HTML:
        return current_app.make_response(pages.render_query_page())
    return _describe(asked.media_type)


def _respond(body: bytes, media_type: str) -> Response:
    return Response(body, content_type=content_type(media_type))


def _page(asked: Asked, answer: Answer) -> str:
    """The result as a page; a table that no browser could show is refused."""
    columns, table = _table(answer)
    if len(table) > SHOWN_ROWS:
        raise ResultTooLarge(
            f"a page shows at most {SHOWN_ROWS:,} rows, and the result has {len(table):,}; "
            "add a LIMIT, or ask for CSV or JSON"
        )
    return render_template(
        "results.html",
        query=asked.query.text,
        dataset=protocol.dataset(asked.query),
        columns=columns,
        rows=table,
        form=answer.form,
        names=_names(table),
        forms=_OTHERS[answer.form],
    )


def _names(table: Sequence[Sequence[Term | None]]) -> Graph | None:
    """What the things of a result are called; None where they are too many to ask for."""
    things = {term.value for row in table for term in row if isinstance(term, NamedNode)}
    ours = [one for one in things if kind_of(one) not in (None, "term", "shape")]
    return named(ours) if len(ours) <= NAMED_THINGS else None


def _table(answer: Answer) -> tuple[list[str], list[list[Term | None]]]:
    """The columns and the rows of an answer of any form."""
    if answer.form == "graph":
        triples = parse(answer.body, RdfFormat.N_TRIPLES)
        names = ["subject", "predicate", "object"]
        return names, [[one.subject, one.predicate, one.object] for one in triples]
    document = json.loads(answer.body)
    if answer.form == "ask":
        return ["answer"], [[Literal(document["boolean"])]]
    columns: list[str] = document["head"]["vars"]
    return columns, [[row.get(name) for name in columns] for row in decode(answer.body)]


def _describe(media_type: str) -> Response:
    here = served()
    # The default graph is the union of all, and no triple of a release stands in two of them.
    triples = here.release.manifest.get("quads") if here.release else None
    void = request.host_url + ".well-known/void" if here.release else None
    endpoint = request.host_url + "sparql"
    description = service.describe(
        endpoint, holdings.graph_names(), triples, void, extended=here.pool.embedded
    )
    return _respond(service.write(description, media_type), media_type)
