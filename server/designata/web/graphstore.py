"""The SPARQL 1.1 Graph Store HTTP Protocol, for reading."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, Response, request
from pyoxigraph import NamedNode
from werkzeug.exceptions import NotFound as Unrouted

from designata.errors import NotFound, RequestRefused
from designata.vocabulary import BASE
from designata.web import holdings
from designata.web.protocol import decode_form
from designata.web.replies import Link, reply
from designata.web.syntaxes import DATASETS, TRIPLES, asked_for

blueprint: Final = Blueprint("graphstore", __name__)
ADDRESS: Final = "/rdf-graph-store"


@blueprint.get(ADDRESS)
@blueprint.get(f"{ADDRESS}/", endpoint="slash")
def indirect() -> Response:
    """The default graph, a graph named by `?graph=`, or without either the whole dataset."""
    parameters = decode_form(request.query_string)
    names = parameters.get("graph", [])
    if len(names) + ("default" in parameters) > 1:
        raise RequestRefused("ask for one graph: either ?default or one ?graph=")
    if names:
        return _graph(_absolute(names[0]))
    return _graph(None) if "default" in parameters else _dataset()


@blueprint.get(f"{ADDRESS}/<path:name>")
def direct(name: str) -> Response:
    """A graph named by the address itself, or by what follows our base in its name."""
    here = request.base_url in holdings.graph_names()
    return _graph(request.base_url if here else BASE + name)


@blueprint.before_app_request
def unrouted() -> Response | None:
    """A graph of loaded files whose name is an address that nothing else answers."""
    if not isinstance(request.routing_exception, Unrouted) or request.method not in ("GET", "HEAD"):
        return None
    return _graph(request.base_url) if request.base_url in holdings.graph_names() else None


def _absolute(name: str) -> str:
    try:
        return NamedNode(name).value
    except ValueError:
        raise RequestRefused(f"?graph= takes an absolute IRI, not {name!r}") from None


def _graph(name: str | None) -> Response:
    if name is not None and name not in holdings.graph_names():
        raise NotFound(f"there is no graph {name}; ask for the whole dataset at {ADDRESS}")
    form = asked_for(TRIPLES)
    links = [Link(name, "describes")] if name else []
    return reply(form, lambda: holdings.graph(name, form.media_type), links)


def _dataset() -> Response:
    form = asked_for(DATASETS)
    return reply(form, lambda: holdings.dataset(form.media_type))
