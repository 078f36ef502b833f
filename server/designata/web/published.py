"""The ontology, the shapes, the context and the description of the dataset, as released."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from flask import Blueprint, Response, redirect
from pyoxigraph import RdfFormat, parse
from werkzeug.wrappers import Response as AnyResponse

from designata.errors import NotFound
from designata.store.directory import Release
from designata.vocabulary import ONTOLOGY, SHAPES, VOID
from designata.web import made, views
from designata.web.description import LICENCE, names_in
from designata.web.graph import Graph, facts
from designata.web.rdf import Format, write
from designata.web.replies import Link, alternates, chosen, reply, sealed
from designata.web.serving import served

blueprint: Final = Blueprint("published", __name__)


class Published(NamedTuple):
    """A file of the release that is served under an address of its own."""

    file: str
    iri: str


FILES: Final[Mapping[str, Published]] = {
    "ontology": Published("ontology.ttl", ONTOLOGY),
    "shapes": Published("shapes.ttl", SHAPES),
    "void": Published("void.ttl", VOID),
}


def released() -> Release:
    """The release that is served; NotFound where loaded files are served instead."""
    release = served().release
    if release is None:
        raise NotFound("this server serves files of its own, not a release")
    return release


def graph_of(name: str) -> Graph:
    """The content of a published file."""
    path = released().path / FILES[name].file
    return Graph(facts(one.triple for one in parse(path=path, format=RdfFormat.TURTLE)))


@blueprint.get("/<any(ontology, shapes, void):name>", defaults={"suffix": None})
@blueprint.get("/<any(ontology, shapes, void):name>.<suffix>")
def vocabulary(name: str, suffix: str | None) -> Response:
    """A vocabulary or the description of the dataset, in the form asked for."""
    return _reply(name, suffix)


@blueprint.get("/ontology/<version>")
def version_of_ontology(version: str) -> AnyResponse:
    """The ontology in a version: there is the one of the release, which says which it is."""
    here = graph_of("ontology").text(ONTOLOGY, "owl:versionInfo")
    if version != here:
        raise NotFound(f"this release has version {here} of the ontology, at /ontology")
    return redirect("/ontology", 303)


@blueprint.get("/.well-known/void")
def well_known() -> Response:
    """The description of the dataset where crawlers look for it."""
    return _reply("void", None)


@blueprint.get("/context.jsonld")
def context() -> Response:
    """The JSON-LD context of the release."""
    body = (released().path / "context.jsonld").read_bytes()
    return reply(Format("jsonld", "application/ld+json"), lambda: body, max_age=86_400)


def _reply(name: str, suffix: str | None) -> Response:
    form = chosen(suffix, f"/{name}")
    links = [
        Link(FILES[name].iri, "describes"),
        Link(f"/{name}", "canonical"),
        Link(LICENCE, "license"),
        *alternates(f"/{name}"),
    ]
    location = f"/{name}.{form.suffix}"
    if form.suffix != "html":
        return reply(form, lambda: _content(name, form), links, location=location)
    etag, coding, body = made.once(f"/{name}", 1, lambda: _page(name))
    return sealed(form, body, etag, links, location=location, coding=coding)


def _page(name: str) -> str:
    graph = graph_of(name)
    return views.render_vocabulary(name, FILES[name].iri, graph + names_in(graph))


def _content(name: str, form: Format) -> bytes:
    if form.suffix == "ttl":
        return (released().path / FILES[name].file).read_bytes()
    return write(graph_of(name).facts, form.suffix, FILES[name].iri)
