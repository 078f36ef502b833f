"""The links from a document to all that belongs to it (FAIR Signposting, RFC 8288)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode

from flask import Blueprint, request
from werkzeug.wrappers import Response as AnyResponse

from designata.errors import NotFound
from designata.web.description import Description, dataset, describe, exists, find_thing
from designata.web.discovery.linksets import LINKSET, linkset
from designata.web.discovery.schemaorg import CONTEXT, type_of
from designata.web.links import local
from designata.web.rdf import OF_THINGS, SUFFIXES_OF_THINGS
from designata.web.replies import Link, alternates, reply
from designata.web.slashes import without_slash
from designata.web.stock import Shown
from designata.web.targets import rest_sent

blueprint: Final = Blueprint("signposts", __name__)
_KEPT: Final = ("format", "_mediatype", "profile")
Kept = tuple[str, Sequence[tuple[str, str]]]
ENDPOINT: Final = "http://www.w3.org/ns/sparql-service-description#endpoint"


def shown(description: Description) -> Shown:
    """What the links have to know of a thing."""
    return Shown(type_of(description.thing), description.pages)


def signposts(description: Description) -> list[Link]:
    """Where the document about a thing leads."""
    return links_of(description.iri, shown(description), description.page)


def links_of(thing: str, known: Shown, page: int = 1) -> list[Link]:
    """The same without its description; other pages are of the form that was asked for."""
    return _links(thing, known, page, _kept())


def _links(thing: str, known: Shown, page: int, kept: Kept) -> list[Link]:
    address, whole = local(thing), dataset()
    links = [
        Link(thing, "describes"),
        Link(address, "canonical"),
        Link(thing, "cite-as"),
        *([Link(whole.licence, "license")] if whole.licence else []),
        Link(CONTEXT + known.type, "type"),
        *([Link(whole.iri, "collection")] if whole.iri else []),
        *alternates(address, OF_THINGS, f"?page={page}" if page > 1 else ""),
        Link(f"/linkset{address.removeprefix('/doc')}", "linkset", LINKSET.media_type),
        Link("/sparql", ENDPOINT),
    ]
    if page < known.pages:
        links.append(Link(_page(address, page + 1, kept), "next"))
    if page > 1:
        links.append(Link(_page(address, page - 1, kept), "prev"))
    return links


def _page(address: str, number: int, kept: Kept) -> str:
    form, given = kept
    return f"{address}{form}?{urlencode([*given, ('page', number)])}"


def _kept() -> Kept:
    """The form and the profile that were asked for."""
    suffix = request.path.rpartition(".")[2]
    form = f".{suffix}" if suffix in SUFFIXES_OF_THINGS and request.path.startswith("/doc/") else ""
    return form, [(name, value) for name in _KEPT for value in request.args.getlist(name)]


@blueprint.get("/linkset/<path:path>")
def links(path: str) -> AnyResponse:
    """The links of a document as a document of their own (RFC 9264)."""
    subject = find_thing(rest_sent())
    if path.endswith("/") and not (subject and exists(subject)):
        return without_slash()
    if subject is None:
        raise NotFound(f"/linkset/{path}: nothing has an address like this here")
    host = request.host_url.rstrip("/")
    found = [_absolute(one, host) for one in signposts(describe(subject))]
    return reply(LINKSET, lambda: linkset({host + local(subject): found}))


@blueprint.app_template_global("signposts")
def in_templates(description: Description) -> list[Link]:
    """The same links for the head of a page, which is one page under each of its addresses."""
    return _links(description.iri, shown(description), description.page, ("", ()))


def _absolute(link: Link, host: str) -> Link:
    here = link.target.startswith("/")
    return link._replace(target=host + link.target) if here else link
